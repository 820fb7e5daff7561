/** Between the bytes of a file and the value in it: encoding, format, and the check that nothing is lost on the way. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { parseFailure } from '../codec/text/parseFailure.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { refuse } from '../value/valueDomain.js';
import { findDifferences } from '../value/valueEquality.js';

/** How the bytes of a file are a text. */
export interface TextEncoding {
  readonly encoding: 'utf8' | 'latin1' | 'utf16le' | 'utf16be';
  readonly hasByteOrderMark: boolean;
}

export interface DecodedText extends TextEncoding {
  /** Without byte order mark. */
  readonly text: string;
}

export interface EncodedValue {
  readonly bytes: Uint8Array;
  /** The value as the bytes will be read: a copy that shares nothing with the caller's. */
  readonly value: ConfigurationValue;
}

/** What new files are in. */
export const PLAIN_UTF8: TextEncoding = {
  encoding: CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.DEFAULT_ENCODING,
  hasByteOrderMark: false,
};

/** `fatal`, because a replaced byte would be a silent change; a byte order mark is not part of the text. */
const DECODERS = {
  utf8: new TextDecoder('utf-8', { fatal: true }),
  utf16le: new TextDecoder('utf-16le', { fatal: true }),
  utf16be: new TextDecoder('utf-16be', { fatal: true }),
} as const;

const MARKS: readonly (readonly [keyof typeof DECODERS, Buffer])[] = [
  ['utf8', Buffer.from('efbbbf', 'hex')],
  ['utf16le', Buffer.from('fffe', 'hex')],
  ['utf16be', Buffer.from('feff', 'hex')],
];
/** Longer than any XML declaration that names an encoding. */
const DECLARATION_LENGTH = 200;
/** What the lenient decoder puts in the place of what it cannot decode, where it is written in a file. */
const REPLACEMENT = Buffer.from('\uFFFD');
const BYTE_ORDER_MARK = '\uFEFF';
const NOT_LATIN1 = /[^\u0000-\u00ff]/;

/** @throws PersistenceError `ERR_PARSE` for bytes that are not in an encoding of the format, and for a NUL. */
export function decodeBytes(bytes: Uint8Array, codec: Codec): DecodedText {
  const decoded = decodeEncoding(bytes, codec);
  assertWithoutNul(decoded.text);
  if (decoded.hasByteOrderMark && decoded.text.startsWith(BYTE_ORDER_MARK)) {
    throw parseFailure(decoded.text, 0, 'a second byte order mark stands here; remove one of the two');
  }
  if (isDeclaredOtherwise(decoded, codec)) {
    throw parseFailure(
      decoded.text,
      0,
      'the file is not in the encoding that it declares; convert it, or correct that',
    );
  }
  return decoded;
}

/** Whether a text says of itself that it is in another encoding. */
export function isDeclaredOtherwise(
  { text, encoding }: TextEncoding & { readonly text: string },
  codec: Codec,
): boolean {
  const declared = codec.declaredEncoding?.(text.slice(0, DECLARATION_LENGTH));
  return declared !== undefined && declared !== (encoding.startsWith('utf16') ? 'utf16' : encoding);
}

/**
 * No format has a NUL in its text, and a file that lost its content to a crash is full of them.
 *
 * @throws PersistenceError `ERR_PARSE`
 */
export function assertWithoutNul(text: string): void {
  const nul = text.indexOf('\0');
  if (nul !== -1) throw parseFailure(text, nul, 'a NUL character stands here, as in a damaged file');
}

/** @throws PersistenceError `ERR_PARSE` for bytes that are not in an encoding of the format. */
export function decodeEncoding(bytes: Uint8Array, codec: Codec): DecodedText {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, DECLARATION_LENGTH));
  const marked = MARKS.find(([, mark]) => start.subarray(0, mark.length).equals(mark))?.[0];
  const isLatin1 = codec.declaredEncoding?.(start.toString('latin1')) === 'latin1';
  const encoding = marked ?? (isLatin1 ? 'latin1' : 'utf8');
  const hasByteOrderMark = marked !== undefined;
  if (encoding === 'latin1') return { text: latin1(bytes), encoding, hasByteOrderMark };
  try {
    return { text: DECODERS[encoding].decode(bytes), encoding, hasByteOrderMark };
  } catch {
    // The decoder's error says nothing that this one does not.
    const { fallbackEncoding } = codec.capabilities;
    if (fallbackEncoding === undefined || marked !== undefined) throw notDecodable(bytes, encoding);
    return { text: latin1(bytes), encoding: fallbackEncoding, hasByteOrderMark };
  }
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** The place is told where it is cheap to find: in front of the first piece that is not in the encoding. */
function notDecodable(bytes: Uint8Array, encoding: keyof typeof DECODERS): Error {
  if (encoding !== 'utf8')
    return persistenceError('ERR_PARSE', `it is not valid ${encoding}; convert the file to UTF-8`);
  const lenient = new TextDecoder('utf-8').decode(bytes);
  const reason = 'it is not valid UTF-8 here; convert the file, which may be in Latin-1 or Windows-1252';
  return parseFailure(lenient, Math.max(0, firstInvalid(lenient, bytes)), reason);
}

/** The offset of the first replacement character that is not in the bytes themselves. */
function firstInvalid(lenient: string, bytes: Uint8Array): number {
  const encoder = new TextEncoder();
  let offset = lenient.indexOf('\uFFFD');
  let position = 0;
  let copied = 0;
  while (offset !== -1) {
    position += encoder.encode(lenient.slice(copied, offset)).length;
    if (!REPLACEMENT.equals(bytes.subarray(position, position + REPLACEMENT.length))) return offset;
    position += REPLACEMENT.length;
    copied = offset + 1;
    offset = lenient.indexOf('\uFFFD', offset + 1);
  }
  return offset;
}

/** The bytes of a text; undefined where the encoding has not all of its characters. */
export function encodeText(text: string, { encoding, hasByteOrderMark }: TextEncoding): Buffer | undefined {
  const marked = hasByteOrderMark ? BYTE_ORDER_MARK + text : text;
  if (encoding === 'latin1') return NOT_LATIN1.test(marked) ? undefined : Buffer.from(marked, 'latin1');
  if (encoding === 'utf16be') return Buffer.from(marked, 'utf16le').swap16();
  return Buffer.from(marked, encoding);
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
  const text = codec.encode(value, previous === undefined || !codec.capabilities.usesPrevious ? {} : { previous });
  const bytes = Buffer.from(text);
  assertFits(bytes, maxBytes);
  const decoded = codec.decode(text, { isOwn: true });
  const reason = `the ${codec.format} format cannot hold this value; save it in another format`;
  refuse(findDifferences(value, decoded).map((path) => ({ path, reason })));
  return { bytes, value: decoded };
}

/** @throws PersistenceError `ERR_FILE_TOO_LARGE` */
export function assertFits(bytes: Uint8Array, maxBytes: number): void {
  if (bytes.length <= maxBytes) return;
  const reason = `it would have ${bytes.length} bytes, at most ${maxBytes} are allowed; nothing was written`;
  throw persistenceError('ERR_FILE_TOO_LARGE', reason);
}
