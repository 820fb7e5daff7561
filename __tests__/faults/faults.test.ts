/** A sample of the fault suite, whose whole forms run with `npm run test:faults`. Works on the built package. */
import { OPERATIONS } from '../../faults/operations.mjs';
import { Report } from '../../faults/Report.mjs';
import { randomFrom } from '../../faults/random.mjs';
import { errorAtStep } from '../../faults/scenarios/errorAtStep.mjs';
import { interleavings } from '../../faults/scenarios/interleavings.mjs';
import { killAtStep } from '../../faults/scenarios/killAtStep.mjs';
import { fenceAlone, lostUpdates } from '../../faults/scenarios/lostUpdates.mjs';
import { backupKills, randomKills } from '../../faults/scenarios/randomKills.mjs';
import { staleLock } from '../../faults/scenarios/staleLock.mjs';
import { traps } from '../../faults/scenarios/traps.mjs';
import { jest } from '@jest/globals';
import { cleanUp } from '../../faults/scratch.mjs';

/** The same instants in every run. */
const SEED = 20_260_101;

/** Runs a scenario; fails with what it found, and where it did less than it should. */
async function expectNoFailure(
  scenario: (report: Report) => Promise<void>,
  done: { readonly what: string; readonly atLeast: number },
): Promise<void> {
  const report = new Report('sample');
  await scenario(report);
  expect(report.failures).toEqual([]);
  expect(report.counted(done.what)).toBeGreaterThanOrEqual(done.atLeast);
}

/** What each of them costs before its first fault adds up. */
const everyThird = (first: number) => OPERATIONS.filter((_, index) => index % 3 === first);

/** They count, and do not race: a busy machine is no failure. */
jest.setTimeout(300_000);

afterAll(cleanUp);

describe('A store that is stopped, broken and raced', () => {
  it('shows the old or the new state after a stop at any call, and works on', () =>
    expectNoFailure((report) => killAtStep(report, { kill: 'freeze', stride: 101, operations: everyThird(0) }), {
      what: 'kills by freezing',
      atLeast: 15,
    }));

  it('says the truth about its outcome when any call fails, and works on', () =>
    expectNoFailure((report) => errorAtStep(report, { stride: 401, operations: everyThird(1) }), {
      what: 'cases run',
      atLeast: 8,
    }));

  it.each([1, 3])('keeps what was acknowledged when one of %i processes is killed at random instants', (processes) =>
    expectNoFailure((report) => randomKills(report, { kills: 5, processes, random: randomFrom(SEED + processes) }), {
      what: 'kills',
      atLeast: 5,
    }),
  );

  it('keeps every backup when a process that makes and encrypts them is killed at random instants', () =>
    expectNoFailure((report) => backupKills(report, { kills: 5, processes: 1, random: randomFrom(SEED) }), {
      what: 'kills',
      atLeast: 5,
    }));

  it('refuses the slower of four processes that see no lock of each other', () =>
    expectNoFailure((report) => fenceAlone(report, { processes: 4, updates: 25 }), {
      what: 'updates acknowledged',
      atLeast: 100,
    }));

  it('loses no update of four processes', () =>
    expectNoFailure((report) => lostUpdates(report, { processes: 4, updates: 25 }), {
      what: 'updates acknowledged',
      atLeast: 100,
    }));

  it('gives the lock of a dead process to one waiter at a time', () =>
    expectNoFailure((report) => staleLock(report, { processes: 5, rounds: 2 }), { what: 'ownerships', atLeast: 10 }));

  it('lets one of two writers with the same base commit, wherever the first one sleeps', () =>
    expectNoFailure((report) => interleavings(report, { turns: 1, stride: 5 }), {
      what: 'interleavings run',
      atLeast: 50,
    }));

  it('survives the sequences of events that have broken it before', () =>
    expectNoFailure(traps, { what: 'traps', atLeast: 9 }));
});
