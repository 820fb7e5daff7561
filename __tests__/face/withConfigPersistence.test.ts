/** The mixin over host classes that know nothing of this package. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataTransfer, Message, ModuleInfo } from '../../interfaces/framework.js';
import { withConfigPersistence } from '../../src/withConfigPersistence.js';
import { destroyAfterTest, temporaryFolder } from '../support/moduleFixture.js';
import { BareModule, ForeignModule } from './foreignHost.js';

const INFO: ModuleInfo = {
  id: 'foreign',
  name: 'Foreign',
  version: '1.0.0',
  description: 'on a host of its own',
  type: 'foreign',
};

class ForeignPersistence extends withConfigPersistence(ForeignModule) {}

let folder: string;
let path: string;
let module: ForeignPersistence;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
  module = ForeignPersistence.createInstance(INFO);
  destroyAfterTest(module);
  module.configure({ defaultConfigPath: path });
});

function transfer(kind: string, data: unknown): DataTransfer {
  return {
    id: 'transfer-1',
    sourceConnectionId: 'somewhere',
    targetConnectionId: 'here',
    data,
    timestamp: Date.now(),
    metadata: { type: kind },
  };
}

function message(type: string, payload: unknown): Message {
  return { id: 'message-1', type, source: 'somebody', payload, timestamp: Date.now() };
}

describe('a host of somebody else', () => {
  it('keeps its class: instances, static members, fields', () => {
    expect(module).toBeInstanceOf(ForeignModule);
    expect(module).toBeInstanceOf(ForeignPersistence);
    expect(module.config).toEqual({ defaultConfigPath: path });
    expect(module.initialized).toBe(false);
  });

  it('saves, loads, updates and deletes', async () => {
    await module.initialize();
    expect(module.initialized).toBe(true);
    await module.saveConfiguration({ a: 1 });
    await module.updateConfiguration((draft) => ({ ...draft, b: 2 }));
    expect((await module.loadConfiguration()).data).toEqual({ a: 1, b: 2 });
    await module.saveProviderConfiguration({ providers: [] });
    expect(JSON.parse(readFileSync(join(folder, 'provider.json'), 'utf8'))).toEqual({ providers: [] });
    await module.deleteConfiguration(path);
    expect(existsSync(path)).toBe(false);
    expect((await module.acquireFileLock(path)).owner).toBe(INFO.id);
  });

  it('serves requests by transfer, after the host has recorded them, and answers through the host', async () => {
    await module.initialize();
    const given = transfer('save-request', { config: { a: 1 } });
    await module.receiveData(given);
    expect(module.received).toEqual([given]);
    expect(module.sent).toMatchObject([
      {
        data: { requestId: 'transfer-1', success: true },
        metadata: { type: 'persistence-result', requestId: 'transfer-1', correlationId: 'transfer-1' },
      },
    ]);
    await module.receiveData(transfer('anything', { config: 5 }));
    expect(module.sent).toHaveLength(1);
    expect(module.received).toHaveLength(2);
  });

  it('serves requests by message, and leaves others to the host', async () => {
    await module.initialize();
    expect(await module.handleMessage(message('save-request', { config: { a: 1 } }))).toMatchObject({
      success: true,
      messageId: 'message-1',
    });
    expect(await module.handleMessage(message('load-request', {}))).toMatchObject({ data: { data: { a: 1 } } });
    expect(await module.handleMessage(message('ping', {}))).toMatchObject({ error: 'unknown to the host' });
  });

  it('serves only registered connections with strictConnections', async () => {
    module.configure({ strictConnections: true });
    await module.initialize();
    const request = transfer('save-request', { config: { a: 1 } });
    await module.receiveData(request);
    expect(module.sent).toMatchObject([{ metadata: { type: 'error-report' } }]);
    module.addInputConnection({ id: 'somewhere', type: 'input', sourceModuleId: 'x', targetModuleId: INFO.id });
    await module.receiveData(request);
    expect(module.sent[1]).toMatchObject({ metadata: { type: 'persistence-result' } });
  });

  it('is started and ended once, however often it is asked to', async () => {
    await Promise.all([module.initialize(), module.initialize()]);
    await module.initialize();
    await Promise.all([module.destroy(), module.destroy()]);
    await module.destroy();
    expect(module.calls.filter((call) => call.endsWith('e') || call.endsWith('y'))).toEqual([
      'configure',
      'initialize',
      'destroy',
    ]);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    await module.receiveData(transfer('load-request', {}));
    expect(module.sent).toEqual([]);
  });

  it('answers while it ends, until everything is closed', async () => {
    await module.initialize();
    const saved = module.handleMessage(message('save-request', { config: { a: 1 } }));
    const ended = module.destroy();
    expect(await saved).toMatchObject({ success: true });
    await ended;
  });

  it('that fails to start leaves nothing open, and may be started again with the same options', async () => {
    module.failOn = 'initialize';
    await expect(module.initialize()).rejects.toThrow('initialize of the host');
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_NOT_INITIALIZED' });
    module.failOn = '';
    await module.initialize();
    await module.saveConfiguration({ a: 1 });
    expect(existsSync(path)).toBe(true);
  });

  it('that refuses options keeps them from counting', async () => {
    module.failOn = 'configure';
    expect(() => module.configure({ defaultConfigPath: join(folder, 'other.json') })).toThrow('configure of the host');
    expect(module.getDefaultConfigurationPath()).toBe(path);
    await module.initialize();
  });

  it('whose methods throw cannot make receiveData reject', async () => {
    await module.initialize();
    for (const call of ['receiveData', 'transferData']) {
      module.failOn = call;
      await expect(module.receiveData(transfer('load-request', {}))).resolves.toMatchObject({ success: false });
    }
  });

  it('has its log told of what the options are worth', () => {
    const lines: string[] = [];
    module.setDebugModule({ log: (level, text) => lines.push(`${level} ${text}`) });
    module.configure({ permissions: { tempFile: 0o600 } });
    expect(lines).toEqual([expect.stringMatching(/^warn .*tempFile/u)]);
  });

  it('is enough with the public members alone', async () => {
    const bare = new (withConfigPersistence(BareModule))();
    destroyAfterTest(bare);
    bare.configure({ defaultConfigPath: path });
    await bare.initialize();
    await bare.receiveData(transfer('save-request', { config: { a: 1 } }));
    expect((await bare.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('reaches the methods that a subclass has overridden, for requests and for the provider too', async () => {
    const saved: unknown[] = [];
    class Audited extends ForeignPersistence {
      override saveConfiguration(...given: Parameters<ForeignPersistence['saveConfiguration']>) {
        saved.push(given[0]);
        return super.saveConfiguration(...given);
      }
    }
    const audited = new Audited({ ...INFO, id: 'audited' });
    destroyAfterTest(audited);
    audited.configure({ defaultConfigPath: path });
    await audited.initialize();
    await audited.saveProviderConfiguration({ p: 1 });
    await audited.saveConfigurationAtomic({ p: 2 });
    await audited.receiveData(transfer('save-request', { config: { p: 3 } }));
    expect(saved).toEqual([{ p: 1 }, { p: 2 }, { p: 3 }]);
  });
});
