/** What stores differ in. Callers, and the conformance suites, decide by these and by nothing else. */
export interface StoreCapabilities {
  /** Largest configuration in bytes. */
  readonly maxBytes: number;
  /** What "durable" means: flushed to a disk of this machine, acknowledged by a majority of several, or not at all. */
  readonly durability: 'disk' | 'quorum' | 'none';
  /** Whether others can change a content past the store, as an editor changes a file. */
  readonly outsideChanges: boolean;
  /**
   * How the guard of a change is compared: `in-commit` as one step with the change, so that nobody else can commit at the
   * same time; `before-commit` right before it, where a fence of revisions decides between two that come through together.
   */
  readonly guard: 'in-commit' | 'before-commit';
  /** Whether revisions count up for each configuration by itself, or for all of the store together. */
  readonly revisions: 'per-configuration' | 'store-wide';
  /** Whether `watch` is there. */
  readonly watches: boolean;
}
