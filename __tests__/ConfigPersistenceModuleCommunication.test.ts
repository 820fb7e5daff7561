/** Requests between modules, as the description's "Inter-Module Communication" has them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BaseModule, ConfigPersistenceModule, ModuleRegistry, type DataTransfer } from '../src/index.js';
import { applicationConfig, moduleInfo, PLANTED_SECRET } from './fixtures/test-data.js';

/** A neighbour that keeps what it is sent. */
class ConfigValidator extends BaseModule {
  readonly taken: DataTransfer[] = [];

  ask(kind: string, data: unknown): Promise<unknown> {
    return this.transferData(data, undefined, { type: kind });
  }

  askFor(kind: string, data: unknown, target: string): ReturnType<BaseModule['sendRequest']> {
    return this.sendRequest(kind, data, target);
  }

  protected override onDataReceived(transfer: DataTransfer): Promise<void> {
    this.taken.push(transfer);
    return Promise.resolve();
  }
}

const startFolder = process.cwd();
let folder: string;
let persistenceModule: ConfigPersistenceModule;
let validator: ConfigValidator;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'communication-'));
  process.chdir(folder);
  const registry = ModuleRegistry.getInstance();
  registry.registerModuleType('config-persistence', ConfigPersistenceModule);
  registry.registerModuleType('config-validator', ConfigValidator);
  persistenceModule = await registry.createModule('config-persistence', moduleInfo);
  validator = await registry.createModule<ConfigValidator>('config-validator', {
    ...moduleInfo,
    id: 'config-validator',
    type: 'config-validator',
  });
  await persistenceModule.initialize();
  await validator.initialize();
});

afterEach(async () => {
  await ModuleRegistry.getInstance().clear();
  process.chdir(startFolder);
  await rm(folder, { recursive: true });
});

function connect(dataTypes: string[]): void {
  const ends = { sourceModuleId: 'config-validator', targetModuleId: moduleInfo.id };
  persistenceModule.addInputConnection({ id: 'requests', type: 'input', ...ends, dataTypes });
  validator.addOutputConnection({ id: 'requests', type: 'output', ...ends });
  const back = { sourceModuleId: moduleInfo.id, targetModuleId: 'config-validator' };
  persistenceModule.addOutputConnection({ id: 'replies', type: 'output', ...back });
}

describe('Inter-module communication', () => {
  it('saves what a transfer asks for, as the description shows it', async () => {
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
      data: { config: applicationConfig, filePath: './config/validated.json' },
      timestamp: Date.now(),
      metadata: { type: 'save-request', source: 'validator' },
    });

    expect((await persistenceModule.loadConfiguration('./config/validated.json')).data).toEqual(applicationConfig);
  });

  it('answers save, load and delete over connections, with the id of each request', async () => {
    connect(['save-request', 'load-request', 'delete-request']);
    const filePath = './config/shared.yaml';

    await validator.ask('save-request', { config: applicationConfig, filePath });
    await validator.ask('load-request', { filePath });
    await validator.ask('delete-request', { filePath });

    const asked = validator.getSentData().map(({ id }) => id);
    expect(validator.taken.map(({ metadata }) => metadata?.requestId)).toEqual(asked);
    expect(validator.taken.map(({ metadata }) => metadata?.type)).toEqual([
      'persistence-result',
      'configuration-data',
      'persistence-result',
    ]);
    expect(validator.taken[1]?.data).toMatchObject({ data: applicationConfig, isValid: true });
  });

  it('answers a request that fails with an error report that quotes no value', async () => {
    connect(['save-request']);

    await validator.ask('save-request', { config: { key: PLANTED_SECRET, bad: Symbol('x') } });

    const [reply] = validator.taken;
    expect(reply?.metadata?.type).toBe('error-report');
    expect(reply?.data).toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA', paths: ['bad'] });
    expect(JSON.stringify(reply)).not.toContain(PLANTED_SECRET);
  });

  it('answers the same requests as messages', async () => {
    const saved = await validator.askFor('save-request', { config: applicationConfig }, moduleInfo.id);
    const loaded = await validator.askFor('load-request', {}, moduleInfo.id);
    const refused = await validator.askFor('delete-request', { filePath: '../outside.json' }, moduleInfo.id);

    expect(saved).toMatchObject({ success: true, data: { operationType: 'save' } });
    expect(loaded).toMatchObject({ success: true, data: { data: applicationConfig } });
    expect(refused).toMatchObject({ success: false, data: { code: 'ERR_INVALID_FILE_PATH' } });
  });

  it('serves only registered connections and their kinds where connections are strict', async () => {
    await persistenceModule.destroy();
    persistenceModule.configure({ strictConnections: true });
    await persistenceModule.initialize();
    connect(['load-request']);

    await validator.ask('save-request', { config: applicationConfig });
    await validator.ask('load-request', {});

    expect(validator.taken.map(({ data }) => (data as { code: string }).code)).toEqual([
      'ERR_INVALID_REQUEST',
      'ERR_FILE_NOT_FOUND',
    ]);
  });

  it('serves messages of registered sources and of their kinds only where connections are strict', async () => {
    await persistenceModule.destroy();
    persistenceModule.configure({ strictConnections: true });
    await persistenceModule.initialize();
    const save = () => validator.askFor('save-request', { config: applicationConfig }, moduleInfo.id);
    const refusal = { success: false, data: { code: 'ERR_INVALID_REQUEST' } };

    expect(await save()).toMatchObject(refusal);
    connect(['load-request']);
    expect(await save()).toMatchObject(refusal);
    await expect(persistenceModule.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    connect(['load-request', 'save-request']);
    expect(await save()).toMatchObject({ success: true });
    expect(await validator.askFor('ping', {}, moduleInfo.id)).toMatchObject({ success: true });
    persistenceModule.removeInputConnection('requests');
    expect(await save()).toMatchObject(refusal);
  });

  it('refuses options of a request that would have no effect', async () => {
    const options = { dryRun: true };
    const refused = await validator.askFor('save-request', { config: applicationConfig, options }, moduleInfo.id);
    const saved = await validator.askFor(
      'save-request',
      { config: applicationConfig, options: { user: 'ann', expectedChecksum: null } },
      moduleInfo.id,
    );

    expect(refused).toMatchObject({ success: false, data: { code: 'ERR_INVALID_OPTION' } });
    expect(saved).toMatchObject({ success: true });
  });
});
