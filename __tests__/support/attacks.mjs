// @ts-check
// Archives that want to write elsewhere, hide something or exhaust the machine, and what is said to each.
import { createCipheriv } from 'node:crypto';
import { constants, crc32, deflateRawSync, gzipSync } from 'node:zlib';
import {
  extraField,
  fields,
  paxHeader,
  paxRecord,
  TAR_END,
  tarEntry,
  tarGzFile,
  tarHeader,
  zipFile,
} from './archives.mjs';

/** @typedef {import('./archives.mjs').ZipEntry} ZipEntry */

/**
 * @typedef {object} Attack
 * @property {string} name
 * @property {'zip' | 'tar.gz'} format
 * @property {() => Buffer} make
 * @property {RegExp | undefined} reason of the refusal; without it the archive is fine
 */

const MIB = 1024 * 1024;
const ZEROS = Buffer.alloc(MIB / 8);
const MODE = { SHIFT: 0x10000, LINK: 0o120777, DEVICE: 0o020666, BLOCK: 0o060666, FIFO: 0o010666, SOCKET: 0o140666 };

/** Names that no entry may have, with what is said of them. @type {[label: string, name: string, reason: RegExp][]} */
export const BAD_NAMES = [
  ['up by ..', '../a.json', /\. or \.\./u],
  ['up in the middle', 'a/../../b.json', /\. or \.\./u],
  ['absolute', '/etc/passwd', /absolute/u],
  ['drive', 'C:/a.json', /drive/u],
  ['drive without slash', 'C:a.json', /drive/u],
  ['backslash', 'a\\b.json', /backslash/u],
  ['drive with backslash', 'C:\\a.json', /backslash/u],
  ['network share', '\\\\server\\share', /backslash/u],
  ['stream', 'a.json:hidden', /colon/u],
  ['part .', 'a/./b.json', /\. or \.\./u],
  ['empty part', 'a//b.json', /empty part/u],
  ['control character', 'a\u001b[2Jb.json', /control/u],
  ['delete character', 'a\u007fb', /control/u],
  ['trailing dot', 'a.json.', /dot or a blank/u],
  ['trailing blank', 'a /b.json', /dot or a blank/u],
  ['device of Windows', 'conf/NUL', /reserved/u],
  ['device with extension', 'com1.json', /reserved/u],
  ['printer', 'LPT9.txt', /reserved/u],
  ['__proto__', '__proto__/a.json', /__proto__/u],
  ['long part', `${'x'.repeat(256)}.json`, /longer than 255/u],
  ['long name', `${'x/'.repeat(20)}${`${'y'.repeat(200)}/`.repeat(5)}z`, /longer than 1024/u],
  ['deep', `${'x/'.repeat(32)}a.json`, /more than 32/u],
];

/** Pairs of names that mean the same file somewhere. @type {[label: string, first: string, second: string][]} */
export const TWIN_NAMES = [
  ['twice', 'a.json', 'a.json'],
  ['case twins', 'App.json', 'aPP.json'],
  ['case twins in folders', 'Conf/a.json', 'conf/A.json'],
  ['sharp s twins', 'stra\u00dfe', 'STRASSE'],
  ['capital sharp s', 'stra\u1e9ee', 'strasse'],
  ['ligature twins', '\ufb01le', 'FILE'],
  ['Kelvin twins', '\u212a.json', 'k.json'],
  ['sigma twins', '\u03c3\u03c2', '\u03a3\u03a3'],
  ['NFC and NFD', '\u00e9.json', 'e\u0301.json'],
  ['Hangul twins', '\ud55c', '\u1112\u1161\u11ab'],
  ['file, then folder', 'a', 'a/b'],
  ['folder, then file', 'a/b', 'a'],
  ['folder by case', 'A/b', 'a'],
];

/**
 * @param {string} name
 * @param {ZipEntry[] | (() => ZipEntry[])} entries
 * @param {RegExp} [reason]
 * @param {import('./archives.mjs').ZipParts} [parts]
 * @param {Attack['make']} [make]
 * @returns {Attack}
 */
const zip = (
  name,
  entries,
  reason,
  parts = {},
  make = () => zipFile(typeof entries === 'function' ? entries() : entries, parts),
) => ({ name, format: 'zip', make, reason });

/** @param {string} name @param {Attack['make']} make @param {RegExp} [reason] @returns {Attack} */
const tar = (name, make, reason) => ({ name, format: 'tar.gz', make, reason });

/** @type {Attack[]} */
const names = [
  ...BAD_NAMES.flatMap(([label, name, reason]) => [
    zip(label, [{ name, flags: 0x800 }], reason),
    tar(label, () => tarGzFile(paxHeader({ path: name }), tarEntry({}, '{}')), reason),
  ]),
  ...TWIN_NAMES.flatMap(([label, first, second]) => [
    zip(
      label,
      [
        { name: first, flags: 0x800 },
        { name: second, flags: 0x800 },
      ],
      /another entry/u,
    ),
    tar(
      label,
      () => tarGzFile(...[first, second].flatMap((name) => [paxHeader({ path: name }), tarEntry({}, '{}')])),
      /another entry/u,
    ),
  ]),
  zip('no name', [{ name: '' }], /empty/u),
  zip('NUL in the name', [{ name: 'a.json\0.exe' }], /control/u),
  zip('no UTF-8', [{ name: Buffer.from([0x61, 0xff, 0x62]), flags: 0x800 }], /UTF-8/u),
  zip('undeclared characters', [{ name: Buffer.from('ä.json'), central: { madeBy: 20 } }], /character set/u),
  zip('undeclared and no UTF-8', [{ name: Buffer.from([0x61, 0xe4]) }], /character set/u),
  zip('bad name of a folder', [{ name: '../b/', central: { attributes: 0x10 } }], /\. or \.\./u),
  zip('second name', [{ extra: unicodeName('a.json', 'b.json') }], /two names/u),
  tar('no UTF-8 in ustar', () => tarGzFile(tarEntry({ name: Buffer.from([0x61, 0xff]) }, '{}')), /UTF-8/u),
  tar('no UTF-8 in pax', () => tarGzFile(paxHeader({ path: Buffer.from([0x61, 0xff]) }), tarEntry({})), /UTF-8/u),
  tar('NUL in pax', () => tarGzFile(paxHeader({ path: 'a.json\0.exe' }), tarEntry({})), /control/u),
  tar('NUL in GNU name', () => tarGzFile(tarEntry({ type: 'L' }, 'a\0b\0'), tarEntry({})), /cannot be read/u),
  tar('bad prefix', () => tarGzFile(tarEntry({ prefix: '../x' }, '{}')), /\. or \.\./u),
  tar('bad name of a folder', () => tarGzFile(tarEntry({ name: '../b/', type: '5' })), /\. or \.\./u),
  tar('absolute behind ./', () => tarGzFile(tarEntry({ name: './/etc/passwd' })), /absolute/u),
  tar('twin behind ./', () => tarGzFile(tarEntry({ name: './a' }), tarEntry({ name: 'a' })), /another entry/u),
];

/** @type {Attack[]} */
const kinds = [
  ...Object.entries({
    LINK: MODE.LINK,
    DEVICE: MODE.DEVICE,
    BLOCK: MODE.BLOCK,
    FIFO: MODE.FIFO,
    SOCKET: MODE.SOCKET,
  }).map(([kind, mode]) =>
    zip(
      `mode of a ${kind.toLowerCase()}`,
      [{ content: '../../etc', central: { attributes: mode * MODE.SHIFT } }],
      /link/u,
    ),
  ),
  zip('link of Windows', [{ central: { madeBy: 20, attributes: 0x400 } }], /link/u),
  zip('device of DOS', [{ central: { madeBy: 20, attributes: 0x40 } }], /link/u),
  zip('folder and file', [{ central: { madeBy: 20, attributes: 0x10 } }], /folder/u),
  zip('folder with content', [{ name: 'a/', content: '{}', central: { attributes: 0x10 } }], /folder with content/u),
  zip('encrypted', [{ flags: 1, content: '{}' }], /encrypted|no whole/u),
  zip('strongly encrypted', [{ flags: 0x41, content: '{}' }], /encrypted|no whole/u),
  zip('unknown compression', [{ method: 12, content: '{}', packed: Buffer.from('xx') }], /compression/u),
  ...Object.entries({ 1: 'hard link', 2: 'symbolic link', 3: 'device', 4: 'block device', 6: 'FIFO' }).map(
    ([type, label]) => tar(label, () => tarGzFile(tarHeader({ type, link: type < '3' ? '../../etc' : '' })), /link/u),
  ),
  ...['A', 'D', 'I', 'K', 'M', 'N', 'S', 'V', 'X', 'Z'].map((type) =>
    tar(`type ${type}`, () => tarGzFile(tarEntry({ type }, 'x')), /link/u),
  ),
  tar('sparse by pax', () => tarGzFile(paxHeader({ 'GNU.sparse.major': '1' }), tarEntry({}, 'x')), /sparse/u),
  tar('folder with content', () => tarGzFile(tarEntry({ name: 'a/', type: '5' }, tarHeader({ name: 'b' }))), /folder/u),
];

/** @type {Attack[]} */
const lies = [
  zip('name differs locally', [{ content: '{}', local: { name: 'b.json' } }], /header at its place/u),
  zip('size differs locally', [{ content: '{}', local: { sizeBytes: 3 } }], /header at its place/u),
  zip('packed size differs', [{ content: '{}', local: { packedBytes: 1 } }], /header at its place/u),
  zip('checksum differs locally', [{ content: '{}', local: { crc: 1 } }], /header at its place/u),
  zip('method differs locally', [{ content: '{}', local: { method: 8 } }], /header at its place/u),
  zip('flags differ locally', [{ content: '{}', local: { flags: 8 } }], /header at its place/u),
  zip('no local header', [{ content: '{}', local: { signature: 1 } }], /header at its place/u),
  zip('no central header', [{ content: '{}', central: { signature: 1 } }], /no whole/u),
  zip('wrong checksum', [{ content: '{}', crc: 1 }], /damaged/u),
  zip('wrong checksum, deflated', [{ content: '{}', crc: 1, method: 8 }], /damaged/u),
  zip('longer than said', [{ content: '{"a":1}', sizeBytes: 3, method: 8 }], /unpacked|as long/u),
  zip('shorter than said', [{ content: '{}', sizeBytes: 30, method: 8 }], /as long/u),
  zip('large, shorter than said', [{ content: '{}', sizeBytes: 90 * MIB, method: 8 }], /times its size/u),
  zip(
    'content goes on',
    [{ content: '{}', method: 8, packed: Buffer.concat([deflateRawSync('{}'), Buffer.from('x')]) }],
    /as long/u,
  ),
  zip('content ends early', [{ content: '{}', method: 8, packed: deflateRawSync('{}').subarray(0, 2) }], /unpacked/u),
  zip('content is no deflate', [{ content: '{}', method: 8, packed: Buffer.from([0xff, 0xff]) }], /unpacked/u),
  zip(
    'descriptor lies',
    [{ content: '{}', flags: 8, behind: fields([0x08074b50, 4], [1, 4], [2, 4], [2, 4]) }],
    /behind it/u,
  ),
  zip('descriptor is missing', [{ content: '{}', flags: 8 }], /behind it/u),
  zip(
    'overlap',
    [{ content: '{}' }, { name: 'b', content: '{}', isOnlyCentral: true, central: { start: 0 } }],
    /overlap/u,
  ),
  zip('entry inside another', insideAnother(), /overlap|header at its place/u),
  zip('entry outside', [{ content: '{}', central: { start: 10_000 } }], /overlap|before/u),
  zip('packed beyond the end', [{ content: '{}', packedBytes: 10_000, sizeBytes: 10_000 }], /overlap/u),
  zip('hidden entry', [{ content: '{}' }, { name: 'b', content: '{}', isOnlyLocal: true }], /behind it|overlap/u),
  zip('hidden first entry', [{ name: 'b', content: '{}', isOnlyLocal: true }, { content: '{}' }], /before/u),
  zip('program before it', [{ content: '{}' }], /before/u, { prefix: Buffer.from('#!/bin/sh\n') }),
  zip(
    'program before, offsets not moved',
    [{ content: '{}', central: { start: 0 } }],
    /header at|behind|overlap|end where/u,
    {
      prefix: Buffer.from('#!/bin/sh\n'),
      directoryStart: 38,
    },
  ),
  zip('something between', [{ content: '{}', behind: Buffer.from('x') }], /behind it/u),
  zip('before the directory', [{ content: '{}' }], /behind it/u, { beforeDirectory: Buffer.from('x') }),
  zip('behind the directory', [{ content: '{}' }], /end where/u, { behindDirectory: Buffer.from('x') }),
  zip('behind the end', [{ content: '{}' }], /no whole/u, { suffix: Buffer.from('x') }),
  zip('end in the comment', [{ content: '{}' }], /no whole|another end/u, {
    comment: Buffer.concat([zipFile([]), Buffer.from('x')]),
  }),
  zip('two ends', [{ content: '{}' }], /end where|another end/u, { comment: zipFile([]) }),
  zip('comment is shorter', [{ content: '{}' }], /no whole/u, { commentLength: 7 }),
  zip('fewer entries than said', [{ content: '{}' }], /early/u, { count: 2 }),
  zip('more entries than said', [{ content: '{}' }, { name: 'b' }], /as long/u, { count: 1 }),
  zip('counts differ', [{ content: '{}' }], /contradict/u, { countHere: 0 }),
  zip('directory is shorter', [{ content: '{}' }], /end where/u, { directoryBytes: 40 }),
  zip('several disks', [{ content: '{}' }], /disk|no whole/u, { disk: 1 }),
  zip('several disks, ZIP64', [{ content: '{}' }], /disk/u, { zip64: { disks: 2 } }),
  zip('other count in ZIP64', [{ content: '{}' }], /contradict/u, { zip64: { countHere: 9 } }),
  zip('ZIP64 record elsewhere', [{ content: '{}' }], /ZIP64|no whole/u, { zip64: { recordAt: 0 } }),
  zip('ZIP64 record far away', [{ content: '{}' }], /no whole|early/u, { zip64: { recordAt: 2 ** 52 } }),
  zip('two ZIP64 fields', [{ content: '{}', extra: Buffer.concat([zip64Field(2, 2), zip64Field(9, 9)]) }], /twice/u),
  zip('truncated', [], /no whole/u, {}, () => zipFile([{ content: '{}' }]).subarray(0, -10)),
  tar('header checksum', () => tarGzFile(tarEntry({ isChecksumWrong: true }, '{}')), /damaged header/u),
  tar('no end mark', () => gzipSync(tarEntry({}, '{}')), /ends early/u),
  tar('one block of end', () => gzipSync(Buffer.concat([tarEntry({}, '{}'), Buffer.alloc(512)])), /ends early/u),
  tar('cut entry', () => gzipSync(tarEntry({}, 'x'.repeat(600)).subarray(0, 1000)), /ends early/u),
  tar('cut padding', () => gzipSync(tarEntry({}, '{}').subarray(0, 600)), /ends early/u),
  tar('cut gzip', () => tarGzFile(tarEntry({}, '{}')).subarray(0, 60), /no whole gzip/u),
  tar('gzip checksum', () => broken(tarGzFile(tarEntry({}, '{}')), 6), /no whole gzip/u),
  tar('plain tar', () => Buffer.concat([tarEntry({}, '{}'), TAR_END]), /plain/u),
  tar('ZIP as tar', () => zipFile([{ content: '{}' }]), /plain/u),
  tar('empty file', () => Buffer.alloc(0), /early|gzip/u),
  tar('garbage behind gzip', () => Buffer.concat([tarGzFile(tarEntry({})), Buffer.from('garbage')]), /gzip/u),
  tar('zeros behind gzip', () => Buffer.concat([tarGzFile(tarEntry({})), Buffer.alloc(512)]), /gzip file/u),
  tar('tar behind the end', () => tarGzFile(TAR_END, tarEntry({}, '{}')), /follows the end/u),
  tar(
    'second gzip behind the end',
    () => Buffer.concat([tarGzFile(tarEntry({})), tarGzFile(tarEntry({}))]),
    /follows the end/u,
  ),
  tar('negative size', () => tarGzFile(tarHeader({ sizeField: Buffer.alloc(12, 0xff) })), /no number/u),
  tar('minus sign', () => tarGzFile(tarHeader({ sizeField: '-0000000001\0' })), /no number/u),
  tar('half a number', () => tarGzFile(tarHeader({ sizeField: '0000000012x\0' })), /no number/u),
  tar('no size', () => tarGzFile(tarHeader({ sizeField: Buffer.alloc(12) })), /no number/u),
  tar(
    'huge size',
    () => tarGzFile(tarHeader({ sizeField: Buffer.from([0x80, ...Array(11).fill(0xff)]) })),
    /damaged header/u,
  ),
  tar('size of 4 GiB', () => tarGzFile(tarHeader({ sizeBytes: 2 ** 32 })), /bytes/u),
  tar('size in pax lies', () => tarGzFile(paxHeader({ size: '-1' }), tarEntry({}, '{}')), /cannot be read/u),
  tar(
    'two names',
    () => tarGzFile(tarEntry({ type: 'L' }, 'b\0'), paxHeader({ path: 'c' }), tarEntry({})),
    /two names/u,
  ),
  tar('name for all', () => tarGzFile(paxHeader({ path: 'b' }, 'g'), tarEntry({})), /cannot be read/u),
  tar('wrong length in pax', () => tarGzFile(tarEntry({ type: 'x' }, '99 path=b\n'), tarEntry({})), /cannot be read/u),
  tar(
    'path twice in pax',
    () =>
      tarGzFile(tarEntry({ type: 'x' }, Buffer.concat([paxRecord('path', 'b'), paxRecord('path', 'c')])), tarEntry({})),
    /cannot be read/u,
  ),
  tar('header without entry', () => tarGzFile(paxHeader({ path: 'b' })), /without an entry/u),
];

/** What only exhausts: what it asks for, not what it hides. @type {Attack[]} */
export const HEAVY_ATTACKS = [
  zip('1 GiB in one entry', () => [bomb(1024 * MIB)], /more than 104857600/u),
  zip('1 GiB said to be 10 bytes', () => [{ ...bomb(1024 * MIB), sizeBytes: 10 }], /as long/u),
  zip('1 GiB said to be 60 MiB', () => [{ ...bomb(1024 * MIB), sizeBytes: 60 * MIB }], /as long/u),
  zip('20 entries of 50 MiB', () => copies(20, bomb(50 * MIB)), /times its size/u),
  zip('250 entries of one content', () => overlapping(250, bomb(MIB / 8)), /overlap/u),
  zip('250 entries that quote', () => [], /overlap/u, {}, quotedBomb),
  zip('4 GiB said to be stored', () => [{ sizeBytes: 0xfffffffe, packedBytes: 0xfffffffe }], /bytes/u),
  zip(
    '2^60 bytes said',
    () => [{ content: '{}', method: 8, central: { sizeBytes: 0xffffffff, extra: zip64Field(2 ** 60) } }],
    /bytes/u,
  ),
  zip('60 MiB said, 2 bytes there', () => [{ content: '{}', sizeBytes: 60 * MIB, method: 8 }], /as long/u),
  zip('100,001 entries', () => numbered(100_001), /100000 entries/u, { zip64: true }),
  zip('2^53 entries said', () => [{}], /entries/u, { zip64: { count: 2 ** 53 } }),
  zip('names of 40 MiB', () => longNames().map((name) => ({ name })), /names/u),
  zip('nothing but folders', () => deepNames().map((name) => ({ name })), /folders/u),
  zip('comments of 190 MiB', () => numbered(2900, { central: { comment: 'x'.repeat(65_535) } })),
  tar('1 GiB in one entry', () => packed(tarHeader({ sizeBytes: 1024 * MIB }), 1024 * MIB), /more than 104857600/u),
  tar('20 entries of 50 MiB', () => packed(...zeroEntries(20, 50 * MIB)), /times its size/u),
  tar('1 GiB of zeros behind the end', () => packed(tarEntry({}, '{}'), 1024 * MIB), /besides/u),
  tar('1 GiB in a pax header', () => packed(tarHeader({ type: 'x', sizeBytes: 1024 * MIB }), 1024 * MIB), /extended/u),
  tar('1 GiB in a GNU name', () => packed(tarHeader({ type: 'L', sizeBytes: 1024 * MIB }), 1024 * MIB), /extended/u),
  tar('1 GiB in a link', () => packed(tarHeader({ type: '2', link: 'x', sizeBytes: 1024 * MIB }), 1024 * MIB), /link/u),
  tar('only extended headers', () => packed(...repeated(100_000, paxHeader({ comment: 'x' }, 'g'))), /too many/u),
  tar('extended headers of 300 MiB', () => packed(...longComments()), /besides|times its size/u),
  tar('100,001 entries', () => packed(...numbers(100_001).map((name) => tarHeader({ name }))), /100000 entries/u),
  tar('names of 40 MiB', () => packed(...longNames().map((name) => paxEntry(name))), /names/u),
  tar('nothing but folders', () => packed(...deepNames().map((name) => paxEntry(name))), /folders/u),
  tar('gzip in a hundred parts', () => inParts(zeroEntries(100, 10 * MIB)), /times its size/u),
];

/** What looks like an attack and is none. @type {Attack[]} */
export const HARMLESS = [
  zip('60 MiB of zeros', () => [bomb(60 * MIB)]),
  zip('180 MiB, not packed', () => copies(4, { content: noise(45 * MIB) })),
  zip('10,000 equal files', () => copies(10_000, { content: noise(2048), method: 8 })),
  zip('100,000 files', () => numbered(100_000, { content: '{}' }), undefined, { zip64: true }),
  tar('60 MiB of zeros', () => packed(...zeroEntries(1, 60 * MIB), TAR_END)),
  tar('180 MiB, not packed', () => packed(...repeatedEntries(4, noise(45 * MIB)), TAR_END)),
  tar('10,000 equal files', () => packed(...repeatedEntries(10_000, noise(2048)), TAR_END)),
  tar('100,000 files', () => packed(...repeatedEntries(100_000, Buffer.from('{}')), TAR_END)),
];

/** @type {Attack[]} */
export const ATTACKS = [...names, ...kinds, ...lies];

/** @param {Attack} attack */
export const titleOf = ({ format, name }) => `${format}: ${name}`;

/** @param {Buffer} file @param {number} fromEnd */
function broken(file, fromEnd) {
  const copy = Buffer.from(file);
  const place = copy.length - fromEnd;
  copy[place] = (copy[place] ?? 0) ^ 0xff;
  return copy;
}

/** @param {string} shown @param {string} meant */
function unicodeName(shown, meant) {
  return extraField(0x7075, Buffer.concat([fields([1, 1], [crc32(shown), 4]), Buffer.from(meant)]));
}

/** @param {...number} sizes */
function zip64Field(...sizes) {
  return extraField(0x0001, fields(...sizes.map((size) => /** @type {[number, number]} */ ([size, 8]))));
}

/** A stored entry whose content is an entry that the directory knows, too. @returns {ZipEntry[]} */
function insideAnother() {
  const inner = zipFile([{ name: 'b.json', content: '{}' }]).subarray(0, 38);
  return [{ content: inner }, { name: 'b.json', content: '{}', isOnlyCentral: true, central: { start: 36 } }];
}

/** @param {number} count @returns {string[]} */
const numbers = (count) => Array.from({ length: count }, (_, index) => `f/${index}.json`);

/** @param {number} count @param {ZipEntry} [entry] @returns {ZipEntry[]} */
const numbered = (count, entry = {}) => numbers(count).map((name) => ({ ...entry, name }));

/** @param {number} count @param {ZipEntry} entry */
function copies(count, entry) {
  const content = Buffer.from(entry.content ?? '');
  const packed = entry.method === 8 ? (entry.packed ?? deflateRawSync(content)) : content;
  return numbered(count, { crc: crc32(content), ...entry, packed });
}

/** All of them have the content of the first. @param {number} count @param {ZipEntry} entry @returns {ZipEntry[]} */
const overlapping = (count, entry) =>
  copies(count, entry).map((copy, index) => ({ ...copy, isOnlyCentral: index > 0, central: { start: 0 } }));

/**
 * The better zip bomb of David Fifield: each content begins with a stored block that quotes the next header, so that local and
 * central headers agree, and all end in one content.
 */
function quotedBomb() {
  const kernelBytes = MIB / 8;
  const kernel = bomb(kernelBytes);
  /** @type {{ name: string, header: Buffer, packedBytes: number, sizeBytes: number, crc: number }[]} */
  const quotes = [];
  let behind = { packed: kernel.packed ?? Buffer.alloc(0), content: Buffer.alloc(kernelBytes) };
  for (let index = 249; index >= 0; index -= 1) {
    const name = `f${String(index).padStart(3, '0')}`;
    const { packed, content } = behind;
    const whole = {
      name,
      method: 8,
      packed,
      packedBytes: packed.length,
      sizeBytes: content.length,
      crc: crc32(content),
    };
    const header = zipFile([whole]).subarray(0, 30 + name.length);
    quotes.unshift({ name, header, packedBytes: packed.length, sizeBytes: content.length, crc: whole.crc });
    const block = Buffer.concat([fields([0, 1], header.length, ~header.length & 0xffff), header]);
    behind = { packed: Buffer.concat([block, packed]), content: Buffer.concat([header, content]) };
  }
  const headers = quotes.map(({ header }, index) =>
    index === 0 ? header : Buffer.concat([fields([0, 1], header.length, ~header.length & 0xffff), header]),
  );
  const data = Buffer.concat([...headers, kernel.packed ?? Buffer.alloc(0)]);
  let start = 0;
  /** @type {ZipEntry[]} */
  const entries = quotes.map(({ header, ...quote }, index) => {
    const entry = { ...quote, method: 8, isOnlyCentral: true, central: { start: index === 0 ? 0 : start + 5 } };
    start += header.length + (index === 0 ? 0 : 5);
    return entry;
  });
  return zipFile(entries, { prefix: data });
}

/** An entry of zeros that is packed a thousand times smaller, all its fields true. @param {number} bytes */
function bomb(bytes) {
  const { packed, crc } = deflated([bytes]);
  return { name: 'bomb', method: 8, packed, sizeBytes: bytes, crc };
}

/** @param {number} bytes the same every time, and nothing that could be packed */
function noise(bytes) {
  const key = Buffer.alloc(16, 1);
  return createCipheriv('aes-128-ctr', key, key).update(Buffer.alloc(bytes));
}

/** Of about a kilobyte each. */
const longNames = () =>
  numbers(40_000).map(
    (name) => `${'x'.repeat(200)}/${'y'.repeat(200)}/${'z'.repeat(200)}/${'w'.repeat(200)}/${'v'.repeat(150)}/${name}`,
  );

/** Each in folders of its own. */
const deepNames = () => numbers(10_000).map((name) => `${name}/${'x/'.repeat(28)}a`);

/** @param {string} name */
const paxEntry = (name) => Buffer.concat([paxHeader({ path: name }), tarHeader({})]);

const longComments = () =>
  numbers(5000).map((name) => Buffer.concat([paxHeader({ comment: 'x'.repeat(60_000) }), tarHeader({ name })]));

/** @param {number} count @param {number} bytes a multiple of 512 */
const zeroEntries = (count, bytes) => numbers(count).flatMap((name) => [tarHeader({ name, sizeBytes: bytes }), bytes]);

/** @param {number} count @param {Buffer} content */
const repeatedEntries = (count, content) => numbers(count).map((name) => tarEntry({ name }, content));

/** @param {number} count @param {Buffer} part */
const repeated = (count, part) => Array.from({ length: count }, () => part);

/** One gzip file. @param {...(Buffer | number)} parts a number stands for so many zeros, whole runs of them */
function packed(...parts) {
  const { packed, crc, bytes } = deflated(parts);
  const head = fields(0x8b1f, [8, 2], [0, 4], [255 * 256, 2]);
  return Buffer.concat([head, packed, fields([crc, 4], [bytes % 2 ** 32, 4])]);
}

/** Each part of it a gzip file of its own. @param {(Buffer | number)[]} parts */
const inParts = (parts) => Buffer.concat(parts.map((part) => packed(part)));

/** Runs that can be put behind each other, so that a gigabyte is packed in no time. @param {(Buffer | number)[]} parts */
function deflated(parts) {
  const run = deflateRawSync(ZEROS, { finishFlush: constants.Z_FULL_FLUSH });
  /** @type {Buffer[]} */
  const pieces = [];
  /** @type {Buffer[]} */
  let waiting = [];
  const pack = () => {
    pieces.push(deflateRawSync(Buffer.concat(waiting), { finishFlush: constants.Z_FULL_FLUSH }));
    waiting = [];
  };
  let crc = 0;
  let bytes = 0;
  for (const part of parts) {
    if (typeof part === 'number') {
      pack();
      for (let rest = part; rest > 0; rest -= ZEROS.length) {
        pieces.push(run);
        crc = crc32(ZEROS, crc);
      }
    } else {
      waiting.push(part);
      crc = crc32(part, crc);
    }
    bytes += typeof part === 'number' ? part : part.length;
  }
  pack();
  return { packed: Buffer.concat([...pieces, deflateRawSync('')]), crc, bytes };
}
