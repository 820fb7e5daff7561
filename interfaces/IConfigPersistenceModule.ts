/** The operations of the module, for callers that depend on an interface and not on the class. */
import type { FileLockResult, LockStatus } from './locks.js';
import type { LoadOptions, MutationOptions, OperationOptions, SaveOptions, UpdateOptions } from './options.js';
import type { ConfigurationData, ConfigurationMetadata, IntegrityResult, PersistenceResult } from './results.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

export interface IConfigPersistenceModule {
  saveConfiguration(config: any, filePath?: string, options?: SaveOptions): Promise<PersistenceResult>;
  loadConfiguration(filePath?: string, options?: LoadOptions): Promise<ConfigurationData>;
  deleteConfiguration(filePath: string, options?: MutationOptions): Promise<PersistenceResult>;

  saveConfigurationAtomic(config: any, filePath?: string, options?: SaveOptions): Promise<PersistenceResult>;
  updateConfiguration(
    mutate: (value: any) => unknown,
    filePath?: string,
    options?: UpdateOptions,
  ): Promise<PersistenceResult>;
  verifyConfigurationIntegrity(filePath: string, options?: OperationOptions): Promise<IntegrityResult>;

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
