/** What a retention strategy is: who goes when there are too many backups, and what it decides before that. */
import type { BackupRetentionPolicy } from '../../../../interfaces/backups.js';
import type { RetentionCandidate } from '../RetentionCandidate.js';
import type { Verdict, Verdicts } from '../Verdict.js';

export interface Strategy {
  /**
   * Prepares the verdicts on single backups, of which undefined leaves one to the limits. What they decide counts towards
   * no limit. Absent in a strategy that only chooses.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` for a policy that `policyProblem` refuses.
   */
  readonly prepareSingleVerdicts?: (
    policy: BackupRetentionPolicy,
  ) => (candidate: RetentionCandidate, now: number) => Verdict | undefined;

  /**
   * The removal of those that are too many, nothing where none are. Works in O(n log n).
   *
   * @param newestFirst those that may go: undecided, not protected and not too old.
   */
  readonly findExcess: (newestFirst: readonly RetentionCandidate[], policy: BackupRetentionPolicy) => Verdicts;
}
