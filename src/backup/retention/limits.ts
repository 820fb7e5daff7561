/** `maxCount`, `maxAgeHours` and `maxTotalBytes`: what there is too much of. */
import type { BackupRetentionPolicy } from '../../../interfaces/backups.js';
import { tooOldReason } from './ageLimit.js';
import type { RetentionCandidate } from './RetentionCandidate.js';
import { strategyOf } from './strategies.js';
import { remove, type Verdicts } from './Verdict.js';

/**
 * The removal of what the limits end: first all that is too old, then of the others what the strategy calls too many.
 */
export function applyLimits(
  newestFirst: readonly RetentionCandidate[],
  policy: BackupRetentionPolicy,
  now: number,
): Verdicts {
  const verdicts: Verdicts = new Map();
  const inTime: RetentionCandidate[] = [];
  for (const candidate of newestFirst) {
    const reason = tooOldReason(candidate.createdAt, policy.maxAgeHours, now);
    if (reason === undefined) inTime.push(candidate);
    else verdicts.set(candidate, remove(reason));
  }
  for (const [candidate, verdict] of strategyOf(policy).findExcess(inTime, policy)) verdicts.set(candidate, verdict);
  return verdicts;
}
