/** The operations of the module, for callers that depend on an interface and not on the class. */
import type { BackupInfo, BackupResult, CleanupResult, RestoreResult, RotationResult } from './backups.js';
import type { FileLockResult, LockStatus } from './locks.js';
import type {
  BackupOptions,
  CleanupOptions,
  DeleteBackupOptions,
  LoadOptions,
  Mutate,
  MutationOptions,
  OperationOptions,
  QueryOptions,
  RollbackOptions,
  SaveOptions,
  UpdateOptions,
  UpkeepOptions,
} from './options.js';
import type { ConfigurationData, ConfigurationMetadata, IntegrityResult, PersistenceResult } from './results.js';
import type { ComparisonResult, RollbackResult, VersionInfo } from './versions.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

export interface IConfigPersistenceModule {
  saveConfiguration(config: any, filePath?: string, options?: SaveOptions): Promise<PersistenceResult>;
  loadConfiguration(filePath?: string, options?: LoadOptions): Promise<ConfigurationData>;
  deleteConfiguration(filePath: string, options?: MutationOptions): Promise<PersistenceResult>;

  saveConfigurationAtomic(config: any, filePath?: string, options?: SaveOptions): Promise<PersistenceResult>;
  updateConfiguration(mutate: Mutate, filePath?: string, options?: UpdateOptions): Promise<PersistenceResult>;
  verifyConfigurationIntegrity(filePath: string, options?: OperationOptions): Promise<IntegrityResult>;

  createBackup(filePath?: string, backupName?: string, options?: BackupOptions): Promise<BackupResult>;
  listBackups(filePath?: string, options?: QueryOptions): Promise<BackupInfo[]>;
  restoreFromBackup(backupId: string, targetPath?: string, options?: SaveOptions): Promise<RestoreResult>;
  deleteBackup(backupId: string, options?: DeleteBackupOptions): Promise<PersistenceResult>;
  cleanupOldBackups(retentionCount?: number, options?: CleanupOptions): Promise<CleanupResult>;
  rotateBackupEncryption(filePath?: string, options?: UpkeepOptions): Promise<RotationResult>;

  getVersionHistory(filePath?: string, options?: QueryOptions): Promise<VersionInfo[]>;
  compareVersions(id1: string, id2: string, options?: QueryOptions): Promise<ComparisonResult>;
  rollbackToVersion(versionId: string, options?: RollbackOptions): Promise<RollbackResult>;

  acquireFileLock(filePath: string, timeout?: number): Promise<FileLockResult>;
  releaseFileLock(lockId: string): Promise<PersistenceResult>;
  checkFileLock(filePath: string): Promise<LockStatus>;

  setDefaultConfigurationPath(filePath: string): void;
  getDefaultConfigurationPath(): string;
  getConfigurationMetadata(filePath?: string, options?: OperationOptions): Promise<ConfigurationMetadata>;
  setConfigurationMetadata(
    metadata: Partial<ConfigurationMetadata>,
    filePath?: string,
    options?: MutationOptions,
  ): Promise<PersistenceResult>;

  saveProviderConfiguration(config: any, options?: SaveOptions): Promise<PersistenceResult>;
  loadProviderConfiguration(options?: LoadOptions): Promise<ConfigurationData>;
}
