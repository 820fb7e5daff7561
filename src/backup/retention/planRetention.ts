/**
 * Decides which backups of one configuration stay. Pure: reads no clock and no file, and does nothing itself.
 *
 * In this order: the rules of the strategy `priority-based`; the protection of named backups; the keep rules where there
 * are any, otherwise the limits with the strategy's choice; the guards. What an earlier step decided counts towards no
 * limit of a later one.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { BackupRetentionPolicy, RetentionDecision } from '../../../interfaces/backups.js';
import { RetentionAction } from '../../../interfaces/enums.js';
import { applyGuards } from './guards.js';
import { applyKeepRules, hasKeepRules } from './keepRules.js';
import { applyLimits } from './limits.js';
import { compareNewestFirst, type RetentionCandidate, type RetentionContext } from './RetentionCandidate.js';
import { strategyOf } from './strategies.js';
import { keep, type Verdicts } from './Verdict.js';

export type { RetentionCandidate, RetentionContext } from './RetentionCandidate.js';

const { BACKUP_REASONS } = CONFIG_PERSISTENCE_CONSTANTS;
const NAMED = keep(BACKUP_REASONS.NAMED);
const WITHIN_LIMITS = keep(BACKUP_REASONS.WITHIN_LIMITS);

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
  const areNamedProtected = policy.keepNamed === true && isAutomatic;
  for (const candidate of newestFirst) {
    const verdict = decideByRule?.(candidate, now);
    // A rule may still have a named backup compressed or archived.
    const staysAnyway = verdict !== undefined && verdict.action !== RetentionAction.DELETE;
    if (areNamedProtected && candidate.name !== undefined && !staysAnyway) verdicts.set(candidate, NAMED);
    else if (verdict !== undefined) verdicts.set(candidate, verdict);
  }
  return verdicts;
}
