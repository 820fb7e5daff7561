/** A relative path means the same file for as long as a module lives, wherever the process goes meanwhile. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigPersistence } from '../../src/ConfigPersistence.js';
import { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import type { OperationEnd } from '../../src/engine/Operations.js';
import { openConfiguration } from '../../src/openConfiguration.js';
import { destroyAfterTest, listing, temporaryFolder } from '../support/moduleFixture.js';

const startFolder = process.cwd();
let here: string;
let elsewhere: string;

beforeEach(() => {
  const folder = temporaryFolder();
  here = join(folder, 'here');
  elsewhere = join(folder, 'elsewhere');
  mkdirSync(here);
  mkdirSync(elsewhere);
  process.chdir(here);
});

afterEach(() => {
  process.chdir(startFolder);
  // Nothing was ever meant there.
  expect(listing(elsewhere)).toEqual([]);
});

function newModule(): ConfigPersistenceModule {
  const module = new ConfigPersistenceModule();
  destroyAfterTest(module);
  return module;
}

function content(...names: string[]): unknown {
  return JSON.parse(readFileSync(join(here, ...names), 'utf8'));
}

it('counts the working directory of configure() for every option with a path', async () => {
  const module = newModule();
  mkdirSync('more');
  module.configure({
    defaultConfigPath: 'config/app.json',
    backupDirectory: './kept',
    lockDirectory: 'locked',
    metadataDirectory: 'records',
    archiveDirectory: 'old',
    tempDirectory: 'temporary',
    allowedDirectories: ['more'],
  });
  process.chdir(elsewhere);
  await module.initialize();
  await module.saveConfiguration({ a: 1 });
  await module.saveConfiguration({ a: 2 });
  await module.saveConfiguration({ b: 1 }, join(here, 'more', 'other.json'));
  expect(content('config', 'app.json')).toEqual({ a: 2 });
  for (const folder of ['kept', 'locked', 'records']) expect(existsSync(join(here, folder))).toBe(true);
});

it('means the same file in every method after the process has gone elsewhere, and says the path as it was given', async () => {
  const module = newModule();
  module.configure({ defaultConfigPath: './config/app.json' });
  await module.initialize();
  const other = 'config/other.json';
  await module.saveConfiguration({ a: 1 }, other);
  process.chdir(elsewhere);

  expect(await module.saveConfiguration({ a: 2 })).toMatchObject({ filePath: './config/app.json' });
  expect(await module.loadConfiguration(other)).toMatchObject({ data: { a: 1 }, filePath: other });
  expect(await module.updateConfiguration(() => ({ a: 3 }), other)).toMatchObject({ filePath: other });
  expect(content(other)).toEqual({ a: 3 });
  expect(await module.listBackups(other)).toHaveLength(1);
  await expect(module.loadConfiguration('config/none.json')).rejects.toMatchObject({
    code: 'ERR_FILE_NOT_FOUND',
    filePath: 'config/none.json',
  });
  expect(await module.getOperationHistory(5, { filePath: other, operationType: 'save' as never })).toHaveLength(2);
  const lock = await module.acquireFileLock(other);
  expect(lock).toMatchObject({ success: true, filePath: other });
  await module.releaseFileLock(lock.lockId);
  await module.deleteConfiguration(other);
  expect(existsSync(join(here, other))).toBe(false);
});

it('imports and exports where the process was', async () => {
  const module = newModule();
  module.configure({ defaultConfigPath: 'config/app.json' });
  await module.initialize();
  await module.saveConfiguration({ a: 1 });
  process.chdir(elsewhere);

  await module.exportConfiguration('yaml', undefined, { exportPath: 'out/app.yaml' });
  expect(readFileSync(join(here, 'out', 'app.yaml'), 'utf8')).toBe('a: 1\n');
  await module.exportConfigurations('config/*.json', 'zip', { exportPath: 'out/all.zip', baseDirectory: 'config' });
  await module.importConfigurations(['out/all.zip'], 'zip', { targetDirectory: 'copies' });
  expect(content('copies', 'app.json')).toEqual({ a: 1 });
  await module.importConfiguration('out/all.zip', 'zip', 'further');
  expect(content('further', 'app.json')).toEqual({ a: 1 });
  await module.convertConfiguration('config/app.json', 'config/app.toml');
  expect(existsSync(join(here, 'config', 'app.toml'))).toBe(true);
});

it('without configure() counts the working directory of initialize()', async () => {
  const module = newModule();
  await module.initialize();
  process.chdir(elsewhere);
  await module.saveConfiguration({ a: 1 });
  expect(content('config', 'config.json')).toEqual({ a: 1 });
});

it('has one working directory for all paths, that of setDefaultConfigurationPath too, until it ends', async () => {
  const module = newModule();
  module.setDefaultConfigurationPath('config/first.json');
  process.chdir(elsewhere);
  module.configure({ backupDirectory: 'kept' });
  await module.initialize();
  await module.saveConfiguration({ a: 1 });
  module.setDefaultConfigurationPath('config/second.json');
  expect(module.getDefaultConfigurationPath()).toBe('config/second.json');
  await module.saveConfiguration({ a: 2 });
  await module.loadConfiguration(module.getDefaultConfigurationPath());
  expect([content('config', 'first.json'), content('config', 'second.json')]).toEqual([{ a: 1 }, { a: 2 }]);
  await module.destroy();

  const later = join(here, 'later');
  mkdirSync(later);
  process.chdir(later);
  await module.initialize();
  await module.saveConfiguration({ a: 3 });
  expect(content('later', 'config', 'config.json')).toEqual({ a: 3 });
});

it('holds rules for some files against the files of that directory', async () => {
  const module = newModule();
  module.configure({ defaults: [{ files: 'config/*.json', defaults: { port: 80 } }] });
  process.chdir(elsewhere);
  await module.initialize();
  await module.saveConfiguration({ a: 1 }, 'config/app.json');
  expect((await module.loadConfiguration('config/app.json')).data).toEqual({ a: 1, port: 80 });
});

it('opens handles and operations without a host in the same way', async () => {
  writeFileSync('app.json', '{"a":1}');
  const handle = await openConfiguration<{ a: number }>('app.json', { backupDirectory: 'kept' });
  const persistence = await ConfigPersistence.open({ defaultConfigPath: 'other.json' });
  process.chdir(elsewhere);
  await handle.set('a', 2);
  await persistence.saveConfiguration({ b: 1 });
  await persistence.saveConfiguration({ b: 2 }, 'third.json');
  expect([content('app.json'), content('other.json'), content('third.json')]).toEqual([{ a: 2 }, { b: 1 }, { b: 2 }]);
  expect(existsSync(join(here, 'kept'))).toBe(true);
  await handle.close();
  await persistence.close();
});

it('tells full paths of that directory to logs', async () => {
  const told: unknown[] = [];
  const level = (details: Pick<OperationEnd, 'filePath'>): void => {
    told.push(details.filePath);
  };
  const module = newModule();
  module.configure({ debug: true, logger: { debug: level, info: level, warn: level, error: level } });
  await module.initialize();
  process.chdir(elsewhere);
  await module.saveConfiguration({ a: 1 }, './config/app.json');
  expect(told).toContain(join(here, 'config', 'app.json'));
});
