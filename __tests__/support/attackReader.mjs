// @ts-check
// Reads one archive in a process of its own and prints what became of it and how much memory that took:
// `node attackReader.mjs zip /tmp/archive.zip`.
import { readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { archiveFormatFor } from '../../dist/src/transfer/archives/archiveFormats.js';
import { DEFAULT_ARCHIVE_LIMITS } from '../../dist/src/transfer/archives/EntryJudge.js';
import { tarEntry, tarGzFile, zipFile } from './archives.mjs';

const { signal } = new AbortController();

/** @param {string} format @param {import('../../dist/src/transfer/archives/ArchiveFormat.js').ByteSource} source */
async function readAll(format, source) {
  let contentBytes = 0;
  for await (const entry of archiveFormatFor(format).read(source, DEFAULT_ARCHIVE_LIMITS, signal)) {
    for await (const piece of entry.read()) contentBytes += piece.length;
  }
  return contentBytes;
}

/** @param {Buffer} file */
const sourceOf = (file) => ({
  sizeBytes: file.length,
  read: async (/** @type {number} */ at, /** @type {number} */ length) => file.subarray(at, at + length),
});

/** Most that this process ever had in memory; on Linux it can be made to forget. */
function forgetPeak() {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then the peak of loading counts as idle, which is a little less strict.
  }
}

function peakKib() {
  try {
    return Number(/VmHWM:\s*(\d+)/u.exec(readFileSync('/proc/self/status', 'latin1'))?.[1]);
  } catch {
    return process.resourceUsage().maxRSS;
  }
}

async function main() {
  const [format = '', path = ''] = process.argv.slice(2);
  // Everything is loaded before it is looked how much that takes.
  await readAll('zip', sourceOf(zipFile([{ content: '{}', method: 8 }])));
  await readAll('tar.gz', sourceOf(tarGzFile(tarEntry({}, '{}'))));
  const handle = await open(path);
  const { size: sizeBytes } = await handle.stat();
  const source = {
    sizeBytes,
    /** @param {number} position @param {number} length */
    async read(position, length) {
      const buffer = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(buffer, 0, length, position);
      return buffer.subarray(0, bytesRead);
    },
  };
  forgetPeak();
  const idleKib = peakKib();
  let outcome = {};
  try {
    outcome = { contentBytes: await readAll(format, source) };
  } catch (error) {
    const { code, message } = /** @type {Error & { code?: string }} */ (error);
    outcome = { code, message };
  }
  await handle.close();
  console.log(JSON.stringify({ ...outcome, sizeBytes, peakBytes: (peakKib() - idleKib) * 1024 }));
}

await main();
