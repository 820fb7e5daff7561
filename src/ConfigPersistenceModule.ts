/**
 * The module as RCC sees it: life cycle, options, and one thin method for each operation.
 *
 * It checks what callers give and hands the work to the services that `composeServices` builds. It holds no rule about
 * configurations itself.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import type { BackupInfo, BackupResult, CleanupResult, RestoreResult, RotationResult } from '../interfaces/backups.js';
import type { IConfigPersistenceModule } from '../interfaces/IConfigPersistenceModule.js';
import type { FileLockResult, LockStatus } from '../interfaces/locks.js';
import type {
  BackupOptions,
  CleanupOptions,
  ConfigPersistenceOptions,
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
} from '../interfaces/options.js';
import type {
  ConfigurationData,
  ConfigurationMetadata,
  IntegrityResult,
  PersistenceResult,
} from '../interfaces/results.js';
import type { ComparisonResult, RollbackResult, VersionInfo } from '../interfaces/versions.js';
import { withOwnKeys } from './backup/packing/checkEncryption.js';
import { compose, endServices, type Services } from './compose.js';
import { systemClock, type Clock } from './engine/Clock.js';
import { persistenceError } from './errors/PersistenceError.js';
import { storageError } from './errors/StorageError.js';
import { ServingModule } from './messaging/ServingModule.js';
import { reportsTo } from './operationReports.js';
import { withMainKeys } from './options/mainKeys.js';
import { checkLockTimeout, checkOperationOptions } from './options/operationOptions.js';
import {
  checkOptions,
  DEFAULT_CONFIG_PATH,
  isTunableOption,
  resolveOptions,
  resolveRetention,
  type ResolvedOptions,
} from './options/resolveOptions.js';
import { nodeFileOperations, type FileOperations } from './storage/local/io/FileOperations.js';
import { retryingFileOperations } from './storage/local/io/retrying.js';
import { requirePathText } from './value/pathText.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

declare module './framework/module/ModuleRegistry.js' {
  interface ModuleTypes {
    'config-persistence': ConfigPersistenceModule;
  }
}

interface Running {
  readonly options: ResolvedOptions;
  readonly services: Services;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

export class ConfigPersistenceModule extends ServingModule implements IConfigPersistenceModule {
  #running: Running | undefined;
  #defaultPath: string | undefined;

  /**
   * Options before `initialize()`; afterwards only those that may change while it runs (`debug`, cache, health,
   * retention). Calls merge, however they spell a key. Unknown keys are a warning in the debug log.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` that names the key; also for two spellings in one call that differ.
   */
  override configure(options: ConfigPersistenceOptions | Record<string, unknown>): void {
    super.configure(withMainKeys(withOwnKeys(options)));
    if ('enableCaching' in options || 'cacheTTL' in options) {
      const { enableCaching, cacheTTL } = resolveOptions(this.config);
      this.#running?.services.cache.reconfigure({ isEnabled: enableCaching, timeToLiveMs: cacheTTL });
    }
  }

  /**
   * Saves a configuration: atomic, durable when it resolves, safe against other processes.
   *
   * @param config any JSON-like value; copied at once, so later changes have no effect.
   * @param filePath the default configuration where it is left out.
   * @throws PersistenceError `ERR_INVALID_FILE_PATH`, `ERR_INVALID_CONFIGURATION_DATA`, `ERR_CONFLICT`,
   *   `ERR_LOCK_TIMEOUT`, `ERR_LOCK_LOST` and others; StorageError with the system's code. The file is untouched then.
   */
  async saveConfiguration(config: any, filePath?: string, options?: SaveOptions): Promise<PersistenceResult> {
    const checked = checkOperationOptions('saveConfiguration', options);
    return this.#services().changes.save(config, this.#pathOrDefault(filePath), checked);
  }

  /**
   * Loads a configuration. Always tells the state of the disk, also after changes by other programs.
   *
   * @returns the value with its metadata; `isValid: false` where the file is not what was last saved through the module.
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_PARSE`, `ERR_INTEGRITY` for a saved file that was damaged.
   */
  async loadConfiguration(filePath?: string, options?: LoadOptions): Promise<ConfigurationData> {
    const checked = checkOperationOptions('loadConfiguration', options);
    return this.#services().queries.load(this.#pathOrDefault(filePath), checked);
  }

  /**
   * Removes a configuration; its history stays in the journal.
   *
   * @throws PersistenceError `ERR_FILE_NOT_FOUND` and as `saveConfiguration`.
   */
  async deleteConfiguration(filePath: string, options?: MutationOptions): Promise<PersistenceResult> {
    const checked = checkOperationOptions('deleteConfiguration', options);
    return this.#services().changes.remove(requirePathText(filePath), checked);
  }

  /** The same as `saveConfiguration`, every save being atomic; the name is part of the RCC interface. */
  saveConfigurationAtomic(config: any, filePath?: string, options?: SaveOptions): Promise<PersistenceResult> {
    return this.saveConfiguration(config, filePath, options);
  }

  /**
   * Reads, changes and saves as one step under the file's lock: no other update is lost and none comes in between.
   *
   * @param mutate gets a copy of the value; changes it or returns a new one; may be asynchronous. If it throws, nothing
   *   is written and its error is passed on.
   * @throws as `saveConfiguration`; `ERR_CONFLICT` also where an editor wrote to the file meanwhile. With
   *   `expectedChecksum` that is checked before `mutate` is called, after a damaged file was recovered.
   */
  async updateConfiguration(mutate: Mutate, filePath?: string, options?: UpdateOptions): Promise<PersistenceResult> {
    if (typeof mutate !== 'function') throw persistenceError('ERR_INVALID_REQUEST', 'mutate must be a function');
    const checked = checkOperationOptions('updateConfiguration', options);
    return this.#services().changes.update(mutate, this.#pathOrDefault(filePath), checked);
  }

  /**
   * Compares the file on disk with what was last saved, and reads it in its format. Reports findings; does not throw
   * for them.
   *
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`
   */
  async verifyConfigurationIntegrity(filePath: string, options?: OperationOptions): Promise<IntegrityResult> {
    const checked = checkOperationOptions('verifyConfigurationIntegrity', options);
    return this.#services().queries.verify(requirePathText(filePath), checked);
  }

  /**
   * Takes the exclusive lock of a file for this module instance, across processes. Operations of this instance work
   * under it; all others wait.
   *
   * @param timeout milliseconds to wait; 0 tries once.
   * @returns `success: false` with the reason in `errors` where the time was not enough.
   * @throws PersistenceError `ERR_INVALID_FILE_PATH`, `ERR_INVALID_OPTION`; StorageError with the system's code.
   */
  async acquireFileLock(filePath: string, timeout?: number): Promise<FileLockResult> {
    checkLockTimeout(timeout);
    return this.#services().namedLocks.acquire(requirePathText(filePath), timeout);
  }

  /**
   * Gives a lock back, after this instance's running operation on the file.
   *
   * @returns `success: false` where this instance does not hold a lock of that id, or lost it before.
   */
  async releaseFileLock(lockId: string): Promise<PersistenceResult> {
    return this.#services().namedLocks.release(lockId);
  }

  /**
   * Who holds the lock of a file, as any process can see it. Changes nothing.
   *
   * @throws PersistenceError `ERR_INVALID_FILE_PATH`; StorageError with the system's code.
   */
  async checkFileLock(filePath: string): Promise<LockStatus> {
    return this.#services().namedLocks.status(requirePathText(filePath));
  }

  /**
   * Sets the path that counts where none is given, and allows its folder. The folders for metadata and locks stay where
   * `initialize()` has put them.
   *
   * @throws PersistenceError `ERR_INVALID_FILE_PATH` for what is no path; whether it may be used is checked by operations.
   */
  setDefaultConfigurationPath(filePath: string): void {
    this.#defaultPath = requirePathText(filePath);
    this.#running?.services.allowBeside(filePath);
  }

  /** As it was set or configured; `./config/config.json` otherwise. */
  getDefaultConfigurationPath(): string {
    const { defaultConfigPath } = this.config;
    return this.#defaultPath ?? (typeof defaultConfigPath === 'string' ? defaultConfigPath : DEFAULT_CONFIG_PATH);
  }

  /** @throws PersistenceError as `loadConfiguration`. */
  async getConfigurationMetadata(filePath?: string, options?: OperationOptions): Promise<ConfigurationMetadata> {
    const checked = checkOperationOptions('getConfigurationMetadata', options);
    return this.#services().queries.metadata(this.#pathOrDefault(filePath), checked);
  }

  /**
   * Replaces the fields that a user may set; those that describe the file are kept as they are, with a warning where
   * they were given otherwise. Durable and atomic; the configuration itself is not touched.
   *
   * @throws PersistenceError `ERR_INVALID_METADATA`, `ERR_FILE_NOT_FOUND` and as `saveConfiguration`.
   */
  async setConfigurationMetadata(
    metadata: Partial<ConfigurationMetadata>,
    filePath?: string,
    options?: MutationOptions,
  ): Promise<PersistenceResult> {
    const checked = checkOperationOptions('setConfigurationMetadata', options);
    return this.#services().changes.setMetadata(metadata, this.#pathOrDefault(filePath), checked);
  }

  /**
   * Makes a verified backup of the present content.
   *
   * @param backupName becomes a part of the backup's file name: letters, digits, spaces and `. _ + @ -`.
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_INVALID_BACKUP_NAME`, `ERR_CONFLICT` where the content is not the
   *   expected one, `ERR_LOCK_TIMEOUT`, `ERR_FILE_TOO_LARGE`; StorageError with the system's code.
   */
  async createBackup(filePath?: string, backupName?: string, options?: BackupOptions): Promise<BackupResult> {
    const checked = checkOperationOptions('createBackup', options);
    return this.#services().backups.create(this.#pathOrDefault(filePath), backupName, checked);
  }

  /** The backups of a configuration, or of all where no path is given; newest first. */
  async listBackups(filePath?: string, options?: QueryOptions): Promise<BackupInfo[]> {
    const checked = checkOperationOptions('listBackups', options);
    const path = filePath === undefined ? undefined : requirePathText(filePath);
    return this.#services().backups.list(path, checked);
  }

  /**
   * Makes the content of a backup the present one, byte for byte, as a new version. The content before is kept.
   *
   * @param targetPath the file that the backup is of where it is left out.
   * @throws PersistenceError `ERR_BACKUP_NOT_FOUND`, `ERR_BACKUP_DAMAGED`, `ERR_BACKUP_MISMATCH`, `ERR_WRONG_KEY`,
   *   `ERR_KEY_REQUIRED`, `ERR_NOT_ENCRYPTED`, `ERR_INTEGRITY` for a backup of a damaged file, and as `saveConfiguration`.
   */
  async restoreFromBackup(backupId: string, targetPath?: string, options?: SaveOptions): Promise<RestoreResult> {
    const checked = checkOperationOptions('restoreFromBackup', options);
    const path = targetPath === undefined ? undefined : requirePathText(targetPath);
    return this.#services().backups.restore(backupId, path, checked);
  }

  /**
   * Removes a backup for good.
   *
   * @throws PersistenceError `ERR_BACKUP_NOT_FOUND`; `ERR_CONFLICT` for the last good backup of a file that is damaged or gone.
   */
  async deleteBackup(backupId: string, options?: DeleteBackupOptions): Promise<PersistenceResult> {
    const checked = checkOperationOptions('deleteBackup', options);
    return this.#services().backups.delete(backupId, checked);
  }

  /**
   * Applies the retention policy now, to each configuration by itself.
   *
   * @param retentionCount how many backups of each may stay, instead of what the policy says; 1 to 50.
   * @throws PersistenceError `ERR_INVALID_OPTION` for a count that is none; with `filePath` also `ERR_INVALID_FILE_PATH`,
   *   `ERR_LOCK_TIMEOUT` and StorageError with the system's code, which `errors` tells of otherwise.
   */
  async cleanupOldBackups(retentionCount?: number, options?: CleanupOptions): Promise<CleanupResult> {
    const checked = checkOperationOptions('cleanupOldBackups', options);
    if (checked.filePath !== undefined) requirePathText(checked.filePath);
    return this.#services().upkeep.cleanUp(retentionCount, checked);
  }

  /**
   * Brings the backups of a configuration, or of all, under the key that is configured now; `encryption.previous` names
   * the keys that they may be under. Calling it again goes on where it was interrupted.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` where no key is configured. `errors` tells what fails with single backups.
   */
  async rotateBackupEncryption(filePath?: string, options?: UpkeepOptions): Promise<RotationResult> {
    const checked = checkOperationOptions('rotateBackupEncryption', options);
    const path = filePath === undefined ? undefined : requirePathText(filePath);
    return this.#services().upkeep.rotate(path, checked);
  }

  /**
   * The versions of a configuration, newest first, with what each has changed; none where it was never saved here.
   *
   * @throws PersistenceError `ERR_INVALID_FILE_PATH`, `ERR_JOURNAL_DAMAGED`; StorageError with the system's code.
   */
  async getVersionHistory(filePath?: string, options?: QueryOptions): Promise<VersionInfo[]> {
    const checked = checkOperationOptions('getVersionHistory', options);
    return this.#services().versions.history(this.#pathOrDefault(filePath), checked);
  }

  /** @throws PersistenceError `ERR_VERSION_NOT_FOUND` for an unknown id, or a version whose content is not kept any more. */
  async compareVersions(id1: string, id2: string, options?: QueryOptions): Promise<ComparisonResult> {
    const checked = checkOperationOptions('compareVersions', options);
    return this.#services().versions.compare(id1, id2, checked);
  }

  /**
   * Makes the content of a version the present one again, byte for byte, as a new version.
   *
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND`; `ERR_CONFLICT` with the places where the file was edited outside the
   *   module and `onConflict` is `manual`.
   */
  async rollbackToVersion(versionId: string, options?: RollbackOptions): Promise<RollbackResult> {
    const checked = checkOperationOptions('rollbackToVersion', options);
    return this.#services().versions.rollback(versionId, checked);
  }

  /** Saves `provider.json` beside the default configuration. */
  saveProviderConfiguration(config: any, options?: SaveOptions): Promise<PersistenceResult> {
    return this.saveConfiguration(config, this.#providerPath(), options);
  }

  /** Loads `provider.json` beside the default configuration. */
  loadProviderConfiguration(options?: LoadOptions): Promise<ConfigurationData> {
    return this.loadConfiguration(this.#providerPath(), options);
  }

  protected override onConfigure(changes: Record<string, unknown>): void {
    for (const warning of checkOptions(changes)) this.debug('warn', warning);
  }

  protected override isRuntimeTunable(key: string): boolean {
    return isTunableOption(key);
  }

  protected override getSecretKeys(): readonly string[] {
    return ['encryption.key', 'encryption.passphrase', 'encryption.previous'];
  }

  protected override async onInitialize(): Promise<void> {
    const options = resolveOptions(this.config);
    const surroundings = {
      moduleId: this.info.id,
      fileOperations: retryingFileOperations(this.fileOperations),
      clock: this.clock,
    };
    const services = compose(options, surroundings, {
      ...reportsTo({
        log: (...entry) => this.debug(...entry),
        isMonitoring: () => this.isMonitoringPerformance,
        listener: options.alerts,
      }),
      retention: () => resolveRetention(this.config),
    });
    try {
      await services.store.open();
    } catch (error) {
      throw storageError(error, { filePath: options.metadataDirectory });
    }
    if (this.#defaultPath !== undefined) services.allowBeside(this.#defaultPath);
    this.#running = { options, services };
  }

  protected override async onDestroy(): Promise<void> {
    const { options, services } = this.#requireRunning();
    try {
      await endServices(services);
    } catch (error) {
      throw storageError(error, { filePath: options.lockDirectory });
    } finally {
      this.#running = undefined;
      this.#defaultPath = undefined;
    }
  }

  /** The system calls that the module works with. Fault tests put a layer of their own here. @internal */
  protected get fileOperations(): FileOperations {
    return nodeFileOperations;
  }

  /** The time that it goes by. @internal */
  protected get clock(): Clock {
    return systemClock;
  }

  /** The public methods, overridden ones included. @internal */
  protected override get requestOperations(): this {
    return this;
  }

  protected override get isStrict(): boolean {
    return this.#running?.options.strictConnections === true;
  }

  #pathOrDefault(filePath: string | undefined): string {
    // Only undefined means the default: null is a mistake of the caller, and is refused as one.
    if (filePath === undefined) return requirePathText(this.getDefaultConfigurationPath());
    return requirePathText(filePath);
  }

  #providerPath(): string {
    return join(dirname(this.getDefaultConfigurationPath()), FILE_SYSTEM.PROVIDER_CONFIG_FILENAME);
  }

  #services(): Services {
    this.requireInitialized();
    return this.#requireRunning().services;
  }

  #requireRunning(): Running {
    if (this.#running === undefined) throw persistenceError('ERR_NOT_INITIALIZED', 'call initialize() first');
    return this.#running;
  }
}
