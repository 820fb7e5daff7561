/** What the retention is told about one backup of the configuration. */
export interface RetentionCandidate {
  /** Unique among the candidates. */
  readonly id: string;
  /** Epoch milliseconds, a finite number; a time in the future counts as the newest. */
  readonly createdAt: number;
  /** Its place among all of the configuration, the newest being the highest. Default: by the time. */
  readonly rank?: number;
  /** Bytes of its file. */
  readonly size: number;
  readonly isAutomatic: boolean;
  readonly name?: string;
  readonly description?: string;
  readonly tags: readonly string[];
  /** Its content was proven to be what was kept. */
  readonly isVerified: boolean;
}
