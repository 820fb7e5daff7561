/** Modules of the original host as neighbours of the persistence module. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { ModuleInfo } from '../../interfaces/framework.js';
import { ConfigPersistenceModule, type BaseModule } from '../../src/index.js';
import { destroyAfterTest, temporaryFolder } from '../support/moduleFixture.js';
import { ConfigLoader, ConfigValidator, OriginalDebugModule, StatusLine } from './originalModules.js';
import { newTransfer } from './testModules.js';

const SECRET = 'planted-value-91c2';

let folder: string;
let persistence: ConfigPersistenceModule;
let printed: jest.SpiedFunction<typeof process.stderr.write>;

beforeEach(async () => {
  printed = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  folder = temporaryFolder();
  persistence = new ConfigPersistenceModule();
  destroyAfterTest(persistence);
  await persistence.initialize({ defaultConfigPath: join(folder, 'app.json') });
});

afterEach(() => {
  const { calls } = printed.mock;
  printed.mockRestore();
  expect(calls).toEqual([]);
});

async function start<M extends BaseModule>(Module: new (info: ModuleInfo) => M, type: string): Promise<M> {
  const module = new Module({ id: `${type}-1`, name: type, version: '1.0.0', description: '', type });
  destroyAfterTest(module);
  module.configure({});
  await module.initialize();
  return module;
}

function connect(from: BaseModule, to: BaseModule): void {
  const ends = { sourceModuleId: from.getInfo().id, targetModuleId: to.getInfo().id };
  from.addOutputConnection({ id: `to-${ends.targetModuleId}`, type: 'output', ...ends });
  to.addInputConnection({ id: `from-${ends.sourceModuleId}`, type: 'input', ...ends });
}

it('a validator passes on what is valid, and the persistence module saves it', async () => {
  const validator = await start(ConfigValidator, 'config-validator');
  connect(validator, persistence);
  const filePath = join(folder, 'valid.yaml');

  await validator.receiveData(newTransfer({ data: { config: { key: SECRET }, filePath } }));
  await validator.receiveData(newTransfer({ data: { config: SECRET, filePath: '' } }));
  await validator.receiveData(newTransfer({ data: null }));

  expect((await persistence.loadConfiguration(filePath)).data).toEqual({ key: SECRET });
  expect(validator.refused).toEqual([
    ['config must be an object', 'filePath must not be empty'],
    ['config must be an object', 'filePath must be a string'],
  ]);
  expect(validator.getDebugLogs('warn').map(({ data }) => data)).toEqual([{ count: 2 }, { count: 2 }]);
  expect(JSON.stringify(validator.getDebugLogs())).not.toContain(SECRET);
});

it('a loader gets what it asks for, keeps its own config, and is told of failures', async () => {
  const loader = await start(ConfigLoader, 'config-loader');
  connect(loader, persistence);
  connect(persistence, loader);
  await persistence.saveConfiguration({ key: SECRET });
  const path = persistence.getDefaultConfigurationPath();

  await loader.load(path);
  await loader.load(join(folder, 'none.json'));

  expect(loader.loaded.get(path)).toEqual({ key: SECRET });
  expect(loader.failures).toMatchObject([{ code: 'ERR_FILE_NOT_FOUND' }]);
  expect(await loader.handshake(persistence, 'as the original host does')).toBe(true);
  expect(await loader.handshake(loader)).toBe(false);
  expect(loader.getDebugLogs('info')).toMatchObject([
    { message: 'initialized' },
    { message: 'ready', data: { connections: 0 }, method: 'initialize' },
  ]);
  // Declared by the subclass, and replaced by configure({}) as the original host does.
  expect(loader.retries).toBeUndefined();
});

it('a module whose state is what it shows lives as every other', async () => {
  const line = await start(StatusLine, 'status-line');
  const { id } = line.getInfo();
  expect(line.shown).toBe('started');

  expect(await line.show('saved', id)).toMatchObject({ success: true });
  expect(line.shown).toBe('saved');
  connect(persistence, line);
  expect([...line.connectionsById.keys()]).toEqual([`from-${persistence.getInfo().id}`]);
  await line.initialize();
  await line.destroy();
  expect(line.shown).toBe('');
  await expect(line.show('again', id)).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
  await line.receiveData(newTransfer());
  expect(line.getReceivedData()).toEqual([]);
});

it('a debug module of the original form is told of lines, connections and flows, without data', async () => {
  const debugModule = new OriginalDebugModule();
  persistence.setDebugModule(debugModule);
  const loader = await start(ConfigLoader, 'config-loader');
  connect(loader, persistence);
  connect(persistence, loader);
  await persistence.saveConfiguration({ key: SECRET });
  await loader.load(persistence.getDefaultConfigurationPath());
  await persistence.loadConfiguration(join(folder, 'none.json')).catch(() => undefined);

  const { id } = persistence.getInfo();
  expect(debugModule.connections).toEqual([`${id} input`, `${id} output`]);
  expect(debugModule.flows).toEqual([
    ['to-' + id, id, { transferId: expect.any(String), type: 'load-request', dataOmitted: true }],
    [id, 'config-loader-1', { transferId: expect.any(String), type: 'configuration-data', dataOmitted: true }],
  ]);
  expect(debugModule.lines.find(({ level }) => level === 3)).toMatchObject({
    message: expect.stringContaining(`${id}: operation failed {`),
    id,
  });
  expect(debugModule.lines.every(({ level }) => typeof level === 'number')).toBe(true);
  expect(JSON.stringify(debugModule)).not.toContain(SECRET);
  expect(existsSync(join(folder, 'app.json'))).toBe(true);
});

it('what stays different from the original host', async () => {
  const none = join(folder, 'none.json');
  await expect(persistence.verifyConfigurationIntegrity(none)).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  const released = await persistence.releaseFileLock('00000000-0000-4000-8000-000000000000');
  expect(released).toMatchObject({ success: false, errors: [expect.any(String)] });
  const twin = new ConfigPersistenceModule(persistence.getInfo());
  await expect(twin.initialize()).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  await twin.destroy();
  const info = { ...persistence.getInfo(), id: 'described', description: '' };
  expect(new ConfigPersistenceModule(info).getInfo()).toEqual(info);
  const { description: _, ...rest } = info;
  expect(() => new ConfigPersistenceModule(rest as never)).toThrow(
    expect.objectContaining({ code: 'ERR_INVALID_OPTION' }),
  );
});
