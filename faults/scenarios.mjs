// @ts-check
// The scenarios of the suite, each with how much of it the short, the normal and the long form run.
import { randomFrom } from './random.mjs';
import { badLockFiles } from './scenarios/badLockFiles.mjs';
import { errorAtStep } from './scenarios/errorAtStep.mjs';
import { fullDisk } from './scenarios/fullDisk.mjs';
import { interleavings } from './scenarios/interleavings.mjs';
import { killAtStep } from './scenarios/killAtStep.mjs';
import { disturbedUpdates, fenceAlone, lostUpdates } from './scenarios/lostUpdates.mjs';
import { mixedPowerCut } from './scenarios/mixedPowerCut.mjs';
import { otherUser } from './scenarios/otherUser.mjs';
import { powerCut } from './scenarios/powerCut.mjs';
import { backupKills, randomKills } from './scenarios/randomKills.mjs';
import { selfTest } from './scenarios/selfTest.mjs';
import { staleLock } from './scenarios/staleLock.mjs';
import { traps } from './scenarios/traps.mjs';

/** @import { Report } from './Report.mjs' */

/** @typedef {'short' | 'normal' | 'long'} Size */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} summary
 * @property {(report: Report, size: Size, seed: number) => Promise<void>} run
 */

/** @template T @param {Size} size @param {Record<Size, T>} choices @returns {T} */
function by(size, choices) {
  return choices[size];
}

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  {
    name: 'self-test',
    summary: 'broken stores, which the suite has to notice',
    run: (report, size, seed) =>
      selfTest(report, { cuts: by(size, { short: 6, normal: 8, long: 20 }), random: randomFrom(seed) }),
  },
  {
    name: 'freeze-at-step',
    summary: 'every call of every operation, the writer stopped inside the process',
    run: (report, size) =>
      killAtStep(report, { kill: 'freeze', stride: by(size, { short: 13, normal: 4, long: 1 }), workers: 1 }),
  },
  {
    name: 'kill-at-step',
    summary: 'every call of every operation, the writing process killed at it',
    run: (report, size) =>
      killAtStep(report, { kill: 'signal', stride: by(size, { short: 131, normal: 31, long: 1 }), workers: 2 }),
  },
  {
    name: 'error-at-step',
    summary: 'every call of every operation fails in every way, once or from there on',
    run: (report, size) => errorAtStep(report, { stride: by(size, { short: 17, normal: 5, long: 1 }), workers: 1 }),
  },
  {
    name: 'random-kills',
    summary: 'processes save and are killed at random instants',
    async run(report, size, seed) {
      const kills = by(size, { short: 15, normal: 50, long: 500 });
      await randomKills(report, { kills, processes: 1, random: randomFrom(seed) });
      await randomKills(report, { kills, processes: 3, random: randomFrom(seed + 1) });
    },
  },
  {
    name: 'backup-kills',
    summary: 'processes save, compress and encrypt backups, and are killed at random instants',
    async run(report, size, seed) {
      const kills = by(size, { short: 15, normal: 50, long: 500 });
      await backupKills(report, { kills, processes: 1, random: randomFrom(seed) });
      await backupKills(report, { kills, processes: 3, random: randomFrom(seed + 1) });
    },
  },
  {
    name: 'lost-updates',
    summary: 'processes raise one counter together',
    run: (report, size) =>
      lostUpdates(
        report,
        by(size, {
          short: { processes: 4, updates: 25 },
          normal: { processes: 8, updates: 50 },
          long: { processes: 8, updates: 500 },
        }),
      ),
  },
  {
    name: 'fence-alone',
    summary: 'processes raise one counter without seeing the locks of each other',
    run: (report, size) =>
      fenceAlone(report, { processes: 4, updates: by(size, { short: 10, normal: 50, long: 200 }) }),
  },
  {
    name: 'disturbed-updates',
    summary: 'processes raise one counter while they are stopped, blocked and killed',
    run: (report, size, seed) =>
      disturbedUpdates(report, {
        processes: 4,
        seconds: by(size, { short: 4, normal: 15, long: 120 }),
        random: randomFrom(seed),
      }),
  },
  {
    name: 'power-cut',
    summary: 'a process works on a disk whose power is cut at random instants',
    async run(report, size, seed) {
      await powerCut(report, { cuts: by(size, { short: 3, normal: 10, long: 100 }), random: randomFrom(seed) });
      await mixedPowerCut(report, { cuts: by(size, { short: 2, normal: 5, long: 50 }), random: randomFrom(seed + 1) });
    },
  },
  {
    name: 'full-disk',
    summary: 'saves on a disk without room, or with little',
    run: (report, size) => fullDisk(report, { rooms: by(size, { short: 2, normal: 12, long: 40 }) }),
  },
  {
    name: 'stale-lock',
    summary: 'many processes meet the lock of a dead one',
    run: (report, size) =>
      staleLock(
        report,
        by(size, {
          short: { processes: 6, rounds: 5 },
          normal: { processes: 16, rounds: 20 },
          long: { processes: 16, rounds: 200 },
        }),
      ),
  },
  {
    name: 'interleavings',
    summary: 'two writers from one base, stopped at each call in turn',
    run: (report, size) =>
      interleavings(report, {
        turns: size === 'short' ? 1 : 2,
        stride: by(size, { short: 3, normal: 29, long: 2 }),
        workers: 1,
      }),
  },
  { name: 'other-user', summary: 'files of another user, and disks that cannot be written to', run: otherUser },
  { name: 'bad-lock-files', summary: 'lock files as nobody should find them', run: (report) => badLockFiles(report) },
  { name: 'traps', summary: 'sequences of events made by hand', run: (report) => traps(report) },
];
