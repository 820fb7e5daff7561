/** Builds the parts of one running module from its options and gives each its collaborators. */
import { hostname } from 'node:os';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { ConfigurationCache } from './cache/ConfigurationCache.js';
import { ConfigurationReader } from './engine/ConfigurationReader.js';
import { LockOperations } from './engine/LockOperations.js';
import { OperationRunner, type OperationEnd } from './engine/OperationRunner.js';
import { PersistenceEngine } from './engine/PersistenceEngine.js';
import { LockManager } from './lock/LockManager.js';
import { processWaitingLine } from './lock/WaitingLine.js';
import type { ResolvedOptions } from './options/resolveOptions.js';
import type { ConfigStore } from './storage/ConfigStore.js';
import type { FileOperations } from './storage/FileOperations.js';
import { LocalConfigStore } from './storage/LocalConfigStore.js';

const { MAX_FILE_SIZE_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

export interface Services {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly cache: ConfigurationCache;
  readonly runner: OperationRunner;
  readonly reader: ConfigurationReader;
  readonly engine: PersistenceEngine;
  readonly lockOperations: LockOperations;
}

export function composeServices(
  options: ResolvedOptions,
  moduleId: string,
  io: FileOperations,
  onEnd: (end: OperationEnd) => void,
): Services {
  const store = new LocalConfigStore(io, {
    metadataDirectory: options.metadataDirectory,
    lockDirectory: options.lockDirectory,
    allowedDirectories: options.allowedDirectories,
    modes: options.permissions,
    maxBytes: MAX_FILE_SIZE_BYTES,
    keptVersions: options.maxVersionHistory,
    mayWriteInPlace: options.inPlaceFallback,
    process: { pid: process.pid, host: hostname(), module: moduleId },
  });
  const locks = new LockManager(store, processWaitingLine, options.staleLockThreshold);
  const cache = new ConfigurationCache({ isEnabled: options.enableCaching, timeToLiveMs: options.cacheTTL });
  const runner = new OperationRunner({
    maxConcurrent: options.maxConcurrentOperations,
    timeoutMs: options.operationTimeout,
    onEnd,
  });
  const reader = new ConfigurationReader({ store, cache, runner, supportedFormats: options.supportedFormats });
  const settings = { lockTimeoutMs: options.lockTimeout, user: options.user, validate: options.validate };
  const engine = new PersistenceEngine({ store, locks, cache, reader, runner, settings });
  const lockOperations = new LockOperations({ store, locks, runner, moduleId, lockTimeoutMs: options.lockTimeout });
  return { store, locks, cache, runner, reader, engine, lockOperations };
}
