/** Between the bytes of a file and the value in it: encoding, format, and the check that nothing is lost on the way. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { refuse } from '../value/valueDomain.js';
import { findDifferences } from '../value/valueEquality.js';

const { DEFAULT_ENCODING } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/** `fatal`, because a replaced byte would be a silent change; a byte order mark is not part of the text. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface DecodedText {
  readonly text: string;
  readonly encoding: string;
}

export interface EncodedValue {
  readonly bytes: Uint8Array;
  /** The value as the bytes will be read: a copy that shares nothing with the caller's. */
  readonly value: ConfigurationValue;
}

/** @throws PersistenceError `ERR_PARSE` for bytes that are not in an encoding of the format. */
export function decodeBytes(bytes: Uint8Array, codec: Codec): DecodedText {
  try {
    return { text: utf8.decode(bytes), encoding: DEFAULT_ENCODING };
  } catch {
    // The decoder's error says nothing that this one does not.
    const { fallbackEncoding } = codec.capabilities;
    if (fallbackEncoding === undefined) throw persistenceError('ERR_PARSE', 'it is not valid UTF-8; convert the file');
    return { text: Buffer.from(bytes).toString(fallbackEncoding), encoding: fallbackEncoding };
  }
}

/** Whether bytes are a value in this format. */
export function isDecodable(bytes: Uint8Array, codec: Codec): boolean {
  try {
    codec.decode(decodeBytes(bytes, codec).text);
    return true;
  } catch {
    return false;
  }
}

/**
 * The bytes of a value, verified to read back as the same value.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the places that the format cannot hold, and
 *   `ERR_FILE_TOO_LARGE`.
 */
export function encodeVerified(
  codec: Codec,
  value: ConfigurationValue,
  previous: string | undefined,
  maxBytes: number,
): EncodedValue {
  const text = codec.encode(value, previous === undefined ? {} : { previous });
  const bytes = Buffer.from(text);
  if (bytes.length > maxBytes) {
    const reason = `it would have ${bytes.length} bytes, at most ${maxBytes} are allowed; nothing was written`;
    throw persistenceError('ERR_FILE_TOO_LARGE', reason);
  }
  const decoded = codec.decode(text, { isOwn: true });
  const reason = `the ${codec.format} format cannot hold this value; save it in another format`;
  refuse(findDifferences(value, decoded).map((path) => ({ path, reason })));
  return { bytes, value: decoded };
}
