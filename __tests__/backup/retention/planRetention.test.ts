/** What holds for every policy: order, completeness, guards, protection of names. */
import fc from 'fast-check';
import type { BackupRetentionPolicy } from '../../../interfaces/backups.js';
import { RetentionAction, RetentionStrategy } from '../../../interfaces/enums.js';
import { policyProblem } from '../../../src/backup/retention/checkPolicy.js';
import { planRetention, type RetentionCandidate } from '../../../src/backup/retention/planRetention.js';
import {
  anyCandidates,
  anyKeepRules,
  anyPolicy,
  candidate,
  CONTEXT,
  DAY,
  HOUR,
  hourly,
  idsOf,
  NOW,
  stayingIds,
  stays,
} from './candidates.js';
import { runs } from '../../support/runs.js';

const DELETE_ALL: BackupRetentionPolicy = {
  retentionStrategy: 'priority-based',
  priorityRules: [{ condition: 'age >= 0h', priority: 1, action: 'delete', description: 'all' }],
};

const anyContext = fc.record({ now: fc.constant(NOW), isLiveHealthy: fc.boolean(), isAutomatic: fc.boolean() });

function reasonsOf(...parameters: Parameters<typeof planRetention>): Record<string, string> {
  return Object.fromEntries(planRetention(...parameters).map(({ backupId, reason }) => [backupId, reason]));
}

describe('a plan', () => {
  it('decides about every backup once, newest first, each with a reason', () => {
    fc.assert(
      fc.property(anyCandidates, anyPolicy, anyContext, (candidates, policy, context) => {
        const plan = planRetention(candidates, policy, context);
        const times = new Map(candidates.map(({ id, createdAt }) => [id, createdAt]));
        expect(idsOf(plan).sort()).toEqual(candidates.map(({ id }) => id).sort());
        expect(plan.map(({ backupId }) => times.get(backupId))).toEqual(
          [...times.values()].sort((left, right) => right - left),
        );
        for (const { action, reason } of plan) {
          expect(Object.values(RetentionAction)).toContain(action);
          expect(reason).not.toBe('');
        }
      }),
    );
  });

  it('does not depend on the order in which the backups are given, nor change their list', () => {
    fc.assert(
      fc.property(anyCandidates, anyPolicy, fc.nat(), (candidates, policy, seed) => {
        const shuffled = candidates.toSorted(
          (left, right) => ((left.size * 31 + seed) % 17) - ((right.size * 31 + seed) % 17),
        );
        const frozen = Object.freeze(shuffled.slice());
        expect(planRetention(frozen, policy, CONTEXT)).toEqual(planRetention(candidates, policy, CONTEXT));
      }),
    );
  });

  it('takes the higher id for the newer of two backups of the same time', () => {
    const same = [candidate('a'), candidate('c'), candidate('b'), candidate('Z')];
    expect(idsOf(planRetention(same, {}, CONTEXT))).toEqual(['c', 'b', 'a', 'Z']);
    expect(stayingIds(same, { maxCount: 1 })).toEqual(['c']);
    expect(stayingIds([candidate('a'), candidate('a')], { maxCount: 2 })).toEqual(['a', 'a']);
  });

  it('removes nothing where the policy gives no limit', () => {
    for (const retentionStrategy of [...Object.values(RetentionStrategy), undefined]) {
      const policy = retentionStrategy === undefined ? {} : { retentionStrategy };
      expect(stayingIds(hourly(60), policy)).toHaveLength(60);
    }
  });

  it('is empty where there is no backup', () => {
    expect(planRetention([], { maxCount: 1 }, CONTEXT)).toEqual([]);
    expect(planRetention([], DELETE_ALL, CONTEXT)).toEqual([]);
    expect(planRetention([], { keepLast: 1 }, { ...CONTEXT, isLiveHealthy: false })).toEqual([]);
  });

  it('removes nothing more when it is made again for what stayed', () => {
    fc.assert(
      fc.property(anyCandidates, anyPolicy, anyContext, (candidates, policy, context) => {
        const staying = new Set(stayingIds(candidates, policy, context));
        const left = candidates.filter(({ id }) => staying.has(id));
        expect(new Set(stayingIds(left, policy, context))).toEqual(staying);
      }),
      { numRuns: runs(250) },
    );
  });

  it('is only made from policies that the check accepts in these tests', () => {
    fc.assert(fc.property(anyPolicy, (policy) => expect(policyProblem(policy)).toBeUndefined()));
  });

  it('names the limit or rule that decided', () => {
    const backups = [...hourly(3), candidate('old', { createdAt: NOW - 10 * DAY })];
    expect(reasonsOf(backups, { maxCount: 2, maxAgeHours: 24 }, CONTEXT)).toEqual({
      1: expect.stringContaining('within the limits'),
      2: expect.stringContaining('within the limits'),
      3: expect.stringContaining('maxCount'),
      old: expect.stringContaining('maxAgeHours'),
    });
    expect(reasonsOf(backups, { keepLast: 1, keepDaily: 1 }, CONTEXT)).toMatchObject({
      1: expect.stringMatching(/keepLast, keepDaily/),
      2: expect.stringContaining('no keep rule'),
    });
    expect(reasonsOf(backups, DELETE_ALL, CONTEXT)).toMatchObject({ 2: expect.stringContaining('"all"') });
  });

  describe('of 100,000 backups', () => {
    let many: RetentionCandidate[];

    beforeAll(() => {
      many = Array.from({ length: 100_000 }, (_, index) =>
        candidate(`id-${index}`, { createdAt: NOW - ((index * 7919) % 100_003) * HOUR, size: index % 1000 }),
      );
    });

    it.each(Object.values(RetentionStrategy))('is made with limits and strategy %s', (retentionStrategy) => {
      const policy = { retentionStrategy, maxCount: 50, maxAgeHours: 50_000, maxTotalBytes: 10_000 };
      expect(planRetention(many, policy, CONTEXT)).toHaveLength(100_000);
    });

    it('is made with keep rules and with rules that decide singly', () => {
      const keepRules = { keepLast: 100, keepHourly: 100, keepDaily: 100, keepYearly: 10, keepWithin: '1m' };
      for (const policy of [keepRules, DELETE_ALL]) {
        expect(planRetention(many, policy, CONTEXT)).toHaveLength(100_000);
      }
    });
  });
});

describe('the guards', () => {
  it('never remove the last verified copy, whatever the policy', () => {
    fc.assert(
      fc.property(anyCandidates, anyPolicy, anyContext, (candidates, policy, context) => {
        const staying = new Set(stayingIds(candidates, policy, context));
        const verified = candidates.filter(({ isVerified }) => isVerified);
        const needed = verified.length > 0 ? verified : candidates;
        expect(needed.length === 0 || needed.some(({ id }) => staying.has(id))).toBe(true);
      }),
      { numRuns: runs(250) },
    );
  });

  it('remove nothing while the live file is damaged, whatever the policy', () => {
    fc.assert(
      fc.property(anyCandidates, anyPolicy, (candidates, policy) => {
        expect(stayingIds(candidates, policy, { isLiveHealthy: false })).toHaveLength(candidates.length);
      }),
    );
    expect(reasonsOf(hourly(2), { maxCount: 1 }, { ...CONTEXT, isLiveHealthy: false })).toMatchObject({
      2: expect.stringContaining('damaged'),
    });
  });

  it('keep the newest verified backup where no other verified one would stay', () => {
    const backups = [
      ...hourly(3, { isVerified: false }),
      candidate('verified', { createdAt: NOW - 5 * HOUR }),
      candidate('older', { createdAt: NOW - 6 * HOUR }),
    ];
    expect(stayingIds(backups, { maxCount: 2 })).toEqual(['1', '2', 'verified']);
    expect(reasonsOf(backups, { maxCount: 2 }, CONTEXT)).toMatchObject({
      verified: expect.stringContaining('verified'),
    });
    expect(stayingIds(backups, DELETE_ALL)).toEqual(['verified']);
  });

  it('let the newest verified backup go where another verified one stays', () => {
    expect(stayingIds(hourly(3), { retentionStrategy: 'lifo', maxCount: 1 })).toEqual(['3']);
  });

  it('keep the newest of all where none is verified', () => {
    const unverified = hourly(3, { isVerified: false });
    expect(stayingIds(unverified, { retentionStrategy: 'lifo', maxCount: 1 })).toEqual(['1', '3']);
    expect(stayingIds(unverified, DELETE_ALL)).toEqual(['1']);
    expect(reasonsOf(unverified, DELETE_ALL, CONTEXT)).toMatchObject({
      1: expect.stringContaining('none is verified'),
    });
  });

  it.each([
    ['compress', 'compress'],
    ['archive', 'keep'],
  ] as const)('let the last one be compressed, but not archived: %s', (action, expected) => {
    const policy: BackupRetentionPolicy = {
      ...DELETE_ALL,
      priorityRules: [{ condition: 'tag = "x"', priority: 2, action, description: '' }, ...DELETE_ALL.priorityRules!],
    };
    const plan = planRetention([...hourly(2), candidate('kept', { tags: ['x'] })], policy, CONTEXT);
    expect(plan.filter(stays)).toEqual([expect.objectContaining({ backupId: 'kept', action: expected })]);
  });
});

describe('a named backup', () => {
  const named = ['n1', 'n2', 'n3'].map((id) => candidate(id, { createdAt: NOW + HOUR, name: id }));
  const backups = [...named, ...hourly(3)];

  it('is never removed automatically with keepNamed, whatever the rest of the policy', () => {
    fc.assert(
      fc.property(anyCandidates, anyPolicy, (candidates, policy) => {
        const staying = stayingIds(candidates, { ...policy, keepNamed: true });
        for (const { id, name } of candidates) if (name !== undefined) expect(staying).toContain(id);
      }),
    );
  });

  it('does not take the place of others while keepNamed protects it', () => {
    expect(stayingIds(backups, { maxCount: 2, keepNamed: true })).toEqual(['n3', 'n2', 'n1', '1', '2']);
    expect(stayingIds(backups, { keepLast: 1, keepNamed: true })).toEqual(['n3', 'n2', 'n1', '1']);
    expect(reasonsOf(backups, { maxCount: 2, keepNamed: true }, CONTEXT)).toMatchObject({
      n1: expect.stringContaining('keepNamed'),
    });
  });

  it.each([
    ['without keepNamed', { maxCount: 2 }, {}],
    ['with keepNamed false', { maxCount: 2, keepNamed: false }, {}],
    ['when the caller asked for the cleanup', { maxCount: 2, keepNamed: true }, { isAutomatic: false }],
  ])('is like any other %s', (_case, policy, context) => {
    expect(stayingIds(backups, policy, context)).toEqual(['n3', 'n2']);
  });

  it('may still be archived by a rule', () => {
    const policy: BackupRetentionPolicy = {
      keepNamed: true,
      retentionStrategy: 'priority-based',
      priorityRules: [
        { condition: 'name = "n1"', priority: 2, action: 'archive', description: '' },
        { condition: 'named', priority: 1, action: 'delete', description: '' },
      ],
    };
    expect(planRetention(named, policy, CONTEXT).map(({ action }) => action)).toEqual(['keep', 'keep', 'archive']);
  });
});

describe('a keep rule', () => {
  /** Not those that only a guard keeps: it needs to keep less where more stays anyway. */
  function keptByRule(candidates: Parameters<typeof planRetention>[0], rules: BackupRetentionPolicy): string[] {
    return idsOf(planRetention(candidates, rules, CONTEXT).filter(({ reason }) => reason.startsWith('kept by')));
  }

  it('added to others never removes what they keep', () => {
    fc.assert(
      fc.property(anyCandidates, anyKeepRules, anyKeepRules, (candidates, some, more) => {
        fc.pre(Object.keys(some).length > 0);
        const widened = keptByRule(candidates, { ...more, ...some });
        expect(widened).toEqual(expect.arrayContaining(keptByRule(candidates, some)));
      }),
    );
  });
});
