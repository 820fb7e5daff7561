// @ts-check
// Builds ZIP and tar files byte by byte, so that any of their headers can lie.
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/**
 * One entry as it should be; what is given differs from that. `local` and `central` are fields of one header only.
 *
 * @typedef {object} Fields
 * @property {string | Buffer} [name]
 * @property {number} [flags]
 * @property {number} [method]
 * @property {number} [crc]
 * @property {number} [packedBytes]
 * @property {number} [sizeBytes]
 * @property {Buffer} [extra]
 * @property {number} [signature]
 *
 * @typedef {object} CentralFields
 * @property {number} [madeBy]
 * @property {number} [attributes]
 * @property {number} [start]
 * @property {string} [comment]
 * @property {number} [disk]
 *
 * @typedef {Fields & {
 *   content?: Buffer | string,
 *   packed?: Buffer,
 *   local?: Fields,
 *   central?: Fields & CentralFields,
 *   before?: Buffer,
 *   behind?: Buffer,
 *   descriptor?: 'signed' | 'plain' | 'signed64' | 'plain64',
 *   isOnlyCentral?: boolean,
 *   isOnlyLocal?: boolean,
 * }} ZipEntry
 *
 * @typedef {object} ZipParts
 * @property {Buffer} [prefix]
 * @property {Buffer} [beforeDirectory]
 * @property {Buffer} [behindDirectory]
 * @property {Buffer} [suffix]
 * @property {Buffer} [comment]
 * @property {number} [commentLength]
 * @property {number} [count]
 * @property {number} [countHere]
 * @property {number} [disk]
 * @property {number} [directoryBytes]
 * @property {number} [directoryStart]
 * @property {boolean | { count?: number, countHere?: number, disk?: number, disks?: number, start?: number, bytes?: number, recordAt?: number }} [zip64]
 */

const MODE_FILE = 0o100600;
const UNIX = 3 << 8;

/** @param {...(number | [value: number | bigint, bytes: number])} fields two bytes each, unless said otherwise */
export function fields(...fields) {
  return Buffer.concat(
    fields.map((field) => {
      const [value, bytes] = typeof field === 'number' ? [field, 2] : field;
      const buffer = Buffer.alloc(8);
      buffer.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
      return buffer.subarray(0, bytes);
    }),
  );
}

/** @param {number} value @returns {[number, number]} */
const long = (value) => [value, 4];
/** @param {number} value @returns {[number, number]} */
const huge = (value) => [value, 8];

/** @param {number} id @param {Buffer} content */
export const extraField = (id, content) => Buffer.concat([fields(id, content.length), content]);

/** @param {ZipEntry[]} entries @param {ZipParts} [parts] */
export function zipFile(entries, parts = {}) {
  /** @type {Buffer[]} */
  const pieces = [parts.prefix ?? Buffer.alloc(0)];
  let at = pieces[0]?.length ?? 0;
  /** @type {Buffer[]} */
  const directory = [];
  for (const entry of entries) {
    const whole = complete(entry);
    at += entry.before?.length ?? 0;
    if (entry.isOnlyLocal !== true) directory.push(centralHeader(whole, at));
    if (entry.isOnlyCentral === true) continue;
    const stored = Buffer.concat([
      localHeader(whole),
      whole.packed,
      descriptorOf(whole),
      entry.behind ?? Buffer.alloc(0),
    ]);
    pieces.push(entry.before ?? Buffer.alloc(0), stored);
    at += stored.length;
  }
  const between = parts.beforeDirectory ?? Buffer.alloc(0);
  const central = Buffer.concat(directory);
  pieces.push(between, central, parts.behindDirectory ?? Buffer.alloc(0));
  const start = at + between.length;
  const count = parts.count ?? directory.length;
  pieces.push(endOfDirectory(parts, count, start, central.length), parts.suffix ?? Buffer.alloc(0));
  return Buffer.concat(pieces);
}

/** @param {ZipEntry} entry */
function complete(entry) {
  const content = Buffer.from(entry.content ?? '');
  const method = entry.method ?? 0;
  const packed = entry.packed ?? (method === 8 ? deflateRawSync(content) : content);
  return {
    name: 'a.json',
    flags: entry.descriptor === undefined ? 0 : 8,
    method,
    crc: crc32(content),
    packedBytes: packed.length,
    sizeBytes: content.length,
    extra: Buffer.alloc(0),
    ...entry,
    packed,
  };
}

/** @typedef {ReturnType<typeof complete>} WholeEntry */

/** @param {WholeEntry} entry */
function localHeader(entry) {
  const isLater = entry.descriptor !== undefined;
  const shown = { ...entry, ...(isLater ? { crc: 0, packedBytes: 0, sizeBytes: 0 } : {}), ...entry.local };
  const name = Buffer.from(shown.name);
  return Buffer.concat([
    fields(long(shown.local?.signature ?? 0x04034b50), 20, shown.flags, shown.method, 0, 0x5821),
    fields(long(shown.crc), long(shown.packedBytes), long(shown.sizeBytes), name.length, shown.extra.length),
    name,
    shown.extra,
  ]);
}

/** @param {WholeEntry} entry @param {number} at */
function centralHeader(entry, at) {
  const shown = { ...entry, ...entry.central };
  const {
    madeBy = UNIX | 20,
    attributes = MODE_FILE * 0x10000,
    start = at,
    comment = '',
    disk = 0,
  } = entry.central ?? {};
  const name = Buffer.from(shown.name);
  return Buffer.concat([
    fields(long(shown.central?.signature ?? 0x02014b50), madeBy, 20, shown.flags, shown.method, 0, 0x5821),
    fields(long(shown.crc), long(shown.packedBytes), long(shown.sizeBytes)),
    fields(name.length, shown.extra.length, comment.length, disk, 0, long(attributes), long(start)),
    name,
    shown.extra,
    Buffer.from(comment),
  ]);
}

/** @param {WholeEntry} entry */
function descriptorOf({ descriptor, crc, packedBytes, sizeBytes }) {
  if (descriptor === undefined) return Buffer.alloc(0);
  const size = descriptor.endsWith('64') ? huge : long;
  const signature = descriptor.startsWith('signed') ? fields(long(0x08074b50)) : Buffer.alloc(0);
  return Buffer.concat([signature, fields(long(crc), size(packedBytes), size(sizeBytes))]);
}

/** @param {ZipParts} parts @param {number} count @param {number} at @param {number} length */
function endOfDirectory(parts, count, at, length) {
  const { comment = Buffer.alloc(0), countHere = count, disk = 0 } = parts;
  const start = parts.directoryStart ?? at;
  const bytes = parts.directoryBytes ?? length;
  const end = (/** @type {boolean} */ isElsewhere) =>
    Buffer.concat([
      fields(long(0x06054b50), disk, 0, isElsewhere ? 0xffff : countHere, isElsewhere ? 0xffff : count),
      fields(long(isElsewhere ? 0xffffffff : bytes), long(isElsewhere ? 0xffffffff : start)),
      fields(parts.commentLength ?? comment.length),
      comment,
    ]);
  if (parts.zip64 === undefined || parts.zip64 === false) return end(false);
  const said = parts.zip64 === true ? {} : parts.zip64;
  const counts = [huge(said.countHere ?? said.count ?? count), huge(said.count ?? count)];
  const record = Buffer.concat([
    fields(long(0x06064b50), huge(44), 45, 45, long(said.disk ?? 0), long(0), ...counts),
    fields(huge(said.bytes ?? bytes), huge(said.start ?? start)),
  ]);
  const recordAt = said.recordAt ?? at + length + (parts.behindDirectory?.length ?? 0);
  const locator = fields(long(0x07064b50), long(0), huge(recordAt), long(said.disks ?? 1));
  return Buffer.concat([record, locator, end(true)]);
}

/**
 * @typedef {object} TarFields
 * @property {string | Buffer} [name]
 * @property {number} [sizeBytes]
 * @property {Buffer | string} [sizeField] the twelve bytes of the size, as they are
 * @property {string} [type]
 * @property {string} [link]
 * @property {string} [prefix]
 * @property {boolean} [isChecksumWrong]
 */

/** @param {TarFields} given */
export function tarHeader({
  name = 'a.json',
  sizeBytes = 0,
  sizeField,
  type = '0',
  link = '',
  prefix = '',
  isChecksumWrong,
}) {
  const block = Buffer.alloc(512);
  Buffer.from(name).copy(block, 0, 0, 100);
  block.write('0000600\0', 100, 'latin1');
  block.write('0000000\0', 108, 'latin1');
  block.write('0000000\0', 116, 'latin1');
  Buffer.from(sizeField ?? `${sizeBytes.toString(8).padStart(11, '0')}\0`).copy(block, 124, 0, 12);
  block.write('14524770400\0', 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write(link, 157, 'utf8');
  block.write('ustar\u000000', 257, 'latin1');
  block.write(prefix, 345, 'utf8');
  const sum = block.reduce((total, byte) => total + byte, 0) + (isChecksumWrong === true ? 1 : 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A header with its content. @param {TarFields} given @param {Buffer | string} [content] */
export function tarEntry(given, content = '') {
  const bytes = Buffer.from(content);
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
  return Buffer.concat([tarHeader({ sizeBytes: bytes.length, ...given }), bytes, padding]);
}

/** @param {Record<string, string | Buffer>} records @param {string} [type] */
export function paxHeader(records, type = 'x') {
  const content = Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, value)));
  return tarEntry({ name: 'PaxHeaders/a', type }, content);
}

/** @param {string} key @param {string | Buffer} value */
export function paxRecord(key, value) {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

export const TAR_END = Buffer.alloc(1024);

/** @param {Buffer[]} parts without the end of the tar */
export const tarGzFile = (...parts) => gzipSync(Buffer.concat([...parts, TAR_END]));
