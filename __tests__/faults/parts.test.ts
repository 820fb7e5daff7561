/** What the fault suite leaves out, and that it does not lose a process that crashes or hangs. */
import { kindOfFile } from '../../faults/fileKinds.mjs';
import { PartProcess } from '../../faults/PartProcess.mjs';
import { Report } from '../../faults/Report.mjs';
import { innerRounds, insideOfLooks, isNextTheSameState } from '../../faults/samePoints.mjs';
import { SCENARIOS } from '../../faults/scenarios.mjs';
import { EVERYTHING, SAMPLE, shareOf, sharesBesidesTheSample, sharesOfEverything } from '../../faults/shares.mjs';
import { cleanUp } from '../../faults/scratch.mjs';
import type { Call, CallKind } from '../../faults/FaultyFileOperations.mjs';

const FOLDER = '/scratch/1';
const BACKUPS = `${FOLDER}/backups/config.json-0123456789abcdef`;
const identity = (day: number): string => `2026010${day}T000000000Z.r${day}.0123456789abcdef`;
const manifest = (day: number): string => `${BACKUPS}/config.json.${identity(day)}.meta`;
const journal = `${FOLDER}/metadata/config.json-0123456789abcdef/journal.00000001.meta`;

/** Calls one after the other, each begun when the one before has ended. */
function callsOf(...made: readonly (readonly [kind: CallKind, path: string])[]): Call[] {
  return made.map(([kind, path], index) => ({ number: index + 1, kind, path, isAlone: true }));
}

const numbersOf = (calls: Iterable<Call>): number[] => [...calls].map(({ number }) => number);

afterAll(cleanUp);

describe('The fault suite, where points are the same', () => {
  const listing = [1, 2, 3, 4].flatMap((day): [CallKind, string][] => [
    ['open', manifest(day)],
    ['read', manifest(day)],
  ]);

  it('keeps the first and the last of equal rounds', () => {
    expect(numbersOf(innerRounds(callsOf(['readdir', BACKUPS], ...listing, ['open', journal])))).toEqual([4, 5, 6, 7]);
  });

  it('keeps all of two rounds, and all rounds that change or flush something', () => {
    expect(innerRounds(callsOf(...listing.slice(0, 4))).size).toBe(0);
    for (const kind of ['write', 'fsync', 'unlink'] as const) {
      const changing = [1, 2, 3, 4].map((day): [CallKind, string] => [kind, manifest(day)]);
      expect(innerRounds(callsOf(...changing)).size).toBe(0);
    }
  });

  it('keeps rounds of calls on files of other kinds', () => {
    expect(innerRounds(callsOf(['read', manifest(1)], ['read', journal], ['read', manifest(2)])).size).toBe(0);
  });

  it('comes to the first and last instant of a row of looks, and to both sides of each change and flush', () => {
    const calls = callsOf(
      ['write', journal],
      ['fsync', journal],
      ['stat', journal],
      ['stat', journal],
      ['rename', journal],
    );
    expect(numbersOf(insideOfLooks(calls))).toEqual([4]);
  });

  it('takes no two instants for one while another call is under way', () => {
    const calls = callsOf(['stat', journal], ['stat', journal], ['stat', journal]).map((call) => ({
      ...call,
      isAlone: call.number !== 2,
    }));
    expect(insideOfLooks(calls).size).toBe(0);
    expect(calls.some((_, index) => isNextTheSameState(calls, index))).toBe(false);
  });

  it.each([
    [`${FOLDER}/config.json`, 'configuration'],
    [`${FOLDER}/.config.json.0123456789abcdef.tmp`, 'staged configuration'],
    [`${FOLDER}/.config.json.0123456789abcdef.deleted`, 'claimed configuration'],
    [journal, 'journal'],
    [journal.replace('journal.00000001.meta', '.journal.00000002.meta.0123456789abcdef.tmp'), 'staged journal'],
    [manifest(1), 'manifest in backups'],
    [`${BACKUPS}/config.json.${identity(1)}.auto.backup.gz`, 'backup.gz in backups'],
    [`${FOLDER}/locks/owners/0123456789abcdef.owner`, 'owner record'],
    [`${FOLDER}/locks/config.json-0123456789abcdef/7.free`, '.free'],
    [FOLDER, 'folder of configurations'],
    [BACKUPS, 'folder of one in backups'],
  ])('knows what kind of file %s is', (path, kind) => expect(kindOfFile(path)).toBe(kind));
});

describe('The parts of the fault suite', () => {
  const points = Array.from({ length: 500 }, (_, index) => index);

  it('have every point once', () => {
    expect(shareOf(points, EVERYTHING)).toEqual(points);
    for (const shares of [sharesOfEverything(3), [SAMPLE, ...sharesBesidesTheSample(8)]]) {
      const shared = shares.flatMap((share) => shareOf(points, share));
      expect(shared.sort((left, right) => left - right)).toEqual(points);
    }
  });

  it('measure times only while nothing else runs', () => {
    const measuring = SCENARIOS.filter(({ parts }) =>
      parts('long', 1).some(({ measuresTime }) => measuresTime === true),
    );
    expect(measuring.map(({ name }) => name)).toEqual([
      'freeze-at-step',
      'kill-at-step',
      'random-kills',
      'backup-kills',
      'lost-updates',
      'power-cut',
      'stale-lock',
    ]);
    const report = new Report('parallel', { measuresTime: false });
    report.times('a save', [1]);
    expect(report.data.figures).toEqual([]);
  });

  it('add up to one report, with every failure', () => {
    const [sum, part] = [new Report('sum'), new Report('part')];
    part.count('kills', 2);
    part.fail('lost', 'here');
    part.skip('xfs', 'there is none');
    sum.add(part.data);
    sum.add(part.data);
    expect(sum.toJSON()).toMatchObject({ counts: { kills: 4 }, failureCount: 2, skipped: part.skipped });
    expect(sum.failures).toEqual(['lost (2 x, as at: here)']);
  });

  it.each([
    ['crashes', { scenario: 'none', index: 0 }, {}, 'a process of the suite ends by itself'],
    ['hangs', { scenario: 'disturbed-updates', index: 0 }, { hangsAfterMs: 1 }, 'a process of the suite hangs'],
  ])('are a finding when one %s', async (_, about, patience, finding) => {
    const part = new PartProcess({ ...about, size: 'short', seed: 1 }, patience);
    await part.run();
    expect(part.told.failures.map(([kind]) => kind)).toEqual([finding]);
  });
});
