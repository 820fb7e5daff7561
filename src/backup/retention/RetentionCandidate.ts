/** What the retention is told about one backup and about the moment; nothing else influences its decisions. */

/** One backup of the configuration. */
export interface RetentionCandidate {
  /** Unique among the candidates. */
  readonly id: string;
  /** Epoch milliseconds, a finite number; a time in the future counts as the newest. */
  readonly createdAt: number;
  /** Bytes of its file. */
  readonly size: number;
  readonly isAutomatic: boolean;
  readonly name?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** Its content was proven to be what was kept. */
  readonly isVerified: boolean;
}

export interface RetentionContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** False where the live file is damaged. */
  readonly isLiveHealthy: boolean;
  /** False where the caller asked for the cleanup himself. */
  readonly isAutomatic: boolean;
}

/** Orders the newest first. Of the same time the one with the higher id counts as newer, so that the order is certain. */
export function compareNewestFirst(left: RetentionCandidate, right: RetentionCandidate): number {
  if (left.createdAt !== right.createdAt) return right.createdAt - left.createdAt;
  if (left.id === right.id) return 0;
  // By code units, not by locale: the same on every machine.
  return left.id < right.id ? 1 : -1;
}
