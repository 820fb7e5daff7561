/**
 * Where the directory of a ZIP file stands, by the records at the file's end.
 *
 * Stricter than the format: the records must follow the directory and each other without a gap, and say the same. Readers
 * differ in which of several such records they believe; here there can be only one.
 */
import type { SourceWindow } from './SourceWindow.js';
import { archiveRefused } from '../archiveRefused.js';

/** The part of the file that holds the directory. */
export interface DirectoryPlace {
  readonly start: number;
  readonly end: number;
  readonly entryCount: number;
}

/** End of central directory record: APPNOTE.TXT 4.3.16. */
const END = {
  BYTES: 22,
  SIGNATURE: 'PK\x05\x06',
  DISK: 4,
  DIRECTORY_DISK: 6,
  COUNT_HERE: 8,
  COUNT: 10,
  SIZE: 12,
  START: 16,
} as const;
/** Its ZIP64 locator, 4.3.15, which stands right before it. */
const LOCATOR = { BYTES: 20, SIGNATURE: 'PK\x06\x07', DISK: 4, RECORD: 8, DISKS: 16 } as const;
/** Its ZIP64 record, 4.3.14, which stands right before that. */
const END64 = {
  BYTES: 56,
  SIGNATURE: 'PK\x06\x06',
  REST: 4,
  REST_FROM: 12,
  DISK: 16,
  DIRECTORY_DISK: 20,
  COUNT_HERE: 24,
  COUNT: 32,
  SIZE: 40,
  START: 48,
} as const;
const SIGNATURE_BYTES = 4;
/** What stands in a field whose value is in the ZIP64 record. */
const ELSEWHERE_SHORT = 0xffff;
const ELSEWHERE_LONG = 0xffffffff;

/**
 * @param commentBytes of the file's comment, which is its end.
 * @throws PersistenceError `ERR_ARCHIVE_REFUSED`.
 */
export async function findDirectory(window: SourceWindow, commentBytes: number): Promise<DirectoryPlace> {
  const endAt = window.sizeBytes - commentBytes - END.BYTES;
  const end = await window.read(endAt, END.BYTES + commentBytes);
  if (end.includes(END.SIGNATURE, SIGNATURE_BYTES, 'latin1')) {
    throw archiveRefused('its comment contains another end of a ZIP file');
  }
  const inShort = {
    entryCount: end.readUInt16LE(END.COUNT),
    countHere: end.readUInt16LE(END.COUNT_HERE),
    disks: end.readUInt16LE(END.DISK) + end.readUInt16LE(END.DIRECTORY_DISK),
    bytes: end.readUInt32LE(END.SIZE),
    start: end.readUInt32LE(END.START),
  };
  const { full, fullAt } = (await readZip64(window, endAt)) ?? { full: inShort, fullAt: endAt };
  if (full.disks !== 0) throw archiveRefused('it is a part of a ZIP file on several disks');
  const isSame =
    full.countHere === full.entryCount &&
    [inShort.entryCount, inShort.countHere].every((count) => count === ELSEWHERE_SHORT || count === full.entryCount) &&
    (inShort.bytes === ELSEWHERE_LONG || inShort.bytes === full.bytes) &&
    (inShort.start === ELSEWHERE_LONG || inShort.start === full.start);
  if (!isSame) throw archiveRefused('the records at its end contradict each other');
  if (full.start + full.bytes !== fullAt) {
    throw archiveRefused('its directory does not end where the records at its end begin');
  }
  return { start: full.start, end: fullAt, entryCount: full.entryCount };
}

interface EndRecord {
  readonly entryCount: number;
  readonly countHere: number;
  /** The numbers of the disks, added up: 0 where there is one. */
  readonly disks: number;
  readonly bytes: number;
  readonly start: number;
}

/** The ZIP64 record and where it stands; undefined where the file has none. */
async function readZip64(
  window: SourceWindow,
  endAt: number,
): Promise<{ full: EndRecord; fullAt: number } | undefined> {
  const locatorAt = endAt - LOCATOR.BYTES;
  if (locatorAt < 0) return undefined;
  const locator = await window.read(locatorAt, LOCATOR.BYTES);
  if (!startsWith(locator, LOCATOR.SIGNATURE)) return undefined;
  const fullAt = readLong(locator, LOCATOR.RECORD);
  const record = await window.read(fullAt, END64.BYTES);
  const isBefore =
    startsWith(record, END64.SIGNATURE) && fullAt + END64.REST_FROM + readLong(record, END64.REST) === locatorAt;
  if (!isBefore) throw archiveRefused('its ZIP64 records do not fit together');
  const full = {
    entryCount: readLong(record, END64.COUNT),
    countHere: readLong(record, END64.COUNT_HERE),
    disks:
      record.readUInt32LE(END64.DISK) +
      record.readUInt32LE(END64.DIRECTORY_DISK) +
      locator.readUInt32LE(LOCATOR.DISK) +
      Math.max(0, locator.readUInt32LE(LOCATOR.DISKS) - 1),
    bytes: readLong(record, END64.SIZE),
    start: readLong(record, END64.START),
  };
  return { full, fullAt };
}

function startsWith(bytes: Buffer, signature: string): boolean {
  return bytes.toString('latin1', 0, SIGNATURE_BYTES) === signature;
}

/** Eight bytes; beyond 2^53 only about, which is beyond every file and therefore refused. */
export function readLong(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}
