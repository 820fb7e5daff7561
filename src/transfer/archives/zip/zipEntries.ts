/** What stands at an entry's place in a ZIP file: header, content, descriptor, all as the directory says. */
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { archiveRefused } from '../archiveRefused.js';
import { isDamage, throughZlib } from '../throughZlib.js';
import { readLong } from './endOfDirectory.js';
import type { SourceWindow } from './SourceWindow.js';
import { EXTRA, LOCAL_HEADER_BYTES, ZIP_FLAGS, ZIP_METHODS, type ZipRecord } from './zipDirectory.js';

const { PIECE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.TRANSFER;

/** Local file header, APPNOTE.TXT 4.3.7. */
const LOCAL = { FLAGS: 6, METHOD: 8, CRC: 14, PACKED: 18, SIZE: 22, NAME_LENGTH: 26, EXTRA_LENGTH: 28 } as const;
const LOCAL_SIGNATURE = 0x04034b50;
/** What stands in a field whose value is in the ZIP64 extra field. */
const ELSEWHERE = 0xffffffff;
/** The head of an extra field: id and length. The ZIP64 one of a local header has both sizes. */
const EXTRA_HEAD = { LENGTH: 2, BYTES: 4 } as const;
const ZIP64_SIZES = { SIZE: 0, PACKED: 8, BYTES: 16 } as const;
/** Data descriptor, 4.3.9: with or without a signature, of short or long sizes. */
const DESCRIPTOR_SIGNATURE = 0x08074b50;
const DESCRIPTOR_BYTES = { SHORT: 12, SHORT_SIGNED: 16, LONG: 20, LONG_SIGNED: 24 } as const;
const SIGNATURE_BYTES = 4;
const SHORT_BYTES = 4;
const LONG_BYTES = 8;
/** The least that zlib takes. */
const MIN_CHUNK_BYTES = 64;

/**
 * Compares the local header with the directory.
 *
 * @returns where the content begins.
 * @throws PersistenceError `ERR_ARCHIVE_REFUSED`; what the source throws, as it is.
 */
export async function findContent(window: SourceWindow, record: ZipRecord): Promise<number> {
  const fixed = await window.read(record.start, LOCAL_HEADER_BYTES);
  const nameLength = fixed.readUInt16LE(LOCAL.NAME_LENGTH);
  const header = await window.read(
    record.start,
    LOCAL_HEADER_BYTES + nameLength + fixed.readUInt16LE(LOCAL.EXTRA_LENGTH),
  );
  const flags = header.readUInt16LE(LOCAL.FLAGS);
  const extraStart = LOCAL_HEADER_BYTES + nameLength;
  const isSame =
    header.readUInt32LE(0) === LOCAL_SIGNATURE &&
    (flags & ZIP_FLAGS.COMPARED) === (record.flags & ZIP_FLAGS.COMPARED) &&
    header.readUInt16LE(LOCAL.METHOD) === record.method &&
    header.toString('latin1', LOCAL_HEADER_BYTES, extraStart) === record.rawName &&
    hasSameSizes(header, extraStart, record);
  if (!isSame) throw archiveRefused('the header at its place is not the one of the directory', { entry: record.name });
  return record.start + header.length;
}

/** True for the sizes and check value of the directory; before a descriptor they may be 0 instead. */
function hasSameSizes(header: Buffer, extraStart: number, record: ZipRecord): boolean {
  const mayBeLater = (record.flags & ZIP_FLAGS.DESCRIPTOR) !== 0;
  const isRight = (given: number, expected: number): boolean => given === expected || (mayBeLater && given === 0);
  const packed = header.readUInt32LE(LOCAL.PACKED);
  const size = header.readUInt32LE(LOCAL.SIZE);
  if (!isRight(header.readUInt32LE(LOCAL.CRC), record.crc32)) return false;
  if (packed !== ELSEWHERE && size !== ELSEWHERE) {
    return isRight(packed, record.packedBytes) && isRight(size, record.sizeBytes);
  }
  const sizes = zip64Sizes(header.subarray(extraStart));
  return (
    sizes !== undefined &&
    (packed === ELSEWHERE || isRight(packed, record.packedBytes)) &&
    (size === ELSEWHERE || isRight(size, record.sizeBytes)) &&
    isRight(readLong(sizes, ZIP64_SIZES.PACKED), record.packedBytes) &&
    isRight(readLong(sizes, ZIP64_SIZES.SIZE), record.sizeBytes)
  );
}

/** The only ZIP64 field; undefined where there is none or another number. */
function zip64Sizes(extra: Buffer): Buffer | undefined {
  const found: Buffer[] = [];
  for (let at = 0; at + EXTRA_HEAD.BYTES <= extra.length;) {
    const start = at + EXTRA_HEAD.BYTES;
    const end = start + extra.readUInt16LE(at + EXTRA_HEAD.LENGTH);
    if (extra.readUInt16LE(at) === EXTRA.ZIP64) found.push(extra.subarray(start, end));
    at = end;
  }
  return found.length === 1 && found[0]?.length === ZIP64_SIZES.BYTES ? found[0] : undefined;
}

/**
 * The content, unpacked and proven: no piece is given out that would make it longer than the directory says.
 *
 * @throws PersistenceError `ERR_ARCHIVE_REFUSED`; what the source throws, as it is.
 */
export async function* readContent(
  window: SourceWindow,
  record: ZipRecord,
  start: number,
): AsyncGenerator<Uint8Array, void> {
  const end = start + record.packedBytes;
  await checkDescriptor(window, record, end);
  let sizeBytes = 0;
  let checksum = 0;
  for await (const piece of unpack(window, record, start)) {
    sizeBytes += piece.length;
    if (sizeBytes > record.sizeBytes) throw wrongSize(record);
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (sizeBytes !== record.sizeBytes) throw wrongSize(record);
  if (checksum !== record.crc32) throw archiveRefused('its content is damaged', { entry: record.name });
}

/** Behind the content is its descriptor, where the flags say so, and nothing else. */
async function checkDescriptor(window: SourceWindow, record: ZipRecord, start: number): Promise<void> {
  const length = record.end - start;
  const isAnnounced = (record.flags & ZIP_FLAGS.DESCRIPTOR) !== 0;
  if (!isAnnounced && length === 0) return;
  const isKnown = isAnnounced && Object.values<number>(DESCRIPTOR_BYTES).includes(length);
  if (!isKnown)
    throw archiveRefused(length < 0 ? 'it overlaps another' : 'something stands behind it', { entry: record.name });
  const descriptor = await window.read(start, length);
  const isSigned = length === DESCRIPTOR_BYTES.SHORT_SIGNED || length === DESCRIPTOR_BYTES.LONG_SIGNED;
  const isLong = length >= DESCRIPTOR_BYTES.LONG;
  const crcAt = isSigned ? SIGNATURE_BYTES : 0;
  const packedAt = crcAt + SHORT_BYTES;
  const sizeAt = packedAt + (isLong ? LONG_BYTES : SHORT_BYTES);
  const read = (at: number): number => (isLong ? readLong(descriptor, at) : descriptor.readUInt32LE(at));
  const isSame =
    (!isSigned || descriptor.readUInt32LE(0) === DESCRIPTOR_SIGNATURE) &&
    descriptor.readUInt32LE(crcAt) === record.crc32 &&
    read(packedAt) === record.packedBytes &&
    read(sizeAt) === record.sizeBytes;
  if (!isSame) throw archiveRefused('what stands behind it is not what the directory says', { entry: record.name });
}

async function* unpack(window: SourceWindow, record: ZipRecord, start: number): AsyncGenerator<Uint8Array, void> {
  const end = start + record.packedBytes;
  if (record.method === ZIP_METHODS.STORED) {
    yield* packedPieces(window, start, end);
    return;
  }
  try {
    if (record.packedBytes <= PIECE_BYTES && record.sizeBytes <= PIECE_BYTES) {
      yield inflateSmall(await window.read(start, record.packedBytes), record);
      return;
    }
    const inflate = createInflateRaw({ chunkSize: PIECE_BYTES });
    yield* throughZlib(packedPieces(window, start, end), inflate);
    if (inflate.bytesWritten !== record.packedBytes) throw wrongSize(record);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    throw archiveRefused('its content cannot be unpacked', { entry: record.name, cause });
  }
}

async function* packedPieces(window: SourceWindow, start: number, end: number): AsyncGenerator<Uint8Array, void> {
  for (let at = start; at < end; at += PIECE_BYTES) {
    yield await window.read(at, Math.min(PIECE_BYTES, end - at));
  }
}

/** At once: it takes less time than a stream takes to start, and no more memory than the directory says. */
function inflateSmall(packed: Buffer, record: ZipRecord): Uint8Array {
  const { sizeBytes, packedBytes } = record;
  const { buffer, engine } = inflateRawSync(packed, {
    maxOutputLength: Math.max(1, sizeBytes),
    chunkSize: Math.max(MIN_CHUNK_BYTES, sizeBytes),
    info: true,
  }) as unknown as { buffer: Uint8Array; engine: { bytesWritten: number } };
  if (engine.bytesWritten !== packedBytes) throw wrongSize(record);
  return buffer;
}

function wrongSize(record: ZipRecord): Error {
  return archiveRefused('its content is not as long as the directory says', { entry: record.name });
}
