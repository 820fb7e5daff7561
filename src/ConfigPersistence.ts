/**
 * The operations without a host: options in, operations out.
 *
 * It checks what callers give and hands the work to the services of its `PersistenceRuntime`. It holds no rule about
 * configurations itself, and knows neither modules nor messages. What each method promises is said in
 * `interfaces/IConfigPersistenceModule.ts`.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import type {
  BackupInfo,
  BackupResult,
  CleanupResult,
  ForgetHistoryResult,
  RestoreResult,
  RotationResult,
} from '../interfaces/backups.js';
import { ExportFormat } from '../interfaces/enums.js';
import type {
  HealthCheckOptions,
  HealthCheckResult,
  RepairOptions,
  RepairResult,
  StorageStatistics,
} from '../interfaces/health.js';
import type { IConfigPersistenceModule } from '../interfaces/IConfigPersistenceModule.js';
import type { HistoryVerification, OperationHistoryEntry, OperationHistoryFilter } from '../interfaces/history.js';
import type { ConfigurationListener, ConfigurationWatch, WatchOptions } from '../interfaces/live.js';
import type { FileLockOptions, FileLockResult, HeldFileLock, LockStatus } from '../interfaces/locks.js';
import type { PersistenceAlert } from '../interfaces/messages.js';
import type { MigrationResult } from '../interfaces/migrations.js';
import type {
  BackupOptions,
  CleanupOptions,
  ConfigPersistenceOptions,
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
} from '../interfaces/options.js';
import type {
  ConfigurationData,
  ConfigurationMetadata,
  IntegrityResult,
  PersistenceResult,
} from '../interfaces/results.js';
import type { SchemaInput, StandardSchema } from '../interfaces/schemas.js';
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
} from '../interfaces/transfer.js';
import type { NotInferred } from '../interfaces/value.js';
import type { ComparisonResult, RollbackResult, VersionInfo } from '../interfaces/versions.js';
import type { Internals, Services } from './compose.js';
import { leadingToCaller } from './errors/callerStack.js';
import { persistenceError } from './errors/PersistenceError.js';
import { checkFilter, checkLimit } from './history/filter.js';
import type { Host } from './operationReports.js';
import { checkListener, pathOrNone, readMetadata, requireFormat, watchArguments } from './options/methodArguments.js';
import type { OptionChanges } from './options/ModuleOptions.js';
import {
  checkLockTimeout,
  checkOperationOptions,
  type OperationMethod,
  type OptionsOf,
} from './options/operationOptions.js';
import { providerPathBeside } from './options/resolveOptions.js';
import { PersistenceRuntime } from './PersistenceRuntime.js';
import { importFormatFromName } from './transfer/importFormats.js';
import { requirePathText } from './value/pathText.js';

const { MODULE_TYPE } = CONFIG_PERSISTENCE_CONSTANTS;

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/** @typeParam T the shape of the default configuration. */
export class ConfigPersistence<T = any> implements IConfigPersistenceModule<T>, AsyncDisposable {
  readonly #runtime: PersistenceRuntime;

  /**
   * Not started yet; for hosts with a life cycle of their own. Everybody else calls `open`.
   *
   * @param host gets the log and the alerts. Without one the option `debug` prints to the error stream.
   * @param internals the system calls and the clock to work with, for tests.
   */
  constructor(host: Partial<Host> = {}, internals: () => Internals = () => ({})) {
    this.#runtime = new PersistenceRuntime({ id: MODULE_TYPE, ...host }, internals);
  }

  /**
   * Opens the configurations of the options. Reads and creates no configuration. The type of the configuration is what the
   * schema accepts, where that can tell.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION`, `ERR_NOT_A_FILE` where a file stands in place of one of its folders;
   *   StorageError with the system's code.
   */
  static open<S extends StandardSchema<any>>(
    options: Omit<ConfigPersistenceOptions<SchemaInput<S>>, 'schema'> & { readonly schema: S },
  ): Promise<ConfigPersistence<SchemaInput<S>>>;
  static open<T = any>(options?: ConfigPersistenceOptions<T>): Promise<ConfigPersistence<T>>;
  static open<T>(options: ConfigPersistenceOptions<T> = {}): Promise<ConfigPersistence<T>> {
    return leadingToCaller(async () => {
      const opened = new ConfigPersistence<T>();
      opened.configure(options);
      await opened.start();
      return opened;
    });
  }

  /**
   * Options before the start; afterwards only those that may change while it runs (`debug`, cache, health, retention).
   * Calls merge, however they spell a key. Unknown keys are a warning in the debug log and an alert, or refused with
   * `strictOptions`. A refused call changes nothing.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` that names the key; also for two spellings in one call that differ.
   */
  configure(options: ConfigPersistenceOptions<T>): void {
    this.applyOptions(this.checkOptions(options));
  }

  /** The first half of `configure()`, for hosts that must agree to the options too: checks, and changes nothing. */
  checkOptions(options: object): OptionChanges {
    return this.#runtime.checkOptions(options);
  }

  /** The second half of `configure()`: makes what was checked count. */
  applyOptions(changes: OptionChanges): void {
    this.#runtime.applyOptions(changes);
  }

  /**
   * Begins to work; as often as it is called, once. After `close()` it may be configured and started anew.
   *
   * @param startHost follows when everything is open; if it fails, nothing stays open and the options are kept.
   */
  start(startHost?: () => Promise<unknown>): Promise<void> {
    return this.#runtime.start(startHost);
  }

  /**
   * Waits for what runs, gives locks and timers back and forgets the options. Idempotent: further calls wait for the same
   * end, and do nothing once it has come. Operations that are asked for from now on are refused with `ERR_DESTROYED`.
   *
   * @param stopHost follows in any case, while whoever waits for an answer can still be given it.
   */
  close(stopHost?: () => Promise<unknown>): Promise<void> {
    return this.#runtime.close(stopHost);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Tells whoever is told of alerts, for hosts that find something out that somebody should know of. */
  alert(told: PersistenceAlert): void {
    this.#runtime.alert(told);
  }

  /** Tells the log what a function of the caller threw that is only told something. */
  readonly onListenerFailure = (error: unknown): void => {
    this.#runtime.listenerFailed(error);
  };

  /** True from the end of `close()` until it is started anew. */
  get isClosed(): boolean {
    return this.#runtime.isClosed;
  }

  /** Option `validationTimeout`, for hosts that serve requests. */
  get validationTimeoutMs(): number {
    return this.#runtime.validationTimeoutMs;
  }

  /** Whether the option `strictConnections` is in force, for hosts that serve requests. */
  get isStrict(): boolean {
    return this.#runtime.isStrict;
  }

  /** The absolute form of a path that a method is given, for hosts that serve requests. */
  fullPathOf(filePath: string): string {
    return this.#runtime.fullPathOf(filePath);
  }

  saveConfiguration<U = T>(
    config: NotInferred<U>,
    filePath?: string,
    options?: SaveOptions,
  ): Promise<PersistenceResult> {
    return this.#run('saveConfiguration', options, ({ changes }, checked) =>
      changes.save(config, this.#pathOrDefault(filePath), checked),
    );
  }

  loadConfiguration<U = T>(filePath?: string, options?: LoadOptions): Promise<ConfigurationData<U>> {
    return this.#run(
      'loadConfiguration',
      options,
      ({ queries }, checked) => queries.load(this.#pathOrDefault(filePath), checked) as Promise<ConfigurationData<U>>,
    );
  }

  deleteConfiguration(filePath: string, options?: MutationOptions): Promise<PersistenceResult> {
    return this.#run('deleteConfiguration', options, ({ changes }, checked) =>
      changes.remove(requirePathText(filePath), checked),
    );
  }

  saveConfigurationAtomic<U = T>(
    config: NotInferred<U>,
    filePath?: string,
    options?: SaveOptions,
  ): Promise<PersistenceResult> {
    return this.saveConfiguration<U>(config, filePath, options);
  }

  updateConfiguration<U = T>(
    mutate: Mutate<NotInferred<U>>,
    filePath?: string,
    options?: UpdateOptions<NotInferred<U>>,
  ): Promise<PersistenceResult> {
    return this.#run('updateConfiguration', options, ({ changes }, checked) => {
      if (typeof mutate !== 'function') throw persistenceError('ERR_INVALID_REQUEST', 'mutate must be a function');
      return changes.update(mutate, this.#pathOrDefault(filePath), checked);
    });
  }

  migrateConfiguration(filePath?: string, options?: MigrationOptions): Promise<MigrationResult> {
    return this.#run('migrateConfiguration', options, ({ migrations }, checked) =>
      migrations.run(this.#pathOrDefault(filePath), checked),
    );
  }

  verifyConfigurationIntegrity(filePath: string, options?: OperationOptions): Promise<IntegrityResult> {
    return this.#run('verifyConfigurationIntegrity', options, ({ queries }, checked) =>
      queries.verify(requirePathText(filePath), checked),
    );
  }

  createBackup(filePath?: string, backupName?: string, options?: BackupOptions): Promise<BackupResult> {
    return this.#run('createBackup', options, ({ backups }, checked) =>
      backups.create(this.#pathOrDefault(filePath), backupName, checked),
    );
  }

  listBackups(filePath?: string, options?: QueryOptions): Promise<BackupInfo[]> {
    return this.#run('listBackups', options, ({ backups }, checked) => backups.list(pathOrNone(filePath), checked));
  }

  restoreFromBackup(backupId: string, targetPath?: string, options?: RestoreOptions): Promise<RestoreResult> {
    return this.#run('restoreFromBackup', options, ({ backups }, checked) =>
      backups.restore(backupId, pathOrNone(targetPath), checked),
    );
  }

  deleteBackup(backupId: string, options?: DeleteBackupOptions): Promise<PersistenceResult> {
    return this.#run('deleteBackup', options, ({ backups }, checked) => backups.delete(backupId, checked));
  }

  cleanupOldBackups(retentionCount?: number, options?: CleanupOptions): Promise<CleanupResult> {
    return this.#run('cleanupOldBackups', options, ({ upkeep }, checked) => {
      pathOrNone(checked.filePath);
      return upkeep.cleanUp(retentionCount, checked);
    });
  }

  forgetHistory(filePath: string, options?: ForgetHistoryOptions): Promise<ForgetHistoryResult> {
    return this.#run('forgetHistory', options, ({ eraser }, checked) =>
      eraser.forget(requirePathText(filePath), checked),
    );
  }

  rotateBackupEncryption(filePath?: string, options?: UpkeepOptions): Promise<RotationResult> {
    return this.#run('rotateBackupEncryption', options, ({ upkeep }, checked) =>
      upkeep.rotate(pathOrNone(filePath), checked),
    );
  }

  getVersionHistory(filePath?: string, options?: QueryOptions): Promise<VersionInfo[]> {
    return this.#run('getVersionHistory', options, ({ versions }, checked) =>
      versions.history(this.#pathOrDefault(filePath), checked),
    );
  }

  compareVersions(id1: string, id2: string, options?: QueryOptions): Promise<ComparisonResult> {
    return this.#run('compareVersions', options, ({ versions }, checked) => versions.compare(id1, id2, checked));
  }

  rollbackToVersion(versionId: string, options?: RollbackOptions): Promise<RollbackResult> {
    return this.#run('rollbackToVersion', options, ({ versions }, checked) => versions.rollback(versionId, checked));
  }

  exportConfiguration(format: FormatName, filePath?: string, options?: ExportOptions): Promise<ExportResult> {
    return this.#run('exportConfiguration', options, ({ transfer }, checked) =>
      transfer.export(requireFormat(format), this.#pathOrDefault(filePath), checked),
    );
  }

  exportConfigurations(
    files: readonly string[] | string,
    format: FormatName,
    options?: BatchExportOptions,
  ): Promise<BatchResult> {
    return this.#run('exportConfigurations', options, ({ transfer }, checked) =>
      transfer.exportAll(files, requireFormat(format), checked),
    );
  }

  importConfiguration(
    importPath: string,
    format?: FormatName,
    targetPath?: string,
    options?: ImportOptions,
  ): Promise<ImportResult> {
    return this.#run('importConfiguration', options, ({ transfer }, checked) => {
      const path = requirePathText(importPath);
      return transfer.import(
        path,
        requireFormat(format ?? importFormatFromName(path)),
        pathOrNone(targetPath),
        checked,
      );
    });
  }

  importConfigurations(
    files: readonly string[] | string,
    format?: FormatName,
    options?: BatchImportOptions,
  ): Promise<BatchResult> {
    return this.#run('importConfigurations', options, ({ transfer }, checked) =>
      transfer.importAll(files, format === undefined ? undefined : requireFormat(format), checked),
    );
  }

  convertConfiguration(sourcePath: string, targetPath: string, options?: ConvertOptions): Promise<ConversionResult> {
    return this.#run('convertConfiguration', options, ({ transfer }, checked) =>
      transfer.convert(requirePathText(sourcePath), requirePathText(targetPath), checked),
    );
  }

  validateImportData(data: unknown, format: FormatName, options?: QueryOptions): Promise<ImportValidation> {
    return this.#run('validateImportData', options, ({ transfer }, checked) =>
      transfer.validate(data, requireFormat(format), checked),
    );
  }

  getOperationHistory(
    limit?: number,
    filter?: OperationHistoryFilter,
    options?: QueryOptions,
  ): Promise<OperationHistoryEntry[]> {
    return this.#run('getOperationHistory', options, ({ history }, checked) =>
      history.entries(checkLimit(limit), checkFilter(filter), checked),
    );
  }

  verifyOperationHistory(options?: QueryOptions): Promise<HistoryVerification> {
    return this.#run('verifyOperationHistory', options, ({ history }, checked) => history.verify(checked));
  }

  getStorageStatistics(options?: QueryOptions): Promise<StorageStatistics> {
    return this.#run('getStorageStatistics', options, ({ health }, checked) => health.statistics(checked));
  }

  validateStorageHealth(options?: HealthCheckOptions): Promise<HealthCheckResult> {
    return this.#run('validateStorageHealth', options, ({ health }, checked) => health.validate(checked));
  }

  repairStorage(options?: RepairOptions): Promise<RepairResult> {
    return this.#run('repairStorage', options, ({ health }, checked) => health.repair(checked));
  }

  acquireFileLock(filePath: string, timeout?: number): Promise<FileLockResult> {
    return leadingToCaller(() => {
      checkLockTimeout(timeout);
      return this.#runtime.services.namedLocks.acquire(requirePathText(filePath), timeout);
    });
  }

  releaseFileLock(lockId: string): Promise<PersistenceResult> {
    return leadingToCaller(() => this.#runtime.services.namedLocks.release(lockId));
  }

  checkFileLock(filePath: string): Promise<LockStatus> {
    return leadingToCaller(() => this.#runtime.services.namedLocks.status(requirePathText(filePath)));
  }

  withFileLock<R>(
    filePath: string,
    work: (lock: HeldFileLock) => R | Promise<R>,
    options?: FileLockOptions,
  ): Promise<R> {
    return this.#run('withFileLock', options, ({ namedLocks }, checked) => {
      if (typeof work !== 'function') throw persistenceError('ERR_INVALID_REQUEST', 'work must be a function');
      return namedLocks.hold(requirePathText(filePath), work, checked);
    });
  }

  watchConfiguration<U = T>(
    filePath?: string,
    listener?: ConfigurationListener<U>,
    options?: WatchOptions,
  ): Promise<ConfigurationWatch<U>>;
  watchConfiguration<U = T>(listener: ConfigurationListener<U>, options?: WatchOptions): Promise<ConfigurationWatch<U>>;
  watchConfiguration(...given: [unknown?, unknown?, unknown?]): Promise<ConfigurationWatch> {
    const { filePath, listener, options } = watchArguments(given);
    // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- the overloads say which value it is
    return this.#run('watchConfiguration', options, ({ live }, checked) =>
      live.watch(this.#pathOrDefault(filePath), checkListener(listener), checked),
    );
  }

  setDefaultConfigurationPath(filePath: string): void {
    this.#runtime.defaultPath = filePath;
  }

  getDefaultConfigurationPath(): string {
    return this.#runtime.defaultPath;
  }

  getConfigurationMetadata(filePath?: string, options?: OperationOptions): Promise<ConfigurationMetadata> {
    return this.#run('getConfigurationMetadata', options, ({ queries }, checked) =>
      queries.metadata(this.#pathOrDefault(filePath), checked),
    );
  }

  setConfigurationMetadata(
    metadata: Partial<ConfigurationMetadata>,
    filePath?: string,
    options?: MutationOptions,
  ): Promise<PersistenceResult> {
    return this.#run('setConfigurationMetadata', options, ({ changes }, checked) =>
      changes.setMetadata(readMetadata(metadata), this.#pathOrDefault(filePath), checked),
    );
  }

  saveProviderConfiguration(config: any, options?: SaveOptions): Promise<PersistenceResult> {
    return this.saveConfiguration<any>(config, providerPathBeside(this.getDefaultConfigurationPath()), options);
  }

  loadProviderConfiguration<U = any>(options?: LoadOptions): Promise<ConfigurationData<U>> {
    return this.loadConfiguration<U>(providerPathBeside(this.getDefaultConfigurationPath()), options);
  }

  exportProviderConfiguration(
    exportPath: string,
    format: FormatName = ExportFormat.JSON,
    options?: Omit<ExportOptions, 'exportPath'>,
  ): Promise<ExportResult> {
    const path = providerPathBeside(this.getDefaultConfigurationPath());
    return this.exportConfiguration(format, path, { ...options, exportPath });
  }

  getMetrics(): string {
    return this.#runtime.metricsText;
  }

  /** One call: its options are read and checked before anything else, and a failure leads to whoever called. */
  #run<M extends OperationMethod, R>(
    method: M,
    options: OptionsOf[M] | undefined,
    work: (services: Services, checked: OptionsOf[M]) => Promise<R>,
  ): Promise<R> {
    return leadingToCaller(() => {
      const checked = checkOperationOptions(method, options);
      return work(this.#runtime.services, checked);
    });
  }

  #pathOrDefault(filePath: string | undefined): string {
    // Only undefined means the default: null is a mistake of the caller, and is refused as one.
    return pathOrNone(filePath) ?? requirePathText(this.getDefaultConfigurationPath());
  }
}
