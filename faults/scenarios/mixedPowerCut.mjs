// @ts-check
// As the power cut of saves, but with changes of metadata and deletes among them, each time on a new disk: what was
// deleted must not come back either.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { alike, endAllOwners, judgeFolder } from '../judge.mjs';
import { LoopDisk, whyNoDisk } from '../LoopDisk.mjs';
import { stateOf } from '../mixedStates.mjs';
import { Updater } from '../Updaters.mjs';
import { CUT_FILE_SYSTEMS } from './powerCut.mjs';

/** @import { Random } from '../random.mjs' */
/** @import { Report } from '../Report.mjs' */
/** @import { CutFileSystem } from './powerCut.mjs' */

const LONGEST_LIFE_MS = 400;
const LONGEST_PAUSE_MS = 12;

/**
 * @param {Report} report
 * @param {{ cuts: number, random: Random, fileSystems?: readonly CutFileSystem[] }} size cuts for each file system
 */
export async function mixedPowerCut(report, { cuts, random, fileSystems = CUT_FILE_SYSTEMS }) {
  for (const kind of fileSystems) {
    const reason = whyNoDisk(kind, { isToBeCut: true });
    if (reason !== undefined) {
      report.skip(`mixed changes on ${kind}`, reason);
      continue;
    }
    const disk = new LoopDisk(kind);
    try {
      for (let cut = 1; cut <= cuts; cut++) {
        disk.format();
        const problems = await cutOnce(report, disk, random);
        report.count(`power cuts among mixed changes on ${kind}`);
        for (const problem of problems) {
          report.fail(`[${kind}, mixed] ${alike(problem).replaceAll(/\d+/gu, 'N')}`, `cut ${cut}: ${problem}`);
        }
      }
    } finally {
      disk.discard();
    }
  }
}

/** @param {Report} report @param {LoopDisk} disk @param {Random} random */
async function cutOnce(report, disk, random) {
  const folder = join(disk.folder, 'settings');
  await mkdir(folder);
  const changer = new Updater({ folder, longestPauseMs: LONGEST_PAUSE_MS }, 'mixed');
  await changer.ready;
  await delay(random() * LONGEST_LIFE_MS);
  const heard = changer.acknowledged.length;
  const early = changer.errors.map((error) => `before the cut a change ends with ${error}`);
  disk.cut();
  changer.send('SIGKILL');
  await changer.ended;
  disk.restart();
  await endAllOwners(folder);
  const last = changer.acknowledged[heard - 1] ?? 0;
  const inProgress = 1 + changer.acknowledged.length - heard + changer.unconfirmed.length;
  const allowed = Array.from({ length: inProgress + 1 }, (_, ahead) =>
    last + ahead === 0 ? { count: null } : stateOf(last + ahead),
  );
  report.count('mixed changes acknowledged before the cut', heard);
  const { problems } = await judgeFolder(folder, allowed);
  return [...early, ...problems];
}
