/**
 * What stands before the header of an entry and says more about it: long names of GNU tar, records of pax.
 *
 * Read here, not by `tar`: that puts a record together from text instead of bytes, so a letter that is cut between two pieces
 * makes it ignore the record without a word and give the entry another name.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { archiveRefused } from '../archiveRefused.js';

const { MAX_TAR_EXTENSION_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;

/** What extensions may say of the next entry. */
export interface TarExtension {
  name?: string;
  sizeBytes?: number;
  modifiedAt?: number;
}

export type ExtensionType = 'ExtendedHeader' | 'GlobalExtendedHeader' | 'NextFileHasLongPath';

export const EXTENSION_TYPES: readonly string[] = [
  'ExtendedHeader',
  'GlobalExtendedHeader',
  'NextFileHasLongPath',
] satisfies ExtensionType[];

const LINE_END = 0x0a;
const BLANK = 0x20;
const MS_PER_SECOND = 1000;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws PersistenceError `ERR_ARCHIVE_REFUSED` for an extension that is too long to be one. */
export function checkExtensionSize(sizeBytes: number): void {
  if (sizeBytes > MAX_TAR_EXTENSION_BYTES) {
    throw archiveRefused(`it has an extended header of more than ${MAX_TAR_EXTENSION_BYTES} bytes`);
  }
}

/**
 * Adds what an extension says to what others have said of the same entry.
 *
 * @throws PersistenceError `ERR_ARCHIVE_REFUSED` for what is malformed or said twice.
 */
export function readExtension(type: ExtensionType, content: Buffer, known: TarExtension): void {
  if (type === 'NextFileHasLongPath') {
    const end = content.indexOf(0);
    // Zeros only fill it up: what stands behind them some would read and others not.
    if (end !== -1 && content.subarray(end).some((byte) => byte !== 0)) throw malformed();
    setOnce(known, 'name', decode(end === -1 ? content : content.subarray(0, end)));
    return;
  }
  const records = readRecords(content);
  // Whatever a global one says of single entries would hold for all of them; git writes only a comment.
  if (type === 'GlobalExtendedHeader') {
    if (['path', 'linkpath', 'size'].some((key) => records.has(key))) throw malformed();
    return;
  }
  if ([...records.keys()].some((key) => key.startsWith('GNU.sparse.')))
    throw archiveRefused('it has a sparse file in it');
  const name = records.get('path');
  if (name !== undefined) setOnce(known, 'name', decode(name));
  const size = records.get('size');
  if (size !== undefined) setOnce(known, 'sizeBytes', readSize(size.toString('latin1')));
  const time = Number(records.get('mtime')?.toString('latin1') ?? NaN);
  if (Number.isFinite(time)) known.modifiedAt = Math.round(time * MS_PER_SECOND);
}

/** Records are `length key=value\n`, the length that of the whole record in bytes. */
function readRecords(content: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < content.length;) {
    const blank = content.indexOf(BLANK, at);
    const digits = blank === -1 ? '' : content.toString('latin1', at, blank);
    const end = /^[1-9]\d{0,6}$/u.test(digits) ? at + Number(digits) : NaN;
    const equals = content.indexOf('=', blank);
    const isWhole = end <= content.length && content[end - 1] === LINE_END && equals > blank + 1 && equals < end;
    if (!isWhole) throw malformed();
    const key = content.toString('latin1', blank + 1, equals);
    if (records.has(key)) throw malformed();
    records.set(key, content.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

function readSize(digits: string): number {
  const size = /^\d{1,16}$/u.test(digits) ? Number(digits) : NaN;
  if (Number.isSafeInteger(size)) return size;
  throw malformed();
}

function decode(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw archiveRefused('its name is no valid UTF-8', { entry: bytes.toString() });
  }
}

function setOnce<Key extends keyof TarExtension>(known: TarExtension, key: Key, value: TarExtension[Key]): void {
  if (known[key] !== undefined) throw archiveRefused('it has an entry of two names or two sizes');
  known[key] = value;
}

function malformed(): Error {
  return archiveRefused('it has an extended header that cannot be read');
}
