/** Builds the parts of one running module from its options. The only place that names an implementation of the store. */
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { BackupCleanup } from './backup/BackupCleanup.js';
import { BackupMaker } from './backup/BackupMaker.js';
import { BackupManager } from './backup/BackupManager.js';
import { BackupSets } from './backup/BackupSets.js';
import { HistoryEraser } from './backup/HistoryEraser.js';
import { BackupUpkeep } from './backup/BackupUpkeep.js';
import { BackupMaintenance } from './backup/maintenance/BackupMaintenance.js';
import { BackupPacker } from './backup/maintenance/BackupPacker.js';
import { MaintenanceSchedule } from './backup/maintenance/MaintenanceSchedule.js';
import { KeyRing } from './packing/KeyRing.js';
import { boundsQuarantine } from './backup/quarantine.js';
import { RecoveringReader } from './backup/RecoveringReader.js';
import type { RetentionSettings } from './backup/RetentionSettings.js';
import { SnapshotReader } from './backup/SnapshotReader.js';
import { ConfigurationCache } from './cache/ConfigurationCache.js';
import { Formats } from './codec/Formats.js';
import { Changes } from './engine/Changes.js';
import { systemClock, type Clock } from './engine/Clock.js';
import { ConfigurationReader } from './engine/ConfigurationReader.js';
import { ContentCommitter } from './engine/ContentCommitter.js';
import { isDecodable } from './engine/contentText.js';
import { NamedLocks } from './engine/NamedLocks.js';
import { Operations } from './engine/Operations.js';
import { Queries, type CacheUse } from './engine/Queries.js';
import { Migrations, type KeepUnderName } from './engine/Migrations.js';
import { MigrateOperation } from './engine/MigrateOperation.js';
import { NewValues } from './engine/NewValues.js';
import { ClockWatch } from './health/ClockWatch.js';
import { HealthManager } from './health/HealthManager.js';
import { HealthReports } from './health/HealthReports.js';
import { mendersOf } from './health/menders.js';
import { OperationActivity } from './health/OperationActivity.js';
import { PeriodicHealth, type HealthSchedule } from './health/PeriodicHealth.js';
import { ConfigurationProbe } from './health/verify/ConfigurationProbe.js';
import { SnapshotProbe } from './health/verify/SnapshotProbe.js';
import { Verifier } from './health/verify/Verifier.js';
import { OperationHistory } from './history/OperationHistory.js';
import { OperationLog } from './history/OperationLog.js';
import { callQuietly } from './framework/module/DebugLog.js';
import { LiveFiles } from './live/LiveFiles.js';
import { LockManager } from './lock/LockManager.js';
import { processWaitingLine } from './lock/WaitingLine.js';
import type { OperationMetrics } from './metrics/OperationMetrics.js';
import { traceCacheHit, tracesOf } from './metrics/tracing.js';
import type { OperationReports } from './operationReports.js';
import type { ResolvedOptions } from './options/resolveOptions.js';
import { Expectations } from './schema/Expectations.js';
import { LocalExchangeFiles } from './storage/local/exchange/LocalExchangeFiles.js';
import { nodeFileOperations, type FileOperations } from './storage/local/io/FileOperations.js';
import { ignoringFolders } from './storage/local/io/ownFolders.js';
import { retryingFileOperations } from './storage/local/io/retrying.js';
import { LocalConfigStore } from './storage/local/LocalConfigStore.js';
import { PathGuard } from './storage/local/paths/PathGuard.js';
import { SharedFolders } from './storage/local/watch/SharedFolders.js';
import type { WatchFolder } from './storage/local/watch/watchFolder.js';
import type { ConfigStore } from './storage/port/ConfigStore.js';
import type { StoreContext, StoreProvider } from './storage/port/StoreProvider.js';
import type { Location } from './storage/port/Work.js';
import { isExportOf } from './transfer/exportNames.js';
import { TransferManager } from './transfer/TransferManager.js';
import { VersionManager } from './version/VersionManager.js';

const { MAX_FILE_SIZE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

export interface Services {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly cache: ConfigurationCache;
  readonly operations: Operations;
  readonly queries: Queries;
  readonly changes: Changes;
  readonly migrations: MigrateOperation;
  /** For whoever brings values in from elsewhere: `Expectations.accept`. */
  readonly expectations: Expectations;
  readonly namedLocks: NamedLocks;
  readonly live: LiveFiles;
  readonly schedule: MaintenanceSchedule;
  readonly backups: BackupManager;
  readonly upkeep: BackupUpkeep;
  readonly eraser: HistoryEraser;
  readonly versions: VersionManager;
  readonly transfer: TransferManager;
  readonly history: OperationHistory;
  readonly operationLog: OperationLog;
  readonly health: HealthManager;
  readonly periodicHealth: PeriodicHealth;
  /** From now on what lies beside this path may be used. */
  readonly allowBeside: (path: string) => void;
}

/** What the parts tell whoever runs them, and ask. */
export interface ServiceHost extends OperationReports {
  readonly defaultPath: () => string;
  readonly retention: () => RetentionSettings;
  readonly metrics: OperationMetrics;
  readonly healthSchedule: () => HealthSchedule;
}

/** What the parts work with, and tests put something else in the place of. */
export interface Internals {
  /** Default: the system's own calls. */
  readonly fileOperations?: FileOperations | undefined;
  /** Default: the system's. */
  readonly clock?: Clock | undefined;
  /** Default: the system's notices. */
  readonly watchFolder?: WatchFolder | undefined;
}

export type { FileOperations, WatchFolder };

/** What a subclass of the module has under these names, and is something else, is its own. */
function workingParts({ fileOperations, clock }: Internals): { fileOperations: FileOperations; clock: Clock } {
  return {
    fileOperations: isOfKind(fileOperations, 'rename') ? fileOperations : nodeFileOperations,
    clock: isOfKind(clock, 'monotonicMs') ? clock : systemClock,
  };
}

function isOfKind<T>(given: T | undefined, method: keyof T): given is T {
  return typeof given?.[method] === 'function';
}

/** Loads what the options need, and touches nothing yet. */
export async function compose(
  options: ResolvedOptions,
  moduleId: string,
  host: ServiceHost,
  internals: Internals,
): Promise<Services> {
  const { fileOperations, clock } = workingParts(internals);
  const { retention, alert, observers, metrics } = host;
  const expectations = await Expectations.open(options.expectations, options.workingDirectory);
  const formats = new Formats(options.supportedFormats, options.texts);
  const context: StoreContext = {
    moduleId,
    maxBytes: MAX_FILE_SIZE_BYTES,
    // Without a history, what is there still has to be known.
    keptVersions: Math.max(1, options.maxVersionHistory),
    probe: (bytes, format, name) => isDecodable(bytes, formats.recorded(format, name)),
  };
  const pathGuard = new PathGuard(options.allowedDirectories, options.workingDirectory);
  const retrying = retryingFileOperations(fileOperations);
  const io = ignoringFolders(retrying, options.ignoredDirectories, options.permissions.metadataFile);
  const provider = options.store ?? localProvider(options, io, pathGuard, internals.watchFolder);
  const store = provider.createStore(context);
  // What an editor wrote is kept in any case: nobody else has it.
  const keep = options.autoBackupEnabled ? 'backup' : 'edits';
  const keepsVersions = options.autoBackupEnabled && options.maxVersionHistory > 0;
  const cache = new ConfigurationCache(options.cache);
  const locks = new LockManager(store.locks, processWaitingLine, options.staleLockThreshold);
  const operationLog = new OperationLog({
    segments: store.log,
    fullName: (filePath) => store.nameOf(filePath),
    clock,
    process: { pid: process.pid, host: hostname(), module: moduleId },
    onTrouble: host.onHistoryFailure,
  });
  const activity = new OperationActivity(clock);
  const operations = new Operations({
    locks,
    maxConcurrent: options.maxConcurrentOperations,
    timeoutMs: options.operationTimeout,
    lockTimeoutMs: options.lockTimeout,
    user: options.user,
    observers: [metrics.observe, ...observers, activity.observe, (end) => operationLog.record(end)],
    startTrace: tracesOf(moduleId, options.workingDirectory),
  });
  const reader = new ConfigurationReader({ store, cache, formats });
  const committer = new ContentCommitter({ store, cache, clock, user: options.user, keep });

  const keys = new KeyRing(options.encryption);
  const snapshots = new SnapshotReader({ store, formats, keys });
  const cleanup = new BackupCleanup({ store, reader, snapshots, clock, keepsVersions });
  const packer = new BackupPacker({ store, snapshots });
  const maker = new BackupMaker({ store, snapshots, retention, clock });
  const maintenance = new BackupMaintenance({
    store,
    snapshots,
    cleanup,
    packer,
    maker,
    keepsPresent: keepsVersions,
    retention,
    alert,
  });
  const schedule = new MaintenanceSchedule({
    operations,
    snapshots,
    maintenance,
    clock,
    retention,
    onFailure: host.onMaintenanceFailure,
  });
  committer.afterCommit(boundsQuarantine(store));
  committer.afterCommit(({ location, receipt, sizeBytes }) => {
    if (keep === 'backup' || receipt.kept !== undefined) schedule.afterChange(location, sizeBytes);
  });

  const recovering = { store, reader, committer, snapshots, lockTimeoutMs: options.lockTimeout, alert };
  const reads = new RecoveringReader({ ...recovering, isEnabled: options.autoRecover });
  const afterRead = [(location: Location) => schedule.afterRead(location)];
  const values = new NewValues({ store, formats, reader, expectations, validate: options.validate });
  // Whoever wants no backups gets none, because of a key in them, say.
  const keepUnderName: KeepUnderName | undefined =
    keep === 'backup' ? (request, guard, operation) => maker.ensure(request, guard, operation) : undefined;
  const { layout } = options;
  const migrations = new Migrations({ store, reads, committer, values, keepUnderName, layout });
  const cacheUse: CacheUse = {
    onHit: (filePath, durationMs) => {
      metrics.hitCache(durationMs);
      traceCacheHit({ instanceId: moduleId, workingDirectory: options.workingDirectory, filePath, durationMs });
    },
    onMiss: () => metrics.missCache(),
  };
  const queries = new Queries({ store, operations, reader, reads, formats, values, migrations, afterRead, cacheUse });
  const changes = new Changes({ store, operations, reader, reads, committer, formats, values, migrations, layout });
  const live = new LiveFiles({
    store,
    queries,
    values,
    clock,
    call: (work) => callQuietly(work, host.onListenerFailure),
    onFallback: host.onWatchFallback,
  });
  committer.aroundCommit(live.aroundCommit);
  committer.afterCommit(live.afterCommit);
  const namedLocks = new NamedLocks({ store, locks, operations, moduleId, lockTimeoutMs: options.lockTimeout });

  const sets = new BackupSets(store);
  const onMade = (location: Location): void => schedule.afterChange(location);
  const parts = { store, operations, committer, formats, values };
  const backups = new BackupManager({ ...parts, reader, sets, maker, snapshots, retention, onMade });
  const upkeep = new BackupUpkeep({ store, operations, sets, snapshots, cleanup, packer, retention });
  const exchange = new LocalExchangeFiles(io, {
    pathGuard,
    fileMode: options.permissions.backupFile,
    folderMode: options.permissions.backupDirectory,
  });
  const { archiveDirectory } = options;
  const eraser = new HistoryEraser({
    store,
    operations,
    reader,
    exportsOf: ({ name }) =>
      exchange
        .namesNow(archiveDirectory)
        .filter((one) => isExportOf(one, name))
        .map((one) => join(archiveDirectory, one)),
    onForgotten: (location) => {
      if (keepsVersions) schedule.afterChange(location);
    },
  });
  const versions = new VersionManager({ ...parts, contents: snapshots });
  const transfer = new TransferManager({
    ...parts,
    layout,
    reads,
    clock,
    exchange,
    contents: snapshots,
    packing: () => ({ isCompressed: retention().isCompressing, isEncrypted: snapshots.isEncrypting }),
    keys,
    onListenerFailure: host.onListenerFailure,
    settings: {
      workingDirectory: options.workingDirectory,
      ownDirectories: options.ownDirectories,
      archiveDirectory,
      tempDirectory: options.tempDirectory,
      maxConcurrent: options.maxConcurrentOperations,
      defaultPath: host.defaultPath,
    },
  });
  const health = new HealthManager(
    {
      store,
      operations,
      clock,
      clockWatch: new ClockWatch(clock),
      activity,
      verifier: new Verifier(new ConfigurationProbe(store, formats), new SnapshotProbe(store, snapshots)),
      mend: mendersOf({ store, formats, maker, restorer: new RecoveringReader({ ...recovering, isEnabled: true }) }),
      keepsBackups: options.autoBackupEnabled,
      leaseMs: options.staleLockThreshold,
    },
    new HealthReports({ clock, alert, report: host.onHealth, defaultPath: host.defaultPath }).afterRun,
  );
  const { healthSchedule, onHealthFailure } = host;
  const periodicHealth = new PeriodicHealth({ health, clock, schedule: healthSchedule, onFailure: onHealthFailure });
  const allowBeside = (path: string): void => pathGuard.allow(dirname(pathGuard.fullPathOf(path)));
  return {
    store,
    locks,
    cache,
    operations,
    queries,
    changes,
    migrations: new MigrateOperation({ store, operations, reads, formats, migrations }),
    expectations,
    namedLocks,
    live,
    schedule,
    backups,
    upkeep,
    eraser,
    versions,
    transfer,
    history: new OperationHistory({ store, segments: store.log, log: operationLog, operations, clock }),
    operationLog,
    health,
    periodicHealth,
    allowBeside,
  };
}

/** Lets everything that runs end, and gives back what the parts hold. */
export async function endServices(services: Services): Promise<void> {
  const { operations, schedule, operationLog, locks, store, cache, periodicHealth, live } = services;
  await live.end();
  await periodicHealth.end();
  await operations.drain();
  await schedule.settle();
  await operationLog.close();
  try {
    await locks.releaseAll();
  } finally {
    cache.clear();
    await store.close();
  }
}

function localProvider(
  options: ResolvedOptions,
  io: FileOperations,
  pathGuard: PathGuard,
  watchFolder: WatchFolder | undefined,
): StoreProvider {
  const { metadataDirectory, lockDirectory, backupDirectory, archiveDirectory, tempDirectory } = options;
  return {
    createStore: ({ moduleId, maxBytes, keptVersions, probe }) =>
      new LocalConfigStore(io, {
        metadataDirectory,
        lockDirectory,
        backupDirectory,
        archiveDirectory,
        tempDirectory,
        pathGuard,
        modes: options.permissions,
        maxBytes,
        keptVersions,
        mayWriteInPlace: options.inPlaceFallback,
        probe,
        process: { pid: process.pid, host: hostname(), module: moduleId },
        folders: watchFolder === undefined ? undefined : new SharedFolders(watchFolder),
      }),
  };
}
