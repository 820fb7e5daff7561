// @ts-check
// The same features put together by hand from the named packages: lock, backup, atomic write, check, record.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { appendFile, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import lockfile from 'proper-lockfile';
import writeFileAtomic from 'write-file-atomic';
import { serialize } from './contender.mjs';

/** @import { Contender } from './contender.mjs' */

const KEPT_BACKUPS = 3;
/** Asks often enough that the wait is the other holder's work and not our pause. */
const RETRIES = { retries: 10_000, factor: 1.5, minTimeout: 2, maxTimeout: 50, randomize: true };

/**
 * Runs the work under proper-lockfile's lock of the file.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 */
export async function withLock(file, work) {
  const release = await lockfile.lock(file, { realpath: false, retries: RETRIES });
  try {
    return await work();
  } finally {
    await release();
  }
}

/** @type {Contender} */
export const assembled = {
  name: 'assembled by hand',
  async open(folder) {
    const backups = join(folder, 'backups');
    await mkdir(backups, { recursive: true });
    let saves = 0;
    return {
      save: (file, value) =>
        withLock(file, async () => {
          saves += 1;
          const text = serialize(value);
          const checksum = createHash('sha256').update(text).digest('hex');
          await keepBackup(file, backups, saves);
          await writeFileAtomic(file, text);
          const written = createHash('sha256')
            .update(await readFile(file))
            .digest('hex');
          if (written !== checksum) throw new Error('The file does not hold what was written.');
          await writeFileAtomic(
            `${file}.meta`,
            serialize({ checksum, fileSize: Buffer.byteLength(text), version: saves }),
          );
          await appendFile(join(folder, 'history.log'), `${JSON.stringify({ checksum, version: saves })}\n`);
        }),
      load: async (file) => JSON.parse(await readFile(file, 'utf8')),
      close: () => Promise.resolve(),
    };
  },
};

/** Copies, flushes and prunes. @param {string} file @param {string} backups @param {number} number */
async function keepBackup(file, backups, number) {
  const name = basename(file);
  const target = join(backups, `${name}.${String(number).padStart(9, '0')}.backup`);
  try {
    await copyFile(file, target, constants.COPYFILE_EXCL);
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return;
    throw error;
  }
  await writeFile(target, '', { flag: 'a', flush: true });
  const kept = (await readdir(backups)).filter((entry) => entry.startsWith(`${name}.`)).sort();
  for (const old of kept.slice(0, -KEPT_BACKUPS)) await rm(join(dirname(target), old));
}
