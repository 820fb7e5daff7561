/** Backups and policies for the retention tests, as tables and at random. */
import fc from 'fast-check';
import type { BackupRetentionPolicy, RetentionDecision } from '../../../interfaces/backups.js';
import { RetentionAction, RetentionStrategy } from '../../../interfaces/enums.js';
import {
  planRetention,
  type RetentionCandidate,
  type RetentionContext,
} from '../../../src/backup/retention/planRetention.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const NOW = Date.parse('2026-03-31T12:00:00Z');
export const CONTEXT: RetentionContext = { now: NOW, isLiveHealthy: true, isAutomatic: true };

/** A verified automatic backup of 100 bytes, made now, unless it is said otherwise. */
export function candidate(id: string, facts: Partial<RetentionCandidate> = {}): RetentionCandidate {
  return { id, createdAt: NOW, size: 100, isAutomatic: true, tags: [], isVerified: true, ...facts };
}

/** Backups by the time they were made; their ids are the times. */
export function madeAt(...times: string[]): RetentionCandidate[] {
  return times.map((time) => candidate(time, { createdAt: Date.parse(time) }));
}

/** `1` is the newest, each next one an hour older. */
export function hourly(count: number, facts: Partial<RetentionCandidate> = {}): RetentionCandidate[] {
  return Array.from({ length: count }, (_, index) =>
    candidate(String(index + 1), { createdAt: NOW - index * HOUR, ...facts }),
  );
}

/** Ids of those that stay, newest first. */
export function stayingIds(
  candidates: readonly RetentionCandidate[],
  policy: BackupRetentionPolicy,
  context: Partial<RetentionContext> = {},
): string[] {
  return idsOf(planRetention(candidates, policy, { ...CONTEXT, ...context }).filter(stays));
}

export function stays({ action }: RetentionDecision): boolean {
  return action !== RetentionAction.DELETE;
}

export function idsOf(decisions: readonly RetentionDecision[]): string[] {
  return decisions.map(({ backupId }) => backupId);
}

const TAGS = ['release', 'nightly', 'odd'];

/** Up to 30 backups of the last two years and the next hours, in any order, often of the same time. */
export const anyCandidates: fc.Arbitrary<RetentionCandidate[]> = fc
  .array(
    fc.record(
      {
        createdAt: fc.oneof(
          fc.integer({ min: -3, max: 100 }).map((hours) => NOW - hours * HOUR),
          fc.integer({ min: NOW - 2 * 366 * DAY, max: NOW + HOUR }),
        ),
        size: fc.nat({ max: 1000 }),
        isAutomatic: fc.boolean(),
        isVerified: fc.boolean(),
        name: fc.constantFrom('before-update', 'x'),
        description: fc.constantFrom('', 'by hand'),
        tags: fc.subarray(TAGS),
      },
      { requiredKeys: ['createdAt', 'size', 'isAutomatic', 'isVerified', 'tags'] },
    ),
    { maxLength: 30 },
  )
  .map((list) => list.map((facts, index) => ({ ...facts, id: `id-${index}` })));

const anyRule = fc.record({
  condition: fc.constantFrom('age > 24h', 'automatic', 'named', 'size >= 500B', 'tag = "release"', 'not verified'),
  priority: fc.nat({ max: 3 }),
  action: fc.constantFrom(...Object.values(RetentionAction)),
  description: fc.constantFrom('', 'a rule'),
});

const anyCount = fc.integer({ min: 1, max: 6 });

/** A policy with any of the limits that are not keep rules. */
export const anyLimits: fc.Arbitrary<BackupRetentionPolicy> = fc.record(
  {
    maxCount: anyCount,
    maxAgeHours: fc.integer({ min: 1, max: 200 }),
    maxTotalBytes: fc.integer({ min: 1, max: 5000 }),
    retentionStrategy: fc.constantFrom(...Object.values(RetentionStrategy)),
    priorityRules: fc.array(anyRule, { minLength: 1, maxLength: 3 }),
    keepNamed: fc.boolean(),
  },
  { requiredKeys: [] },
);

export const anyKeepRules: fc.Arbitrary<BackupRetentionPolicy> = fc.record(
  {
    keepLast: anyCount,
    keepHourly: anyCount,
    keepDaily: anyCount,
    keepWeekly: anyCount,
    keepMonthly: anyCount,
    keepYearly: anyCount,
    keepWithin: fc.constantFrom('3h', '2d', '1m', '1y5m7d2h'),
    keepTags: fc.subarray(TAGS, { minLength: 1 }),
  },
  { requiredKeys: [] },
);

export const anyPolicy: fc.Arbitrary<BackupRetentionPolicy> = fc
  .tuple(anyLimits, fc.oneof(fc.constant({}), anyKeepRules))
  .map(([{ priorityRules, ...limits }, keepRules]) => ({
    ...limits,
    // The check refuses rules that no strategy asks.
    ...(priorityRules !== undefined && (limits.retentionStrategy ?? 'priority-based') === 'priority-based'
      ? { priorityRules }
      : {}),
    ...keepRules,
  }));
