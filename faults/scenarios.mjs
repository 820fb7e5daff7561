// @ts-check
// The scenarios of the suite, each with how much of it the short, the normal and the long form run, and in which parts. A
// part is what one process does. Parts that measure time run alone; their share is small, and the others do not measure.
import { randomFrom } from './random.mjs';
import { badLockFiles } from './scenarios/badLockFiles.mjs';
import { errorAtStep } from './scenarios/errorAtStep.mjs';
import { fullDisk, FULL_FILE_SYSTEMS } from './scenarios/fullDisk.mjs';
import { interleavings } from './scenarios/interleavings.mjs';
import { killAtStep } from './scenarios/killAtStep.mjs';
import { disturbedUpdates, fenceAlone, lostUpdates } from './scenarios/lostUpdates.mjs';
import { mixedPowerCut } from './scenarios/mixedPowerCut.mjs';
import { otherUser } from './scenarios/otherUser.mjs';
import { CUT_FILE_SYSTEMS, powerCut } from './scenarios/powerCut.mjs';
import { backupKills, randomKills } from './scenarios/randomKills.mjs';
import { selfTests } from './scenarios/selfTest.mjs';
import { measureTakeOver, staleLock } from './scenarios/staleLock.mjs';
import { traps } from './scenarios/traps.mjs';
import { SAMPLE, sharesBesidesTheSample, sharesOfEverything } from './shares.mjs';

/** @import { Random } from './random.mjs' */
/** @import { Report } from './Report.mjs' */
/** @import { Share } from './shares.mjs' */

/** @typedef {'short' | 'normal' | 'long'} Size */

/**
 * @typedef {object} Part
 * @property {boolean} [measuresTime] whether it has to run while nothing else does
 * @property {(report: Report) => Promise<void>} run
 */

/**
 * @typedef {object} Scenario
 * @property {string} name
 * @property {string} summary
 * @property {(size: Size, seed: number) => Part[]} parts the same ones each time
 */

/** @template T @param {Size} size @param {Record<Size, T>} choices @returns {T} */
function by(size, choices) {
  return choices[size];
}

/** How many parts have the points of a list, so that each takes a few minutes. @type {Record<Size, number>} */
const PARTS = { short: 2, normal: 2, long: 8 };

/** @param {Size} size @param {(report: Report, share: Share) => Promise<void>} run @returns {Part[]} */
function inShares(size, run) {
  return sharesOfEverything(PARTS[size]).map((share) => ({ run: (report) => run(report, share) }));
}

/** The same with a sample that is measured. @param {Size} size @param {(report: Report, share: Share) => Promise<void>} run @returns {Part[]} */
function measuredInShares(size, run) {
  const others = sharesBesidesTheSample(PARTS[size]);
  return [
    { measuresTime: true, run: (report) => run(report, SAMPLE) },
    ...others.map((share) => ({ run: (/** @type {Report} */ report) => run(report, share) })),
  ];
}

/**
 * Kills of one and of three processes. Each part has its own folder.
 *
 * @param {Size} size @param {number} seed
 * @param {(report: Report, size: { kills: number, processes: number, random: Random }) => Promise<void>} run
 * @returns {Part[]}
 */
function killedAtRandom(size, seed, run) {
  const { measured, others } = by(size, {
    short: { measured: 5, others: [10] },
    normal: { measured: 20, others: [30] },
    long: { measured: 50, others: [150, 150, 150] },
  });
  return [measured, ...others].flatMap((kills, index) =>
    [1, 3].map((processes) => ({
      measuresTime: index === 0,
      run: (report) => run(report, { kills, processes, random: randomFrom(seed + 10 * index + processes) }),
    })),
  );
}

/** @type {readonly Scenario[]} */
export const SCENARIOS = [
  {
    name: 'self-test',
    summary: 'broken stores, which the suite has to notice',
    parts: (size, seed) =>
      selfTests({ cuts: by(size, { short: 6, normal: 8, long: 20 }), random: randomFrom(seed) }).map((run) => ({
        run,
      })),
  },
  {
    name: 'freeze-at-step',
    summary: 'every call of every operation, the writer stopped inside the process',
    parts: (size) =>
      measuredInShares(size, (report, share) =>
        killAtStep(report, { kill: 'freeze', stride: by(size, { short: 13, normal: 4, long: 1 }), share }),
      ),
  },
  {
    name: 'kill-at-step',
    summary: 'every call of every operation, the writing process killed at it',
    parts: (size) =>
      measuredInShares(size, (report, share) =>
        killAtStep(report, { kill: 'signal', stride: by(size, { short: 131, normal: 31, long: 1 }), share }),
      ),
  },
  {
    name: 'error-at-step',
    summary: 'every call of every operation fails in every way, once or from there on',
    parts: (size) =>
      inShares(size, (report, share) =>
        errorAtStep(report, { stride: by(size, { short: 17, normal: 5, long: 1 }), share }),
      ),
  },
  {
    name: 'random-kills',
    summary: 'processes save and are killed at random instants',
    parts: (size, seed) => killedAtRandom(size, seed, randomKills),
  },
  {
    name: 'backup-kills',
    summary: 'processes save, compress and encrypt backups, and are killed at random instants',
    parts: (size, seed) => killedAtRandom(size, seed, backupKills),
  },
  {
    name: 'lost-updates',
    summary: 'processes raise one counter together',
    parts: (size) => [
      {
        measuresTime: true,
        run: (report) =>
          lostUpdates(
            report,
            by(size, {
              short: { processes: 4, updates: 25 },
              normal: { processes: 8, updates: 50 },
              long: { processes: 8, updates: 500 },
            }),
          ),
      },
    ],
  },
  {
    name: 'fence-alone',
    summary: 'processes raise one counter without seeing the locks of each other',
    parts: (size) => [
      {
        run: (report) => fenceAlone(report, { processes: 4, updates: by(size, { short: 10, normal: 50, long: 200 }) }),
      },
    ],
  },
  {
    name: 'disturbed-updates',
    summary: 'processes raise one counter while they are stopped, blocked and killed',
    parts: (size, seed) => [
      {
        run: (report) =>
          disturbedUpdates(report, {
            processes: 4,
            seconds: by(size, { short: 4, normal: 15, long: 120 }),
            random: randomFrom(seed),
          }),
      },
    ],
  },
  {
    name: 'power-cut',
    summary: 'a process works on a disk whose power is cut at random instants',
    parts(size, seed) {
      const { measured, others, mixed } = by(size, {
        short: { measured: 1, others: 2, mixed: 2 },
        normal: { measured: 4, others: 6, mixed: 5 },
        long: { measured: 15, others: 85, mixed: 50 },
      });
      return [
        { measuresTime: true, run: (report) => powerCut(report, { cuts: measured, random: randomFrom(seed) }) },
        ...CUT_FILE_SYSTEMS.flatMap((fileSystem, index) => {
          const fileSystems = [fileSystem];
          const [random, mixedRandom] = [randomFrom(seed + 1 + index), randomFrom(seed + 11 + index)];
          return [
            { run: (/** @type {Report} */ report) => powerCut(report, { cuts: others, random, fileSystems }) },
            {
              run: (/** @type {Report} */ report) =>
                mixedPowerCut(report, { cuts: mixed, random: mixedRandom, fileSystems }),
            },
          ];
        }),
      ];
    },
  },
  {
    name: 'full-disk',
    summary: 'saves on a disk without room, or with little',
    parts: (size) =>
      FULL_FILE_SYSTEMS.map((fileSystem) => ({
        run: (report) =>
          fullDisk(report, { rooms: by(size, { short: 2, normal: 12, long: 40 }), fileSystems: [fileSystem] }),
      })),
  },
  {
    name: 'stale-lock',
    summary: 'many processes meet the lock of a dead one',
    parts(size) {
      const { processes, deaths, rounds } = by(size, {
        short: { processes: 6, deaths: 3, rounds: 5 },
        normal: { processes: 16, deaths: 10, rounds: 20 },
        long: { processes: 16, deaths: 100, rounds: 200 },
      });
      return [
        { measuresTime: true, run: (report) => measureTakeOver(report, { processes, deaths }) },
        { run: (report) => staleLock(report, { processes, rounds }) },
      ];
    },
  },
  {
    name: 'interleavings',
    summary: 'two writers from one base, stopped at each call in turn',
    parts(size, seed) {
      const stride = by(size, { short: 3, normal: 29, long: 2 });
      // Another seed comes to those that this one leaves out.
      const first = seed % stride;
      return inShares(size, (report, share) =>
        interleavings(report, { turns: size === 'short' ? 1 : 2, stride, first, share }),
      );
    },
  },
  {
    name: 'other-user',
    summary: 'files of another user, and disks that cannot be written to',
    parts: () => [{ run: otherUser }],
  },
  {
    name: 'bad-lock-files',
    summary: 'lock files as nobody should find them',
    parts: () => [{ run: badLockFiles }],
  },
  { name: 'traps', summary: 'sequences of events made by hand', parts: () => [{ run: traps }] },
];
