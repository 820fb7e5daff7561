// @ts-check
// A process saves on a disk of its own, whose power is cut at a random instant. After the restart everything that had been
// acknowledged must be there, whole, without a finding against it, and the next save must work.
//
// Only what was heard before the cut counts as acknowledged. A process survives this kind of cut for a moment, and xfs then
// lets a folder be flushed with success although nothing reaches the disk any more; a real cut leaves nobody to be told.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { alike, COUNT_OF_LATER_SAVE, endAllOwners, judgeFolder } from '../judge.mjs';
import { LoopDisk, whyNoDisk } from '../LoopDisk.mjs';
import { Updater } from '../Updaters.mjs';

/** @import { Variant } from '../brokenStores.mjs' */
/** @import { Random } from '../random.mjs' */
/** @import { Report } from '../Report.mjs' */

/** @typedef {'ext4' | 'xfs'} CutFileSystem */

/** @type {readonly CutFileSystem[]} */
export const CUT_FILE_SYSTEMS = ['ext4', 'xfs'];

const LONGEST_LIFE_MS = 400;
/** Cuts come while it saves, and while it rests right after an acknowledgement. */
const LONGEST_PAUSE_MS = 12;
/** Lengths of the content in turn, so that some saves take many blocks. */
const LENGTHS = [300, 20_000, 300_000];
/** How often the disk is a new one: the first save of a young file system is the hardest. */
const NEW_DISK_SHARE = 0.3;

/**
 * @param {Report} report
 * @param {{ cuts: number, random: Random, fileSystems?: readonly CutFileSystem[], variant?: Variant }} size cuts for each
 *   file system
 */
export async function powerCut(report, { cuts, random, fileSystems = CUT_FILE_SYSTEMS, variant }) {
  for (const kind of fileSystems) {
    const reason = whyNoDisk(kind, { isToBeCut: true });
    if (reason === undefined) await cutAgainAndAgain(report, kind, { cuts, random, variant });
    else report.skip(kind, reason);
  }
}

/** @param {Report} report @param {CutFileSystem} kind @param {{ cuts: number, random: Random, variant: Variant | undefined }} size */
async function cutAgainAndAgain(report, kind, { cuts, random, variant }) {
  const disk = new LoopDisk(kind);
  try {
    /** @type {number[]} */
    const recoveries = [];
    /** @type {number | null} */
    let before = null;
    for (let cut = 1; cut <= cuts; cut++) {
      if (random() < NEW_DISK_SHARE) {
        disk.format();
        before = null;
      }
      const saves = await saveUntilTheCut(disk, random, variant);
      const verdict = await judgeAfterTheCut(disk, saves, before);
      report.count(`power cuts on ${kind}`);
      report.count('saves acknowledged before the cut', saves.acknowledged.length);
      report.count('saves said to be done after the cut', saves.late.length);
      report.count('acknowledged saves lost', verdict.lost);
      recoveries.push(verdict.nextSaveMs);
      for (const problem of verdict.problems)
        report.fail(`[${kind}] ${alikeAfterACut(problem)}`, `cut ${cut}: ${problem}`);
      before = COUNT_OF_LATER_SAVE;
      if (verdict.problems.length > 0) {
        // What a broken store left must not be counted again at the next cut.
        disk.format();
        before = null;
      }
    }
    report.times(`first save after a cut, ${kind}`, recoveries);
  } finally {
    disk.discard();
  }
}

/**
 * @typedef {object} Saves
 * @property {readonly number[]} acknowledged before the cut
 * @property {readonly string[]} early errors before the cut
 * @property {readonly number[]} late those that may be there or not: told after the cut, or with a warning
 */

/** @param {LoopDisk} disk @param {Random} random @param {Variant | undefined} variant @returns {Promise<Saves>} */
async function saveUntilTheCut(disk, random, variant) {
  const folder = folderOn(disk);
  await mkdir(folder, { recursive: true });
  const length = LENGTHS[Math.floor(random() * LENGTHS.length)] ?? 0;
  const broken = variant === undefined ? {} : { variant };
  const updater = new Updater({ folder, updates: 0, length, longestPauseMs: LONGEST_PAUSE_MS, ...broken });
  await updater.ready;
  await delay(random() * LONGEST_LIFE_MS);
  const heard = updater.acknowledged.length;
  const early = [...updater.errors];
  disk.cut();
  updater.send('SIGKILL');
  await updater.ended;
  const all = updater.acknowledged;
  return { acknowledged: all.slice(0, heard), late: [...all.slice(heard), ...updater.unconfirmed], early };
}

/** One save may have been in progress besides. @param {LoopDisk} disk @param {Saves} saves @param {number | null} before */
async function judgeAfterTheCut(disk, { acknowledged, late, early }, before) {
  disk.restart();
  // Nobody survives a power cut; here the judge of the cut before does.
  await endAllOwners(folderOn(disk));
  const last = acknowledged.at(-1) ?? before;
  const later = [1, ...late.map((_, index) => index + 2)].map((ahead) => ({ count: (last ?? 0) + ahead }));
  const { seen, problems, nextSaveMs } = await judgeFolder(folderOn(disk), [{ count: last }, ...later]);
  problems.push(...early.map((error) => `before the cut a save ends with ${error}`));
  const found = seen?.count ?? 0;
  const lost = acknowledged.filter((count) => count > found).length;
  if (lost > 0) problems.push(`${lost} acknowledged saves are lost`);
  return { problems, nextSaveMs, lost };
}

/** @param {LoopDisk} disk */
function folderOn({ folder }) {
  return join(folder, 'settings');
}

/** @param {string} problem */
function alikeAfterACut(problem) {
  return alike(problem)
    .replaceAll(/\d+/gu, 'N')
    .replaceAll(/\[.*\]/gu, '[...]');
}
