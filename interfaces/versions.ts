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
  /** Whether its content is there, to compare with and to go back to. */
  isSnapshot: boolean;
  /** Id of the version that it came from. */
  parentVersion?: string;
  /** What it changed; absent where one of the two contents is not there. */
  changes?: ChangeDescription[];
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

/** A place that was changed in two ways from one base. */
export interface ConfigurationConflict {
  path: string;
  type: ConflictType;
  /** In the file as it stood; undefined where it was removed. */
  localValue: unknown;
  /** In the version that is gone back to; undefined where it has none. */
  remoteValue: unknown;
  baseValue?: unknown;
  resolution?: ConflictResolution;
  autoResolvable: boolean;
}

/** The answer of `compareVersions`. */
export interface ComparisonResult {
  /** Ids. */
  version1: string;
  version2: string;
  differences: ConfigurationDifference[];
  /** 1 for equal values, 0 for values that share nothing. */
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
  /** Places that had been edited outside the module and that the rollback has overwritten. */
  conflictsDetected?: ConfigurationConflict[];
}
