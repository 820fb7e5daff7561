/** Builds the parts of one running module from its options and gives each its collaborators. */
import { hostname } from 'node:os';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { BackupCleanup } from './backup/BackupCleanup.js';
import { BackupManager } from './backup/BackupManager.js';
import { BackupMaker } from './backup/BackupMaker.js';
import { BackupPacker } from './backup/BackupPacker.js';
import { BackupPlaces } from './backup/BackupPlaces.js';
import { BackupTender } from './backup/BackupTender.js';
import { BackupUpkeep } from './backup/BackupUpkeep.js';
import { DamageRecovery } from './backup/DamageRecovery.js';
import { KeyRing } from './backup/packing/KeyRing.js';
import type { RetentionSettings } from './backup/RetentionSettings.js';
import { SnapshotVault } from './backup/SnapshotVault.js';
import { ConfigurationCache } from './cache/ConfigurationCache.js';
import { ConfigurationReader } from './engine/ConfigurationReader.js';
import { ContentCommitter } from './engine/ContentCommitter.js';
import type { DamageHandler } from './engine/DamageHandler.js';
import { LockOperations } from './engine/LockOperations.js';
import { OperationRunner } from './engine/OperationRunner.js';
import { PersistenceEngine } from './engine/PersistenceEngine.js';
import { LockManager } from './lock/LockManager.js';
import { processWaitingLine } from './lock/WaitingLine.js';
import type { OperationReports } from './operationReports.js';
import type { ResolvedOptions } from './options/resolveOptions.js';
import type { ConfigStore, Location } from './storage/port/ConfigStore.js';
import type { FileOperations } from './storage/local/io/FileOperations.js';
import { LocalConfigStore } from './storage/local/LocalConfigStore.js';
import { VersionManager } from './version/VersionManager.js';

const { MAX_FILE_SIZE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

export interface Services {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly cache: ConfigurationCache;
  readonly runner: OperationRunner;
  readonly reader: ConfigurationReader;
  readonly engine: PersistenceEngine;
  readonly lockOperations: LockOperations;
  readonly tender: BackupTender;
  readonly backups: BackupManager;
  readonly upkeep: BackupUpkeep;
  readonly versions: VersionManager;
}

/** What the parts tell whoever runs them, and ask. */
export interface ServiceHost extends OperationReports {
  readonly retention: () => RetentionSettings;
}

export function composeServices(
  options: ResolvedOptions,
  moduleId: string,
  io: FileOperations,
  host: ServiceHost,
): Services {
  const store = new LocalConfigStore(io, {
    metadataDirectory: options.metadataDirectory,
    lockDirectory: options.lockDirectory,
    backupDirectory: options.backupDirectory,
    archiveDirectory: options.archiveDirectory,
    allowedDirectories: options.allowedDirectories,
    modes: options.permissions,
    maxBytes: MAX_FILE_SIZE_BYTES,
    keptVersions: options.maxVersionHistory,
    mayWriteInPlace: options.inPlaceFallback,
    process: { pid: process.pid, host: hostname(), module: moduleId },
  });
  const locks = new LockManager(store, processWaitingLine, options.staleLockThreshold);
  const cache = new ConfigurationCache(options.cache);
  const runner = new OperationRunner({
    maxConcurrent: options.maxConcurrentOperations,
    timeoutMs: options.operationTimeout,
    onEnd: host.onEnd,
  });
  // The parts below ask for each other only while operations run, when all of them are there.
  const damage: DamageHandler = {
    recover: (...parameters) => recovery.recover(...parameters),
    wasSaved: (...parameters) => recovery.wasSaved(...parameters),
    remedies: (...parameters) => recovery.remedies(...parameters),
  };
  const onChange = (location: Location, sizeBytes?: number): void => {
    tender.schedule(location, sizeBytes);
  };
  const lockTimeoutMs = options.lockTimeout;
  const keep = keepOf(options);
  const onRead = (location: Location): void => {
    tender.notice(location);
  };
  const { supportedFormats } = options;
  const reader = new ConfigurationReader({ store, cache, runner, supportedFormats, damage, onRead });
  const committer = new ContentCommitter({ store, cache, user: options.user, keep, onChange });
  const settings = { lockTimeoutMs, validate: options.validate };
  const engine = new PersistenceEngine({ store, locks, reader, committer, runner, settings });
  const lockOperations = new LockOperations({ store, locks, runner, moduleId, lockTimeoutMs });
  const vault = new SnapshotVault({ store, reader, keys: new KeyRing(options.encryption) });
  const cleanup = new BackupCleanup({ store, reader, vault });
  const packer = new BackupPacker({ store, locks, vault });
  const recovery = new DamageRecovery({
    store,
    locks,
    reader,
    committer,
    vault,
    isEnabled: options.autoRecover,
    lockTimeoutMs,
    alert: host.alert,
  });
  const { retention, onTendingFailure: onFailure } = host;
  const maker = new BackupMaker({ store, vault, retention });
  const tender = new BackupTender({
    store,
    locks,
    runner,
    vault,
    cleanup,
    packer,
    maker,
    keepsPresent: keep !== undefined,
    retention,
    onFailure,
    alert: host.alert,
  });
  const parts = { store, locks, runner, reader, committer, lockTimeoutMs };
  const places = new BackupPlaces(store);
  const backups = new BackupManager({ ...parts, places, maker, vault, retention, onChange });
  const upkeep = new BackupUpkeep({ ...parts, places, vault, cleanup, packer, retention });
  const versions = new VersionManager({ ...parts, contents: vault });
  return { store, locks, cache, runner, reader, engine, lockOperations, tender, backups, upkeep, versions };
}

/** Lets everything that runs end, and gives back what the parts hold. */
export async function endServices({ runner, tender, locks, store, cache }: Services): Promise<void> {
  await runner.drain();
  await tender.settle();
  try {
    await locks.releaseAll();
  } finally {
    cache.clear();
    await store.close();
  }
}

function keepOf(options: ResolvedOptions): 'backup' | 'version' | undefined {
  if (options.autoBackupEnabled) return 'backup';
  return options.maxVersionHistory > 1 ? 'version' : undefined;
}
