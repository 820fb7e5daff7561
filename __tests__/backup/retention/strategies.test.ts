/** Who goes first under each strategy. */
import fc from 'fast-check';
import type { BackupRetentionPolicy, RetentionRule } from '../../../interfaces/backups.js';
import { RetentionAction, RetentionStrategy } from '../../../interfaces/enums.js';
import { planRetention } from '../../../src/backup/retention/planRetention.js';
import { anyCandidates, candidate, CONTEXT, HOUR, hourly, idsOf, NOW, stayingIds, stays } from './candidates.js';

const STRATEGIES = Object.values(RetentionStrategy);
const GIB = 1024 ** 3;

function rule(condition: string, action: RetentionRule['action'], priority = 1, description = ''): RetentionRule {
  return { condition, action, priority, description };
}

function byRules(priorityRules: RetentionRule[], limits: BackupRetentionPolicy = {}): BackupRetentionPolicy {
  return { ...limits, retentionStrategy: 'priority-based', priorityRules };
}

describe('every strategy', () => {
  it.each(STRATEGIES)('%s keeps no more than maxCount, but for the guarded copy', (retentionStrategy) => {
    fc.assert(
      fc.property(anyCandidates, fc.integer({ min: 1, max: 10 }), (candidates, maxCount) => {
        const staying = stayingIds(candidates, { retentionStrategy, maxCount });
        expect(staying.length).toBeGreaterThanOrEqual(Math.min(maxCount, candidates.length));
        expect(staying.length).toBeLessThanOrEqual(maxCount + 1);
      }),
    );
  });

  it.each(STRATEGIES)('%s removes what is older than maxAgeHours and keeps what is exactly that old', (strategy) => {
    const policy: BackupRetentionPolicy = { retentionStrategy: strategy, maxAgeHours: 2 };
    const backups = [...hourly(5), candidate('just', { createdAt: NOW - 2 * HOUR - 1 })];
    expect(stayingIds(backups, policy)).toEqual(['1', '2', '3']);
  });

  it.each(STRATEGIES)('%s keeps a backup from the future as one of the newest', (retentionStrategy) => {
    const backups = [candidate('ahead', { createdAt: NOW + HOUR }), ...hourly(2)];
    expect(stayingIds(backups, { retentionStrategy, maxAgeHours: 1 })).toEqual(['ahead', '1', '2']);
  });

  it.each(STRATEGIES)('%s can be named by the enum as by its value', (value) => {
    const byValue = { retentionStrategy: value as `${RetentionStrategy}`, maxCount: 2 };
    expect(stayingIds(hourly(4), byValue)).toEqual(stayingIds(hourly(4), { retentionStrategy: value, maxCount: 2 }));
  });
});

describe('which ones stay when there are too many', () => {
  // From newest to oldest.
  const backups = [30, 50, 10, 50, 20].map((size, index) =>
    candidate(`${index + 1}:${size}`, { createdAt: NOW - index * HOUR, size }),
  );

  it.each<[string, BackupRetentionPolicy, string[]]>([
    ['no strategy', { maxCount: 2 }, ['1:30', '2:50']],
    ['fifo', { retentionStrategy: 'fifo', maxCount: 2 }, ['1:30', '2:50']],
    ['fifo, as many as there are', { retentionStrategy: 'fifo', maxCount: 5 }, idsIn(backups)],
    ['lifo', { retentionStrategy: 'lifo', maxCount: 2 }, ['4:50', '5:20']],
    ['lifo, more than there are', { retentionStrategy: 'lifo', maxCount: 9 }, idsIn(backups)],
    ['lifo, of those in time', { retentionStrategy: 'lifo', maxCount: 2, maxAgeHours: 2 }, ['2:50', '3:10']],
    ['age-based', { retentionStrategy: 'age-based', maxCount: 2 }, ['1:30', '2:50']],
    ['age-based, of those in time', { retentionStrategy: 'age-based', maxCount: 4, maxAgeHours: 1 }, ['1:30', '2:50']],
    ['priority-based without rules', { retentionStrategy: 'priority-based', maxCount: 2 }, ['1:30', '2:50']],
    ['size-based by count', { retentionStrategy: 'size-based', maxCount: 2 }, ['3:10', '5:20']],
    ['size-based, equals', { retentionStrategy: 'size-based', maxCount: 4 }, ['1:30', '2:50', '3:10', '5:20']],
    ['size-based by bytes', { retentionStrategy: 'size-based', maxTotalBytes: 110 }, ['1:30', '2:50', '3:10', '5:20']],
    ['size-based, one byte less', { retentionStrategy: 'size-based', maxTotalBytes: 109 }, ['1:30', '3:10', '5:20']],
    ['size-based by both', { retentionStrategy: 'size-based', maxTotalBytes: 110, maxCount: 2 }, ['3:10', '5:20']],
    [
      'size-based, of those in time',
      { retentionStrategy: 'size-based', maxAgeHours: 2, maxCount: 2 },
      ['1:30', '3:10'],
    ],
    ['bytes in another strategy', { retentionStrategy: 'fifo', maxTotalBytes: 1 }, idsIn(backups)],
  ])('%s', (_title, policy, expected) => {
    expect(stayingIds(backups, policy)).toEqual(expected);
  });

  it('size-based limits to one GiB where no maxTotalBytes is given', () => {
    const large = hourly(3).map((backup) => ({ ...backup, size: GIB / 2 }));
    expect(stayingIds(large, { retentionStrategy: 'size-based' })).toEqual(['1', '2']);
  });

  it('size-based keeps the newest verified copy even where it alone is above the limit', () => {
    expect(stayingIds(hourly(3), { retentionStrategy: 'size-based', maxTotalBytes: 99 })).toEqual(['1']);
  });
});

describe('priority-based', () => {
  const backups = [
    ...hourly(3),
    candidate('release', { createdAt: NOW - 9 * HOUR, tags: ['release'] }),
    candidate('oldest', { createdAt: NOW - 10 * HOUR, isAutomatic: false }),
  ];

  it('protects what a rule keeps from count and age, and does not count it', () => {
    const policy = byRules([rule('tag = "release"', 'keep')], { maxCount: 2, maxAgeHours: 5 });
    expect(stayingIds(backups, policy)).toEqual(['1', '2', 'release']);
  });

  it('removes what a rule deletes although the limits allow it', () => {
    expect(stayingIds(backups, byRules([rule('age >= 2h and automatic', 'delete')]))).toEqual(['1', '2', 'oldest']);
  });

  it('lets the rule of the highest priority decide, and of equal ones the first', () => {
    const low = rule('age >= 0h', 'delete', 1);
    const high = rule('not automatic', 'keep', 5);
    const equal = rule('not automatic', 'archive', 5);
    for (const rules of [
      [low, high, equal],
      [high, low, equal],
      [high, equal, low],
    ]) {
      const plan = planRetention(backups, byRules(rules), CONTEXT);
      expect(plan.at(-1)).toMatchObject({ backupId: 'oldest', action: RetentionAction.KEEP });
      expect(idsOf(plan.filter(stays))).toEqual(['oldest']);
    }
  });

  it.each(Object.values(RetentionAction))('decides %s, whether by the enum or by its value', (action) => {
    const byValue = action as `${RetentionAction}`;
    for (const named of [action, byValue]) {
      const plan = planRetention(backups, byRules([rule('tag = "release"', named)]), CONTEXT);
      expect(plan[3]).toMatchObject({ backupId: 'release', action });
    }
  });

  it('leaves what no rule decides to the keep rules where there are any', () => {
    const rules = [rule('age < 1h', 'delete', 2), rule('tag = "release"', 'archive')];
    expect(stayingIds(backups, byRules(rules, { keepLast: 1, maxCount: 50 }))).toEqual(['2', 'release']);
  });

  it('has no rules where another strategy is chosen', () => {
    const policy = byRules([rule('age >= 0h', 'delete')]);
    expect(stayingIds(backups, { ...policy, retentionStrategy: 'fifo' })).toHaveLength(backups.length);
  });

  it('refuses a condition that the check would have refused, before it decides anything', () => {
    expect(() => planRetention(backups, byRules([rule('age > soon', 'delete')]), CONTEXT)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    );
  });
});

function idsIn(backups: readonly { id: string }[]): string[] {
  return backups.map(({ id }) => id);
}
