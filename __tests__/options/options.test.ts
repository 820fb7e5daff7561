/** Every key of contract section 7. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DebugModule } from '../../interfaces/framework.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import { newModule, startModule, temporaryFolder, walk } from '../support/moduleFixture.js';

const NO_FUNCTIONS = [undefined, null, 1, 'x', {}].slice(1);
const NO_FLAGS = [0, 1, 'true', null, {}, []];
const NO_PATHS = ['', 5, null, {}, [], true, 'a\0b', 'a\nb', '\ud800'];
const NO_DURATIONS = [0, -1, 1.5, Number.NaN, Infinity, '100', null, 2 ** 31, []];

const WRONG: Record<string, readonly unknown[]> = {
  defaultConfigPath: NO_PATHS,
  backupDirectory: NO_PATHS,
  tempDirectory: NO_PATHS,
  metadataDirectory: NO_PATHS,
  lockDirectory: NO_PATHS,
  archiveDirectory: NO_PATHS,
  allowedDirectories: ['/tmp', [], [''], [5], null, {}],
  enableCaching: NO_FLAGS,
  cacheTTL: NO_DURATIONS,
  maxConcurrentOperations: [0, -1, 1.5, '10', null, 1001, Infinity],
  maxVersionHistory: [-1, 1.5, '10', null, 1001],
  operationTimeout: NO_DURATIONS,
  lockTimeout: [-1, 1.5, Number.NaN, '10', null, 300_001, Infinity],
  staleLockThreshold: [0, 99, -1, 1.5, '1000', null, 86_400_001, Infinity],
  supportedFormats: ['json', [], ['csv'], ['json', 5], null],
  permissions: [0o600, null, [], { configFile: -1 }, { configFile: 0o1000 }, { configFile: '600' }, { other: 1 }],
  user: ['', 5, null, {}, 'x'.repeat(1001)],
  validate: NO_FUNCTIONS,
  schema: [null, 5, 'text', [], [{}], [{ files: '*' }], [{ files: '*', schema: 5 }], { $async: true }, new Date(0)],
  defaults: [null, 5, 'text', [], [{}], [{ files: 5, defaults: {} }], { a: new Date(0) }, { a: [undefined] }],
  migrations: [null, 5, 'text', [], {}, { key: 'v' }, { key: 'v', steps: [] }, [{ key: 'v', steps: [], current: 1 }]],
  strictConnections: NO_FLAGS,
  debug: [null, 'debug', 1, [], { logLevel: 'loud' }, { enableRequestLogging: 1 }, { other: true }],
  autoBackupEnabled: NO_FLAGS,
  enableBackup: NO_FLAGS,
  backupRetentionCount: [0, 51, -1, 1.5, '3', null],
  retentionCount: [0, 51, -1, 1.5, '3', null],
  retentionPolicy: [
    null,
    5,
    [],
    { maxCount: 0 },
    { maxAgeHours: 0 },
    { compressionEnabled: 1 },
    { retentionStrategy: 'random' },
    { priorityRules: [] },
    { priorityRules: [{ condition: '', priority: 1, action: 'keep', description: 'd' }] },
    { priorityRules: [{ condition: 'named', priority: -1, action: 'keep', description: 'd' }] },
    { priorityRules: [{ condition: 'named', priority: 1, action: 'burn', description: 'd' }] },
    { other: 1 },
  ],
  compressionEnabled: NO_FLAGS,
  encryption: [
    null,
    'secret',
    {},
    { key: 'short' },
    { key: Buffer.alloc(31) },
    { passphrase: '' },
    { key: Buffer.alloc(32), passphrase: 'x' },
  ],
  autoRecover: NO_FLAGS,
  enableHealthChecks: NO_FLAGS,
  healthCheckInterval: NO_DURATIONS,
  alerts: [null, 1, 'x', {}],
  strictOptions: NO_FLAGS,
};

const RIGHT: Record<string, readonly unknown[]> = {
  defaultConfigPath: ['./config/app.json'],
  backupDirectory: ['./config/backups'],
  tempDirectory: ['./config/temp'],
  metadataDirectory: ['./config/metadata'],
  lockDirectory: ['./config/locks'],
  archiveDirectory: ['./config/archive'],
  allowedDirectories: [['/tmp', './x']],
  enableCaching: [true, false],
  cacheTTL: [1, 300_000],
  maxConcurrentOperations: [1, 10, 1000],
  maxVersionHistory: [0, 1, 10, 1000],
  operationTimeout: [1, 120_000],
  lockTimeout: [0, 30_000, 300_000],
  staleLockThreshold: [100, 600_000],
  supportedFormats: [['json'], ['json', 'yaml', 'toml', 'ini', 'xml', 'properties']],
  permissions: [{}, { configFile: 0o644, backupDirectory: 0o755, tempFile: 0, lockFile: 0o777 }],
  user: ['ann'],
  validate: [() => true],
  schema: [{}, true, { type: 'object' }, [{ files: ['*.json', './a/**'], schema: false }]],
  defaults: [{}, { a: { b: [1] } }, [{ files: '*.json', defaults: {} }]],
  migrations: [
    { key: ['meta', 'v'], steps: [{ version: '1.0.0-rc.1', migrate: () => undefined, description: 'why' }] },
    [{ files: '*.json', key: 'v', steps: [], current: 1 }],
  ],
  strictConnections: [true, false],
  debug: [false, {}, { logLevel: 'error', enableRequestLogging: false, enablePerformanceMonitoring: false }],
  autoBackupEnabled: [true, false],
  enableBackup: [true, false],
  backupRetentionCount: [1, 50],
  retentionCount: [1, 50],
  retentionPolicy: [
    {},
    {
      maxCount: 3,
      maxAgeHours: 24,
      compressionEnabled: true,
      retentionStrategy: 'priority-based',
      priorityRules: [{ condition: 'named', priority: 0, action: 'archive', description: '' }],
    },
  ],
  compressionEnabled: [true, false],
  encryption: [{ key: Buffer.alloc(32) }, { passphrase: 'correct horse' }],
  autoRecover: [true, false],
  enableHealthChecks: [true, false],
  healthCheckInterval: [300_000],
  alerts: [true, false, () => undefined],
  strictOptions: [true, false],
};

const TUNABLE = [
  'debug',
  'enableCaching',
  'cacheTTL',
  'enableHealthChecks',
  'healthCheckInterval',
  'backupRetentionCount',
  'retentionCount',
  'retentionPolicy',
];

/** What nobody is shown, or not as it was given. */
const HIDDEN = ['encryption', 'schema', 'defaults', 'migrations'];

/** Other spelling to main key. */
const MAIN_KEYS: Record<string, string> = { enableBackup: 'autoBackupEnabled', retentionCount: 'backupRetentionCount' };

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** Collects the diagnostics of a module. */
function recorder(): { lines: { level: string; text: string }[]; debugModule: DebugModule } {
  const lines: { level: string; text: string }[] = [];
  const debugModule: DebugModule = {
    log: (level, message, details) => lines.push({ level, text: `${message} ${JSON.stringify(details)}` }),
  };
  return { lines, debugModule };
}

describe.each(Object.keys(WRONG))('the option %s', (key) => {
  it('refuses what is of the wrong type or out of range with ERR_INVALID_OPTION that names it', () => {
    for (const value of WRONG[key]!) {
      const module = newModule(folder);
      expect(() => module.configure({ [key]: value })).toThrow(
        expect.objectContaining({
          name: 'PersistenceError',
          code: 'ERR_INVALID_OPTION',
          message: expect.stringContaining(key) as string,
        }),
      );
    }
  });

  it('takes what is right, and shows it in getConfig() unless it is secret', () => {
    for (const value of RIGHT[key]!) {
      const module = newModule(folder);
      module.setDebugModule(recorder().debugModule);
      module.configure({ [key]: value });
      if (!HIDDEN.includes(key)) expect(module.getConfig()[MAIN_KEYS[key] ?? key]).toEqual(value);
    }
  });

  it(`${TUNABLE.includes(key) ? 'may' : 'may not'} change while the module runs`, async () => {
    const module = await startModule(folder);
    module.setDebugModule(recorder().debugModule);
    const change = () => module.configure({ [key]: RIGHT[key]![0] });
    if (TUNABLE.includes(key)) expect(change).not.toThrow();
    else expect(change).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
  });
});

describe.each([
  ['enableBackup', 'autoBackupEnabled', true, false],
  ['retentionCount', 'backupRetentionCount', 3, 5],
])('the spelling %s of %s', (other, main, value, different) => {
  it('may stand beside it in one call only where both agree', () => {
    expect(() => newModule(folder).configure({ [other]: value, [main]: value })).not.toThrow();
    expect(() => newModule(folder).configure({ [other]: value, [main]: different })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    );
  });

  it('merges with it over calls: the last call counts, whichever spelling it uses', () => {
    const module = newModule(folder);
    module.configure({ [main]: value });
    module.configure({ [other]: different });
    expect(module.getConfig()[main]).toBe(different);
    expect(module.getConfig()).not.toHaveProperty(other);
    module.configure({ [main]: value });
    expect(module.getConfig()[main]).toBe(value);
  });

  it('counts as not given where its value is undefined', () => {
    const module = newModule(folder, { [main]: value });
    module.configure({ [other]: undefined });
    expect(module.getConfig()[main]).toBe(value);
  });
});

it('retentionCount may change while the module runs, also after backupRetentionCount was given', async () => {
  const module = await startModule(folder, { backupRetentionCount: 5 });
  module.configure({ retentionCount: 2 });
  for (let index = 0; index < 5; index++) await module.saveConfiguration({ index });
  await module.destroy();
  const later = await startModule(folder, { backupRetentionCount: 5 });
  expect(await later.listBackups()).toHaveLength(2);
});

describe('permissions', () => {
  it('warns of the members that nothing reads, and of no others', () => {
    const module = newModule(folder);
    const { lines, debugModule } = recorder();
    module.setDebugModule(debugModule);
    module.configure({ permissions: { configFile: 0o640, tempFile: 0o640, tempDirectory: 0o750 } });
    const warnings = lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
    expect(warnings).toEqual([
      expect.stringContaining('permissions.tempFile'),
      expect.stringContaining('permissions.tempDirectory'),
    ]);
  });
});

describe('configure', () => {
  it('merges calls, and a refused call changes nothing', () => {
    const module = newModule(folder);
    module.configure({ cacheTTL: 5, user: 'ann' });
    expect(() => module.configure({ user: 'bob', cacheTTL: -1 })).toThrow();
    expect(module.getConfig()).toMatchObject({ cacheTTL: 5, user: 'ann' });
    module.configure({ user: 'bob' });
    expect(module.getConfig()).toMatchObject({ cacheTTL: 5, user: 'bob' });
  });

  it('takes an unknown key with a warning and not with an error', () => {
    const module = newModule(folder);
    const { lines, debugModule } = recorder();
    module.setDebugModule(debugModule);
    module.configure({ colour: 'vermilion', constructor: 1, toString: 2 } as never);
    const warnings = lines.filter(({ level }) => level === 'warn');
    for (const key of ['colour', 'constructor', 'toString']) {
      expect(warnings.some(({ text }) => text.includes(key))).toBe(true);
    }
    expect(lines.some(({ text }) => text.includes('vermilion'))).toBe(false);
  });

  it('counts a key whose value is undefined as not given', () => {
    const module = newModule(folder, { cacheTTL: 7 });
    module.configure({ cacheTTL: undefined, user: undefined } as never);
    expect(module.getConfig().cacheTTL).toBe(7);
  });

  it('takes the whole example of the description, and works as it says', async () => {
    const start = process.cwd();
    process.chdir(folder);
    try {
      // As TypeScript infers it from the description: `supportedFormats` is any list of strings.
      const config = {
        defaultConfigPath: './config/app.json',
        backupDirectory: './config/backups',
        tempDirectory: './config/temp',
        backupRetentionCount: 3,
        autoBackupEnabled: true,
        compressionEnabled: true,
        enableCaching: true,
        cacheTTL: 300_000,
        maxConcurrentOperations: 10,
        enableHealthChecks: true,
        healthCheckInterval: 300_000,
        lockTimeout: 30_000,
        staleLockThreshold: 600_000,
        supportedFormats: ['json', 'yaml', 'toml', 'ini', 'xml', 'properties'],
      };
      const options: ConfigPersistenceOptions = config;
      const module = newModule(folder, options);
      await module.initialize();
      for (let index = 0; index < 6; index++) await module.saveConfiguration({ index });
      await module.destroy();

      expect(JSON.parse(readFileSync(join(folder, 'config', 'app.json'), 'utf8'))).toEqual({ index: 5 });
      const kept = walk(join(folder, 'config', 'backups')).filter((path) => path.includes('.backup'));
      expect(kept).toHaveLength(3);
      expect(kept.every((path) => path.endsWith('.backup.gz'))).toBe(true);
    } finally {
      process.chdir(start);
    }
  });

  it.each([null, undefined, 5, 'text', []])('refuses %p with ERR_INVALID_OPTION', (wrong) => {
    expect(() => newModule(folder).configure(wrong as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
    );
  });

  it('does not show a secret, neither in getConfig() nor in an error', () => {
    const module = newModule(folder);
    module.configure({ encryption: { passphrase: 'correct horse battery' } });
    expect(JSON.stringify(module.getConfig())).not.toContain('correct horse');
    let message = '';
    try {
      module.configure({ encryption: { passphrase: 5, key: 'planted secret' } as never });
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('encryption');
    expect(message).not.toContain('planted');
  });
});

describe('folders', () => {
  it('that are not given stand beside the default configuration', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    for (const name of ['metadata', 'locks']) expect(existsSync(join(folder, name))).toBe(true);
  });

  it('that are given are used', async () => {
    const module = await startModule(folder, {
      metadataDirectory: join(folder, 'm', 'deep'),
      lockDirectory: join(folder, 'l', 'deep'),
    });
    await module.saveConfiguration({ a: 1 });
    expect(existsSync(join(folder, 'm', 'deep'))).toBe(true);
    expect(existsSync(join(folder, 'l', 'deep'))).toBe(true);
    expect(existsSync(join(folder, 'metadata'))).toBe(false);
    expect(existsSync(join(folder, 'locks'))).toBe(false);
    await module.destroy();
  });
});

it('the user of the options is the author of changes, unless an operation names another', async () => {
  const module = await startModule(folder, { user: 'ann' });
  await module.saveConfiguration({ a: 1 });
  await module.saveConfiguration({ a: 2 }, undefined, { user: 'bob' });
  expect(await module.getConfigurationMetadata()).toMatchObject({ createdBy: 'ann', modifiedBy: 'bob' });
});

it('nothing is printed while debugging is off', async () => {
  const written: unknown[] = [];
  const original = process.stderr.write.bind(process.stderr);
  process.stderr.write = (chunk: unknown) => written.push(chunk) > 0;
  try {
    const module = await startModule(folder, { colour: 'red' } as never);
    await module.saveConfiguration({ a: 1 });
    await module.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);
    await module.destroy();
  } finally {
    process.stderr.write = original;
  }
  expect(written).toEqual([]);
});
