/** What no policy can bring about: that nothing is left to restore from. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { RetentionCandidate, RetentionContext } from './RetentionCandidate.js';
import { keep, leaves, type Verdicts } from './Verdict.js';

const { LIVE_DAMAGED, LAST_VERIFIED, NONE_VERIFIED } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_REASONS;

/**
 * Turns removals and archiving into keeping, in place, after everything else was decided:
 * while the live file is damaged, all of them; otherwise that of the newest verified backup where no verified one would
 * stay, and where none is verified, that of the newest of all.
 */
export function applyGuards(
  newestFirst: readonly RetentionCandidate[],
  verdicts: Verdicts,
  { isLiveHealthy }: RetentionContext,
): void {
  const isRemoved = (candidate: RetentionCandidate): boolean => {
    const verdict = verdicts.get(candidate);
    return verdict !== undefined && leaves(verdict.action);
  };
  if (!isLiveHealthy) {
    for (const candidate of newestFirst.filter(isRemoved)) verdicts.set(candidate, keep(LIVE_DAMAGED));
    return;
  }
  const verified = newestFirst.filter(({ isVerified }) => isVerified);
  if (!verified.every(isRemoved)) return;
  const lastResort = verified[0] ?? newestFirst[0];
  if (lastResort === undefined || !isRemoved(lastResort)) return;
  verdicts.set(lastResort, keep(lastResort.isVerified ? LAST_VERIFIED : NONE_VERIFIED));
}
