// @ts-check
// Writes and reads 10,000 entries of 2 KB with this package and with the bare libraries, each run in a process of its own.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { archiveFormatFor } from '../dist/src/transfer/archives/archiveFormats.js';
import { DEFAULT_ARCHIVE_LIMITS } from '../dist/src/transfer/archives/EntryJudge.js';

const ENTRY_COUNT = 10_000;
const ENTRY_BYTES = 2048;
const RUNS = 5;
const MIB = 1024 * 1024;
const TIME = Date.UTC(2024, 0, 1);
const COMPRESSION_LEVEL = 6;
const { signal } = new AbortController();

/** JSON of `ENTRY_BYTES`, different in each entry. @param {number} index */
function contentOf(index) {
  const servers = Array.from({ length: 24 }, (_, place) => ({ host: `host-${index}-${place}`, port: index + place }));
  return Buffer.from(JSON.stringify({ index, servers }).padEnd(ENTRY_BYTES).slice(0, ENTRY_BYTES));
}

function* newEntries() {
  for (let index = 0; index < ENTRY_COUNT; index += 1) {
    yield { name: `folder-${index % 100}/config-${index}.json`, bytes: contentOf(index), modifiedAt: TIME };
  }
}

const nowhere = () => new Writable({ write: (_piece, _encoding, done) => done() });

/** @param {'zip' | 'tar.gz'} format */
async function writeOurs(format) {
  await archiveFormatFor(format).write(newEntries(), { write: async () => undefined }, { isCompressed: true, signal });
}

/** @param {'zip' | 'tar.gz'} format @param {Buffer} file */
async function readOurs(format, file) {
  const source = { sizeBytes: file.length, read: async (at = 0, length = 0) => file.subarray(at, at + length) };
  let count = 0;
  for await (const entry of archiveFormatFor(format).read(source, DEFAULT_ARCHIVE_LIMITS, signal)) {
    for await (const piece of entry.read()) count += piece.length;
  }
  return count;
}

async function writeArchiver() {
  const { ZipArchive } = await import('archiver');
  const archive = new ZipArchive({ zlib: { level: COMPRESSION_LEVEL } });
  const written = pipeline(archive, nowhere());
  for (const { name, bytes } of newEntries()) archive.append(bytes, { name, date: new Date(TIME), mode: 0o600 });
  await archive.finalize();
  await written;
}

async function writePack() {
  const { Header, Pack, ReadEntry } = await import('tar');
  const pack = new Pack({ gzip: { level: COMPRESSION_LEVEL }, portable: true });
  const written = new Promise((resolve) => pack.on('end', () => resolve(undefined)));
  pack.resume();
  for (const { name, bytes } of newEntries()) {
    const header = new Header({ path: name, mode: 0o600, size: bytes.length, mtime: new Date(TIME), type: 'File' });
    const entry = new ReadEntry(header);
    pack.write(entry);
    entry.end(bytes);
  }
  pack.end();
  await written;
}

/** @param {Buffer} file */
async function readYauzl(file) {
  const { fromBufferPromise } = await import('yauzl');
  const zip = await fromBufferPromise(file, { strictFileNames: true });
  let count = 0;
  for await (const entry of zip.eachEntry()) {
    for await (const piece of await zip.openReadStreamPromise(entry)) count += piece.length;
  }
  return count;
}

/** @param {Buffer} file */
async function readParser(file) {
  const { Parser } = await import('tar');
  let count = 0;
  const parser = new Parser({ strict: true });
  parser.on('entry', (entry) => entry.on('data', (/** @type {Buffer} */ piece) => (count += piece.length)));
  const ended = new Promise((resolve) => parser.on('end', () => resolve(undefined)));
  for await (const piece of Readable.from(piecesOf(file))) parser.write(piece);
  parser.end();
  await ended;
  return count;
}

/** @param {Buffer} file */
function* piecesOf(file) {
  for (let at = 0; at < file.length; at += 64 * 1024) yield file.subarray(at, at + 64 * 1024);
}

/** @type {Record<string, (file: Buffer) => Promise<unknown>>} */
const WORK = {
  'zip write': () => writeOurs('zip'),
  'zip write, archiver': writeArchiver,
  'zip read': (file) => readOurs('zip', file),
  'zip read, yauzl': readYauzl,
  'tar.gz write': () => writeOurs('tar.gz'),
  'tar.gz write, tar': writePack,
  'tar.gz read': (file) => readOurs('tar.gz', file),
  'tar.gz read, tar': readParser,
};

/** @param {string} name @param {string} path */
async function runOnce(name, path) {
  const file = path === '' ? Buffer.alloc(0) : readFileSync(path);
  const before = process.cpuUsage();
  const start = performance.now();
  await WORK[name]?.(file);
  const tookMs = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  console.log(
    JSON.stringify({ tookMs, cpuMs: (user + system) / 1000, peakMiB: process.resourceUsage().maxRSS / 1024 }),
  );
}

async function main() {
  const folder = await mkdtemp(join(tmpdir(), 'archives-'));
  try {
    for (const format of /** @type {const} */ (['zip', 'tar.gz'])) {
      /** @type {Uint8Array[]} */
      const pieces = [];
      const sink = { write: async (/** @type {Uint8Array} */ piece) => void pieces.push(Uint8Array.from(piece)) };
      await archiveFormatFor(format).write(newEntries(), sink, { isCompressed: true, signal });
      writeFileSync(join(folder, format), Buffer.concat(pieces));
      console.log(`${format}: ${(Buffer.concat(pieces).length / MIB).toFixed(1)} MiB`);
    }
    /** @type {Map<string, { tookMs: number, cpuMs: number, peakMiB: number }[]>} */
    const runs = new Map(Object.keys(WORK).map((name) => [name, []]));
    for (let run = 0; run < RUNS; run += 1) {
      for (const [name, results] of runs) {
        const path = name.includes('read') ? join(folder, name.startsWith('zip') ? 'zip' : 'tar.gz') : '';
        const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, name, path]);
        results.push(JSON.parse(stdout));
      }
    }
    for (const [name, results] of runs) {
      const [took, cpu, peak] = /** @type {const} */ (['tookMs', 'cpuMs', 'peakMiB']).map((figure) =>
        median(results.map((result) => result[figure]))
          .toFixed(0)
          .padStart(6),
      );
      console.log(`${name.padEnd(22)} ${took} ms ${cpu} ms of CPU ${peak} MiB`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((first, second) => first - second)[Math.floor(numbers.length / 2)] ?? NaN;
}

const [name, path] = process.argv.slice(2);
await (name === undefined ? main() : runOnce(name, path ?? ''));
