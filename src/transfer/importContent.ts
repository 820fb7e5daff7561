/** From the bytes of an imported file to a value, and to the bytes that are saved. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import { foreignFormatOfExtension, foreignReaderFor, type ForeignReader } from '../codec/foreign/foreignFormats.js';
import { decodeBytes, isDecodable } from '../engine/contentText.js';
import { encodeOver, type LayoutRules, type ReadText } from '../engine/layoutKeeping.js';
import { decompress } from '../packing/compression.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** What a file becomes whose format is only read. */
export const FOREIGN_MEANS = ConfigurationFormat.JSON;

/** RFC 1952, section 2.3.1. */
const GZIP_START = Buffer.from('1f8b', 'hex');

/** How an imported file is read. */
export interface ImportFormat {
  readonly codec: Codec;
  /** Of a file that can only be imported, such as `.json5`. */
  readonly foreign?: ForeignReader | undefined;
}

export interface ImportedContent {
  readonly bytes: Uint8Array;
  readonly format: ImportFormat;
  readonly text: string;
  readonly encoding: string;
  readonly value: ConfigurationValue;
}

/** What a configuration will hold. */
export interface NewBytes {
  readonly bytes: Uint8Array;
  readonly value: ConfigurationValue;
  readonly encoding?: string;
  readonly warnings: readonly string[];
}

/** @param name of the file, for formats that only its extension tells. */
export function importFormatOf(codec: Codec, name: string): ImportFormat {
  const foreign = foreignFormatOfExtension(name);
  return foreign === undefined || codec.format !== FOREIGN_MEANS
    ? { codec }
    : { codec, foreign: foreignReaderFor(foreign) };
}

/** @throws PersistenceError `ERR_PARSE`, `ERR_INVALID_CONFIGURATION_DATA` */
export function decodeImport(bytes: Uint8Array, format: ImportFormat): ImportedContent {
  const { text, encoding } = decodeBytes(bytes, format.codec);
  const value = (format.foreign ?? format.codec).decode(text);
  return { bytes, format, text, encoding, value };
}

/** The content of a file that may be compressed. @throws PersistenceError `ERR_FILE_TOO_LARGE`, `ERR_BACKUP_DAMAGED` */
export async function decompressed(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const isCompressed = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(2, bytes.length)).equals(GZIP_START);
  return isCompressed ? decompress(bytes, maxBytes) : bytes;
}

/**
 * The bytes of a value in the format of its configuration: those that were imported where nothing changes, and otherwise
 * the file that is there, or the imported one, with what differs changed in it, so that comments and spelling stay.
 *
 * @param local what is there, where the value is a merge of both.
 */
export function bytesFor(
  value: ConfigurationValue,
  imported: ImportedContent,
  local: ReadText | undefined,
  codec: Codec,
  rules: LayoutRules,
): NewBytes {
  const { format, bytes, encoding, text } = imported;
  const isNative = format.codec.format === codec.format && (format.foreign === undefined || isDecodable(bytes, codec));
  if (isNative && value === imported.value) return { bytes, value, encoding, warnings: [] };
  const base = local ?? (isNative ? { text: decodeBytes(bytes, codec), value: imported.value } : undefined);
  const written = encodeOver(codec, value, base === undefined ? undefined : { found: base }, rules);
  const isLost = (local !== undefined || !isNative) && (format.foreign ?? format.codec).hasComments(text);
  return { ...written, warnings: [...(isLost ? [WARNING_MESSAGES.COMMENTS_NOT_IMPORTED] : []), ...written.warnings] };
}
