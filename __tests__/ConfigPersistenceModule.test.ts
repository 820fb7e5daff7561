/** The product description's examples, as they stand there, for everything that this release does. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import {
  CONFIG_PERSISTENCE_CONSTANTS,
  ConfigPersistenceModule,
  ModuleRegistry,
  PersistenceError,
  type ChangeDetails,
  type ConfigPersistenceOptions,
  type ErrorContext,
  type Mutate,
} from '../src/index.js';
import { applicationConfig, moduleInfo } from './fixtures/test-data.js';

const startFolder = process.cwd();
let folder: string;
let persistenceModule: ConfigPersistenceModule;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'description-'));
  process.chdir(folder);

  // "Basic Usage"
  const registry = ModuleRegistry.getInstance();
  registry.registerModuleType('config-persistence', ConfigPersistenceModule);
  persistenceModule = await registry.createModule('config-persistence', moduleInfo);
  persistenceModule.configure({ defaultConfigPath: './config/app.json', enableBackup: true, retentionCount: 5 });
  await persistenceModule.initialize();
});

afterEach(async () => {
  await ModuleRegistry.getInstance().clear();
  process.chdir(startFolder);
  await rm(folder, { recursive: true });
});

describe('The examples of the description', () => {
  it('saves a configuration and tells checksum and size', async () => {
    const result = await persistenceModule.saveConfiguration(applicationConfig);

    const bytes = await readFile('./config/app.json');
    expect(result).toMatchObject({
      success: true,
      filePath: './config/app.json',
      operationType: 'save',
      fileSize: bytes.length,
      metadata: { atomicOperation: true },
    });
    expect(result.checksum).toMatch(/^[0-9a-f]{64}$/u);
    expect(JSON.parse(bytes.toString())).toEqual(applicationConfig);
  });

  it('loads the configuration with integrity verification', async () => {
    await persistenceModule.saveConfiguration(applicationConfig);

    const configData = await persistenceModule.loadConfiguration();

    expect(configData).toMatchObject({ isValid: true, data: applicationConfig, filePath: './config/app.json' });
    expect(configData.metadata).toMatchObject({ format: 'json', encoding: 'utf8', version: '1' });
    expect(configData.checksum).toBe(configData.metadata.checksum);
  });

  it('lets the holder of a file lock save and releases the lock', async () => {
    const modifiedConfig = { ...applicationConfig, cache: { enabled: false } };
    const lockResult = await persistenceModule.acquireFileLock('./config/app.json');

    expect(lockResult.success).toBe(true);
    try {
      await persistenceModule.saveConfiguration(modifiedConfig);
    } finally {
      await persistenceModule.releaseFileLock(lockResult.lockId);
    }

    expect((await persistenceModule.loadConfiguration()).data).toEqual(modifiedConfig);
    expect((await persistenceModule.checkFileLock('./config/app.json')).isLocked).toBe(false);
  });

  it('creates, lists, restores and cleans up backups', async () => {
    await persistenceModule.saveConfiguration(applicationConfig);
    const backupResult = await persistenceModule.createBackup('./config/app.json', 'manual-backup');
    expect(backupResult.backupId).not.toBe('');
    await persistenceModule.saveConfiguration({ changed: true });

    const backups = await persistenceModule.listBackups();
    expect(backups.map(({ isAutomatic }) => isAutomatic)).toEqual([true, false]);

    const restoreResult = await persistenceModule.restoreFromBackup(backupResult.backupId);
    expect(restoreResult.success).toBe(true);
    expect((await persistenceModule.loadConfiguration()).data).toEqual(applicationConfig);

    for (let count = 0; count < 5; count++) await persistenceModule.saveConfiguration({ count });
    const cleanupResult = await persistenceModule.cleanupOldBackups(3);
    expect(cleanupResult).toMatchObject({ success: true, deletedBackupsCount: 5, retainedBackupsCount: 3 });
    expect(await persistenceModule.listBackups()).toHaveLength(3);
  });

  it('run in their order in one module', async () => {
    // "Module Configuration"
    const config = {
      defaultConfigPath: './config/app.json',
      backupDirectory: './config/backups',
      tempDirectory: './config/temp',
      backupRetentionCount: 3,
      autoBackupEnabled: true,
      compressionEnabled: true,
      enableCaching: true,
      cacheTTL: 300000,
      maxConcurrentOperations: 10,
      enableHealthChecks: true,
      healthCheckInterval: 300000,
      lockTimeout: 30000,
      staleLockThreshold: 600000,
      supportedFormats: ['json', 'yaml', 'toml', 'ini', 'xml', 'properties'],
    };
    const options: ConfigPersistenceOptions = config;

    // "Basic Usage"
    const registry = ModuleRegistry.getInstance();
    await registry.clear();
    registry.registerModuleType('config-persistence', ConfigPersistenceModule);
    const persistenceModule = await registry.createModule('config-persistence', moduleInfo);
    persistenceModule.configure(options);
    persistenceModule.configure({
      defaultConfigPath: './config/app.json',
      enableBackup: true,
      retentionCount: 5,
    });
    expect(persistenceModule.getConfig()).toEqual({ ...config, backupRetentionCount: 5 });
    await persistenceModule.initialize();

    // "Save Configuration", "Load Configuration"
    const result = await persistenceModule.saveConfiguration(applicationConfig);
    expect(result.success).toBe(true);
    const configData = await persistenceModule.loadConfiguration();
    expect(configData.isValid).toBe(true);

    // "Backup Management"
    const backupResult = await persistenceModule.createBackup('./config/app.json', 'manual-backup');
    const backups = await persistenceModule.listBackups();
    expect(backups.map(({ id }) => id)).toEqual([backupResult.backupId]);
    const restoreResult = await persistenceModule.restoreFromBackup(backupResult.backupId);
    expect(restoreResult.success).toBe(true);
    const cleanupResult = await persistenceModule.cleanupOldBackups(3);
    expect(cleanupResult.success).toBe(true);

    // "File Locking"
    const modifiedConfig = { ...applicationConfig, cache: { enabled: false } };
    const lockResult = await persistenceModule.acquireFileLock('./config/app.json');
    expect(lockResult.success).toBe(true);
    if (lockResult.success) {
      try {
        await persistenceModule.saveConfiguration(modifiedConfig);
      } finally {
        await persistenceModule.releaseFileLock(lockResult.lockId);
      }
    }

    // "Inter-Module Communication"
    const validatorConnection = {
      id: 'persistence-validator-connection',
      type: 'input',
      sourceModuleId: 'config-validator',
      targetModuleId: 'config-persistence',
      dataTypes: ['save-request', 'validation-result'],
    };
    persistenceModule.addInputConnection(validatorConnection);
    await persistenceModule.receiveData({
      id: 'save-request-001',
      sourceConnectionId: 'persistence-validator-connection',
      targetConnectionId: 'config-persistence',
      data: {
        config: modifiedConfig,
        filePath: './config/validated.json',
      },
      timestamp: Date.now(),
      metadata: {
        type: 'save-request',
        source: 'validator',
      },
    });
    expect((await persistenceModule.loadConfiguration('./config/validated.json')).data).toEqual(modifiedConfig);

    // "Debug Mode", quiet here
    persistenceModule.configure({
      debug: {
        enableRequestLogging: true,
        enablePerformanceMonitoring: true,
        logLevel: 'error',
      },
    });

    // "Configuration Migration"
    await writeFile('./old-config.json', '{"db":"localhost:5432"}');
    const migrateConfiguration = (old: { db: string }) => ({ database: { url: old.db } });
    const oldConfig = await persistenceModule.loadConfiguration('./old-config.json');
    const migratedConfig = migrateConfiguration(oldConfig.data as { db: string });
    await persistenceModule.saveConfiguration(migratedConfig, './new-config.json');
    expect((await persistenceModule.loadConfiguration('./new-config.json')).data).toEqual(migratedConfig);
  });

  it('takes the debug options while it runs', () => {
    persistenceModule.configure({
      debug: { enableRequestLogging: true, enablePerformanceMonitoring: true, logLevel: 'error' },
    });

    expect(persistenceModule.getConfig()).toMatchObject({ debug: { logLevel: 'error' } });
  });

  it('keeps the tunables in the constants', () => {
    expect(CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.BACKUP_DIR).toBe('./config/backups');
    expect(CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS.DEFAULT_RETENTION_COUNT).toBe(3);
    expect(CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES).toBe(104_857_600);
    expect(CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS.MAX_OPERATION_TIME_MS).toBe(120_000);
    expect(CONFIG_PERSISTENCE_CONSTANTS.MODULE_VERSION).toBe(packageJson.version);
    expect(Object.isFrozen(CONFIG_PERSISTENCE_CONSTANTS.PERMISSIONS)).toBe(true);
  });

  it('tells persistence errors by their name', async () => {
    await expect(persistenceModule.saveConfiguration({ when: new Date() })).rejects.toMatchObject({
      name: 'PersistenceError',
      code: 'ERR_INVALID_CONFIGURATION_DATA',
      operationType: 'save',
      filePath: './config/app.json',
    });
  });

  it('tells failures of the system by the code of the system', async () => {
    await writeFile('in-the-way', '');

    await expect(persistenceModule.saveConfiguration({}, './in-the-way/app.json')).rejects.toMatchObject({
      name: 'StorageError',
      code: 'ENOTDIR',
      filePath: './in-the-way/app.json',
    });
  });

  it('exports the types of its signatures by name, and tells what a change has done in one of them', async () => {
    const increment: Mutate = (value: { count: number }) => ({ count: value.count + 1 });
    await persistenceModule.saveConfiguration({ count: 1 });
    const { metadata } = await persistenceModule.updateConfiguration(increment);
    const details: ChangeDetails = metadata ?? {};
    const context: ErrorContext = { filePath: './config/app.json' };

    expect(details).toEqual({ atomicOperation: true, revision: 2, backupCreated: true, backupId: details.backupId });
    const restored = await persistenceModule.restoreFromBackup(details.backupId ?? '');
    expect(restored.success).toBe(true);
    expect(new PersistenceError('ERR_CONFLICT', 'made by a test', context)).toMatchObject(context);
  });

  it('keeps the provider configuration beside the default one', async () => {
    await persistenceModule.saveProviderConfiguration({ providers: [{ name: 'openai' }] });

    expect((await persistenceModule.loadProviderConfiguration()).data).toEqual({ providers: [{ name: 'openai' }] });
    expect((await stat('./config/provider.json')).mode & 0o777).toBe(0o600);
  });
});
