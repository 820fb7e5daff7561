/** The entries of a ZIP file, by its directory, judged before anything of them is read. */
import { isAscii, isUtf8 } from 'node:buffer';
import type { Entry, getFileNameLowLevel, RandomAccessReader } from 'yauzl';
import { PersistenceError } from '../../../errors/PersistenceError.js';
import { archiveRefused } from '../archiveRefused.js';
import type { EntryJudge } from '../EntryJudge.js';
import { findDirectory } from './endOfDirectory.js';
import type { SourceWindow } from './SourceWindow.js';

/** What the directory says of an entry. Small: there may be a hundred thousand. */
export interface ZipRecord {
  /** Without the `/` at the end of a folder's. */
  readonly name: string;
  /** The bytes of the name as characters of Latin-1. */
  readonly rawName: string;
  readonly isFolder: boolean;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Where its local header begins. */
  readonly start: number;
  /** Where the next thing begins; known when all entries are. */
  end: number;
  readonly modifiedAt: number | undefined;
}

/** Bits of the general purpose flags, APPNOTE.TXT 4.4.4, and those that local and central header must agree in. */
export const ZIP_FLAGS = {
  ENCRYPTED: 0x1,
  DESCRIPTOR: 0x8,
  PATCH: 0x20,
  STRONG_ENCRYPTION: 0x40,
  UTF8: 0x800,
  MASKED: 0x2000,
  COMPARED: 0x2869,
} as const;
export const ZIP_METHODS = { STORED: 0, DEFLATED: 8 } as const;
/** The fixed part of a local header, 4.3.7. */
export const LOCAL_HEADER_BYTES = 30;
/** Extra fields, 4.5.2 and 4.6.9. */
export const EXTRA = { ZIP64: 0x0001, UNICODE_NAME: 0x7075 } as const;

/** The fixed part of an entry of the directory, 4.3.12. */
const DIRECTORY_ENTRY_BYTES = 46;
/** The upper half of the external attributes is the mode where a Unix program made the entry, otherwise mostly 0. */
const MODE = { SHIFT: 16, KIND: 0xf000, FILE: 0x8000, FOLDER: 0x4000 } as const;
/** The lower half are attributes of DOS and Windows. */
const ATTRIBUTES = { VOLUME: 0x8, FOLDER: 0x10, DEVICE: 0x40, LINK: 0x400 } as const;
/** The system that an entry was made on, 4.4.2: Unix and macOS. */
const MADE_BY = { SHIFT: 8, UNIX: 3, MACOS: 19 } as const;

/**
 * All entries in the order in which they stand in the file.
 *
 * @throws PersistenceError `ERR_ARCHIVE_REFUSED`; what the source throws, as it is.
 */
export async function readDirectory(window: SourceWindow, judge: EntryJudge, maxEntries: number): Promise<ZipRecord[]> {
  const yauzl = await import('yauzl');
  const records: ZipRecord[] = [];
  try {
    const reader = readerOver(window, yauzl.RandomAccessReader);
    const zip = await yauzl.fromRandomAccessReaderPromise(reader, window.sizeBytes, {
      autoClose: false,
      decodeStrings: false,
      strictFileNames: true,
      validateEntrySizes: true,
    });
    const place = await findDirectory(window, zip.comment.length);
    if (place.entryCount > maxEntries) throw archiveRefused(`it has more than ${maxEntries} entries`);
    let length = 0;
    for await (const entry of zip.eachEntry()) {
      length += DIRECTORY_ENTRY_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
      const record = recordOf(entry, nameOf(entry, yauzl.getFileNameLowLevel));
      if (record.isFolder) judge.acceptFolder(record.name);
      else judge.acceptFile(record.name, record.sizeBytes);
      records.push(record);
    }
    if (length !== place.end - place.start) throw archiveRefused('its directory is not as long as its entries');
    return inPlace(records, place.start);
  } catch (error) {
    if (error instanceof PersistenceError || window.hasThrown(error)) throw error;
    throw archiveRefused('it is no whole ZIP file', { cause: error });
  }
}

/** What yauzl reads with. It has nothing to close. */
function readerOver(window: SourceWindow, Base: typeof RandomAccessReader): RandomAccessReader {
  class WindowReader extends Base {
    override read(
      target: Buffer,
      offset: number,
      length: number,
      position: number,
      callback: (error: Error | null, bytesRead?: number) => void,
    ): void {
      const deliver = (bytes: Buffer): void => callback(null, bytes.copy(target, offset));
      const held = window.held(position, length);
      if (held !== undefined) deliver(held);
      else window.read(position, length).then(deliver, callback);
    }
  }
  return new WindowReader();
}

type DecodeName = typeof getFileNameLowLevel;

/**
 * The name as the archive means it, still with the `/` of a folder.
 *
 * Without a word about its characters a name is ASCII, or UTF-8 where a Unix program wrote it, as `zip` does. What other systems
 * mean by other bytes depends on where they were set up.
 */
function nameOf(entry: Entry, decode: DecodeName): string {
  const { generalPurposeBitFlag: flags, fileNameRaw: raw, extraFields } = entry;
  const plain = raw.toString();
  const isPlain = (flags & ZIP_FLAGS.UTF8) !== 0 || isUtf8Without(entry);
  const meant = decode(flags, raw, extraFields, true);
  // A second name, for systems with another character set. One beside a name that needs none would be believed by some.
  const hasSecond = meant !== decode(flags, raw, [], true);
  if (!isPlain && hasSecond) return meant;
  if (!isPlain) throw archiveRefused('its name is in a character set that is not told', { entry: meant });
  if (hasSecond && meant !== plain) throw archiveRefused('it has two names', { entry: plain });
  return plain;
}

function isUtf8Without({ fileNameRaw: raw, versionMadeBy }: Entry): boolean {
  const system = versionMadeBy >> MADE_BY.SHIFT;
  return isAscii(raw) || ((system === MADE_BY.UNIX || system === MADE_BY.MACOS) && isUtf8(raw));
}

/** @throws PersistenceError `ERR_ARCHIVE_REFUSED` for everything that is neither a plain file nor a folder. */
function recordOf(entry: Entry, fullName: string): ZipRecord {
  const { generalPurposeBitFlag: flags, compressionMethod: method, extraFields } = entry;
  const refuse = (reason: string): Error => archiveRefused(reason, { entry: fullName });
  if ((flags & (ZIP_FLAGS.ENCRYPTED | ZIP_FLAGS.STRONG_ENCRYPTION | ZIP_FLAGS.MASKED)) !== 0) {
    throw refuse('it is encrypted');
  }
  if ((flags & ZIP_FLAGS.PATCH) !== 0) throw refuse('it is a patch');
  if (method !== ZIP_METHODS.STORED && method !== ZIP_METHODS.DEFLATED) {
    throw refuse('its compression is not known; use deflate or none');
  }
  for (const id of Object.values(EXTRA)) {
    if (extraFields.filter((field) => field.id === id).length > 1) throw refuse('it has an extra field twice');
  }
  const isFolder = fullName.endsWith('/');
  if (isFolder !== isFolderByAttributes(entry.externalFileAttributes, isFolder, refuse)) {
    throw refuse('it is a folder by its attributes and a file by its name');
  }
  if (isFolder && entry.uncompressedSize !== 0) throw refuse('it is a folder with content');
  return {
    name: isFolder ? fullName.slice(0, -1) : fullName,
    rawName: entry.fileNameRaw.toString('latin1'),
    isFolder,
    flags,
    method,
    crc32: entry.crc32,
    packedBytes: entry.compressedSize,
    sizeBytes: entry.uncompressedSize,
    start: entry.relativeOffsetOfLocalHeader,
    end: 0,
    modifiedAt: timeOf(entry),
  };
}

/** By mode and attributes, where they say anything. */
function isFolderByAttributes(attributes: number, byName: boolean, refuse: (reason: string) => Error): boolean {
  const kind = (attributes >>> MODE.SHIFT) & MODE.KIND;
  if (kind !== 0 && kind !== MODE.FILE && kind !== MODE.FOLDER) {
    throw refuse('it is a link, a device or something else that is no plain file');
  }
  if ((attributes & (ATTRIBUTES.VOLUME | ATTRIBUTES.DEVICE | ATTRIBUTES.LINK)) !== 0) {
    throw refuse('it is a link, a device or a volume by its attributes');
  }
  if (kind !== 0) return kind === MODE.FOLDER;
  return byName || (attributes & ATTRIBUTES.FOLDER) !== 0;
}

function timeOf(entry: Entry): number | undefined {
  const time = entry.getLastModDate({ timezone: 'UTC' }).getTime();
  return Number.isFinite(time) ? time : undefined;
}

/** In the order of their places, which fill the file from its first byte to the directory. */
function inPlace(records: ZipRecord[], directoryStart: number): ZipRecord[] {
  records.sort((first, second) => first.start - second.start);
  let place = 0;
  for (const [index, record] of records.entries()) {
    record.end = records[index + 1]?.start ?? directoryStart;
    const leastEnd = record.start + LOCAL_HEADER_BYTES + record.rawName.length + record.packedBytes;
    if (record.start > place) throw archiveRefused('something stands before it', { entry: record.name });
    if (leastEnd > record.end) throw archiveRefused('it overlaps another', { entry: record.name });
    place = record.end;
  }
  if (place !== directoryStart) throw archiveRefused('something stands before its directory');
  return records;
}
