/** Files of older versions become those of the newest, once, and nothing else does. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { MigrationPlan, MigrationStep } from '../../interfaces/migrations.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { PersistenceError } from '../../src/errors/PersistenceError.js';
import { listing, newModule, startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';

const SECRET = 'hunter2-hunter2-hunter2';

let runs: string[];
let folder: string;
let path: string;

const PLAN: MigrationPlan = {
  key: 'configVersion',
  steps: [
    { version: '2.0.0', migrate: (draft) => (runs.push('2.0.0'), void (draft.two = true)), description: 'adds two' },
    {
      version: '2.1.0',
      migrate: async (draft) => {
        runs.push('2.1.0');
        await Promise.resolve();
        return { ...draft, port: draft.prot, prot: undefined };
      },
    },
  ],
};
const OLD = '{"configVersion":"1.0.0","prot":80}';
const NEW = { configVersion: '2.1.0', two: true, port: 80 };

beforeEach(() => {
  runs = [];
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

function start(text: string | undefined, options: ConfigPersistenceOptions = {}) {
  if (text !== undefined) writeFileSync(path, text);
  return startModule(folder, { migrations: PLAN, ...options });
}

function onDisk(): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe('a load of an older file', () => {
  it('migrates it with one save, and keeps the content before under a name', async () => {
    const module = await start(OLD, { user: 'ann' });
    expect((await module.loadConfiguration()).data).toEqual(NEW);
    expect(onDisk()).toEqual(NEW);
    expect(runs).toEqual(['2.0.0', '2.1.0']);
    const [version, ...others] = await module.getVersionHistory();
    expect(others).toHaveLength(0);
    expect(version?.description).toBe('Migrated from 1.0.0 to 2.1.0; adds two');
    expect(version?.createdBy).toBe('ann');
    const [backup] = (await module.listBackups()).filter(({ name }) => name !== undefined);
    expect(backup?.name).toBe('before-migration-2.1.0');
    expect(readFileSync(path, 'utf8')).not.toBe(OLD);
    await module.restoreFromBackup(backup!.id);
    expect(readFileSync(path, 'utf8')).toBe(OLD);
  });

  it('runs nothing a second time, from the cache or without it', async () => {
    const module = await start(OLD);
    await module.loadConfiguration();
    await module.loadConfiguration();
    const other = await startModule(folder, { migrations: PLAN, enableCaching: false });
    expect((await other.loadConfiguration()).data).toEqual(NEW);
    expect(runs).toEqual(['2.0.0', '2.1.0']);
    expect(await module.getVersionHistory()).toHaveLength(1);
  });

  it('that says no version runs every step', async () => {
    const module = await start('{"prot":80}');
    expect((await module.loadConfiguration()).data).toEqual({ two: true, port: 80, configVersion: '2.1.0' });
    const [version] = await module.getVersionHistory();
    expect(version?.description).toBe('Migrated to 2.1.0; adds two');
  });

  it('runs only the steps that are missing', async () => {
    const module = await start('{"configVersion":"2.0.0","prot":80}');
    expect((await module.loadConfiguration()).data).toEqual({ configVersion: '2.1.0', port: 80 });
    expect(runs).toEqual(['2.1.0']);
  });

  it('migrates once where many loads meet it at the same time', async () => {
    const module = await start(OLD);
    const loads = await Promise.all(Array.from({ length: 8 }, () => module.loadConfiguration()));
    for (const { data } of loads) expect(data).toEqual(NEW);
    expect(runs).toEqual(['2.0.0', '2.1.0']);
  });

  it('is told as one that was changed outside no more', async () => {
    const module = await start(OLD);
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true });
  });

  it('makes no backup of its own where the application wants none', async () => {
    const module = await start(OLD, { autoBackupEnabled: false, maxVersionHistory: 1 });
    await module.loadConfiguration();
    // What an editor wrote is kept as before every change, and nothing else.
    expect((await module.listBackups()).map(({ name }) => name)).toEqual([undefined]);
  });

  it('keeps the backup of the newest migration whatever the retention says, until it is asked to go', async () => {
    const module = await start(OLD, { retentionCount: 1 });
    await module.loadConfiguration();
    for (let port = 1; port < 5; port++) await module.updateConfiguration((draft) => void (draft.port = port));
    await module.destroy();
    const other = await startModule(folder, { retentionCount: 1 });
    const names = async () => (await other.listBackups()).map(({ name }) => name);
    expect(await names()).toEqual([undefined, 'before-migration-2.1.0']);
    await other.cleanupOldBackups(1);
    expect(await names()).toEqual([undefined]);
  });

  it('leaves a file that is new enough as it is', async () => {
    for (const text of ['{"configVersion":"2.1.0"}', '["a list"]', '5']) {
      const module = await start(text);
      expect((await module.loadConfiguration()).data).toEqual(JSON.parse(text));
      expect(readFileSync(path, 'utf8')).toBe(text);
      await module.destroy();
    }
    expect(runs).toEqual([]);
  });

  it('is not needed where only the version of the release is newer than the last step', async () => {
    const text = '{"configVersion":"2.1.0"}';
    const module = await start(text, { migrations: { ...PLAN, current: '2.5.0' } });
    await module.loadConfiguration();
    expect(readFileSync(path, 'utf8')).toBe(text);
  });
});

describe('steps that fail', () => {
  const failing = (migrate: MigrationStep['migrate']): MigrationPlan => ({
    key: 'configVersion',
    steps: [PLAN.steps[0]!, { version: '3.0.0', migrate }],
  });

  it.each<[string, MigrationStep['migrate']]>([
    ['throw', () => raise(new TypeError(SECRET))],
    ['reject', () => Promise.reject(new TypeError(SECRET))],
    ['return a scalar', () => 5],
    ['return a list', () => [1]],
    ['return null', () => null],
    ['change the draft and return something else', (draft) => ((draft.a = 1), { other: true })],
    ['leave something that is no data', (draft) => void (draft.at = new Date(0))],
  ])('and %s write nothing, leave no backup, and name the step', async (_what, migrate) => {
    const module = await start(OLD, { migrations: failing(migrate) });
    const before = listing(folder).filter((line) => !line.includes('locks'));
    for (const attempt of [
      module.loadConfiguration(),
      module.updateConfiguration(() => undefined),
      module.migrateConfiguration(),
    ]) {
      const error = await attempt.then(
        () => undefined,
        (reason: unknown) => reason as PersistenceError,
      );
      expect(error).toMatchObject({ code: 'ERR_MIGRATION_FAILED', filePath: expect.stringContaining('app.json') });
      expect(error?.message).toContain('3.0.0');
      expect(error?.message).not.toContain(SECRET);
    }
    expect(listing(folder).filter((line) => !line.includes('locks'))).toEqual(before);
    expect(await module.listBackups()).toEqual([]);
    expect(await module.getVersionHistory()).toEqual([]);
  });

  it('keep what they threw as the cause', async () => {
    const cause = new TypeError('broken');
    const module = await start(OLD, { migrations: failing(() => raise(cause)) });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ cause });
  });

  it('to a value that does not fit the schema tell the places', async () => {
    const schema = z.object({ configVersion: z.string(), port: z.string() });
    const module = await start(OLD, { schema });
    const load = module.loadConfiguration();
    await expect(load).rejects.toMatchObject({ code: 'ERR_MIGRATION_FAILED', paths: ['port'] });
    expect(readFileSync(path, 'utf8')).toBe(OLD);
  });

  it('to a value that validate refuses, or that the format cannot hold, write nothing', async () => {
    const module = await start(OLD, { validate: () => false });
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_MIGRATION_FAILED' });
    await module.destroy();
    const other = await start(OLD, { migrations: failing((draft) => void (draft.a = Infinity)) });
    await expect(other.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_MIGRATION_FAILED', paths: ['a'] });
    expect(readFileSync(path, 'utf8')).toBe(OLD);
  });

  it('are bounded by the time of the operation, and the next load tries again', async () => {
    let isHanging = true;
    const module = await start(OLD, {
      migrations: failing(() => (isHanging ? new Promise(() => undefined) : undefined)),
    });
    await expect(module.loadConfiguration(undefined, { timeout: 200 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    isHanging = false;
    expect((await module.loadConfiguration()).data).toMatchObject({ configVersion: '3.0.0' });
  });

  it('cannot wait for a change of the same file', async () => {
    const module = await start(OLD, { migrations: failing(() => module.saveConfiguration({})) });
    const load = module.loadConfiguration();
    await expect(load).rejects.toMatchObject({ code: 'ERR_MIGRATION_FAILED', cause: { code: 'ERR_INVALID_REQUEST' } });
  });

  it('of which the commit fails leave one backup, however often it is tried', async () => {
    let isFull = true;
    writeFileSync(path, OLD);
    const module = await startModule(folder, { migrations: PLAN }, (real) => ({
      rename: (from, to) =>
        isFull && to === path ? Promise.reject(systemError('ENOSPC', 'rename')) : real.rename(from, to),
    }));
    for (let time = 0; time < 3; time++) {
      await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ENOSPC' });
    }
    isFull = false;
    expect((await module.loadConfiguration()).data).toEqual(NEW);
    expect((await module.listBackups()).filter(({ name }) => name !== undefined)).toHaveLength(1);
  });
});

describe('an update of an older file', () => {
  it('migrates it first, as a version of its own', async () => {
    const module = await start(OLD);
    await module.updateConfiguration((draft) => {
      expect(draft).toEqual(NEW);
      draft.port = 81;
    });
    expect(onDisk()).toEqual({ ...NEW, port: 81 });
    expect(await module.getVersionHistory()).toHaveLength(2);
  });

  it('holds expectedChecksum against the older file', async () => {
    const module = await start(OLD);
    const wrong = { expectedChecksum: '0'.repeat(64) };
    await expect(module.updateConfiguration(() => undefined, undefined, wrong)).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect(readFileSync(path, 'utf8')).toBe(OLD);
    const { checksum } = await module.getConfigurationMetadata();
    await module.updateConfiguration((draft) => void (draft.port = 81), undefined, { expectedChecksum: checksum });
    expect(onDisk()).toEqual({ ...NEW, port: 81 });
  });

  it('stays migrated where mutate throws', async () => {
    const module = await start(OLD);
    await expect(module.updateConfiguration(() => raise(new Error('no')))).rejects.toThrow('no');
    expect(onDisk()).toEqual(NEW);
  });
});

describe('a new file', () => {
  it('gets the newest version, and no step is run on it', async () => {
    const module = await start(undefined);
    await module.saveConfiguration({ port: 1 });
    expect(onDisk()).toEqual({ port: 1, configVersion: '2.1.0' });
    expect((await module.loadConfiguration()).data).toEqual({ port: 1, configVersion: '2.1.0' });
    const other = join(folder, 'other.json');
    await module.updateConfiguration((draft) => void (draft.a = 1), other, { initial: {} });
    expect(JSON.parse(readFileSync(other, 'utf8'))).toEqual({ a: 1, configVersion: '2.1.0' });
    expect(runs).toEqual([]);
  });

  it('gets the version of the release where that is newer than the last step, or there is no step', async () => {
    const module = await start(undefined, { migrations: { ...PLAN, current: '2.5.0' } });
    await module.saveConfiguration({});
    expect(onDisk()).toEqual({ configVersion: '2.5.0' });
    await module.destroy();
    const other = await start('{}', { migrations: { key: 'v', steps: [], current: 3 } });
    await other.saveConfiguration({ a: 1 });
    expect(onDisk()).toEqual({ a: 1, v: 3 });
  });

  it('is left as it is where it is no object', async () => {
    const module = await start(undefined);
    await module.saveConfiguration(['list']);
    expect(onDisk()).toEqual(['list']);
  });

  it('keeps an older version that it says, and is migrated by the next load', async () => {
    const module = await start(undefined);
    await module.saveConfiguration(JSON.parse(OLD));
    expect(onDisk()).toEqual(JSON.parse(OLD));
    expect((await module.loadConfiguration()).data).toEqual(NEW);
  });

  it('of an older version is judged by what the steps would make of it', async () => {
    const schema = z.object({ configVersion: z.literal('2.1.0'), port: z.number() });
    const module = await start(undefined, { schema });
    await module.saveConfiguration({ configVersion: '1.0.0', prot: 80 });
    const wrong = module.saveConfiguration({ configVersion: '1.0.0', prot: SECRET });
    await expect(wrong).rejects.toMatchObject({ code: 'ERR_MIGRATION_FAILED', paths: ['port'] });
    expect(onDisk()).toEqual(JSON.parse(OLD));
  });

  it('does not take its version from the defaults', async () => {
    const module = await start('{"prot":80}', { defaults: { configVersion: '2.1.0', extra: 1 } });
    expect((await module.loadConfiguration()).data).toEqual({ ...NEW, extra: 1 });
    expect(onDisk()).toEqual({ ...NEW });
    await module.updateConfiguration((draft) => {
      delete draft.configVersion;
    });
    expect(onDisk()).toEqual({ ...NEW });
  });
});

describe('a file of a newer version', () => {
  const NEWER = '{"configVersion":"3.0.0-beta.1","a":1}';

  it('is refused by loads, updates, saves and migrations, and stays as it is', async () => {
    const module = await start(NEWER);
    const attempts = [
      () => module.loadConfiguration(),
      () => module.updateConfiguration(() => undefined),
      () => module.saveConfiguration({ a: 2 }),
      () => module.saveConfiguration({ configVersion: '2.1.0' }),
      () => module.migrateConfiguration(),
      () => module.migrateConfiguration(undefined, { dryRun: true }),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'ERR_NEWER_VERSION' });
    expect(readFileSync(path, 'utf8')).toBe(NEWER);
    // What is known of it besides its value can be asked for.
    expect((await module.getConfigurationMetadata()).fileSize).toBe(NEWER.length);
  });

  it('cannot be saved, nor brought back unless that is asked for', async () => {
    const newer = await start(undefined, { migrations: { ...PLAN, current: '9.0.0' } });
    await newer.saveConfiguration({ a: 1 });
    const { backupId } = await newer.createBackup();
    await newer.destroy();
    const module = await start('{"configVersion":"2.1.0"}');
    const refusal = { code: 'ERR_NEWER_VERSION' };
    await expect(module.saveConfiguration({ configVersion: '9.0.0' })).rejects.toMatchObject(refusal);
    await expect(module.restoreFromBackup(backupId)).rejects.toMatchObject(refusal);
    await module.restoreFromBackup(backupId, undefined, { validate: false });
    await expect(module.loadConfiguration()).rejects.toMatchObject(refusal);
  });

  it('gives way to an older backup: the way back after a newer release', async () => {
    const module = await start(OLD);
    await module.loadConfiguration();
    const [backup] = (await module.listBackups()).filter(({ name }) => name !== undefined);
    await module.destroy();
    const older = await startModule(folder, { migrations: { key: 'configVersion', steps: [], current: '1.0.0' } });
    await expect(older.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_NEWER_VERSION' });
    await older.restoreFromBackup(backup!.id);
    expect((await older.loadConfiguration()).data).toEqual(JSON.parse(OLD));
  });
});

describe('a version that is none', () => {
  it.each([
    ['a range', '">=1.0.0"'],
    ['a range of the kind that rivals stored', '"^2.0.0"'],
    ['a leading v', '"v1.0.0"'],
    ['build metadata', '"1.0.0+build"'],
    ['a number that was meant as text', '1.1'],
    ['a whole number where the plan has semantic versions', '1'],
    ['two parts', '"1.0"'],
    ['nothing', '""'],
    ['null', 'null'],
    ['an object', '{}'],
    ['something else entirely', `"${SECRET}"`],
  ])('is an error of its own that does not show it: %s', async (_what, version) => {
    const text = `{"configVersion":${version}}`;
    const module = await start(text);
    const refusal = { code: 'ERR_UNREADABLE_VERSION', paths: ['configVersion'] };
    await expect(module.loadConfiguration()).rejects.toMatchObject(refusal);
    await expect(module.updateConfiguration(() => undefined)).rejects.toMatchObject(refusal);
    await expect(module.saveConfiguration(JSON.parse(text))).rejects.toMatchObject(refusal);
    const message = await module.loadConfiguration().catch((error: unknown) => (error as Error).message);
    expect(message).not.toContain(SECRET);
    expect(readFileSync(path, 'utf8')).toBe(text);
    // A save is how it is repaired.
    await module.saveConfiguration({ a: 1 });
    expect(onDisk()).toEqual({ a: 1, configVersion: '2.1.0' });
  });
});

describe('the order of versions', () => {
  const names = (versions: readonly (string | number)[]): MigrationPlan => ({
    key: 'v',
    steps: versions.map((version) => ({ version, migrate: () => void runs.push(String(version)) })),
  });

  it('is that of Semantic Versioning, pre-releases included, however the steps are given', async () => {
    const sorted = ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-beta', '1.0.0-beta.2', '1.0.0-beta.11'];
    const all = [...sorted, '1.0.0-rc.1', '1.0.0', '1.2.0', '1.10.0'];
    const module = await start('{"v":"1.0.0-alpha.1"}', { migrations: names([...all].reverse()) });
    await module.loadConfiguration();
    expect(runs).toEqual(all.slice(2));
    expect(onDisk()).toEqual({ v: '1.10.0' });
  });

  it('is that of numbers for whole numbers, which may be texts in the file or the plan', async () => {
    const module = await start('{"v":"9"}', { migrations: names([2, 10, '9', 11]) });
    await module.loadConfiguration();
    expect(runs).toEqual(['10', '11']);
    expect(onDisk()).toEqual({ v: 11 });
  });

  it.each([
    ['app.yaml', 'v: 1\n'],
    ['app.toml', 'v = 1\n'],
    ['app.ini', 'v = 1\n'],
    ['app.properties', 'v = 1\n'],
    ['app.xml', '<config xmlns="urn:rcc:config" type="object"><v type="number">1</v></config>'],
  ])('is read and written by the types of %s', async (name, text) => {
    path = join(folder, name);
    const module = await start(text, { defaultConfigPath: path, migrations: names([1, 2, 3]) });
    expect((await module.loadConfiguration()).data).toMatchObject({ v: 3 });
    expect(runs).toEqual(['2', '3']);
    await module.loadConfiguration();
    await module.saveConfiguration({ a: 'b' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 'b', v: 3 });
  });

  it('counts at a place inside the value', async () => {
    const migrations = { ...names([1, 2]), key: ['meta', 'version'] };
    const module = await start('{"meta":{"by":"x"}}', { migrations });
    expect((await module.loadConfiguration()).data).toEqual({ meta: { by: 'x', version: 2 } });
    await module.saveConfiguration({ a: 1 });
    expect(onDisk()).toEqual({ a: 1, meta: { version: 2 } });
    await expect(module.saveConfiguration({ meta: 5 })).rejects.toMatchObject({ code: 'ERR_UNREADABLE_VERSION' });
  });
});

describe('migrateConfiguration', () => {
  it('tells in a dry run what it would change, and changes nothing', async () => {
    const module = await start(OLD);
    const before = listing(folder);
    const result = await module.migrateConfiguration(undefined, { dryRun: true });
    expect(result).toMatchObject({
      success: true,
      fromVersion: '1.0.0',
      toVersion: '2.1.0',
      steps: ['2.0.0', '2.1.0'],
      changed: false,
    });
    expect(result.changes?.map(({ type, path: place }) => `${type} ${place}`).sort()).toEqual([
      'added port',
      'added two',
      'deleted prot',
      'modified configVersion',
    ]);
    expect(result.backupId).toBeUndefined();
    expect(listing(folder)).toEqual(before);
  });

  it('does it, once', async () => {
    const module = await start(OLD);
    const result = await module.migrateConfiguration(undefined, { user: 'ben' });
    expect(result).toMatchObject({
      changed: true,
      fromVersion: '1.0.0',
      toVersion: '2.1.0',
      steps: ['2.0.0', '2.1.0'],
    });
    expect(result.changes).toHaveLength(4);
    expect((await module.listBackups()).map(({ id }) => id)).toContain(result.backupId);
    expect(result.checksum).toBe((await module.loadConfiguration()).checksum);
    expect((await module.getVersionHistory())[0]?.createdBy).toBe('ben');
    const again = await module.migrateConfiguration();
    expect(again).toMatchObject({ changed: false, fromVersion: '2.1.0', toVersion: '2.1.0', steps: [] });
    expect(again.changes).toBeUndefined();
    expect(await module.getVersionHistory()).toHaveLength(1);
  });

  it('is refused where there is no plan, no file, or another file than expected', async () => {
    const rules = [{ files: join(folder, 'app.json'), ...PLAN }];
    const module = await start(OLD, { migrations: rules });
    const other = join(folder, 'other.json');
    await expect(module.migrateConfiguration(other)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    await expect(module.migrateConfiguration(undefined, { expectedChecksum: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    await module.deleteConfiguration(path);
    await expect(module.migrateConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });
});

describe('a file that cannot be written', () => {
  it.each(['EROFS', 'EACCES', 'EPERM'])('is migrated in memory, and the load says so: %s', async (code) => {
    writeFileSync(path, OLD);
    let isReadOnly = true;
    const refuse = (): Promise<never> => Promise.reject(systemError(code));
    const module = await startModule(folder, { migrations: PLAN, defaults: { extra: 1 } }, (real) => ({
      rename: (from, to) => (isReadOnly ? refuse() : real.rename(from, to)),
      mkdir: (name, mode) =>
        isReadOnly && existsSync(name) ? real.mkdir(name, mode) : isReadOnly ? refuse() : real.mkdir(name, mode),
    }));
    for (let time = 0; time < 2; time++) {
      const { data, isValid, validationResults } = await module.loadConfiguration();
      expect(data).toEqual({ ...NEW, extra: 1 });
      expect(isValid).toBe(true);
      expect(validationResults).toEqual([expect.objectContaining({ severity: 'medium' })]);
      expect(validationResults?.[0]?.description).toContain('memory');
    }
    expect(runs).toEqual(['2.0.0', '2.1.0']);
    expect(readFileSync(path, 'utf8')).toBe(OLD);
    await expect(module.updateConfiguration(() => undefined)).rejects.toMatchObject({ code });
    isReadOnly = false;
    await module.updateConfiguration((draft) => void (draft.port = 81));
    expect(onDisk()).toEqual({ ...NEW, port: 81 });
    const loaded = await module.loadConfiguration();
    expect(loaded.validationResults).toBeUndefined();
  });

  it('at the commit does not run the steps a second time', async () => {
    writeFileSync(path, OLD);
    const module = await startModule(folder, { migrations: PLAN, autoBackupEnabled: false }, (real) => ({
      rename: (from, to) => (to === path ? Promise.reject(systemError('EPERM', 'rename')) : real.rename(from, to)),
    }));
    expect((await module.loadConfiguration()).data).toEqual(NEW);
    expect(runs).toEqual(['2.0.0', '2.1.0']);
    expect(readFileSync(path, 'utf8')).toBe(OLD);
  });
});

it('a rollback to an older version works, and the next load migrates it', async () => {
  const before = await startModule(folder);
  await before.saveConfiguration(JSON.parse(OLD));
  await before.destroy();
  const module = await start(undefined, { schema: z.object({ port: z.number() }) });
  await module.loadConfiguration();
  const history = await module.getVersionHistory();
  await module.rollbackToVersion(history.at(-1)!.id);
  expect(onDisk()).toEqual(JSON.parse(OLD));
  expect((await module.loadConfiguration()).data).toEqual(NEW);
  expect(runs).toEqual(['2.0.0', '2.1.0', '2.0.0', '2.1.0', '2.0.0', '2.1.0']);
});

it('a damaged file is recovered whatever the schema says, and migrated then', async () => {
  const before = await startModule(folder);
  await before.saveConfiguration(JSON.parse(OLD));
  await before.createBackup();
  await before.destroy();
  writeFileSync(path, '{"configVersion":');
  const module = await start(undefined, { autoRecover: true, schema: z.object({ port: z.number() }) });
  const { data, validationResults = [] } = await module.loadConfiguration();
  expect(data).toEqual(NEW);
  expect(validationResults.map(({ type }) => type)).toEqual(['file-corruption']);
});

describe('a plan that is none', () => {
  const step = (version: unknown) => ({ version, migrate: () => undefined });
  it.each<[string, unknown]>([
    ['no object', 5],
    ['no key', { steps: [step(1)] }],
    ['an empty key', { key: [], steps: [step(1)] }],
    ['a key that sets a prototype', { key: '__proto__', steps: [step(1)] }],
    ['no steps and no current', { key: 'v', steps: [] }],
    ['no list of steps', { key: 'v', steps: {}, current: 1 }],
    ['a step without a function', { key: 'v', steps: [{ version: 1 }] }],
    ['a step with an unknown member', { key: 'v', steps: [{ ...step(1), up: 1 }] }],
    ['an unknown member', { key: 'v', steps: [step(1)], latest: 1 }],
    ['a range', { key: 'v', steps: [step('^1.0.0')] }],
    ['a leading v', { key: 'v', steps: [step('v1.0.0')] }],
    ['build metadata', { key: 'v', steps: [step('1.0.0+1')] }],
    ['a fraction', { key: 'v', steps: [step(1.5)] }],
    ['a negative number', { key: 'v', steps: [step(-1)] }],
    ['two kinds', { key: 'v', steps: [step('1.0.0'), step(2)] }],
    ['another kind in current', { key: 'v', steps: [step('1.0.0')], current: 2 }],
    ['two steps to one version', { key: 'v', steps: [step(1), step('1')] }],
    ['a version that fits into no name', { key: 'v', steps: [step(`1.0.0-${'a'.repeat(60)}`)] }],
    ['a rule with a wrong plan', [{ files: '*', key: 'v', steps: [] }]],
  ])('is ERR_INVALID_OPTION: %s', (_what, migrations) => {
    const configure = (): unknown => newModule(folder, { migrations: migrations as MigrationPlan });
    expect(configure).toThrow(expect.objectContaining({ code: 'ERR_INVALID_OPTION' }));
    expect(configure).toThrow(/migrations/u);
  });
});

it('plans count for the files that their rules name', async () => {
  const migrations = [
    {
      files: join(folder, 'a.json'),
      key: 'v',
      steps: [{ version: 1, migrate: (draft: { a: number }) => void (draft.a = 1) }],
    },
    { files: [join(folder, 'b*.json')], key: 'w', steps: [], current: 7 },
  ];
  const module = await startModule(folder, { migrations });
  for (const name of ['a', 'b1', 'c']) writeFileSync(join(folder, `${name}.json`), '{}');
  const load = async (name: string) => (await module.loadConfiguration(join(folder, `${name}.json`))).data;
  expect(await load('a')).toEqual({ a: 1, v: 1 });
  expect(await load('b1')).toEqual({});
  expect(await load('c')).toEqual({});
  await module.saveConfiguration({}, join(folder, 'b2.json'));
  expect(await load('b2')).toEqual({ w: 7 });
  expect(readdirSync(folder)).toContain('c.json');
});

function raise(error: Error): never {
  throw error;
}
