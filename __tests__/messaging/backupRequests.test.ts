/** Requests for backups, restores and rollbacks, by transfer and by message: contract 8.8. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorReport } from '../../interfaces/messages.js';
import type { BackupResult } from '../../interfaces/backups.js';
import type { DataTransfer, MessageResponse } from '../../interfaces/framework.js';
import type { ConfigPersistenceOptions } from '../../interfaces/options.js';
import { BaseModule } from '../../src/framework/module/BaseModule.js';
import { destroyAfterTest, listing, newModule, startModule, temporaryFolder, until } from '../support/moduleFixture.js';

const SECRET = 'planted-secret-value';
const KINDS = ['backup-request', 'restore-request', 'rollback-request'] as const;

/** A real module at the other end of the connections: sends requests and keeps what comes back. */
class Client extends BaseModule {
  readonly replies: DataTransfer[] = [];

  put(kind: string, data: unknown) {
    return this.transferData(data, undefined, { type: kind });
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
  const client = new Client({
    id: `backup-client-${number}`,
    name: 'Client',
    version: '1.0.0',
    description: 'asks',
    type: 'client',
  });
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

/** A client and a persistence module that are connected both ways, and two versions of one configuration. */
async function connected(options: ConfigPersistenceOptions = {}, served?: string[]) {
  const module = await startModule(folder, options);
  const client = await startClient();
  connect(client, module, 'requests', served);
  connect(module, client, 'replies');
  await module.saveConfiguration({ a: 1, password: SECRET });
  await module.saveConfiguration({ a: 2, password: SECRET });
  const history = await module.getVersionHistory();
  return { module, client, history, id: module.getInfo().id };
}

/** The reply to the only request that a client has on its way. */
async function replyTo(client: Client, kind: string, data: unknown): Promise<DataTransfer> {
  const before = client.replies.length;
  const [outcome] = await client.put(kind, data);
  await until(() => client.replies.length > before);
  expect(client.replies).toHaveLength(before + 1);
  const reply = client.replies.at(-1)!;
  expect(reply.metadata).toMatchObject({ requestId: outcome?.transferId, correlationId: outcome?.transferId });
  expect(reply.data).toMatchObject({ requestId: outcome?.transferId });
  return reply;
}

/** Everything but the locks, whose numbers go up with every use. */
function stateOf(): string[] {
  return listing(folder).filter((line) => !line.startsWith('locks/'));
}

describe('a backup-request by transfer', () => {
  it('makes a backup and is answered with a backup-notification that carries its id', async () => {
    const { client, module } = await connected();
    const reply = await replyTo(client, 'backup-request', {
      filePath: path,
      backupName: 'before-upgrade',
      options: { user: 'ann', description: 'by request', tags: ['x'] },
    });
    expect(reply.metadata?.type).toBe('backup-notification');
    const { backupId, backupPath } = reply.data as BackupResult;
    expect(reply.data).toMatchObject({ success: true, operationType: 'backup', originalFilePath: path });
    expect(existsSync(backupPath)).toBe(true);
    const backup = (await module.listBackups(path)).find(({ id }) => id === backupId);
    expect(backup).toMatchObject({
      name: 'before-upgrade',
      isAutomatic: false,
      description: 'by request',
      tags: ['x'],
    });
  });

  it('is about the default configuration where it names none', async () => {
    const { client, module } = await connected();
    const reply = await replyTo(client, 'backup-request', {});
    expect(reply.data).toMatchObject({ success: true, filePath: path });
    expect((await module.listBackups(path)).map(({ id }) => id)).toContain((reply.data as BackupResult).backupId);
  });

  it('reaches only the connections that let backup-notification pass', async () => {
    const { client, module } = await connected();
    const backups = await startClient();
    const results = await startClient();
    connect(module, backups, 'backups', ['backup-notification']);
    connect(module, results, 'results', ['persistence-result', 'error-report']);
    await replyTo(client, 'backup-request', {});
    await until(() => backups.replies.length === 1);
    expect(results.replies).toEqual([]);
  });
});

describe('a restore-request by transfer', () => {
  it('restores and is answered with a persistence-result', async () => {
    const { client, module } = await connected();
    const [backup] = await module.listBackups(path);
    const reply = await replyTo(client, 'restore-request', { backupId: backup?.id, options: { user: 'ann' } });
    expect(reply.metadata?.type).toBe('persistence-result');
    expect(reply.data).toMatchObject({
      success: true,
      operationType: 'restore',
      backupId: backup?.id,
      restoredToPath: path,
      dataIntegrityVerified: true,
    });
    expect((await module.loadConfiguration()).data).toMatchObject({ a: 1 });
    expect((await module.getVersionHistory())[0]).toMatchObject({ createdBy: 'ann' });
  });

  it('restores to another path where it names one', async () => {
    const { client, module } = await connected();
    const [backup] = await module.listBackups(path);
    const targetPath = join(folder, 'copy.json');
    const reply = await replyTo(client, 'restore-request', { backupId: backup?.id, targetPath });
    expect(reply.data).toMatchObject({ success: true, restoredToPath: targetPath });
    expect((await module.loadConfiguration(targetPath)).data).toMatchObject({ a: 1 });
    expect((await module.loadConfiguration()).data).toMatchObject({ a: 2 });
  });

  it('for a damaged backup is answered with an error-report', async () => {
    const { client, module } = await connected();
    const [backup] = await module.listBackups(path);
    writeFileSync(backup!.backupPath, SECRET);
    const before = stateOf();
    const reply = await replyTo(client, 'restore-request', { backupId: backup?.id });
    expect(reply.metadata?.type).toBe('error-report');
    expect(reply.data).toMatchObject({ code: 'ERR_BACKUP_DAMAGED', requestType: 'restore-request' });
    expect(JSON.stringify(reply)).not.toContain(SECRET);
    expect(stateOf()).toEqual(before);
  });
});

describe('a rollback-request by transfer', () => {
  it('rolls back and is answered with a persistence-result', async () => {
    const { client, module, history } = await connected();
    const reply = await replyTo(client, 'rollback-request', {
      versionId: history[1]?.id,
      options: { user: 'ann', description: 'undo' },
    });
    expect(reply.metadata?.type).toBe('persistence-result');
    expect(reply.data).toMatchObject({
      success: true,
      operationType: 'rollback',
      fromVersion: history[0]?.id,
      toVersion: history[1]?.id,
      backupCreated: true,
    });
    expect((await module.loadConfiguration()).data).toMatchObject({ a: 1 });
    expect((await module.getVersionHistory())[0]).toMatchObject({ createdBy: 'ann', description: 'undo' });
  });

  it('that overwrites an edit tells its places, and no value of any side', async () => {
    const { client, module, history, id } = await connected();
    const edit = (secret: string) => {
      writeFileSync(path, JSON.stringify({ a: 3, password: secret, [`at ${secret.length}`]: secret }));
    };
    await module.saveConfiguration({ a: 2, password: `${SECRET}-base` });
    await module.createBackup(path, 'base');
    edit(`${SECRET}-local`);
    const reply = await replyTo(client, 'rollback-request', { versionId: history[1]?.id });
    const told = { resolution: 'keep-remote', autoResolvable: false };
    expect(reply.data).toMatchObject({ success: true });
    expect((reply.data as { conflictsDetected: object[] }).conflictsDetected).toEqual([
      { path: 'a', type: 'modification-conflict', ...told },
      { path: 'password', type: 'modification-conflict', ...told },
      { path: '["at 26"]', type: 'deletion-conflict', ...told },
    ]);
    edit(`${SECRET}-other`);
    const response = await client.ask('rollback-request', { versionId: history[1]?.id }, id);
    expect(response).toMatchObject({ success: true, data: { conflictsDetected: { length: 3 } } });
    expect(JSON.stringify([client.replies, response, module.getSentData()])).not.toContain(SECRET);
  });

  it('leaves the values to a direct call', async () => {
    const { module, history } = await connected();
    writeFileSync(path, '{"a":3}');
    const { conflictsDetected } = await module.rollbackToVersion(history[1]!.id);
    expect(conflictsDetected).toContainEqual(expect.objectContaining({ path: 'a', localValue: 3, remoteValue: 1 }));
  });

  it('that meets an edit and must not overwrite it is answered with the places and no value', async () => {
    const { client, history } = await connected();
    const edited = `{"a":3,"password":"${SECRET}-edited"}`;
    writeFileSync(path, edited);
    const reply = await replyTo(client, 'rollback-request', {
      versionId: history[1]?.id,
      options: { onConflict: 'manual' },
    });
    expect(reply.metadata?.type).toBe('error-report');
    expect(reply.data).toEqual({
      type: 'error-report',
      error: (reply.data as ErrorReport).message,
      originalRequest: { id: reply.metadata?.requestId, type: 'rollback-request' },
      requestId: reply.metadata?.requestId,
      requestType: 'rollback-request',
      code: 'ERR_CONFLICT',
      message: expect.any(String) as string,
      filePath: path,
      operationType: 'rollback',
      paths: ['a', 'password'],
      timestamp: expect.any(Number) as number,
    });
    expect(JSON.stringify(reply)).not.toContain(SECRET);
    expect(readFileSync(path, 'utf8')).toBe(edited);
  });
});

describe('a request that is wrong', () => {
  const wrong: [string, string, unknown, string][] = [
    ['has no backupId', 'restore-request', {}, 'ERR_BACKUP_NOT_FOUND'],
    ['has a number as backupId', 'restore-request', { backupId: 1 }, 'ERR_BACKUP_NOT_FOUND'],
    ['has an object as backupId', 'restore-request', { backupId: { id: 'x' } }, 'ERR_BACKUP_NOT_FOUND'],
    ['has a list as backupId', 'restore-request', { backupId: ['x'] }, 'ERR_BACKUP_NOT_FOUND'],
    ['has null as backupId', 'restore-request', { backupId: null }, 'ERR_BACKUP_NOT_FOUND'],
    ['has a path as backupId', 'restore-request', { backupId: '../../etc/passwd' }, 'ERR_BACKUP_NOT_FOUND'],
    ['has an absolute path as backupId', 'restore-request', { backupId: '/etc/passwd' }, 'ERR_BACKUP_NOT_FOUND'],
    [
      'has a backupId that nobody has made',
      'restore-request',
      { backupId: 'app.json-0123456789abcdef.20260101T000000000Z.r1.0123456789abcdef' },
      'ERR_BACKUP_NOT_FOUND',
    ],
    ['has no versionId', 'rollback-request', {}, 'ERR_VERSION_NOT_FOUND'],
    ['has a number as versionId', 'rollback-request', { versionId: 1 }, 'ERR_VERSION_NOT_FOUND'],
    ['has an object as versionId', 'rollback-request', { versionId: {} }, 'ERR_VERSION_NOT_FOUND'],
    [
      'has a path as versionId',
      'rollback-request',
      { versionId: '../app.json-0123456789abcdef.r1' },
      'ERR_VERSION_NOT_FOUND',
    ],
    ['has a number as path', 'backup-request', { filePath: 5 }, 'ERR_INVALID_FILE_PATH'],
    ['has null as path', 'backup-request', { filePath: null }, 'ERR_INVALID_FILE_PATH'],
    ['has a path outside', 'backup-request', { filePath: '/etc/passwd' }, 'ERR_INVALID_FILE_PATH'],
    ['has a path as backup name', 'backup-request', { backupName: '../x' }, 'ERR_INVALID_BACKUP_NAME'],
    ['has a number as backup name', 'backup-request', { backupName: 5 }, 'ERR_INVALID_BACKUP_NAME'],
    ['has an object as backup name', 'backup-request', { backupName: {} }, 'ERR_INVALID_BACKUP_NAME'],
    ['has an empty backup name', 'backup-request', { backupName: '' }, 'ERR_INVALID_BACKUP_NAME'],
    ['has options that are no object', 'backup-request', { options: 5 }, 'ERR_INVALID_REQUEST'],
    ['has an unknown option', 'backup-request', { options: { onConflict: 'manual' } }, 'ERR_INVALID_OPTION'],
    ['has an option that is none', 'rollback-request', { options: { onConflict: 'merge' } }, 'ERR_INVALID_OPTION'],
    ...KINDS.flatMap((kind): [string, string, unknown, string][] => [
      ['has no data', kind, undefined, 'ERR_INVALID_REQUEST'],
      ['has null as data', kind, null, 'ERR_INVALID_REQUEST'],
      ['has a text as data', kind, 'x', 'ERR_INVALID_REQUEST'],
      ['has a list as data', kind, [], 'ERR_INVALID_REQUEST'],
    ]),
  ];

  it.each(wrong)(
    'because it %s (%s) is answered with an error-report and changes nothing',
    async (_name, kind, data, code) => {
      const { client, id } = await connected();
      const before = stateOf();
      const reply = await replyTo(client, kind, data);
      expect(reply.metadata?.type).toBe('error-report');
      expect(reply.data).toMatchObject({ code, requestType: kind });
      const response = await client.ask(kind, data, id);
      expect(response).toMatchObject({
        success: false,
        error: expect.any(String) as string,
        data: { code, requestType: kind, requestId: response.messageId },
      });
      expect(stateOf()).toEqual(before);
      expect(JSON.stringify([client.replies, response])).not.toContain(SECRET);
    },
  );

  it.each<[string, object]>([
    ['a path outside', { targetPath: '/etc/app.json' }],
    ['a number', { targetPath: 5 }],
    ['null', { targetPath: null }],
    ['an empty text', { targetPath: '' }],
  ])('because its target is %s is answered with an error-report and restores nothing', async (_name, fields) => {
    const { client, module } = await connected();
    const [backup] = await module.listBackups(path);
    const before = stateOf();
    const reply = await replyTo(client, 'restore-request', { backupId: backup?.id, ...fields });
    expect(reply.data).toMatchObject({ code: 'ERR_INVALID_FILE_PATH', requestType: 'restore-request' });
    expect(stateOf()).toEqual(before);
  });

  it('by fields that throw is answered with a report that quotes nothing', async () => {
    const { module, client } = await connected();
    for (const type of KINDS) {
      const data = new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error(SECRET);
          },
        },
      );
      const before = client.replies.length;
      const transfer = { id: 'r', sourceConnectionId: 'requests', targetConnectionId: 'x', timestamp: Date.now() };
      await module.receiveData({ ...transfer, data, metadata: { type } });
      expect(client.replies).toHaveLength(before + 1);
      expect(client.replies.at(-1)).toMatchObject({ metadata: { type: 'error-report', requestId: 'r' } });
    }
    expect(JSON.stringify(client.replies)).not.toContain(SECRET);
  });

  it('because the module does not run yet is answered so', async () => {
    const module = newModule(folder);
    const client = await startClient();
    connect(module, client, 'early');
    for (const [index, type] of KINDS.entries()) {
      await module.receiveData({
        id: `early-${index}`,
        sourceConnectionId: 'somewhere',
        targetConnectionId: 'here',
        data: {},
        timestamp: Date.now(),
        metadata: { type },
      });
      expect(client.replies.at(-1)).toMatchObject({
        metadata: { type: 'error-report', requestId: `early-${index}` },
        data: { code: 'ERR_NOT_INITIALIZED', requestType: type },
      });
    }
    expect(listing(folder)).toEqual([]);
  });
});

describe('the same requests by message', () => {
  it('are answered with the results, which carry the id of the message', async () => {
    const { client, module, history, id } = await connected();
    const backup = await client.ask('backup-request', { filePath: path, backupName: 'by-message' }, id);
    expect(backup).toMatchObject({
      success: true,
      data: { success: true, operationType: 'backup', requestId: backup.messageId },
    });
    const rollback = await client.ask('rollback-request', { versionId: history[1]?.id }, id);
    expect(rollback).toMatchObject({
      success: true,
      data: { operationType: 'rollback', toVersion: history[1]?.id, requestId: rollback.messageId },
    });
    expect((await module.loadConfiguration()).data).toMatchObject({ a: 1 });
    const { backupId } = backup.data as BackupResult;
    const restore = await client.ask('restore-request', { backupId }, id);
    expect(restore).toMatchObject({
      success: true,
      data: { operationType: 'restore', backupId, requestId: restore.messageId },
    });
    expect((await module.loadConfiguration()).data).toMatchObject({ a: 2 });
    expect(client.replies).toEqual([]);
  });

  it('that fail answer with success false and the report', async () => {
    const { client, id } = await connected();
    writeFileSync(path, `{"password":"${SECRET}"`);
    const response = await client.ask('load-request', {}, id);
    expect(response).toMatchObject({ success: false, data: { code: 'ERR_INTEGRITY' } });
    expect(JSON.stringify(response)).not.toContain(SECRET);
  });
});

describe('requests at the same time', () => {
  it('are answered each with its own id, and none is lost', async () => {
    const { client, module, history } = await connected();
    const sent = await Promise.all(
      Array.from({ length: 4 }, (_, turn) => [
        client.put('backup-request', { backupName: `n${turn}` }),
        client.put('rollback-request', { versionId: history[turn % 2]?.id }),
        client.put('restore-request', { backupId: 'unknown' }),
      ]).flat(),
    );
    await until(() => client.replies.length === sent.length);
    const asked = sent.map(([outcome]) => outcome?.transferId).sort();
    expect(client.replies.map(({ metadata }) => metadata?.requestId).sort()).toEqual(asked);
    const kinds = client.replies.map(({ metadata }) => metadata?.type);
    for (const kind of ['backup-notification', 'persistence-result', 'error-report']) {
      expect(kinds.filter((each) => each === kind)).toHaveLength(4);
    }
    expect(await module.getVersionHistory()).toHaveLength(6);
    expect((await module.listBackups(path)).filter(({ name }) => name !== undefined)).toHaveLength(4);
  });
});

describe('with strictConnections', () => {
  it('only registered connections are served, and only their kinds', async () => {
    const { client, module } = await connected({ strictConnections: true }, ['backup-request']);
    const before = client.replies.length;
    for (const type of KINDS) {
      await module.receiveData({
        id: `unregistered-${type}`,
        sourceConnectionId: 'unregistered',
        targetConnectionId: 'x',
        data: {},
        timestamp: Date.now(),
        metadata: { type },
      });
      expect(client.replies.at(-1)).toMatchObject({
        metadata: { type: 'error-report', requestId: `unregistered-${type}` },
        data: { code: 'ERR_INVALID_REQUEST', requestType: type },
      });
    }
    expect(client.replies).toHaveLength(before + KINDS.length);
    expect((await replyTo(client, 'backup-request', {})).data).toMatchObject({ success: true });
    const [backup] = await module.listBackups(path);
    const [, version] = await module.getVersionHistory();
    const state = stateOf();
    for (const [type, data] of [
      ['restore-request', { backupId: backup?.id }],
      ['rollback-request', { versionId: version?.id }],
    ] as const) {
      await module.receiveData({
        id: type,
        sourceConnectionId: 'requests',
        targetConnectionId: 'x',
        data,
        timestamp: Date.now(),
        metadata: { type },
      });
      expect(client.replies.at(-1)).toMatchObject({
        metadata: { type: 'error-report', requestId: type },
        data: { code: 'ERR_INVALID_REQUEST' },
      });
    }
    expect(stateOf()).toEqual(state);
  });
});
