/** Requests to the module by transfer and by message: contract 8.8. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataTransfer, Message, MessageResponse, ModuleInfo } from '../../interfaces/framework.js';
import type { ErrorReport } from '../../interfaces/messages.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { BaseModule } from '../../src/framework/module/BaseModule.js';
import { destroyAfterTest, newModule, startModule, temporaryFolder, until } from '../support/moduleFixture.js';

const SECRET = 'planted-secret-value';

/** A real module at the other end of the connections: sends requests and keeps what comes back. */
class Client extends BaseModule {
  readonly replies: DataTransfer[] = [];

  put(kind: string, data: unknown, connectionId?: string) {
    return this.transferData(data, connectionId, { type: kind });
  }

  ask(kind: string, payload: unknown, target: string): Promise<MessageResponse> {
    return this.sendRequest(kind, payload, target);
  }

  protected override onDataReceived(transfer: DataTransfer): Promise<void> {
    this.replies.push(transfer);
    return Promise.resolve();
  }
}

let number = 0;
let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

async function startClient(): Promise<Client> {
  number += 1;
  const info: ModuleInfo = {
    id: `client-${number}`,
    name: 'Client',
    version: '1.0.0',
    description: 'asks',
    type: 'client',
  };
  const client = new Client(info);
  destroyAfterTest(client);
  await client.initialize();
  return client;
}

function connect(from: BaseModule, to: BaseModule, id: string, dataTypes?: string[]): void {
  const connection = {
    id,
    sourceModuleId: from.getInfo().id,
    targetModuleId: to.getInfo().id,
    ...(dataTypes === undefined ? {} : { dataTypes }),
  };
  from.addOutputConnection({ ...connection, type: 'output' });
  to.addInputConnection({ ...connection, type: 'input' });
}

/** A client and a persistence module that are connected both ways. */
async function connected(options: ConfigPersistenceOptions = {}) {
  const module = await startModule(folder, options);
  const client = await startClient();
  connect(client, module, 'requests');
  connect(module, client, 'replies');
  return { module, client };
}

/** The reply to the only request that a client has sent. */
async function replyTo(client: Client, kind: string, data: unknown): Promise<DataTransfer> {
  const before = client.replies.length;
  const [outcome] = await client.put(kind, data);
  await until(() => client.replies.length > before);
  const reply = client.replies.at(-1)!;
  expect(reply.metadata).toMatchObject({ requestId: outcome?.transferId, correlationId: outcome?.transferId });
  expect(reply.data).toMatchObject({ requestId: outcome?.transferId });
  return reply;
}

describe('requests by transfer', () => {
  it('save, load and delete, and the replies carry the id of the request', async () => {
    const { client } = await connected();
    const saved = await replyTo(client, 'save-request', { config: { a: 1 }, filePath: path });
    expect(saved.metadata?.type).toBe('persistence-result');
    expect(saved.data).toMatchObject({ success: true, operationType: 'save', filePath: path });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ a: 1 });
    const loaded = await replyTo(client, 'load-request', { filePath: path });
    expect(loaded.metadata?.type).toBe('configuration-data');
    expect(loaded.data).toMatchObject({ data: { a: 1 }, isValid: true });
    const deleted = await replyTo(client, 'delete-request', { filePath: path });
    expect(deleted.metadata?.type).toBe('persistence-result');
    expect(deleted.data).toMatchObject({ success: true, operationType: 'delete' });
    expect(existsSync(path)).toBe(false);
  });

  it('use the default path where they name none, and take the options of the operation', async () => {
    const { client } = await connected();
    await replyTo(client, 'save-request', { config: { a: 1 }, options: { user: 'ann', expectedChecksum: null } });
    const loaded = await replyTo(client, 'load-request', {});
    expect(loaded.data).toMatchObject({ data: { a: 1 }, metadata: { createdBy: 'ann' } });
    const conflict = await replyTo(client, 'save-request', { config: { a: 2 }, options: { expectedChecksum: null } });
    expect(conflict.data).toMatchObject({ code: 'ERR_CONFLICT' });
  });

  it('that fail answer with an error report without any value', async () => {
    const { client, module } = await connected();
    const refused = await replyTo(client, 'save-request', {
      config: { password: SECRET, at: () => SECRET },
      filePath: path,
    });
    expect(refused.metadata?.type).toBe('error-report');
    const report = refused.data as ErrorReport;
    expect(report).toEqual({
      type: 'error-report',
      requestId: refused.metadata?.requestId,
      originalRequest: { id: refused.metadata?.requestId, type: 'save-request' },
      error: report.message,
      requestType: 'save-request',
      code: 'ERR_INVALID_CONFIGURATION_DATA',
      message: expect.any(String) as string,
      filePath: path,
      operationType: 'save',
      paths: ['at'],
      timestamp: expect.any(Number) as number,
    });
    const missing = await replyTo(client, 'load-request', { filePath: join(folder, 'none.json') });
    expect(missing.data).toMatchObject({ code: 'ERR_FILE_NOT_FOUND', operationType: 'load' });
    const outside = await replyTo(client, 'delete-request', { filePath: '/etc/passwd' });
    expect(outside.data).toMatchObject({ code: 'ERR_INVALID_FILE_PATH' });
    expect(JSON.stringify([client.replies, module.getSentData()])).not.toContain(SECRET);
  });

  it.each<[string, string, unknown]>([
    ['no data', 'save-request', undefined],
    ['null as data', 'load-request', null],
    ['text as data', 'delete-request', 'app.json'],
    ['a list as data', 'save-request', [{}]],
    ['no config', 'save-request', { filePath: 'app.json' }],
    ['a path that is no text', 'load-request', { filePath: 5 }],
    ['null as the path', 'save-request', { config: {}, filePath: null }],
    ['no path to delete', 'delete-request', {}],
    ['options that are no object', 'load-request', { options: 'x' }],
    ['options that do not exist', 'load-request', { options: { colour: 'red' } }],
    ['undefined as config', 'save-request', { config: undefined }],
  ])('with %s (%s) answer with an error report and change nothing', async (_name, kind, data) => {
    const { client } = await connected();
    const reply = await replyTo(client, kind, data);
    expect(reply.metadata?.type).toBe('error-report');
    expect(reply.data).toMatchObject({ requestType: kind, code: expect.stringMatching(/^ERR_/u) as string });
    expect(existsSync(path)).toBe(false);
  });

  it('reach every output connection that lets the kind of the reply pass, and no other', async () => {
    const { module, client } = await connected();
    const errors = await startClient();
    connect(module, errors, 'errors', ['error-report']);
    await replyTo(client, 'save-request', { config: { a: 1 } });
    await replyTo(client, 'load-request', { filePath: join(folder, 'none.json') });
    await until(() => errors.replies.length === 1);
    expect(errors.replies[0]?.metadata?.type).toBe('error-report');
  });

  it('are served in parallel, each reply with its own id', async () => {
    const { client } = await connected();
    const sent = await Promise.all(
      Array.from({ length: 15 }, (_, index) =>
        client.put('save-request', { config: { index }, filePath: join(folder, `${index}.json`) }),
      ),
    );
    await until(() => client.replies.length === 15);
    const asked = sent.map(([outcome]) => outcome?.transferId).sort();
    expect(client.replies.map(({ metadata }) => metadata?.requestId).sort()).toEqual(asked);
  });

  it.each(['export-request', 'import-request'])(
    'of the kind %s without what they need answer with an error report',
    async (kind) => {
      const { client, module } = await connected();
      const reply = await replyTo(client, kind, { filePath: path });
      expect(reply.metadata?.type).toBe('error-report');
      expect(reply.data).toMatchObject({ requestType: kind, code: expect.stringMatching(/^ERR_/u) as string });
      const response = await client.ask(kind, {}, module.getInfo().id);
      expect(response).toMatchObject({
        success: false,
        error: expect.any(String) as string,
        data: { requestType: kind, code: expect.stringMatching(/^ERR_/u) as string, requestId: response.messageId },
      });
    },
  );

  it('of a kind that is no request get no reply and do no harm', async () => {
    const { client, module } = await connected();
    await client.put('validation-result', { isValid: true });
    await client.put('unknown-kind', { filePath: path });
    await replyTo(client, 'save-request', { config: { a: 1 } });
    expect(client.replies).toHaveLength(1);
    expect(module.getReceivedData()).toHaveLength(3);
  });

  it('give the receiver a value of its own: changing it changes no later load', async () => {
    const { client, module } = await connected();
    await module.saveConfiguration({ list: [1] });
    const reply = await replyTo(client, 'load-request', {});
    (reply.data as { data: { list: number[] } }).data.list.push(2);
    expect((await module.loadConfiguration()).data).toEqual({ list: [1] });
  });
});

describe('receiveData', () => {
  const transfer = (fields: object): DataTransfer => ({
    id: 'transfer-1',
    sourceConnectionId: 'somewhere',
    targetConnectionId: 'here',
    data: {},
    timestamp: Date.now(),
    ...fields,
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'save-request'],
    ['no metadata', transfer({})],
    ['null metadata', transfer({ metadata: null })],
    ['a kind that is no text', transfer({ metadata: { type: 5 } })],
    ['the kind constructor', transfer({ metadata: { type: 'constructor' } })],
    [
      'data with a getter that throws',
      transfer({
        metadata: { type: 'save-request' },
        data: {
          get config() {
            throw new Error('trap');
          },
        },
      }),
    ],
    [
      'data whose traps throw',
      transfer({
        metadata: { type: 'load-request' },
        data: new Proxy(
          {},
          {
            get: () => {
              throw new Error('trap');
            },
          },
        ),
      }),
    ],
    [
      'an envelope whose getter throws',
      Object.defineProperty(transfer({}), 'metadata', {
        enumerable: true,
        get: () => {
          throw new Error('trap');
        },
      }),
    ],
  ])('never throws for %s', async (_name, given) => {
    const module = await startModule(folder);
    await module.receiveData(given as DataTransfer);
    await expect(module.saveConfiguration({ a: 1 })).resolves.toMatchObject({ success: true });
  });

  const throwing = (base: object, key: string) =>
    Object.defineProperty({ ...base }, key, {
      enumerable: true,
      get: () => {
        throw new Error(SECRET);
      },
    });

  it.each<[string, DataTransfer, string]>([
    ['a kind that throws', transfer({ metadata: throwing({}, 'type') }), 'unknown'],
    ['metadata that throw', throwing(transfer({}), 'metadata') as DataTransfer, 'unknown'],
    [
      'data that throw',
      throwing(transfer({ metadata: { type: 'save-request' } }), 'data') as DataTransfer,
      'save-request',
    ],
    [
      'inherited data that throw',
      Object.assign(Object.create(throwing({}, 'data')) as DataTransfer, {
        id: 'transfer-1',
        metadata: { type: 'load-request' },
      }),
      'load-request',
    ],
    [
      'a time that throws',
      throwing(transfer({ metadata: { type: 'load-request' } }), 'timestamp') as DataTransfer,
      'load-request',
    ],
  ])('answers %s with an error report that quotes nothing', async (_name, given, requestType) => {
    const { module, client } = await connected();
    await expect(module.receiveData(given)).resolves.toMatchObject({
      success: false,
      type: 'error-report',
      requestId: 'transfer-1',
    });
    expect(client.replies).toHaveLength(1);
    expect(client.replies[0]).toMatchObject({
      metadata: { type: 'error-report', requestId: 'transfer-1' },
      data: { code: 'ERR_INVALID_REQUEST', requestId: 'transfer-1', requestType },
    });
    expect(JSON.stringify(client.replies)).not.toContain(SECRET);
  });

  it.each<[string, DataTransfer]>([
    ['an id that throws', throwing(transfer({ metadata: { type: 'load-request' } }), 'id') as DataTransfer],
    ['data that throw in no request', throwing(transfer({ metadata: { type: 'unknown' } }), 'data') as DataTransfer],
  ])('gives no answer to %s', async (_name, given) => {
    const { module, client } = await connected();
    await expect(module.receiveData(given)).resolves.toBeUndefined();
    expect(client.replies).toEqual([]);
  });

  it('never throws before initialize() and after destroy(), and answers before', async () => {
    const module = newModule(folder);
    const client = await startClient();
    module.addOutputConnection({
      id: 'replies',
      type: 'output',
      sourceModuleId: module.getInfo().id,
      targetModuleId: client.getInfo().id,
    });
    const request = transfer({ metadata: { type: 'save-request' }, data: { config: { a: 1 } } });
    await expect(module.receiveData(request)).resolves.toMatchObject({ success: false });
    expect(client.replies[0]).toMatchObject({
      metadata: { type: 'error-report' },
      data: { code: 'ERR_NOT_INITIALIZED' },
    });
    await module.initialize();
    await module.destroy();
    await expect(module.receiveData(request)).resolves.toBeUndefined();
    expect(existsSync(path)).toBe(false);
  });

  it('serves the example of the description as it is written', async () => {
    const module = await startModule(folder, { allowedDirectories: [folder] });
    const validatedConfig = { validated: true };
    const validatorConnection = {
      id: 'persistence-validator-connection',
      type: 'input',
      sourceModuleId: 'config-validator',
      targetModuleId: 'config-persistence',
      dataTypes: ['save-request', 'validation-result'],
    };
    module.addInputConnection(validatorConnection);
    const filePath = join(folder, 'validated.json');
    const handled = module.receiveData({
      id: 'save-request-001',
      sourceConnectionId: 'persistence-validator-connection',
      targetConnectionId: 'config-persistence',
      data: {
        config: validatedConfig,
        filePath,
      },
      timestamp: Date.now(),
      metadata: {
        type: 'save-request',
        source: 'validator',
      },
    });
    await handled;
    expect((await module.loadConfiguration(filePath)).data).toEqual(validatedConfig);
  });
});

describe('strictConnections', () => {
  const request = (id: string, kind = 'save-request', fields: object = {}): DataTransfer => ({
    id: 'r',
    sourceConnectionId: id,
    targetConnectionId: 'module',
    data: { config: { by: id } },
    timestamp: Date.now(),
    metadata: { type: kind },
    ...fields,
  });

  it('serves only registered input connections, and only their kinds', async () => {
    const { module, client } = await connected({ strictConnections: true });
    module.addInputConnection({
      id: 'loads-only',
      type: 'input',
      sourceModuleId: 'reader',
      targetModuleId: module.getInfo().id,
      dataTypes: ['load-request'],
    });
    for (const refused of [request('unknown'), request('loads-only'), request('replies')]) {
      const before = client.replies.length;
      await module.receiveData(refused);
      expect(client.replies).toHaveLength(before + 1);
      expect(client.replies.at(-1)).toMatchObject({
        metadata: { type: 'error-report', requestId: 'r' },
        data: { code: 'ERR_INVALID_REQUEST' },
      });
    }
    expect(existsSync(path)).toBe(false);
    expect((await replyTo(client, 'save-request', { config: { a: 1 } })).data).toMatchObject({ success: true });
    await module.receiveData(request('loads-only', 'load-request', { data: {} }));
    expect(client.replies.at(-1)).toMatchObject({ data: { data: { a: 1 } } });
  });

  it('ends with the connection', async () => {
    const { module, client } = await connected({ strictConnections: true });
    module.removeInputConnection('requests');
    expect((await replyTo(client, 'save-request', { config: { a: 1 } })).data).toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
  });

  it('is off unless it is asked for: any connection is served', async () => {
    const module = await startModule(folder);
    await module.receiveData(request('unknown'));
    expect(existsSync(path)).toBe(true);
  });
});

describe('requests by message', () => {
  async function pair(): Promise<{ module: ConfigPersistenceModule; client: Client; id: string }> {
    const module = await startModule(folder);
    return { module, client: await startClient(), id: module.getInfo().id };
  }

  it('save, load and delete, and are answered with the id of the message', async () => {
    const { client, id } = await pair();
    const saved = await client.ask('save-request', { config: { a: 1 }, filePath: path }, id);
    expect(saved).toMatchObject({ success: true, data: { success: true, filePath: path, requestId: saved.messageId } });
    const loaded = await client.ask('load-request', { filePath: path }, id);
    expect(loaded).toMatchObject({
      success: true,
      data: { data: { a: 1 }, isValid: true, requestId: loaded.messageId },
    });
    const deleted = await client.ask('delete-request', { filePath: path }, id);
    expect(deleted).toMatchObject({ success: true, data: { operationType: 'delete' } });
    expect(existsSync(path)).toBe(false);
  });

  it('that fail answer with success false, a text without values, and the report', async () => {
    const { client, id } = await pair();
    const refused = await client.ask('save-request', { config: { password: SECRET, wrong: Symbol(SECRET) } }, id);
    expect(refused).toMatchObject({
      success: false,
      data: { code: 'ERR_INVALID_CONFIGURATION_DATA', paths: ['wrong'], requestId: refused.messageId },
    });
    expect(typeof refused.error).toBe('string');
    expect(JSON.stringify(refused)).not.toContain(SECRET);
    for (const payload of [undefined, null, 'x', []]) {
      expect(await client.ask('save-request', payload, id)).toMatchObject({
        success: false,
        data: { code: 'ERR_INVALID_REQUEST' },
      });
    }
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['nothing', undefined],
    ['a text', 'save-request'],
    [
      'a type that throws',
      {
        id: 'm',
        get type() {
          throw new Error(SECRET);
        },
      },
    ],
  ])('that are %s are refused as invalid', async (_name, given) => {
    const { module } = await pair();
    await expect(module.handleMessage(given as Message)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  });

  it('whose payload throws are answered with a report that quotes nothing', async () => {
    const { module } = await pair();
    const message = {
      id: 'm',
      type: 'save-request',
      source: 's',
      timestamp: 1,
      get payload(): unknown {
        throw new Error(SECRET);
      },
    };
    const response = await module.handleMessage(message);
    expect(response).toMatchObject({ success: false, data: { code: 'ERR_INVALID_REQUEST', requestId: 'm' } });
    expect(JSON.stringify(response)).not.toContain(SECRET);
  });

  it('that the module does not know are left to its base class', async () => {
    const { client, id } = await pair();
    expect(await client.ask('ping', {}, id)).toMatchObject({ success: true, data: { pong: true, moduleId: id } });
    expect(await client.ask('unknown-request', {}, id)).toMatchObject({ success: false });
  });
});
