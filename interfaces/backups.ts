/** What the backup methods take and resolve to. */
import type { ConflictResolution, RetentionAction, RetentionStrategy } from './enums.js';
import type { ConfigurationMetadata, PersistenceResult } from './results.js';

/**
 * The key that encrypts backups: 32 bytes, or a passphrase from which they are derived with scrypt. `previous` are keys
 * that backups made earlier may still be under; they are only read with.
 */
export interface EncryptionOptions {
  key?: Uint8Array;
  passphrase?: string;
  previous?: ({ key: Uint8Array } | { passphrase: string })[];
}

/**
 * One priority rule. `condition` compares facts of a backup with values, such as
 * `age > 24h and not automatic` or `tag = "release" or size >= 1MB`.
 */
export interface RetentionRule {
  condition: string;
  /** Rules of a higher number are asked first. */
  priority: number;
  action: RetentionAction | `${RetentionAction}`;
  description: string;
}

/** How many backups of which ages stay, as in restic's `forget`. A backup stays if any of them keeps it. */
export interface KeepRules {
  keepLast?: number;
  keepHourly?: number;
  keepDaily?: number;
  keepWeekly?: number;
  keepMonthly?: number;
  keepYearly?: number;
  /** Such as `30d`, `12h` or `1y5m7d2h`. Everything that is not older than the newest backup by more than this. */
  keepWithin?: string;
  /** Everything that carries one of these tags. */
  keepTags?: string[];
}

/** What is kept of one configuration's backups. Fields that are left out do not limit. */
export interface BackupRetentionPolicy extends KeepRules {
  maxCount?: number;
  maxAgeHours?: number;
  /** Bytes of all backups of one configuration together, for the strategy `size-based`. */
  maxTotalBytes?: number;
  compressionEnabled?: boolean;
  retentionStrategy?: RetentionStrategy | `${RetentionStrategy}`;
  priorityRules?: RetentionRule[];
  /** Backups made by `createBackup` with a name are never pruned automatically. Default: false. */
  keepNamed?: boolean;
}

/** One backup, as `listBackups` shows it. */
export interface BackupInfo {
  /** For `restoreFromBackup` and `deleteBackup`. */
  id: string;
  originalFilePath: string;
  backupPath: string;
  createdAt: number;
  /** Bytes of the content. */
  fileSize: number;
  /** Bytes of the file where it is compressed. */
  compressedSize?: number;
  /** Of the content. */
  checksum: string;
  /** Of the configuration when the backup was made; absent until the backup has its manifest. */
  metadata?: ConfigurationMetadata;
  isAutomatic: boolean;
  isEncrypted: boolean;
  /** When the age limit of the retention policy ends it. */
  retentionExpiry?: number;
  /** The name given to `createBackup`. */
  name?: string;
  description?: string;
  tags?: string[];
  /** When its content was last verified to be what was kept; absent where that has not happened yet. */
  verifiedAt?: number;
}

/** The answer of `createBackup`. */
export interface BackupResult extends PersistenceResult {
  backupId: string;
  /** A file that exists. */
  backupPath: string;
  originalFilePath: string;
  /** Bytes of the backup's file divided by those of the content. */
  compressionRatio?: number;
  retentionPolicy?: BackupRetentionPolicy;
}

/** The answer of `restoreFromBackup`. */
export interface RestoreResult extends PersistenceResult {
  backupId: string;
  originalBackupPath: string;
  restoredToPath: string;
  dataIntegrityVerified: boolean;
  /** Present where the file that was replaced had been changed outside the module. */
  conflictResolution?: ConflictResolution;
}

/** Why a backup stays or goes. */
export interface RetentionDecision {
  backupId: string;
  action: RetentionAction;
  reason: string;
}

/** The answer of `cleanupOldBackups`. */
export interface CleanupResult {
  success: boolean;
  deletedBackupsCount: number;
  /** Bytes that are free now: the content of a backup that is also a kept version stays as that version. */
  reclaimedSpaceBytes: number;
  retainedBackupsCount: number;
  errors?: string[];
  /** Ids. */
  deletedBackups: string[];
  /** Ids of those that a rule has moved to the archive, where they can still be restored from. */
  archivedBackups: string[];
  /** Ids. */
  retainedBackups: string[];
  /** One for each backup that was looked at. */
  decisions: RetentionDecision[];
}

/** A content that `forgetHistory` has left. */
export interface UnreachedContent {
  path: string;
  reason: string;
}

/** The answer of `forgetHistory`. */
export interface ForgetHistoryResult extends PersistenceResult {
  /** False where something could not be removed that was to be; `unreached` tells what and why. */
  success: boolean;
  /** Ids. */
  removedBackups: string[];
  /** Ids of contents that were kept for versions only. */
  removedVersions: string[];
  /** Ids of damaged files that were set aside. */
  removedDamaged: string[];
  reclaimedSpaceBytes: number;
  /** What could not be removed, and the exports in the archive folder, which stay. */
  unreached: UnreachedContent[];
}

/** The answer of `rotateBackupEncryption`. */
export interface RotationResult {
  success: boolean;
  /** Ids of backups that are now under the current key. */
  rotated: string[];
  /** Ids of those that were already. */
  unchanged: string[];
  errors?: string[];
}
