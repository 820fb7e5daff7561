/** What the version methods resolve to. */
import type { ChangeType, ConflictResolution, ConflictType, DifferenceSeverity, DifferenceType } from './enums.js';
import type { PersistenceResult } from './results.js';

/** One change between a version and the one it came from. `path` is dotted, as in error messages. */
export interface ChangeDescription {
  type: ChangeType;
  path: string;
  oldValue?: unknown;
  newValue?: unknown;
  description?: string;
}

/** One state in the history of a configuration. */
export interface VersionInfo {
  /** For `compareVersions` and `rollbackToVersion`. */
  id: string;
  timestamp: number;
  checksum: string;
  filePath: string;
  fileSize: number;
  createdBy?: string;
  description?: string;
  tags?: string[];
  /**
   * Whether its content is there, to compare with and to go back to. True means that it was opened and is what was saved,
   * but for a content above 1 MiB: of that it only means that it is kept, and a damage shows when it is used.
   */
  isSnapshot: boolean;
  /** Id of the version that it came from. */
  parentVersion?: string;
  /** What it changed, the first 100 changes; absent where one of the two contents is not there or has more than 1 MiB. */
  changes?: ChangeDescription[];
  /** True where it changed more than `changes` lists; `compareVersions` lists up to 10,000. Absent otherwise. */
  hasMoreChanges?: boolean;
}

/** One difference between two values. */
export interface ConfigurationDifference {
  type: DifferenceType;
  path: string;
  version1Value?: unknown;
  version2Value?: unknown;
  severity: DifferenceSeverity;
  description: string;
}

/**
 * A place whose content is not what it came from, the base, and that another content takes the place of: an edit that is
 * lost. Where the base is not known, every place where the two contents differ.
 */
export interface ConfigurationConflict {
  path: string;
  type: ConflictType;
  /** In the file as it stood; undefined where it was removed. Of `compareVersions`: in the first version. */
  localValue: unknown;
  /** In the version that is gone back to; undefined where it has none. Of `compareVersions`: in the second version. */
  remoteValue: unknown;
  /** In the version that the file was last saved as; absent where it has none, or is not known. */
  baseValue?: unknown;
  resolution?: ConflictResolution;
  /** Whether both values mean the same: their difference is `cosmetic`. */
  autoResolvable: boolean;
}

/** The answer of `compareVersions`. */
export interface ComparisonResult {
  /** Ids. */
  version1: string;
  version2: string;
  /** At most 10,000. */
  differences: ConfigurationDifference[];
  /** False where there are more differences, or conflicts, than are listed. */
  isComplete: boolean;
  /** Of the whole values, also where the list was cut. 1 for equal values, 0 for values that share nothing. */
  similarity: number;
  hasConflicts: boolean;
  conflicts?: ConfigurationConflict[];
}

/** The answer of `rollbackToVersion`. */
export interface RollbackResult extends PersistenceResult {
  fromVersion: string;
  toVersion: string;
  backupCreated: boolean;
  backupId?: string;
  dataIntegrityVerified: boolean;
  /**
   * Every place, up to 10,000, where the file differed from what it was last saved as and from the version that was gone
   * back to: edits made outside the module, which the rollback has overwritten. The file as it stood is kept as a backup.
   * Where the content that it was saved as is not kept, which may be so for a second after the save, every place where it
   * differed from the version. One conflict at the root without values for a file above 16 MiB.
   */
  conflictsDetected?: ConfigurationConflict[];
}
