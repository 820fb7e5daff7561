// @ts-check
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const READER = fileURLToPath(new URL('attackReader.mjs', import.meta.url));
/** Far less than any of the archives unpacks to. */
const MAX_HEAP_MIB = 128;

/**
 * @typedef {object} Outcome
 * @property {string} [code]
 * @property {string} [message]
 * @property {number} [contentBytes]
 * @property {number} sizeBytes of the archive
 * @property {number} peakBytes what reading it took beyond the idle process
 */

/**
 * Reads the archive by the built package in a process of its own, with a small heap.
 *
 * @param {import('./attacks.mjs').Attack} attack
 * @returns {Promise<Outcome>}
 */
export async function runAttack({ format, make }) {
  const folder = await mkdtemp(join(tmpdir(), 'attack-'));
  try {
    const path = join(folder, 'archive');
    await writeFile(path, make());
    const child = [`--max-old-space-size=${MAX_HEAP_MIB}`, READER, format, path];
    const { stdout } = await promisify(execFile)(process.execPath, child);
    return JSON.parse(stdout);
  } finally {
    await rm(folder, { recursive: true });
  }
}
