/** How configurations of older releases become those of this one. */
import type { PersistenceResult } from './results.js';
import type { FilePatterns } from './schemas.js';
import type { ChangeDescription } from './versions.js';

/**
 * The version that a configuration says of itself: a semantic version such as `2.1.0` or `3.0.0-beta.1`, without `v`, range
 * or build metadata, or a whole number. All versions of one plan are of one kind.
 */
export type DataVersion = string | number;

/** What one release changed. */
export interface MigrationStep {
  /** The version that a configuration has afterwards. Each runs once for a configuration of an older version. */
  readonly version: DataVersion;
  /**
   * Edits the value of an older version, or returns a whole new one; may be asynchronous. If it throws, nothing is written.
   * It must not change the same file in another way.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape of an older release
  readonly migrate: (draft: any) => unknown;
  /** Stands in the history of each file that it was run on. */
  readonly description?: string;
}

/** The steps from the oldest version to the newest. */
export interface MigrationPlan {
  /** Where in a configuration its version stands: one key, or the keys from the root to it. */
  readonly key: string | readonly string[];
  /** In any order. */
  readonly steps: readonly MigrationStep[];
  /** The version of this release, where that is newer than the newest step. */
  readonly current?: DataVersion;
}

/** A plan for some of the files. */
export interface MigrationRule extends MigrationPlan {
  readonly files: FilePatterns;
}

/** The answer of `migrateConfiguration`. */
export interface MigrationResult extends PersistenceResult {
  /** As it stood in the file; absent where it stood there nowhere. */
  fromVersion?: DataVersion;
  /** That of the file afterwards; in a dry run, the one that it would have. */
  toVersion: DataVersion;
  /** Versions of the steps that were run, in their order; empty where the file was new enough. */
  steps: DataVersion[];
  /** Whether the file was changed. */
  changed: boolean;
  /** What the steps changed, the first 100 changes; absent where nothing was to do, and for a file above 1 MiB. */
  changes?: ChangeDescription[];
  /** True where they changed more than `changes` lists. Absent otherwise. */
  hasMoreChanges?: boolean;
  /** Of the backup of the content before. Absent in a dry run, and where the option `autoBackupEnabled` is off. */
  backupId?: string;
}
