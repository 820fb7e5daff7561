/**
 * What the module's methods resolve to. Times are epoch milliseconds, durations milliseconds, sizes bytes, checksums
 * lower-case SHA-256 in hexadecimal.
 */
import type { ConfigurationFormat, IntegrityIssueType, IssueSeverity, PersistenceOperationType } from './enums.js';

/** What one operation cost, measured for this operation alone. */
export interface PerformanceMetrics {
  duration: number;
  /** Change of the heap in use over the operation; negative when the collector ran in between. */
  memoryUsed: number;
  diskIO: {
    bytesRead: number;
    bytesWritten: number;
    readOperations: number;
    writeOperations: number;
    fsyncOperations?: number;
  };
  /** Processor milliseconds (user and system) that the process spent while the operation ran. */
  cpuUsage: number;
  cacheHits?: number;
  cacheMisses?: number;
}

/** What a change has done besides writing the content. */
export interface ChangeDetails {
  atomicOperation?: boolean;
  /** The number of the new version. */
  revision?: number;
  /** Whether the content before was kept as a backup. */
  backupCreated?: boolean;
  /** Of what was kept, or of the backup that was deleted. */
  backupId?: string;
  /** What a deleted backup took. */
  reclaimedSpaceBytes?: number;
}

/** The common part of every mutating method's answer. */
export interface PersistenceResult {
  success: boolean;
  /**
   * Of saves, updates, imports and migrations: false where the file's bytes are what they were. Nothing was written then,
   * unless somebody else had edited the file: what is saved counts as saved.
   */
  changed?: boolean;
  /** As the caller gave it; the default path where none was given. */
  filePath: string;
  operationType: PersistenceOperationType;
  timestamp: number;
  /** Of the file's bytes after the operation. */
  checksum?: string;
  fileSize?: number;
  metadata?: ChangeDetails;
  errors?: string[];
  warnings?: string[];
  performanceMetrics?: PerformanceMetrics;
}

/** What is known of a configuration besides its value. */
export interface ConfigurationMetadata {
  /** The number of the revision as text, unless it was set with `setConfigurationMetadata`. */
  version: string;
  createdAt: number;
  modifiedAt: number;
  createdBy?: string;
  modifiedBy?: string;
  description?: string;
  tags?: string[];
  schema?: string;
  environment?: string;
  checksum: string;
  fileSize: number;
  encoding: string;
  format: ConfigurationFormat;
  /** The program whose rules the file follows, where they are not the format's own: named by the option `owner`, or told by the file's name. */
  owner?: string;
  customFields?: Record<string, unknown>;
}

/** One finding about a file. It never quotes the file's content. */
export interface IntegrityIssue {
  type: IntegrityIssueType;
  severity: IssueSeverity;
  description: string;
  affectedSection?: string;
  recommendation?: string;
}

/** A loaded configuration. @typeParam T the shape that the application expects; the options `schema` and `validate` check it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the value's shape is the application's
export interface ConfigurationData<T = any> {
  /** The value. It belongs to the caller: changing it changes nothing else. */
  data: T;
  metadata: ConfigurationMetadata;
  checksum: string;
  filePath: string;
  loadTimestamp: number;
  /** False where the file's bytes are not what was last saved through the module, or do not fit the option `schema`. */
  isValid: boolean;
  /** Present where there are findings. */
  validationResults?: IntegrityIssue[];
}

/** The answer of `verifyConfigurationIntegrity`. */
export interface IntegrityResult {
  isValid: boolean;
  /** Of the last save; equals `actualChecksum` for a file that was never saved through the module. */
  expectedChecksum: string;
  /** Of the bytes on disk now; empty where the file could not be read. */
  actualChecksum: string;
  filePath: string;
  verificationTimestamp: number;
  issues?: IntegrityIssue[];
}
