/** What is decided about one backup, before it is put into words for the caller. */
import { RetentionAction } from '../../../interfaces/enums.js';
import type { RetentionCandidate } from './RetentionCandidate.js';

export interface Verdict {
  readonly action: RetentionAction;
  /** For a person: the rule or limit by its name. */
  readonly reason: string;
}

/** A backup that is not in it stays. */
export type Verdicts = Map<RetentionCandidate, Verdict>;

/** Whether a backup is not among the backups any more afterwards. */
export function leaves(action: RetentionAction): boolean {
  return action === RetentionAction.DELETE || action === RetentionAction.ARCHIVE;
}

export function keep(reason: string): Verdict {
  return { action: RetentionAction.KEEP, reason };
}

export function remove(reason: string): Verdict {
  return { action: RetentionAction.DELETE, reason };
}

/** The removal of each of them, for one reason. */
export function removeAll(candidates: readonly RetentionCandidate[], reason: string): Verdicts {
  const verdict = remove(reason);
  return new Map(candidates.map((candidate) => [candidate, verdict]));
}
