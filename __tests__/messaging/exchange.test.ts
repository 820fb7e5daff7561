/** What modules exchange with the persistence module: requests that wait, verdicts, announcements, live changes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataTransfer, ModuleInfo } from '../../interfaces/framework.js';
import type { ErrorReport, PersistenceAlert } from '../../interfaces/messages.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import {
  BaseModule,
  connect,
  createBackupRequest,
  createDeleteRequest,
  createExportRequest,
  createImportRequest,
  createLoadRequest,
  createRestoreRequest,
  createRollbackRequest,
  createSaveRequest,
} from '../../src/index.js';
import { destroyAfterTest, startModule, temporaryFolder } from '../support/moduleFixture.js';

const SECRET = 'a value that nobody may log';

let folder: string;
let path: string;
let number = 0;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** A module that keeps what it is given, and may answer. */
class Partner extends BaseModule {
  readonly taken: DataTransfer[] = [];
  onTransfer: (transfer: DataTransfer) => void = () => undefined;
  #wake: (() => void)[] = [];

  protected override onDataReceived(transfer: DataTransfer): Promise<void> {
    this.taken.push(transfer);
    this.onTransfer(transfer);
    for (const wake of this.#wake.splice(0)) wake();
    return Promise.resolve();
  }

  /** Resolves when so many of a kind have come. */
  async has(count: number, kind: string): Promise<DataTransfer[]> {
    for (;;) {
      const found = this.taken.filter(({ metadata }) => metadata?.type === kind);
      if (found.length >= count) return found;
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  send(data: unknown, connectionId?: string, metadata?: Record<string, unknown>) {
    return this.transferData(data, connectionId, metadata);
  }
}

async function startPartner(name = 'partner'): Promise<Partner> {
  number += 1;
  const info: ModuleInfo = { id: `${name}-${number}`, name, version: '1.0.0', description: 'of a test', type: name };
  const partner = new Partner(info);
  destroyAfterTest(partner);
  await partner.initialize();
  return partner;
}

function transferOf(data: unknown, type?: string, id = 'transfer-1'): DataTransfer {
  const metadata = type === undefined ? {} : { metadata: { type } };
  return { id, sourceConnectionId: 'a', targetConnectionId: 'b', data, timestamp: Date.now(), ...metadata };
}

describe('request', () => {
  it('resolves to what the operation came to, without a connection back', async () => {
    const alerts: unknown[] = [];
    const module = await startModule(folder, { alerts: (alert) => void alerts.push(alert) });
    const partner = await startPartner();
    connect(partner, module, ['save-request', 'load-request', 'delete-request']);
    const saved = await partner.request('save-request', {
      config: { port: 1 },
      filePath: path,
      options: { user: 'ada' },
    });
    expect(saved).toMatchObject({ success: true, operationType: 'save', filePath: path });
    expect(saved).not.toHaveProperty('requestId');
    const { data, checksum } = await partner.request('load-request', { filePath: path });
    expect([data, checksum]).toEqual([{ port: 1 }, saved.checksum]);
    await expect(partner.request('delete-request', { filePath: join(folder, 'none.json') })).rejects.toMatchObject({
      name: 'PersistenceError',
      code: 'ERR_FILE_NOT_FOUND',
      operationType: 'delete',
    });
    expect(alerts).toEqual([]);
  });

  it('is made by one helper for each kind', async () => {
    const [module, partner] = [await startModule(folder), await startPartner()];
    connect(partner, module);
    await partner.request(createSaveRequest({ n: 1 }, path, { user: 'ada' }));
    await partner.request(createSaveRequest({ n: 2 }));
    const { backupId } = await partner.request(createBackupRequest(path, 'mine'));
    const { exportPath } = await partner.request(createExportRequest('yaml', path));
    const [, first] = await module.getVersionHistory(path);
    await partner.request(createRollbackRequest(first!.id));
    expect((await partner.request(createLoadRequest(path))).data).toEqual({ n: 1 });
    await partner.request(createRestoreRequest(backupId, path));
    await partner.request(createImportRequest(exportPath, 'yaml', join(folder, 'other.json')));
    expect((await partner.request(createLoadRequest(join(folder, 'other.json')))).data).toEqual({ n: 2 });
    expect(await partner.request(createDeleteRequest(path))).toMatchObject({ operationType: 'delete' });
  });

  it('takes the reply of a module that sends it back instead', async () => {
    const [asking, answering] = [await startPartner(), await startPartner()];
    connect(asking, answering, ['question']);
    const back = connect(answering, asking, ['answer', 'error-report']);
    answering.onTransfer = ({ id, data }) => {
      const type = data === 'good' ? 'answer' : 'error-report';
      void answering.send({ code: 'ERR_OWN', message: 'no' }, back.id, { type, requestId: id });
    };
    expect(await asking.request('question', 'good')).toEqual({ code: 'ERR_OWN', message: 'no' });
    await expect(asking.request('question', 'bad')).rejects.toMatchObject({ code: 'ERR_OWN', message: 'no' });
  });

  it('fails where there is no way, no reply, or an end', async () => {
    const [asking, silent] = [await startPartner(), await startPartner()];
    await expect(asking.request('question', 1)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    connect(asking, silent, ['question'], { id: 'one' });
    await expect(asking.request('question', 1, { timeoutMs: 5 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    await expect(asking.request('other', 1, { via: 'one' })).rejects.toMatchObject({
      code: 'ERR_INVALID_REQUEST',
      message: expect.stringContaining('"other"'),
    });
    await expect(asking.request('question', 1, { via: 'none' })).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    connect(asking, silent, ['question'], { id: 'two' });
    await expect(asking.request('question', 1)).rejects.toMatchObject({ message: expect.stringContaining('several') });
    const waiting = asking.request('question', 1, { via: 'two' });
    await silent.destroy();
    await asking.destroy();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    await expect(asking.request('question', 1)).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
  });
});

describe('connect', () => {
  it('makes both ends, and takes both away', async () => {
    const [module, partner] = [await startModule(folder), await startPartner()];
    const { id, disconnect } = connect(partner, module, ['save-request']);
    expect(partner.getOutputConnections()).toMatchObject([{ id, type: 'output', dataTypes: ['save-request'] }]);
    expect(module.getInputConnections()).toMatchObject([{ id, type: 'input', targetModuleId: module.getInfo().id }]);
    expect(() => connect(partner, partner)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }));
    expect(() => connect({} as never, module)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }));
    disconnect();
    expect([partner.getOutputConnections(), module.getInputConnections()]).toEqual([[], []]);
  });

  it('tells by the status of both ends whether somebody is there', async () => {
    const [module, partner] = [await startModule(folder), await startPartner()];
    connect(partner, module, ['save-request']);
    await partner.request('save-request', { config: {} });
    expect(partner.getOutputConnections()[0]!.status).toBe('connected');
    expect(module.getInputConnections()[0]!.status).toBe('connected');
    const { id } = module.getInfo();
    await partner.destroy();
    expect([module.getInfo().id, module.getInputConnections()[0]!.status]).toEqual([id, 'disconnected']);
  });

  it('of two others is refused with strictConnections', async () => {
    const module = await startModule(folder, { strictConnections: true });
    const others = { id: 'x', sourceModuleId: 'one', targetModuleId: 'two' };
    for (const add of [
      () => module.addInputConnection({ ...others, type: 'input' }),
      () => module.addOutputConnection({ ...others, type: 'output' }),
    ]) {
      expect(add).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }));
    }
    module.addInputConnection({ ...others, type: 'input', targetModuleId: 'config-persistence' });
  });

  it('is preceded by a handshake that tells capabilities', async () => {
    const [module, partner] = [await startModule(folder), await startPartner()];
    expect(await partner.handshake(module)).toBe(true);
    const { requests, replies, formats } = partner.getPartnerCapabilities(module.getInfo().id)!;
    expect(requests).toEqual(expect.arrayContaining(['save-request', 'import-request', 'validation-result']));
    expect([replies.includes('configuration-data'), formats!.includes('toml')]).toEqual([true, true]);
    expect(module.getPartnerCapabilities(partner.getInfo().id)).toEqual({ requests: [], replies: [] });
  });
});

describe('receiveData', () => {
  it('resolves to the reply that it made, also where nobody else is told', async () => {
    const alerts: PersistenceAlert[] = [];
    const lines: string[] = [];
    const logger = {
      debug: () => 0,
      info: () => 0,
      warn: (line: unknown) => lines.push(JSON.stringify(line)),
      error: () => 0,
    };
    const module = await startModule(folder, { alerts: (alert) => void alerts.push(alert), logger });
    const reply = (await module.receiveData(transferOf({ config: { key: SECRET } }, 'save-request')))!;
    expect(reply).toMatchObject({ success: true, type: 'persistence-result', requestId: 'transfer-1' });
    expect(reply.metadata).toEqual({
      type: 'persistence-result',
      requestId: 'transfer-1',
      correlationId: 'transfer-1',
    });
    const { result } = reply.data as { result: object };
    expect(reply.data).toEqual({
      ...result,
      result,
      type: 'persistence-result',
      requestId: 'transfer-1',
      timestamp: reply.timestamp,
    });
    const refused = await module.receiveData(transferOf({}, 'save-request', 'transfer-2'));
    expect(refused).toMatchObject({
      success: false,
      type: 'error-report',
      error: expect.stringContaining('no config'),
      data: { code: 'ERR_INVALID_REQUEST', originalRequest: { id: 'transfer-2', type: 'save-request' } },
    });
    expect(alerts.map(({ type }) => type)).toEqual(['reply-undelivered', 'request-failed']);
    expect(lines.join()).toContain('transfer-1');
    expect(JSON.stringify([alerts, lines])).not.toContain(SECRET);
    expect(await module.receiveData(transferOf({}, 'unknown'))).toBeUndefined();
  });

  it('takes the kind from the data, or from the only kind of the connection', async () => {
    const [module, partner] = [await startModule(folder), await startPartner()];
    expect(await module.receiveData(transferOf({ type: 'save-request', config: { n: 1 } }))).toMatchObject({
      success: true,
    });
    module.addInputConnection({
      id: 'a',
      type: 'input',
      sourceModuleId: partner.getInfo().id,
      targetModuleId: module.getInfo().id,
      dataTypes: ['load-request'],
    });
    expect(await module.receiveData(transferOf({ filePath: path }))).toMatchObject({ type: 'configuration-data' });
    connect(partner, module, ['save-request', 'load-request'], { id: 'both' });
    const [outcome] = await partner.send({ type: 'load-request' }, 'both');
    expect(outcome).toMatchObject({ status: 'delivered', reply: { type: 'configuration-data' } });
  });

  it('keeps the order of requests for one file', async () => {
    const module = await startModule(folder, { autoBackupEnabled: false, maxVersionHistory: 1 });
    const requests = Array.from({ length: 100 }, (_, n) =>
      transferOf({ config: { n } }, 'save-request', `transfer-${n}`),
    );
    const replies = await Promise.all(requests.map((request) => module.receiveData(request)));
    const revisions = replies.map((reply) => (reply!.data as unknown as PersistenceResult).metadata?.revision);
    expect(revisions).toEqual(requests.map((_, n) => n + 1));
    expect((await module.loadConfiguration<{ n: number }>()).data.n).toBe(99);
  });

  it('refuses requests beyond what may wait, and goes on afterwards', async () => {
    const [module, holder] = [await startModule(folder, { lockTimeout: 1 }), await startModule(folder)];
    const { lockId } = await holder.acquireFileLock(path);
    const large = 'x'.repeat(8 * 1024 * 1024);
    const requests = Array.from({ length: 40 }, (_, n) => transferOf({ config: { n, large } }, 'save-request', `${n}`));
    const replies = await Promise.all(requests.map((request) => module.receiveData(request)));
    const codes = replies.map((reply) => (reply!.data as unknown as ErrorReport).code);
    expect(codes.slice(0, 30)).toEqual(new Array(30).fill('ERR_LOCK_TIMEOUT'));
    expect(codes.slice(34)).toEqual(new Array(6).fill('ERR_TOO_MANY_REQUESTS'));
    await holder.releaseFileLock(lockId);
    expect(await module.receiveData(transferOf({ config: {} }, 'save-request'))).toMatchObject({ success: true });
  });
});

describe('a validator', () => {
  async function withValidator(
    options: object = {},
  ): Promise<{ module: ConfigPersistenceModule; validator: Partner; partner: Partner }> {
    const module = await startModule(folder, options);
    const [validator, partner] = [await startPartner('validator'), await startPartner()];
    connect(validator, module, ['validation-result', 'save-request'], { id: 'verdicts' });
    connect(module, validator, ['save-request'], { id: 'for-judgement' });
    connect(partner, module, ['save-request', 'load-request']);
    return { module, validator, partner };
  }

  it('is asked before a save, which waits for its verdict', async () => {
    const { validator, partner } = await withValidator();
    const config = { n: 1 };
    const saving = partner.request('save-request', { config, filePath: path });
    const [asked] = await validator.has(1, 'save-request');
    config.n = 2;
    expect(asked!.data).toMatchObject({ config: { n: 1 }, filePath: path });
    expect(() => readFileSync(path)).toThrow('ENOENT');
    const { requestId } = asked!.metadata as { requestId: string };
    await validator.send({ requestId, isValid: true, errors: [] }, 'verdicts', { type: 'validation-result' });
    expect(await saving).toMatchObject({ success: true });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ n: 1 });
  });

  it('refuses with its own words, and keeps the order of the file', async () => {
    const { validator, partner } = await withValidator();
    validator.onTransfer = ({ data, metadata }) => {
      const { config } = data as { config: { n: number } };
      const verdict = { requestId: metadata?.requestId, isValid: config.n !== 2, errors: ['n must not be 2'] };
      // The first verdict comes last.
      const later = config.n === 1 ? 20 : 0;
      setTimeout(() => void validator.send(verdict, 'verdicts', { type: 'validation-result' }), later);
    };
    const saves = [1, 2, 3].map((n) => partner.request('save-request', { config: { n }, filePath: path }));
    const [first, second, third] = await Promise.allSettled(saves);
    expect([first!.status, third!.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(second).toMatchObject({
      reason: { code: 'ERR_VALIDATION', issues: ['n must not be 2'] },
    });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ n: 3 });
  });

  it('may have judged before, and does not wait for itself', async () => {
    const { module, validator } = await withValidator();
    await validator.send({ requestId: 'transfer-1', isValid: true }, 'verdicts', { type: 'validation-result' });
    expect(await module.receiveData(transferOf({ config: { n: 1 } }, 'save-request'))).toMatchObject({ success: true });
    expect(validator.taken).toEqual([]);
    expect(await validator.request('save-request', { config: { n: 2 } }, { via: 'verdicts' })).toMatchObject({
      success: true,
    });
  });

  it('that says nothing is waited for so long, and what is no verdict counts for nothing', async () => {
    const { module, validator, partner } = await withValidator({ validationTimeout: 50 });
    const saving = partner.request('save-request', { config: {}, filePath: path });
    const [asked] = await validator.has(1, 'save-request');
    const { requestId } = asked!.metadata as { requestId: string };
    for (const verdict of [null, {}, { requestId }, { requestId, isValid: 'yes' }]) {
      await validator.send(verdict, 'verdicts', { type: 'validation-result' });
    }
    await module.receiveData(transferOf({ requestId, isValid: true }, 'validation-result'));
    await expect(saving).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    const lost = expect(partner.request('save-request', { config: {}, filePath: path })).rejects.toMatchObject({
      code: 'ERR_DESTROYED',
    });
    await validator.has(2, 'save-request');
    await module.destroy();
    await lost;
  });
});

describe('modules in a circle', () => {
  it('tell each other, and nothing goes round', async () => {
    const other = temporaryFolder();
    const [one, two] = [await startModule(folder), await startModule(other)];
    for (const kinds of [[], ['persistence-result', 'configuration-data', 'backup-notification']]) {
      connect(one, two, kinds);
      connect(two, one, kinds);
    }
    await one.saveConfiguration({ n: 1 });
    await two.saveConfiguration({ n: 2 });
    await one.receiveData(transferOf({ config: { n: 3 } }, 'save-request'));
    await one.createBackup();
    await new Promise((resolve) => setImmediate(resolve));
    const counts = [one.getReceivedData().length, two.getReceivedData().length];
    await one.loadConfiguration();
    await two.loadConfiguration();
    await new Promise((resolve) => setImmediate(resolve));
    expect([one.getReceivedData().length, two.getReceivedData().length]).toEqual(counts);
    expect((await two.loadConfiguration()).data).toEqual({ n: 2 });
  });
});

describe('what is told without being asked', () => {
  it('are the changes of direct calls, to connections that are for them, without values', async () => {
    const [module, partner] = [await startModule(folder), await startPartner()];
    connect(module, partner, ['persistence-result', 'backup-notification']);
    connect(module, partner, [], { id: 'open' });
    await module.saveConfiguration({ key: SECRET }, path);
    await module.updateConfiguration((draft) => void (draft.n = 1), path);
    const { backupId } = await module.createBackup(path);
    await module.restoreFromBackup(backupId);
    const [, version] = await module.getVersionHistory(path);
    writeFileSync(path, JSON.stringify({ key: `${SECRET} edited` }));
    await module.rollbackToVersion(version!.id);
    await module.loadConfiguration(path);
    await module.deleteConfiguration(path);
    await module.deleteConfiguration(path).catch(() => undefined);
    const told = await partner.has(5, 'persistence-result');
    expect(told.map(({ data }) => (data as { operationType: string }).operationType)).toEqual([
      'save',
      'save',
      'restore',
      'rollback',
      'delete',
    ]);
    expect(await partner.has(1, 'backup-notification')).toMatchObject([{ data: { backupId, requestId: '' } }]);
    expect(partner.taken).toHaveLength(6);
    expect(JSON.stringify(partner.taken)).not.toContain(SECRET);
  });

  it('are changes of watched files, whoever makes them', async () => {
    const [module, partner] = [await startModule(folder), await startPartner()];
    const other = join(folder, 'other.json');
    connect(module, partner, ['configuration-data'], { id: 'default' });
    const named = connect(module, partner, ['configuration-data'], { id: 'named', metadata: { filePath: other } });
    await module.saveConfiguration({ n: 1 }, undefined, { user: 'ada' });
    const [created] = await partner.has(1, 'configuration-data');
    expect(created).toMatchObject({
      sourceConnectionId: 'default',
      metadata: { change: 'created', live: true },
      data: { change: 'created', data: { n: 1 }, user: 'ada', revision: 1, isOwn: true, filePath: path, requestId: '' },
    });
    writeFileSync(path, '{ "n": 2 }');
    const [, changed] = await partner.has(2, 'configuration-data');
    expect(changed!.data).toMatchObject({ change: 'changed', data: { n: 2 }, previousData: { n: 1 }, isOwn: false });
    writeFileSync(other, '{ "o": 1 }');
    const [, , third] = await partner.has(3, 'configuration-data');
    expect(third).toMatchObject({ sourceConnectionId: 'named', data: { filePath: other, data: { o: 1 } } });
    named.disconnect();
    writeFileSync(other, '{ "o": 2 }');
    writeFileSync(path, '{ "n": ');
    const [, , , unreadable] = await partner.has(4, 'configuration-data');
    expect(unreadable!.data).toMatchObject({ change: 'unreadable', error: { code: 'ERR_INTEGRITY' }, filePath: path });
  });
});
