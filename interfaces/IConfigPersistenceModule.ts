/**
 * The operations, for callers that depend on an interface and not on a class; `ConfigPersistence` and
 * `ConfigPersistenceModule` both have them.
 *
 * What holds for all of them:
 * - Arguments are read once, at the call: whatever the caller changes afterwards has no effect. Options must be plain
 *   objects; a getter, a symbol, a hidden or an inherited member in them is `ERR_INVALID_OPTION`.
 * - `filePath` left out means the default configuration. Relative paths mean the working directory as it was at the first
 *   `configure()`, or at the start without one, whatever the process changes to.
 * - Times are epoch milliseconds, durations milliseconds, sizes bytes, checksums lower-case SHA-256 in hexadecimal.
 * - A failure is a rejection with a `PersistenceError` whose `code` is stable, or a `StorageError` with the system's code.
 *   Every operation may fail with `ERR_NOT_INITIALIZED`, `ERR_DESTROYED`, `ERR_INVALID_OPTION`, `ERR_INVALID_FILE_PATH`,
 *   `ERR_TIMEOUT` and `ERR_ABORTED`; below are the others. Every stack leads to the caller's line.
 * - Changes of one file happen in the order of the calls; other processes are kept out by the file's lock, which
 *   `lockTimeout` bounds the wait for (`ERR_LOCK_TIMEOUT`). Reads take no lock and see the state before or after a change.
 * - A change is atomic and durable when its promise resolves. If it rejects the file is as it was, unless the code is
 *   `ERR_INDETERMINATE`.
 */
import type {
  BackupInfo,
  BackupResult,
  CleanupResult,
  ForgetHistoryResult,
  RestoreResult,
  RotationResult,
} from './backups.js';
import type { HistoryVerification, OperationHistoryEntry, OperationHistoryFilter } from './history.js';
import type {
  HealthCheckOptions,
  HealthCheckResult,
  RepairOptions,
  RepairResult,
  StorageStatistics,
} from './health.js';
import type { ConfigurationListener, ConfigurationWatch, WatchOptions } from './live.js';
import type { FileLockOptions, FileLockResult, HeldFileLock, LockStatus } from './locks.js';
import type { MigrationResult } from './migrations.js';
import type {
  BackupOptions,
  CleanupOptions,
  DeleteBackupOptions,
  ForgetHistoryOptions,
  LoadOptions,
  MigrationOptions,
  Mutate,
  MutationOptions,
  OperationOptions,
  QueryOptions,
  RestoreOptions,
  RollbackOptions,
  SaveOptions,
  UpdateOptions,
  UpkeepOptions,
} from './options.js';
import type { ConfigurationData, ConfigurationMetadata, IntegrityResult, PersistenceResult } from './results.js';
import type {
  BatchExportOptions,
  BatchImportOptions,
  BatchResult,
  ConversionResult,
  ConvertOptions,
  ExportOptions,
  ExportResult,
  FormatName,
  ImportOptions,
  ImportResult,
  ImportValidation,
} from './transfer.js';
import type { NotInferred } from './value.js';
import type { ComparisonResult, RollbackResult, VersionInfo } from './versions.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/**
 * @typeParam T the shape of the default configuration. Methods about a file of another shape take that as their own type
 *   argument: `loadConfiguration<Providers>('./providers.json')`. The compiler believes it; the options `schema` and
 *   `validate` check.
 */
export interface IConfigPersistenceModule<T = any> {
  /**
   * Saves a configuration. The file is created where there is none, with its folder; the content before is kept as the
   * options say.
   *
   * @param config any JSON-like value, at least `{}`; copied at once.
   * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` and `ERR_VALIDATION` with the refused places in `paths`,
   *   `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`, `ERR_MIGRATION_FAILED` for what the option `migrations` refuses,
   *   `ERR_UNSUPPORTED_FORMAT`, `ERR_FILE_TOO_LARGE`, `ERR_CONFLICT`, `ERR_LOCK_TIMEOUT`, `ERR_LOCK_LOST`,
   *   `ERR_WRITE_VERIFICATION`, `ERR_ATOMIC_REPLACE_IMPOSSIBLE`, `ERR_INDETERMINATE`, `ERR_BACKUP_FAILED`; StorageError.
   */
  saveConfiguration<U = T>(
    config: NotInferred<U>,
    filePath?: string,
    options?: SaveOptions,
  ): Promise<PersistenceResult>;

  /**
   * Loads a configuration. Always tells the state of the disk, also after changes by other programs; the cache is used
   * only where the file is known to be unchanged.
   *
   * @returns the value, which is the caller's own, with its metadata; `isValid: false` with `validationResults` where the
   *   file is not what was last saved through the module, or does not fit the option `schema`. The option `defaults` lies
   *   under it, and a file of an older version is migrated first, as the option `migrations` says.
   * @throws PersistenceError `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`, `ERR_MIGRATION_FAILED`, and then also what a save
   *   throws; `ERR_VALIDATION` for a schema that fails itself; `ERR_FILE_NOT_FOUND`; `ERR_PARSE` for a file that was never saved here; `ERR_INTEGRITY` for a
   *   saved one that was damaged; `ERR_UNSUPPORTED_FORMAT`, `ERR_FILE_TOO_LARGE`, `ERR_NOT_A_FILE`; StorageError.
   */
  loadConfiguration<U = T>(filePath?: string, options?: LoadOptions): Promise<ConfigurationData<U>>;

  /**
   * Removes a configuration; its history and its backups stay.
   *
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_CONFLICT`, `ERR_LOCK_TIMEOUT`, `ERR_LOCK_LOST`; StorageError.
   */
  deleteConfiguration(filePath: string, options?: MutationOptions): Promise<PersistenceResult>;

  /** The same as `saveConfiguration`, every save being atomic; the name is part of the RCC interface. */
  saveConfigurationAtomic<U = T>(
    config: NotInferred<U>,
    filePath?: string,
    options?: SaveOptions,
  ): Promise<PersistenceResult>;

  /**
   * Reads, changes and saves as one step under the file's lock: no other update is lost and none comes in between.
   *
   * @param mutate edits the value that it gets, or returns a whole new one; may be asynchronous, and must not wait for
   *   another change of the same file. If it throws, nothing is written and its error is passed on as it is.
   * @throws as `saveConfiguration`; `ERR_FILE_NOT_FOUND` where there is no file and no `initial`; `ERR_INVALID_REQUEST`
   *   where `mutate` is no function; `ERR_CONFLICT` also where an editor wrote to the file meanwhile.
   */
  updateConfiguration<U = T>(
    mutate: Mutate<NotInferred<U>>,
    filePath?: string,
    options?: UpdateOptions<NotInferred<U>>,
  ): Promise<PersistenceResult>;

  /**
   * Brings a file of an older version to the newest, as a load or an update would: the steps of the option `migrations` run
   * under the file's lock, the content before is kept as a backup with a name, and one save is committed.
   *
   * @returns what was changed; `changed: false` where nothing was to do, and with the option `dryRun`.
   * @throws PersistenceError `ERR_INVALID_REQUEST` where there are no migrations for the file; `ERR_MIGRATION_FAILED` with the
   *   step's error as its cause, and the file as it was; `ERR_NEWER_VERSION`, `ERR_UNREADABLE_VERSION`,
   *   `ERR_FILE_NOT_FOUND`, and as `saveConfiguration`.
   */
  migrateConfiguration(filePath?: string, options?: MigrationOptions): Promise<MigrationResult>;

  /**
   * Compares the file on disk with what was last saved, and reads it in its format. Never answers from the cache, changes
   * nothing, and reports what it finds in `issues` instead of throwing.
   *
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_UNSUPPORTED_FORMAT`, `ERR_FILE_TOO_LARGE`; StorageError.
   */
  verifyConfigurationIntegrity(filePath: string, options?: OperationOptions): Promise<IntegrityResult>;

  /**
   * Makes a verified backup of the present content.
   *
   * @param backupName becomes a part of the backup's file name: letters, digits, spaces and `. _ + @ -`.
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_INVALID_BACKUP_NAME`, `ERR_CONFLICT` where the content is not the
   *   expected one, `ERR_LOCK_TIMEOUT`, `ERR_FILE_TOO_LARGE`, `ERR_BACKUP_FAILED`; StorageError.
   */
  createBackup(filePath?: string, backupName?: string, options?: BackupOptions): Promise<BackupResult>;

  /** The backups of a configuration, or of all where no path is given; newest first, empty where there are none. */
  listBackups(filePath?: string, options?: QueryOptions): Promise<BackupInfo[]>;

  /**
   * Makes the content of a backup the present one, byte for byte, as a new version. The content before is kept.
   *
   * @param targetPath the file that the backup is of where it is left out.
   * @throws PersistenceError `ERR_BACKUP_NOT_FOUND`, `ERR_BACKUP_DAMAGED`, `ERR_BACKUP_MISMATCH`, `ERR_WRONG_KEY`,
   *   `ERR_KEY_REQUIRED`, `ERR_NOT_ENCRYPTED`, `ERR_INTEGRITY` for a backup of a damaged file, and as `saveConfiguration`;
   *   with the option `validate: false` a content is taken that does not fit.
   */
  restoreFromBackup(backupId: string, targetPath?: string, options?: RestoreOptions): Promise<RestoreResult>;

  /**
   * Removes a backup for good.
   *
   * @throws PersistenceError `ERR_BACKUP_NOT_FOUND`; `ERR_CONFLICT` for the last good backup of a file that is damaged or
   *   gone; `ERR_LOCK_TIMEOUT`; StorageError.
   */
  deleteBackup(backupId: string, options?: DeleteBackupOptions): Promise<PersistenceResult>;

  /**
   * Applies the retention policy now, to each configuration by itself.
   *
   * @param retentionCount how many backups of each may stay, instead of what the policy says; 1 to 50.
   * @throws PersistenceError `ERR_INVALID_OPTION` for a count that is none; with the option `filePath` also
   *   `ERR_LOCK_TIMEOUT` and StorageError, which `errors` tells of otherwise.
   */
  cleanupOldBackups(retentionCount?: number, options?: CleanupOptions): Promise<CleanupResult>;

  /**
   * Removes the contents that are kept of a configuration: backups (those with names and in the archive too), those of
   * versions, and damaged files that were set aside. The configuration stays, and the history still tells of its versions,
   * which cannot be gone back to. It is durable when it resolves; where the options say so, the present content is kept
   * anew afterwards.
   *
   * @returns what was removed, and what could not be reached. Copies that were made elsewhere nobody can find.
   * @throws PersistenceError `ERR_INTEGRITY` where the file is damaged or was removed by somebody else, because what is kept
   *   may be all that is left then; `ERR_LOCK_TIMEOUT`.
   */
  forgetHistory(filePath: string, options?: ForgetHistoryOptions): Promise<ForgetHistoryResult>;

  /**
   * Brings the backups of a configuration, or of all, under the key that is configured now; `encryption.previous` names
   * the keys that they may be under. Calling it again goes on where it was interrupted.
   *
   * @returns what fails with single backups in `errors`.
   * @throws PersistenceError `ERR_INVALID_OPTION` where no key is configured.
   */
  rotateBackupEncryption(filePath?: string, options?: UpkeepOptions): Promise<RotationResult>;

  /**
   * The versions of a configuration, newest first, with what each has changed; none where it was never saved here.
   *
   * @throws PersistenceError `ERR_JOURNAL_DAMAGED`; StorageError.
   */
  getVersionHistory(filePath?: string, options?: QueryOptions): Promise<VersionInfo[]>;

  /**
   * How two versions differ, of one configuration or of two.
   *
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND` for an unknown id, or a version whose content is not kept any more.
   */
  compareVersions(id1: string, id2: string, options?: QueryOptions): Promise<ComparisonResult>;

  /**
   * Makes the content of a version the present one again, byte for byte, as a new version. The content before is kept.
   *
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND`; `ERR_CONFLICT` with the places where the file was edited outside the
   *   module and `onConflict` is `manual`; and as `saveConfiguration`.
   */
  rollbackToVersion(versionId: string, options?: RollbackOptions): Promise<RollbackResult>;

  /**
   * Writes a configuration to a file of another format, or into an archive: `zip`, `tar.gz`, or `backup`, which has its
   * history and its backups too. The file appears complete, durable and readable for its owner only.
   *
   * @throws PersistenceError as `loadConfiguration`; `ERR_FILE_EXISTS` without `overwrite`; `ERR_VALIDATION`;
   *   `ERR_INVALID_CONFIGURATION_DATA` with the places that the format cannot hold; `ERR_KEY_REQUIRED`; StorageError.
   */
  exportConfiguration(format: FormatName, filePath?: string, options?: ExportOptions): Promise<ExportResult>;

  /**
   * Exports many: each to a file of its own, or all into one archive.
   *
   * @param files paths, or a pattern such as `./config/*.json`.
   * @returns what became of each; one that fails keeps no other from being exported.
   */
  exportConfigurations(
    files: readonly string[] | string,
    format: FormatName,
    options?: BatchExportOptions,
  ): Promise<BatchResult>;

  /**
   * Makes the content of a file the present one, or those of all configurations in an archive: as a whole, or not at all.
   * What is replaced is kept as a backup. An archive is judged completely before anything is written; should the process be
   * killed while it is imported, the next import or start finishes or undoes it, and says so.
   *
   * @param format as its name tells where it is left out. Files of JSONC and JSON5 are imported as `json`.
   * @param targetPath the configuration, or for several a folder. Default: the default configuration, or its folder.
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_PARSE`, `ERR_ARCHIVE_REFUSED` for an archive that is damaged or
   *   hostile, `ERR_WRONG_KEY`, `ERR_CONFLICT`, `ERR_IMPORT_INTERRUPTED`, and as `saveConfiguration`.
   */
  importConfiguration(
    importPath: string,
    format?: FormatName,
    targetPath?: string,
    options?: ImportOptions,
  ): Promise<ImportResult>;

  /** Imports many files, each by itself. @returns what became of each. */
  importConfigurations(
    files: readonly string[] | string,
    format?: FormatName,
    options?: BatchImportOptions,
  ): Promise<BatchResult>;

  /**
   * Saves a configuration in another format under another name; the source stays.
   *
   * @returns with what the other format has no form of its own for.
   * @throws PersistenceError as `loadConfiguration` and `saveConfiguration`; `ERR_FILE_EXISTS` without `overwrite`.
   */
  convertConfiguration(sourcePath: string, targetPath: string, options?: ConvertOptions): Promise<ConversionResult>;

  /**
   * Looks at data that is to be imported. Never rejects because of the data.
   *
   * @param data text, bytes, or for the formats of single configurations the value itself.
   */
  validateImportData(data: unknown, format: FormatName, options?: QueryOptions): Promise<ImportValidation>;

  /**
   * What was done, by whom and with what outcome, newest first: by this process and all others, also by earlier ones. It is
   * kept in files of its own, bounded by size and age. Entries are written within half a second after the operation; changes
   * of a process that was killed before that are told by the records of their configurations. Equal loads within one writing
   * are one entry; loads that the cache answers are none.
   *
   * @param limit entries of a page, 1 to 10,000. Default: 100.
   * @param filter which operations; `before` with the id of a page's last entry leads to the next page.
   * @throws PersistenceError `ERR_INVALID_REQUEST` for a wrong limit or filter; StorageError.
   */
  getOperationHistory(
    limit?: number,
    filter?: OperationHistoryFilter,
    options?: QueryOptions,
  ): Promise<OperationHistoryEntry[]>;

  /**
   * Whether the history is as it was written: each entry is chained to the one before by a hash, and each file to the others.
   *
   * @returns where it is not; a history that is not intact is no failure. @throws StorageError
   */
  verifyOperationHistory(options?: QueryOptions): Promise<HistoryVerification>;

  /**
   * Takes the exclusive lock of a file for this instance, across processes. Operations of this instance work under it; all
   * others wait. It ends with `releaseFileLock`, with the instance, with the process, and may be taken over at `expiresAt`.
   *
   * @param timeout milliseconds to wait, 0 to 300,000; 0 tries once. Default: the option `lockTimeout`.
   * @returns `success: false` with the reason in `errors` where the time was not enough.
   */
  acquireFileLock(filePath: string, timeout?: number): Promise<FileLockResult>;

  /**
   * Gives a lock back, after this instance's running operation on the file.
   *
   * @returns `success: false` where this instance does not hold a lock of that id, or lost it before.
   */
  releaseFileLock(lockId: string): Promise<PersistenceResult>;

  /**
   * Runs `work` under the exclusive lock of a file, and gives the lock back however that ends. Operations of this instance
   * inside it work under the lock.
   *
   * @returns what `work` returns.
   * @throws PersistenceError `ERR_LOCK_TIMEOUT`, `ERR_ABORTED`; `ERR_LOCK_LOST` where the lock ended before the work did;
   *   what `work` throws.
   */
  withFileLock<R>(
    filePath: string,
    work: (lock: HeldFileLock) => R | Promise<R>,
    options?: FileLockOptions,
  ): Promise<R>;

  /**
   * Tells each change of a configuration, whoever makes it: this module, other processes, editors. Compared by content, so
   * that a touched file is no change. There need not be a file yet. It ends with `close()`, the signal, or the module.
   *
   * @param filePath default: the default configuration; may be left out where a listener comes first.
   * @param listener called in the order of the changes; without one, iterate what the call resolves to.
   * @throws PersistenceError `ERR_INVALID_FILE_PATH`, `ERR_UNSUPPORTED_FORMAT`, `ERR_INVALID_OPTION`.
   */
  watchConfiguration<U = T>(
    filePath?: string,
    listener?: ConfigurationListener<U>,
    options?: WatchOptions,
  ): Promise<ConfigurationWatch<U>>;
  watchConfiguration<U = T>(listener: ConfigurationListener<U>, options?: WatchOptions): Promise<ConfigurationWatch<U>>;

  /**
   * What lies in the storage, exactly, with a score for its state. Contents are read where they were not verified before;
   * after that, a call costs a look at each file. One that ends early (`ERR_TIMEOUT`) is gone on with by the next.
   */
  getStorageStatistics(options?: QueryOptions): Promise<StorageStatistics>;

  /**
   * Checks the storage and how it has worked. Changes nothing. What is wrong is told in the result; a check that could not
   * be made is an issue too.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` for something in `only` that there is not.
   */
  validateStorageHealth(options?: HealthCheckOptions): Promise<HealthCheckResult>;

  /**
   * Checks afresh, and mends the issues that are `autoFixable`, each under the lock that it needs. Never removes what may be
   * the only copy of a content.
   *
   * @returns what was done, what failed, and what somebody has to decide.
   * @throws as `validateStorageHealth`.
   */
  repairStorage(options?: RepairOptions): Promise<RepairResult>;

  /** Who holds the lock of a file, as any process can see it. Changes nothing. */
  checkFileLock(filePath: string): Promise<LockStatus>;

  /**
   * Sets the path that counts where none is given, until the end of this life, and allows its folder. The folders for
   * metadata, locks and backups stay where they were put at the start.
   *
   * @throws PersistenceError `ERR_INVALID_FILE_PATH` for what is no path; whether it may be used is checked by operations.
   */
  setDefaultConfigurationPath(filePath: string): void;

  /** As it was set or configured; `./config/config.json` otherwise. */
  getDefaultConfigurationPath(): string;

  /** What is known of a configuration besides its value. @throws PersistenceError as `loadConfiguration`. */
  getConfigurationMetadata(filePath?: string, options?: OperationOptions): Promise<ConfigurationMetadata>;

  /**
   * Replaces the fields that a user may set; those that describe the file are kept as they are, with a warning where they
   * were given otherwise. The configuration itself is not touched.
   *
   * @param metadata a plain object; copied at once.
   * @throws PersistenceError `ERR_INVALID_METADATA`, `ERR_FILE_NOT_FOUND`, `ERR_CONFLICT`, `ERR_LOCK_TIMEOUT`,
   *   `ERR_LOCK_LOST`; StorageError.
   */
  setConfigurationMetadata(
    metadata: Partial<ConfigurationMetadata>,
    filePath?: string,
    options?: MutationOptions,
  ): Promise<PersistenceResult>;

  /** Saves `provider.json` beside the default configuration, as `saveConfiguration` does. */
  saveProviderConfiguration(config: any, options?: SaveOptions): Promise<PersistenceResult>;

  /** Loads `provider.json` beside the default configuration, as `loadConfiguration` does. */
  loadProviderConfiguration<U = any>(options?: LoadOptions): Promise<ConfigurationData<U>>;

  /** Exports `provider.json` beside the default configuration, as `exportConfiguration` does. Default format: `json`. */
  exportProviderConfiguration(
    exportPath: string,
    format?: FormatName,
    options?: Omit<ExportOptions, 'exportPath'>,
  ): Promise<ExportResult>;

  /**
   * What this instance has counted since it was made, restarts included, in the text format of Prometheus: operations by
   * type, origin and outcome, how long they took and waited for locks, loads from the cache, bytes and flushes. May be
   * called at any time. No label holds a path, a user or a value.
   */
  getMetrics(): string;
}
