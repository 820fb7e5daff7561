/** The keep rules, against a table and against a plain reading of their definition. */
import fc from 'fast-check';
import type { BackupRetentionPolicy } from '../../../interfaces/backups.js';
import { RetentionAction } from '../../../interfaces/enums.js';
import { beginningOf, parseKeepWithin } from '../../../src/backup/retention/keepWithin.js';
import { planRetention, type RetentionCandidate } from '../../../src/backup/retention/planRetention.js';
import { anyCandidates, anyKeepRules, candidate, CONTEXT, DAY, HOUR, madeAt, NOW, stayingIds } from './candidates.js';

/** Verified ones would bring in the guards; one that is kept by its tag keeps them out. */
const ANCHOR = candidate('anchor', { createdAt: Date.parse('1999-01-01T00:00:00Z'), tags: ['anchor'] });

function kept(candidates: readonly RetentionCandidate[], policy: BackupRetentionPolicy): string[] {
  const anchored = { ...policy, keepTags: [...(policy.keepTags ?? []), 'anchor'] };
  return stayingIds([...candidates, ANCHOR], anchored).filter((id) => id !== 'anchor');
}

describe('a counting rule keeps the newest of each of the last periods that have a backup', () => {
  it.each<[string, BackupRetentionPolicy, string[], string[]]>([
    ['keepLast', { keepLast: 2 }, ['2026-03-03T00:00Z', '2026-03-02T00:00Z'], ['2026-03-01T00:00Z']],
    [
      'keepHourly',
      { keepHourly: 2 },
      ['2026-03-01T12:59:59.999Z', '2026-03-01T10:59Z'],
      ['2026-03-01T12:00Z', '2026-03-01T10:00Z', '2026-03-01T09:59Z'],
    ],
    [
      'keepDaily, over days without a backup',
      { keepDaily: 3 },
      ['2026-03-09T23:59Z', '2026-03-05T01:00Z', '2026-03-01T12:00Z'],
      ['2026-03-09T00:00Z', '2026-03-05T00:00Z', '2026-02-28T23:59Z'],
    ],
    [
      'keepWeekly, weeks from Monday, also over the end of a year',
      { keepWeekly: 2 },
      // Monday 4 January 2021 begins week 1; week 53 of 2020 goes from Monday 28 December to Sunday 3 January.
      ['2021-01-04T00:00Z', '2021-01-03T23:59Z'],
      ['2020-12-31T00:00Z', '2020-12-28T00:00Z', '2020-12-27T23:59Z'],
    ],
    [
      'keepMonthly, December before January',
      { keepMonthly: 2 },
      ['2026-01-31T00:00Z', '2025-12-31T23:59Z'],
      ['2026-01-01T00:00Z', '2025-12-01T00:00Z', '2025-01-31T00:00Z'],
    ],
    [
      'keepYearly',
      { keepYearly: 2 },
      ['2026-01-01T00:00Z', '2024-12-31T23:59Z'],
      ['2024-01-01T00:00Z', '2023-12-31T23:59Z'],
    ],
    [
      'all together: a backup stays if any rule keeps it',
      { keepLast: 1, keepDaily: 2, keepMonthly: 2, keepYearly: 2 },
      ['2026-03-02T12:00Z', '2026-03-01T12:00Z', '2026-02-10T00:00Z', '2025-11-11T00:00Z'],
      ['2026-03-02T11:00Z', '2026-03-01T11:00Z', '2026-01-01T00:00Z', '2025-10-10T00:00Z'],
    ],
  ])('%s', (_title, policy, expected, gone) => {
    expect(kept(madeAt(...gone, ...expected), policy)).toEqual(expected);
  });

  it('counts in UTC also before 1970', () => {
    const backups = madeAt('1969-12-31T23:00Z', '1969-12-31T01:00Z', '1969-12-28T12:00Z', '1969-12-29T00:00Z');
    const withoutAnchor = (policy: BackupRetentionPolicy): string[] => stayingIds(backups, policy);
    expect(withoutAnchor({ keepDaily: 2 })).toEqual(['1969-12-31T23:00Z', '1969-12-29T00:00Z']);
    expect(withoutAnchor({ keepWeekly: 2 })).toEqual(['1969-12-31T23:00Z', '1969-12-28T12:00Z']);
  });

  it('equals a plain reading of the definition', () => {
    const periodOf: Record<string, (time: Date) => string> = {
      keepHourly: (time) => time.toISOString().slice(0, 'yyyy-mm-ddThh'.length),
      keepDaily: (time) => time.toISOString().slice(0, 'yyyy-mm-dd'.length),
      keepMonthly: (time) => time.toISOString().slice(0, 'yyyy-mm'.length),
      keepYearly: (time) => time.toISOString().slice(0, 'yyyy'.length),
      // The Monday that begins the week.
      keepWeekly: (time) =>
        new Date(time.getTime() - ((time.getUTCDay() + 6) % 7) * DAY).toISOString().slice(0, 'yyyy-mm-dd'.length),
    };
    const anyRuleName = fc.constantFrom(...Object.keys(periodOf));
    fc.assert(
      fc.property(anyCandidates, anyRuleName, fc.integer({ min: 1, max: 20 }), (candidates, name, count) => {
        const newestFirst = planRetention(candidates, {}, CONTEXT).map(({ backupId }) =>
          candidates.find(({ id }) => id === backupId)!,
        );
        const newest = new Map<string, string>();
        for (const { id, createdAt } of newestFirst) {
          const period = periodOf[name]!(new Date(createdAt));
          if (!newest.has(period)) newest.set(period, id);
        }
        expect(kept(candidates, { [name]: count })).toEqual([...newest.values()].slice(0, count));
      }),
    );
  });
});

describe('keepWithin', () => {
  it('keeps what is not older than the newest backup by more than the span', () => {
    const backups = madeAt('2026-03-10T12:00Z', '2026-03-08T12:00Z', '2026-03-08T11:59:59.999Z');
    expect(kept(backups, { keepWithin: '2d' })).toEqual(['2026-03-10T12:00Z', '2026-03-08T12:00Z']);
  });

  it('goes back from the newest backup that is not from the future', () => {
    const ahead = candidate('ahead', { createdAt: NOW + 1000 * DAY });
    const backups = [ahead, candidate('now'), candidate('old', { createdAt: NOW - 3 * HOUR })];
    expect(kept(backups, { keepWithin: '2h' })).toEqual(['ahead', 'now']);
    expect(stayingIds([ahead, { ...ahead, id: 'too' }], { keepWithin: '2h' })).toEqual(['too', 'ahead']);
  });

  it.each([
    ['1y5m7d2h', '2026-03-10T12:00:00Z', '2024-10-03T10:00:00Z'],
    ['2h7d5m1y', '2026-03-10T12:00:00Z', '2024-10-03T10:00:00Z'],
    ['30d', '2026-03-10T12:00:00.123Z', '2026-02-08T12:00:00.123Z'],
    ['12h', '2026-03-01T06:00:00Z', '2026-02-28T18:00:00Z'],
    ['1m', '2026-03-31T00:00:00Z', '2026-02-28T00:00:00Z'],
    ['1m', '2024-03-31T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['1m1d', '2026-03-31T00:00:00Z', '2026-02-27T00:00:00Z'],
    ['1y', '2024-02-29T00:00:00Z', '2023-02-28T00:00:00Z'],
    ['13m', '2026-01-15T00:00:00Z', '2024-12-15T00:00:00Z'],
    ['0y1d', '2026-01-15T00:00:00Z', '2026-01-14T00:00:00Z'],
    ['0001d', '2026-01-15T00:00:00Z', '2026-01-14T00:00:00Z'],
    ['1950y', '2026-03-10T00:00:00Z', '0076-03-10T00:00:00Z'],
    ['10000y10000m10000d10000h', '2026-03-10T00:00:00Z', '-008836-05-04T08:00:00Z'],
  ])('takes %s before %s as %s', (span, until, expected) => {
    const beginning = beginningOf(parseKeepWithin(span)!, Date.parse(until));
    expect(new Date(beginning).toISOString().replace('.000Z', 'Z')).toBe(expected);
  });

  it.each([
    ...['', ' ', '5', 'd', '5x', '1d 2h', ' 1d', '1d ', '-1d', '+1d', '1.5d', '1D', '1w', '30d30d', '1d2h1d', '0d'],
    ...['0y0m0d0h', '10001d', `${'9'.repeat(400)}y`, '1e3d', '٣d', 'toString', '1d\n', '__proto__'],
  ])('is no span as %j', (text) => {
    expect(parseKeepWithin(text)).toBeUndefined();
    expect(() => planRetention([], { keepWithin: text }, CONTEXT)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    );
  });
});

describe('keepTags', () => {
  it('keeps everything that carries one of the tags, and nothing else', () => {
    const backups = [
      candidate('both', { tags: ['a', 'b'] }),
      candidate('a', { tags: ['a'], createdAt: NOW - 900 * DAY }),
      candidate('case', { tags: ['A'] }),
      candidate('none'),
    ];
    expect(kept(backups, { keepTags: ['a'] })).toEqual(['both', 'a']);
    expect(kept(backups, { keepTags: ['b', 'A'] })).toEqual(['case', 'both']);
  });
});

describe('the limits beside keep rules', () => {
  const backups = [
    ...madeAt('2026-03-31T11:00Z', '2026-03-30T11:00Z', '2026-03-20T11:00Z', '2026-03-10T11:00Z'),
    candidate('tagged', { createdAt: NOW - 400 * DAY, tags: ['t'] }),
  ];

  it('maxCount, maxTotalBytes and the choice of a strategy have no effect', () => {
    const rules = { keepDaily: 3, keepTags: ['t'] };
    const expected = ['2026-03-31T11:00Z', '2026-03-30T11:00Z', '2026-03-20T11:00Z', 'tagged'];
    expect(stayingIds(backups, rules)).toEqual(expected);
    for (const retentionStrategy of ['fifo', 'lifo', 'size-based', 'age-based', 'priority-based'] as const) {
      expect(stayingIds(backups, { ...rules, maxCount: 1, maxTotalBytes: 1, retentionStrategy })).toEqual(expected);
    }
  });

  it('maxAgeHours ends what a count keeps, but not what keepWithin or keepTags keeps', () => {
    const policy = { keepLast: 50, maxAgeHours: 48 };
    expect(stayingIds(backups, policy)).toEqual(['2026-03-31T11:00Z', '2026-03-30T11:00Z']);
    expect(stayingIds(backups, { ...policy, keepTags: ['t'], keepWithin: '11d' })).toEqual([
      '2026-03-31T11:00Z',
      '2026-03-30T11:00Z',
      '2026-03-20T11:00Z',
      'tagged',
    ]);
  });

  it('leave every backup with one of the given rules by name as its reason', () => {
    fc.assert(
      fc.property(anyCandidates, anyKeepRules, (candidates, rules) => {
        fc.pre(Object.keys(rules).length > 0);
        for (const { action, reason } of planRetention(candidates, rules, CONTEXT)) {
          const named = (/^kept by (.*)$/.exec(reason)?.[1] ?? '').split(', ').filter((name) => name !== '');
          expect(Object.keys(rules)).toEqual(expect.arrayContaining(named));
          expect(action === RetentionAction.KEEP && named.length === 0).toBe(reason.startsWith('the newest'));
        }
      }),
    );
  });
});
