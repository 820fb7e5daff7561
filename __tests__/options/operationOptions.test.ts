/** The last argument of each method: which keys it takes, and what their values may be. */
import { join } from 'node:path';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { startModule, temporaryFolder } from '../support/moduleFixture.js';

/** A right value of every key that any method takes. */
const VALUES: Record<string, unknown> = {
  signal: new AbortController().signal,
  timeout: 60_000,
  lockTimeout: 60_000,
  format: 'json',
  copy: 'plain',
  expectedChecksum: '0'.repeat(64),
  user: 'ann',
  description: 'why',
  tags: ['one'],
  initial: {},
  filePath: 'app.json',
  dryRun: true,
  validate: false,
  onConflict: 'manual',
};

const EVERY = ['signal', 'timeout'];
const UPKEEP = [...EVERY, 'lockTimeout'];
const MUTATION = [...UPKEEP, 'expectedChecksum', 'format', 'user'];
const SAVE = [...MUTATION, 'description', 'tags'];
const UNFORMATTED = SAVE.filter((key) => key !== 'format');

type Call = (module: ConfigPersistenceModule, options: never) => Promise<unknown>;

const METHODS: [string, string[], Call][] = [
  ['saveConfiguration', SAVE, (module, options) => module.saveConfiguration({}, undefined, options)],
  ['saveConfigurationAtomic', SAVE, (module, options) => module.saveConfigurationAtomic({}, undefined, options)],
  ['saveProviderConfiguration', SAVE, (module, options) => module.saveProviderConfiguration({}, options)],
  [
    'loadConfiguration',
    [...EVERY, 'format', 'copy'],
    (module, options) => module.loadConfiguration(undefined, options),
  ],
  [
    'loadProviderConfiguration',
    [...EVERY, 'format', 'copy'],
    (module, options) => module.loadProviderConfiguration(options),
  ],
  ['deleteConfiguration', MUTATION, (module, options) => module.deleteConfiguration('app.json', options)],
  [
    'updateConfiguration',
    [...SAVE, 'initial'],
    (module, options) => module.updateConfiguration(() => ({}), undefined, options),
  ],
  [
    'verifyConfigurationIntegrity',
    [...EVERY, 'format'],
    (module, options) => module.verifyConfigurationIntegrity('app.json', options),
  ],
  [
    'getConfigurationMetadata',
    [...EVERY, 'format'],
    (module, options) => module.getConfigurationMetadata(undefined, options),
  ],
  ['setConfigurationMetadata', MUTATION, (module, options) => module.setConfigurationMetadata({}, undefined, options)],
  ['createBackup', UNFORMATTED, (module, options) => module.createBackup(undefined, undefined, options)],
  ['listBackups', EVERY, (module, options) => module.listBackups(undefined, options)],
  [
    'restoreFromBackup',
    [...SAVE, 'validate'],
    (module, options) => module.restoreFromBackup('none', undefined, options),
  ],
  [
    'migrateConfiguration',
    [...MUTATION, 'dryRun'],
    (module, options) => module.migrateConfiguration(undefined, options),
  ],
  ['deleteBackup', [...UPKEEP, 'expectedChecksum'], (module, options) => module.deleteBackup('none', options)],
  [
    'cleanupOldBackups',
    [...UPKEEP, 'filePath', 'dryRun'],
    (module, options) => module.cleanupOldBackups(undefined, options),
  ],
  ['forgetHistory', [...UPKEEP, 'before'], (module, options) => module.forgetHistory('app.json', options)],
  ['rotateBackupEncryption', UPKEEP, (module, options) => module.rotateBackupEncryption(undefined, options)],
  ['getVersionHistory', EVERY, (module, options) => module.getVersionHistory(undefined, options)],
  ['compareVersions', EVERY, (module, options) => module.compareVersions('none', 'none', options)],
  [
    'rollbackToVersion',
    [...UNFORMATTED, 'onConflict', 'validate'],
    (module, options) => module.rollbackToVersion('none', options),
  ],
];

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

/** The code that a call ends with; undefined where it succeeds. */
async function codeOf(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

describe.each(METHODS)('%s', (_, taken, call) => {
  it('refuses every key that would have no effect with ERR_INVALID_OPTION, and no other key', async () => {
    const module = await startModule(folder, { encryption: { passphrase: 'a key for the rotation' } });
    const refused: string[] = [];
    for (const [key, value] of Object.entries(VALUES)) {
      if ((await codeOf(call(module, { [key]: value } as never))) === 'ERR_INVALID_OPTION') refused.push(key);
    }
    expect(refused).toEqual(Object.keys(VALUES).filter((key) => !taken.includes(key)));
    expect(await codeOf(call(module, { colour: 1 } as never))).toBe('ERR_INVALID_OPTION');
  });
});

describe('what a change records about itself', () => {
  it.each([
    ['a description above 10,000 characters', { description: 'x'.repeat(10_001) }],
    ['a description of 2 MB', { description: 'x'.repeat(2_000_000) }],
    ['a tag above 200 characters', { tags: ['x'.repeat(201)] }],
    ['an empty tag', { tags: [''] }],
    ['more than 100 tags', { tags: Array.from({ length: 101 }, String) }],
    ['a user above 1,000 characters', { user: 'x'.repeat(1001) }],
  ])('is refused with ERR_INVALID_OPTION for %s, and nothing is written', async (_, options) => {
    const module = await startModule(folder);
    expect(await codeOf(module.saveConfiguration({ a: 1 }, undefined, options))).toBe('ERR_INVALID_OPTION');
    expect(await codeOf(module.loadConfiguration())).toBe('ERR_FILE_NOT_FOUND');
  });

  it('may be as long as that, all of it together, and stands in the history', async () => {
    const module = await startModule(folder);
    const described = {
      description: '\u0001'.repeat(10_000),
      tags: Array.from({ length: 100 }, (_, index) => String(index).padEnd(200, 'é')),
    };
    await module.saveConfiguration({ a: 1 }, undefined, { ...described, user: '\u0001'.repeat(1000) });
    expect(await module.getVersionHistory()).toMatchObject([described]);
  });
});

it('acquireFileLock refuses a timeout that is none with ERR_INVALID_OPTION that names its own argument', async () => {
  const module = await startModule(folder);
  for (const wrong of [-1, Number.NaN, 300_001, '5']) {
    const error: unknown = await module
      .acquireFileLock(join(folder, 'app.json'), wrong as never)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION' });
    expect((error as Error).message).not.toContain('lockTimeout');
  }
});
