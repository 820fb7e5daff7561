// @ts-check
// Saves on a disk that is really full, with less and less room left: the old content stays, the caller learns why, nothing
// is left behind, and as soon as there is room again everything works.
import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { contentOf } from '../content.mjs';
import { codeOf, describe } from '../errors.mjs';
import { alike, leftoversIn, look } from '../judge.mjs';
import { LoopDisk, whyNoDisk } from '../LoopDisk.mjs';
import { configurationIn, openModule, withModule } from '../store.mjs';

/** @import { FileSystem } from '../LoopDisk.mjs' */
/** @import { Report } from '../Report.mjs' */
/** @import { ModuleUnderFault } from '../store.mjs' */

/** @type {readonly FileSystem[]} */
export const FULL_FILE_SYSTEMS = ['tmpfs', 'ext4'];

const BLOCK = 4096;
/** Contents of one block and of many. */
const LENGTHS = [300, 100_000];

/**
 * @param {Report} report
 * @param {{ rooms: number, fileSystems?: readonly FileSystem[] }} size from no free block to so many
 */
export async function fullDisk(report, { rooms, fileSystems = FULL_FILE_SYSTEMS }) {
  for (const kind of fileSystems) {
    const reason = whyNoDisk(kind);
    if (reason !== undefined) {
      report.skip(kind, reason);
      continue;
    }
    const disk = new LoopDisk(kind);
    try {
      for (let room = 0; room < rooms; room++) {
        for (const length of LENGTHS) {
          for (const isFirstSave of [false, true]) {
            disk.format();
            const problems = await fill(report, disk.folder, { room: room * BLOCK, length, isFirstSave });
            const where = `${room} free blocks, content of ${length} bytes, ${isFirstSave ? 'first' : 'later'} save`;
            for (const problem of problems) report.fail(`[${kind}] ${alike(problem)}`, where);
          }
        }
      }
    } finally {
      disk.discard();
    }
  }
}

/** A file that takes all the room there is, and gives some back. */
export class Ballast {
  #path;
  #size = 0;

  /** @param {string} folder */
  constructor(folder) {
    this.#path = join(folder, 'ballast');
  }

  /** Until not one byte more fits. */
  fill() {
    const descriptor = openSync(this.#path, 'w');
    try {
      for (;;) this.#size += writeSync(descriptor, Buffer.alloc(BLOCK, 1));
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ENOSPC') throw error;
    } finally {
      closeSync(descriptor);
    }
  }

  /** @param {number} bytes */
  free(bytes) {
    const descriptor = openSync(this.#path, 'r+');
    this.#size = Math.max(0, this.#size - bytes);
    ftruncateSync(descriptor, this.#size);
    closeSync(descriptor);
  }

  remove() {
    rmSync(this.#path);
  }
}

/**
 * @param {Report} report
 * @param {string} folder
 * @param {{ room: number, length: number, isFirstSave: boolean }} situation
 * @returns {Promise<string[]>}
 */
async function fill(report, folder, { room, length, isFirstSave }) {
  const file = configurationIn(folder);
  if (!isFirstSave) await withModule(folder, (module) => module.saveConfiguration(contentOf(1), file));
  const ballast = new Ballast(folder);
  ballast.fill();
  ballast.free(room);
  const module = await openModule(folder);
  const error = await failureOf(module.saveConfiguration(contentOf(2, length), file));
  report.count(error === undefined ? 'saves that fitted' : 'saves refused');
  const problems = [];
  if (error !== undefined && codeOf(error) !== 'ENOSPC') problems.push(`is refused with ${describe(error)}`);
  const old = isFirstSave ? null : 1;
  problems.push(...(await mustShow(module, file, error === undefined ? 2 : old, 'on the full disk')));
  ballast.remove();
  const later = await failureOf(module.saveConfiguration(contentOf(3, length), file));
  if (later !== undefined) problems.push(`with room again it is refused: ${describe(later)}`);
  problems.push(...(await mustShow(module, file, 3, 'with room again')));
  await module.destroy();
  const left = await leftoversIn(folder);
  problems.push(...left.map((name) => `leftover: ${name}`));
  return problems;
}

/** @param {ModuleUnderFault} module @param {string} file @param {number | null} count @param {string} when */
async function mustShow(module, file, count, when) {
  const { seen, problems } = await look(module, file);
  const found = problems.map((problem) => `${when} ${problem}`);
  return seen !== undefined && seen.count !== count
    ? [...found, `${when} it shows ${seen.count}, not ${count}`]
    : found;
}

/** @param {Promise<unknown>} promise @returns {Promise<unknown>} */
function failureOf(promise) {
  return promise.then(
    () => undefined,
    (/** @type {unknown} */ error) => error,
  );
}
