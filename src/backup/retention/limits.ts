/** `maxCount`, `maxAgeHours` and `maxTotalBytes`: what there is too much of. */
import type { BackupRetentionPolicy } from '../../../interfaces/backups.js';
import type { RetentionCandidate } from './RetentionCandidate.js';
import { strategyOf } from './strategies.js';
import { HOUR_MS } from './units.js';
import { remove, type Verdict, type Verdicts } from './Verdict.js';

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
    const verdict = removeTooOld(candidate, policy, now);
    if (verdict === undefined) inTime.push(candidate);
    else verdicts.set(candidate, verdict);
  }
  for (const [candidate, verdict] of strategyOf(policy).findExcess(inTime, policy)) verdicts.set(candidate, verdict);
  return verdicts;
}

/** The removal of a backup that is too old; undefined where it is not, or where the age is not limited. */
export function removeTooOld(
  { createdAt }: RetentionCandidate,
  { maxAgeHours }: BackupRetentionPolicy,
  now: number,
): Verdict | undefined {
  if (maxAgeHours === undefined || now <= expiryOf(createdAt, maxAgeHours)) return undefined;
  return remove(`older than ${maxAgeHours} hours (maxAgeHours)`);
}

/** The last epoch millisecond at which a backup is not too old. */
export function expiryOf(createdAt: number, maxAgeHours: number): number {
  return createdAt + maxAgeHours * HOUR_MS;
}
