/** What the health methods take and resolve to. None of it holds a value of a configuration. */
import type { HealthIssueType, HealthStatus, IssueSeverity, StorageHealthScore } from './enums.js';
import type { QueryOptions, UpkeepOptions } from './options.js';

/** One file of the storage, as `getStorageStatistics` shows it. */
export interface FileStatistic {
  filePath: string;
  /** Bytes on the disk. */
  size: number;
  /** When its content was last written, as epoch milliseconds. */
  timestamp: number;
  type: 'configuration' | 'backup';
}

/** What lies in the folders of the module. Files of other programs do not count. */
export interface StorageStatistics {
  /** Configurations that are there, of those that were ever saved through the module. */
  totalConfigurationFiles: number;
  /** As `listBackups()` lists them. */
  totalBackupFiles: number;
  /** Bytes of all files: configurations, backups, contents of versions, damaged files that are kept, records, locks. */
  totalStorageUsed: number;
  /** Of configurations and backups; 0 where there are none. */
  averageFileSize: number;
  /** Of configurations and backups; null where there are none. */
  largestFile: FileStatistic | null;
  smallestFile: FileStatistic | null;
  oldestFile: FileStatistic | null;
  newestFile: FileStatistic | null;
  /** Bytes of the compressed backups by those of their contents, as in `BackupResult`; 1 where none is compressed. */
  compressionRatio: number;
  /** Configurations, journals and kept contents that are damaged. */
  corruptedFiles: number;
  /** Backups whose configuration is not there any more. */
  orphanedBackups: number;
  storageHealth: StorageHealthScore;
}

/** One thing that a check has found. */
export interface HealthIssue {
  type: HealthIssueType;
  severity: IssueSeverity;
  description: string;
  /** The first thousand of them. */
  affectedFiles?: string[];
  recommendation: string;
  /** Whether `repairStorage()` mends it. */
  autoFixable: boolean;
}

/** What one check came to. */
export interface HealthCheck {
  name: string;
  /** `unknown` where the check has nothing to look at; `details.reason` says why. */
  status: HealthStatus;
  description: string;
  details?: Record<string, unknown>;
  metrics?: Record<string, number>;
  /** Milliseconds. What several checks need is counted for the first of them. */
  duration: number;
}

/** The answer of `validateStorageHealth`. */
export interface HealthCheckResult {
  /** The worst of the checks. */
  overallHealth: HealthStatus;
  checks: HealthCheck[];
  /** Each once, the most serious first. */
  recommendations: string[];
  /** Of severity `critical`. */
  criticalIssues: HealthIssue[];
  /** All others. */
  warnings: HealthIssue[];
  timestamp: number;
  /** Epoch milliseconds. */
  nextCheckRecommended: number;
}

/** What `only` takes: names of checks, or types of issues. */
export type HealthSelection = readonly (HealthIssueType | `${HealthIssueType}` | (string & {}))[];

/** Options of `validateStorageHealth`. */
export interface HealthCheckOptions extends QueryOptions {
  /** Only these checks, or those that find issues of these types. Default: all. */
  only?: HealthSelection;
  /**
   * Milliseconds for reading contents that were not verified before; the next check goes on where this one has stopped.
   * Default: `HEALTH_MONITORING.VERIFICATION_MS`.
   */
  maxDurationMs?: number;
}

/** Options of `repairStorage`. */
export interface RepairOptions extends UpkeepOptions {
  /** Tells what would be done, and does nothing. */
  dryRun?: boolean;
  /** Only what these checks find, or issues of these types. Default: everything that is `autoFixable`. */
  only?: HealthSelection;
}

/** One thing that `repairStorage` has done, or would do. */
export interface RepairedItem {
  /** Name of the check. */
  check: string;
  filePath: string;
  action: string;
}

/** One thing that `repairStorage` could not do. */
export interface FailedRepair extends RepairedItem {
  error: { code: string; message: string };
}

/** What a person has to decide. */
export interface SkippedIssue {
  check: string;
  description: string;
  recommendation: string;
}

/** The answer of `repairStorage`. */
export interface RepairResult {
  /** False where something could not be repaired. */
  success: boolean;
  dryRun: boolean;
  repaired: RepairedItem[];
  failed: FailedRepair[];
  /** Issues that are not `autoFixable`. */
  skipped: SkippedIssue[];
}
