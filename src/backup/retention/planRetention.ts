/**
 * Decides which backups of one configuration stay. Pure: reads no clock and no file, and does nothing itself.
 *
 * In this order: the rules of the strategy `priority-based`; the protection of named backups and of the one before the newest migration; the keep rules where there
 * are any, otherwise the limits with the strategy's choice; the guards. What an earlier step decided counts towards no
 * limit of a later one.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { BackupRetentionPolicy, RetentionDecision } from '../../../interfaces/backups.js';
import { RetentionAction } from '../../../interfaces/enums.js';
import { applyKeepRules, hasKeepRules } from './keepRules.js';
import { applyLimits } from './limits.js';
import type { RetentionCandidate } from './RetentionCandidate.js';
import { strategyOf } from './strategies.js';
import { keep, leaves, type Verdict, type Verdicts } from './Verdict.js';

export type { RetentionCandidate } from './RetentionCandidate.js';

const { BACKUP_REASONS, MIGRATIONS } = CONFIG_PERSISTENCE_CONSTANTS;
const NAMED = keep(BACKUP_REASONS.NAMED);
const BEFORE_MIGRATION = keep(BACKUP_REASONS.BEFORE_MIGRATION);
const WITHIN_LIMITS = keep(BACKUP_REASONS.WITHIN_LIMITS);

/** About the moment; nothing but this, the candidates and the policy influences the decisions. */
export interface RetentionContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** False where the live file is damaged. */
  readonly isLiveHealthy: boolean;
  /** False where the caller asked for the cleanup himself. */
  readonly isAutomatic: boolean;
}

/**
 * The decision about each candidate, newest first; of the same time the higher id counts as newer. Takes O(n log n).
 *
 * @param candidates all backups of one configuration, in any order; not changed.
 * @param policy one in which `policyProblem` finds nothing. A limit that it does not give does not limit, but for
 * `maxTotalBytes` in the strategy `size-based`.
 * @throws PersistenceError `ERR_INVALID_OPTION` for a condition or a `keepWithin` that cannot be read.
 */
export function planRetention(
  candidates: readonly RetentionCandidate[],
  policy: BackupRetentionPolicy,
  context: RetentionContext,
): RetentionDecision[] {
  const newestFirst = candidates.toSorted(compareNewestFirst);
  const verdicts = decideSingly(newestFirst, policy, context);
  const undecided = newestFirst.filter((candidate) => !verdicts.has(candidate));
  const decideTogether = hasKeepRules(policy) ? applyKeepRules : applyLimits;
  for (const [candidate, verdict] of decideTogether(undecided, policy, context.now)) verdicts.set(candidate, verdict);
  applyGuards(newestFirst, verdicts, context);
  return newestFirst.map((candidate) => ({
    backupId: candidate.id,
    ...(verdicts.get(candidate) ?? WITHIN_LIMITS),
  }));
}

/** What can be decided about a backup without looking at the others. */
function decideSingly(
  newestFirst: readonly RetentionCandidate[],
  policy: BackupRetentionPolicy,
  { now, isAutomatic }: RetentionContext,
): Verdicts {
  const verdicts: Verdicts = new Map();
  const decideByRule = strategyOf(policy).prepareSingleVerdicts?.(policy);
  // Whoever finds out next week what the migration has broken still has what was before it.
  const beforeMigration = newestFirst.find(({ name }) => name?.startsWith(MIGRATIONS.BACKUP_NAME));
  const protectionOf = (candidate: RetentionCandidate): Verdict | undefined => {
    if (!isAutomatic) return undefined;
    if (candidate === beforeMigration) return BEFORE_MIGRATION;
    return policy.keepNamed === true && candidate.name !== undefined ? NAMED : undefined;
  };
  for (const candidate of newestFirst) {
    const verdict = decideByRule?.(candidate, now);
    // A rule may still have a named backup compressed or archived.
    const staysAnyway = verdict !== undefined && verdict.action !== RetentionAction.DELETE;
    const protection = staysAnyway ? undefined : protectionOf(candidate);
    if (protection !== undefined) verdicts.set(candidate, protection);
    else if (verdict !== undefined) verdicts.set(candidate, verdict);
  }
  return verdicts;
}

/** By code units, not by locale, so that the order is the same on every machine. */
function compareNewestFirst(left: RetentionCandidate, right: RetentionCandidate): number {
  if (left.rank !== undefined && right.rank !== undefined) return right.rank - left.rank;
  if (left.createdAt !== right.createdAt) return right.createdAt - left.createdAt;
  return left.id < right.id ? 1 : -1;
}

/**
 * Turns removals and archiving into keeping, in place, after everything else was decided:
 * while the live file is damaged, all of them; otherwise that of the newest verified backup where no verified one would
 * stay, and where none is verified, that of the newest of all.
 */
function applyGuards(
  newestFirst: readonly RetentionCandidate[],
  verdicts: Verdicts,
  { isLiveHealthy }: RetentionContext,
): void {
  const isRemoved = (candidate: RetentionCandidate): boolean => {
    const verdict = verdicts.get(candidate);
    return verdict !== undefined && leaves(verdict.action);
  };
  if (!isLiveHealthy) {
    for (const candidate of newestFirst.filter(isRemoved)) verdicts.set(candidate, keep(BACKUP_REASONS.LIVE_DAMAGED));
    return;
  }
  const verified = newestFirst.filter(({ isVerified }) => isVerified);
  if (!verified.every(isRemoved)) return;
  const lastResort = verified[0] ?? newestFirst[0];
  if (lastResort === undefined || !isRemoved(lastResort)) return;
  verdicts.set(lastResort, keep(lastResort.isVerified ? BACKUP_REASONS.LAST_VERIFIED : BACKUP_REASONS.NONE_VERIFIED));
}
