/** Every failure leads to the line of the caller, and to the file and folder that it is about. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConfigPersistence } from '../../src/ConfigPersistence.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import type { PersistenceError } from '../../src/errors/PersistenceError.js';
import { destroyAfterTest, newModule, startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';

const { ERROR_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

const limit = Error.stackTraceLimit;

let folder: string;
let path: string;

// What Node has without a test runner.
beforeAll(() => {
  Error.stackTraceLimit = 10;
});

afterAll(() => {
  Error.stackTraceLimit = limit;
});

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

type Operations = ConfigPersistence | ConfigPersistenceModule;

/** A call of each method that fails: most of them late, with a file that is not there or an id that nobody knows. */
const FAILING: [string, (operations: Operations) => Promise<unknown>][] = [
  ['saveConfiguration', (operations) => operations.saveConfiguration({ when: new Date() })],
  ['saveConfigurationAtomic', (operations) => operations.saveConfigurationAtomic({}, path, { expectedChecksum: 'x' })],
  ['loadConfiguration', (operations) => operations.loadConfiguration()],
  ['deleteConfiguration', (operations) => operations.deleteConfiguration(path)],
  ['updateConfiguration', (operations) => operations.updateConfiguration((draft) => draft)],
  ['verifyConfigurationIntegrity', (operations) => operations.verifyConfigurationIntegrity(path)],
  ['createBackup', (operations) => operations.createBackup()],
  ['listBackups', (operations) => operations.listBackups('/etc/app.json')],
  ['restoreFromBackup', (operations) => operations.restoreFromBackup('nobody knows it')],
  ['deleteBackup', (operations) => operations.deleteBackup('nobody knows it')],
  ['cleanupOldBackups', (operations) => operations.cleanupOldBackups(99)],
  ['forgetHistory', (operations) => operations.forgetHistory('')],
  ['rotateBackupEncryption', (operations) => operations.rotateBackupEncryption()],
  ['getVersionHistory', (operations) => operations.getVersionHistory('/etc/app.json')],
  ['compareVersions', (operations) => operations.compareVersions('one', 'two')],
  ['rollbackToVersion', (operations) => operations.rollbackToVersion('one')],
  ['acquireFileLock', (operations) => operations.acquireFileLock('/etc/app.json')],
  ['checkFileLock', (operations) => operations.checkFileLock('/etc/app.json')],
  ['getConfigurationMetadata', (operations) => operations.getConfigurationMetadata()],
  ['setConfigurationMetadata', (operations) => operations.setConfigurationMetadata({ tags: ['x'] })],
  ['saveProviderConfiguration', (operations) => operations.saveProviderConfiguration({ when: new Date() })],
  ['loadProviderConfiguration', (operations) => operations.loadProviderConfiguration()],
];

/** The function whose name and file the stack must lead to. */
async function theCaller(call: () => Promise<unknown>): Promise<PersistenceError> {
  try {
    await call();
  } catch (error) {
    return error as PersistenceError;
  }
  throw new Error('it did not fail');
}

function expectToLeadHere(error: PersistenceError): void {
  expect(error.stack).toContain('theCaller');
  expect(error.stack).toContain('callerStack.test.ts');
  // The first line is the error's own, whatever was added to its message on the way.
  expect(error.stack).toContain(`${error.name}: ${error.message}`);
  const positions = error.stack!.match(/callerStack\.test\.ts:\d+:\d+/gu)!;
  expect(new Set(positions).size).toBe(positions.length);
}

describe.each(FAILING)('a failing %s', (_, call) => {
  it('leads to the caller', async () => {
    const module = await startModule(folder);
    expectToLeadHere(await theCaller(() => call(module)));
    const core = await ConfigPersistence.open({ defaultConfigPath: path });
    destroyAfterTest({ destroy: () => core.close() });
    expectToLeadHere(await theCaller(() => call(core)));
  });
});

describe('the beginning of the life', () => {
  it('leads to the caller where it fails', async () => {
    writeFileSync(join(folder, 'metadata'), 'in the way');
    expectToLeadHere(await theCaller(() => newModule(folder).initialize()));
    expectToLeadHere(await theCaller(() => ConfigPersistence.open({ defaultConfigPath: path })));
  });

  it('and its absence lead to the caller', async () => {
    expectToLeadHere(await theCaller(() => newModule(folder).saveConfiguration({})));
    expectToLeadHere(await theCaller(() => newModule(folder).releaseFileLock('any')));
  });
});

it('errors lead through promises that are combined and caught', async () => {
  const module = await startModule(folder);
  expectToLeadHere(await theCaller(() => Promise.all([module.loadConfiguration()])));
  expectToLeadHere(await theCaller(() => module.loadConfiguration().finally(() => undefined)));
});

it('an error of the caller is passed on as it is', async () => {
  const module = await startModule(folder);
  await module.saveConfiguration({ a: 1 });
  const own = new RangeError('mine');
  const { stack } = own;
  const thrown = await theCaller(() =>
    module.updateConfiguration(() => {
      throw own;
    }),
  );
  expect(thrown).toBe(own);
  expect(thrown.stack).toBe(stack);
  expect(thrown.message).toBe('mine');
});

describe('messages', () => {
  it.each<[string, string, (module: ConfigPersistenceModule) => Promise<unknown>]>([
    ['a missing file', ERROR_MESSAGES.FILE_NOT_FOUND, (module) => module.loadConfiguration(path)],
    [
      'a file that cannot be parsed',
      ERROR_MESSAGES.PARSE_FAILED,
      (module) => {
        writeFileSync(path, '{"cut');
        return module.loadConfiguration(path);
      },
    ],
    [
      'no configuration',
      ERROR_MESSAGES.INVALID_CONFIGURATION_DATA,
      (module) => module.saveConfiguration({ f: () => 1 }, path),
    ],
    [
      'a stale checksum',
      ERROR_MESSAGES.CONFLICT,
      async (module) => {
        await module.saveConfiguration({ a: 1 }, path);
        return module.saveConfiguration({ a: 2 }, path, { expectedChecksum: null });
      },
    ],
    [
      'a folder in the place of the file',
      ERROR_MESSAGES.NOT_A_FILE,
      (module) => {
        mkdirSync(path);
        return module.loadConfiguration(path);
      },
    ],
  ])('about %s begin with the words of the constants and name the file', async (_, words, call) => {
    const error = await theCaller(async () => call(await startModule(folder)));
    expect(error.message.startsWith(`${words}: ${JSON.stringify(path)}: `)).toBe(true);
    expect(error.message.split(JSON.stringify(path))).toHaveLength(2);
    expect(error.filePath).toBe(path);
  });

  it('about an unknown extension name the file', async () => {
    const module = await startModule(folder);
    const strange = join(folder, 'app.jsonx');
    const error = await theCaller(() => module.saveConfiguration({}, strange));
    expect(error.message.startsWith(`${ERROR_MESSAGES.UNSUPPORTED_FORMAT}: ${JSON.stringify(strange)}: `)).toBe(true);
  });

  it('of the system name the path that failed where it is another one', async () => {
    const module = await startModule(folder, {}, (real) => ({
      mkdir: (made, ...others) =>
        made.includes('locks')
          ? Promise.reject(Object.assign(systemError('EACCES', 'mkdir'), { path: made }))
          : real.mkdir(made, ...others),
    }));
    const error = await theCaller(() => module.saveConfiguration({ a: 1 }));
    expect(error.message).toMatch(
      /^Permission denied: ".*\/app\.json": EACCES in mkdir of ".*\/locks[^"]*"; the system refused access/u,
    );
    expect(error.cause).toMatchObject({ code: 'EACCES', path: expect.stringContaining('locks') as string });
  });

  it('of the system do not name the file twice', async () => {
    const module = await startModule(folder, {}, (real) => ({
      open: (opened, ...others) =>
        opened === path
          ? Promise.reject(Object.assign(systemError('EACCES'), { path: opened }))
          : real.open(opened, ...others),
    }));
    writeFileSync(path, '{}');
    const error = await theCaller(() => module.loadConfiguration());
    expect(error.message.split(JSON.stringify(path))).toHaveLength(2);
  });
});

it('printed errors show no member that is not known', async () => {
  const module = await startModule(folder);
  const refused = await theCaller(() => module.saveConfiguration({}, path, { colour: 1 } as never));
  expect(inspect(refused)).not.toContain('undefined');
  expect(Object.keys(refused)).toEqual(['code']);
  const missing = await theCaller(() => module.loadConfiguration());
  expect(Object.keys(missing).sort()).toEqual(['code', 'filePath', 'operationType']);
  expect(inspect(missing)).not.toContain('undefined');
  expect(inspect(missing)).toContain('PersistenceError: Configuration file not found');
});
