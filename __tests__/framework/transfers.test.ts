import { jest } from '@jest/globals';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { DataTransfer } from '../../interfaces/framework.js';
import { ModuleRegistry } from '../../src/framework/module/ModuleRegistry.js';
import { persistenceError } from '../../src/errors/PersistenceError.js';
import { deferred, newInfo, newTransfer, RecordingDebugModule, startModule, TestModule } from './testModules.js';

const { MAX_TRANSFER_RECORDS } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;
const registry = ModuleRegistry.getInstance();

let sender: TestModule;
let receiver: TestModule;
let ids: { sourceModuleId: string; targetModuleId: string };

beforeEach(async () => {
  sender = await startModule();
  receiver = await startModule();
  ids = { sourceModuleId: sender.getInfo().id, targetModuleId: receiver.getInfo().id };
});

afterEach(async () => {
  await registry.clear();
  jest.restoreAllMocks();
});

function connect(from: TestModule, to: TestModule, id: string, dataTypes?: string[]): void {
  from.addOutputConnection({
    id,
    type: 'output',
    sourceModuleId: from.getInfo().id,
    targetModuleId: to.getInfo().id,
    ...(dataTypes === undefined ? {} : { dataTypes }),
  });
}

describe('connections', () => {
  it('reject the other direction with the exact words of RCC', () => {
    expect(() => sender.addInputConnection({ id: 'c', type: 'output', ...ids })).toThrow(
      expect.objectContaining({ message: 'Invalid connection type for input', code: 'ERR_INVALID_REQUEST' }),
    );
    expect(() => sender.addOutputConnection({ id: 'c', type: 'input', ...ids })).toThrow(
      expect.objectContaining({ message: 'Invalid connection type for output', code: 'ERR_INVALID_REQUEST' }),
    );
    expect(() => sender.addInputConnection(undefined as never)).toThrow('Invalid connection type for input');
    expect(() => sender.addOutputConnection({ id: 'c', type: 'both', ...ids })).toThrow(
      'Invalid connection type for output',
    );
  });

  it.each([
    ['no id', { id: undefined }],
    ['an empty target', { targetModuleId: '' }],
    ['a source that is no text', { sourceModuleId: 1 }],
    ['dataTypes that are no list', { dataTypes: 'save-request' }],
    ['dataTypes that are not all text', { dataTypes: ['save-request', 1] }],
  ])('are refused with %s', (_name, wrong) => {
    const connection = { id: 'c', type: 'input', ...ids, ...wrong };
    expect(() => sender.addInputConnection(connection as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }),
    );
    expect(sender.getInputConnections()).toEqual([]);
  });

  it('are kept and given out as copies, replaced by id, and removed', () => {
    const connection = { id: 'c', type: 'input', ...ids, dataTypes: ['a'], metadata: { m: 1 } };
    sender.addInputConnection(connection);
    connection.dataTypes.push('b');
    const [copy] = sender.getInputConnections();
    copy!.dataTypes!.push('c');
    copy!.metadata!.m = 2;
    expect(sender.getInputConnections()).toEqual([
      { id: 'c', type: 'input', ...ids, dataTypes: ['a'], metadata: { m: 1 } },
    ]);
    sender.addInputConnection({ id: 'c', type: 'input', ...ids });
    expect(sender.getInputConnections()).toEqual([{ id: 'c', type: 'input', ...ids }]);
    sender.addOutputConnection({ id: 'o', type: 'output', ...ids });
    sender.removeInputConnection('c');
    sender.removeInputConnection('unknown');
    sender.removeOutputConnection('o');
    expect([sender.getInputConnections(), sender.getOutputConnections()]).toEqual([[], []]);
  });

  it('tell which of them a transfer may use', () => {
    const input = { type: 'input', ...ids };
    receiver.addInputConnection({ id: 'by-id', ...input, sourceModuleId: 'x', dataTypes: ['a'] });
    receiver.addInputConnection({ id: 'by-source', ...input, sourceModuleId: 'y' });
    const idOf = (transfer: Partial<DataTransfer>): string | undefined =>
      receiver.inputFor(newTransfer({ sourceConnectionId: 's', targetConnectionId: 't', ...transfer }))?.id;
    expect(idOf({ sourceConnectionId: 'by-id', metadata: { type: 'a' } })).toBe('by-id');
    expect(idOf({ targetConnectionId: 'by-id', metadata: { type: 'a' } })).toBe('by-id');
    expect(idOf({ sourceConnectionId: 'by-id', metadata: { type: 'b' } })).toBeUndefined();
    expect(idOf({ sourceConnectionId: 'by-id', metadata: { type: 7 } })).toBeUndefined();
    expect(idOf({ sourceConnectionId: 'by-id' })).toBeUndefined();
    expect(idOf({ metadata: { source: 'y' } })).toBe('by-source');
    expect(idOf({})).toBeUndefined();
  });
});

describe('transfers', () => {
  it('reach receiveData of the module at the other end, with everything they carry', async () => {
    sender.addOutputConnection({ id: 'c', type: 'output', ...ids, metadata: { channel: 1, type: 'default' } });
    const data = { config: { a: 1 } };
    const [outcome] = await sender.transfer(data, 'c', { type: 'save-request' });
    expect(receiver.transfers).toEqual([
      {
        id: outcome!.transferId,
        sourceConnectionId: 'c',
        targetConnectionId: ids.targetModuleId,
        data,
        timestamp: expect.any(Number),
        metadata: { source: ids.sourceModuleId, channel: 1, type: 'save-request' },
      },
    ]);
    expect(receiver.transfers[0]!.data).toBe(data);
    expect(outcome).toEqual({
      connectionId: 'c',
      targetModuleId: ids.targetModuleId,
      transferId: expect.any(String),
      status: 'delivered',
    });
    expect(sender.getOutputConnections()[0]!.status).toBe('connected');
  });

  it('go both ways: a request and its answer', async () => {
    connect(sender, receiver, 'there');
    connect(receiver, sender, 'back');
    receiver.onTransfer = (transfer) => receiver.transfer({ answerTo: transfer.id }, 'back');
    const [outcome] = await sender.transfer('question');
    expect(sender.transfers.map(({ data }) => data)).toEqual([{ answerTo: outcome!.transferId }]);
  });

  it('go to all output connections when none is named, in envelopes of their own', async () => {
    const third = await startModule();
    connect(sender, receiver, 'one');
    connect(sender, third, 'two');
    const outcomes = await sender.transfer('data');
    expect(outcomes.map(({ connectionId, status }) => [connectionId, status])).toEqual([
      ['one', 'delivered'],
      ['two', 'delivered'],
    ]);
    receiver.transfers[0]!.metadata!.changed = true;
    expect(third.transfers[0]!.metadata).toEqual({ source: ids.sourceModuleId });
    expect(sender.getSentData()[0]!.metadata).toEqual({ source: ids.sourceModuleId });
  });

  it('keep the order of calls on one connection and never run inside the call', async () => {
    connect(sender, receiver, 'c');
    const transfers = [1, 2, 3].map((data) => sender.transfer(data));
    expect(receiver.transfers).toEqual([]);
    await Promise.all(transfers);
    expect(receiver.transfers.map(({ data }) => data)).toEqual([1, 2, 3]);
  });

  it('pass only with a kind that the connection lets pass', async () => {
    connect(sender, receiver, 'c', ['health-report', 'save-request']);
    connect(sender, receiver, 'open', []);
    const outcomes = [
      await sender.transfer(1, 'c', { type: 'health-report' }),
      await sender.transfer(2, 'c', { type: 'error-report' }),
      await sender.transfer(3, 'c'),
      await sender.transfer(4, 'open'),
    ];
    expect(outcomes.map(([outcome]) => outcome!.status)).toEqual(['delivered', 'filtered', 'filtered', 'delivered']);
    expect(receiver.transfers.map(({ data }) => data)).toEqual([1, 4]);
    expect(sender.getSentData().map(({ data }) => data)).toEqual([1, 4]);
    expect(outcomes.slice(1, 3).map(([outcome]) => outcome!.reason)).toEqual([
      'the connection does not let "error-report" pass; it is for health-report, save-request',
      'the connection does not let data of no kind pass; it is for health-report, save-request',
    ]);
  });

  it('have the kind that their metadata say, else their data, else the only one of the connection', async () => {
    connect(sender, receiver, 'one', ['save-request']);
    connect(sender, receiver, 'two', ['save-request', 'load-request']);
    await sender.transfer({ type: 'load-request' }, 'two', { type: 'save-request' });
    await sender.transfer({ type: 'load-request' }, 'two');
    await sender.transfer({ config: {} }, 'one');
    const [foreign] = await sender.transfer({ type: 'a value of a configuration' }, 'two');
    expect(receiver.transfers.map(({ metadata }) => metadata?.type)).toEqual([
      'save-request',
      'load-request',
      'save-request',
    ]);
    expect(foreign!.reason).toContain('data of no kind');
  });

  it('are refused on a connection that does not exist', async () => {
    await expect(sender.transfer('data', 'nothing')).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    await expect(sender.transfer('data')).resolves.toEqual([]);
  });

  it('tell when there is nobody at the other end, and arrive once there is', async () => {
    const debug = new RecordingDebugModule();
    sender.setDebugModule(debug);
    connect(sender, receiver, 'c');
    await receiver.destroy();
    const [outcome] = await sender.transfer({ password: 'hunter2' });
    expect(outcome!.status).toBe('unreachable');
    expect(outcome!.reason).toMatch(/no module/);
    expect(sender.getOutputConnections()[0]!.status).toBe('error');
    expect(debug.lines).toContainEqual(expect.objectContaining({ level: 'warn' }));
    expect(JSON.stringify(debug.lines)).not.toContain('hunter2');
    await receiver.initialize();
    expect((await sender.transfer('again'))[0]!.status).toBe('delivered');
    expect(sender.getOutputConnections()[0]!.status).toBe('connected');
  });

  it('tell when receiveData of the target throws, without its words, and leave the others alone', async () => {
    class Thrower extends TestModule {
      override receiveData(): Promise<void> {
        return Promise.reject(new TypeError('cannot take hunter2'));
      }
    }
    const thrower = new Thrower(newInfo());
    await thrower.initialize();
    connect(sender, thrower, 'bad');
    connect(sender, receiver, 'good');
    const outcomes = await sender.transfer('data');
    expect(outcomes.map(({ status }) => status)).toEqual(['failed', 'delivered']);
    expect(outcomes[0]!.reason).toBe('TypeError');
  });

  it('find their targets where a host says', async () => {
    const own = new TestModule(newInfo({ id: 'only in the host' }));
    sender.setModuleLookup({ getModule: (id) => (id === 'only in the host' ? own : undefined) });
    connect(sender, own, 'c');
    await sender.transfer('data');
    expect(own.transfers).toHaveLength(1);
  });

  it('may end on a connection that was removed in the meantime', async () => {
    connect(sender, receiver, 'c');
    const transfer = sender.transfer('data');
    sender.removeOutputConnection('c');
    expect((await transfer)[0]!.status).toBe('delivered');
  });
});

describe('receiveData', () => {
  it('takes a transfer that comes over no connection at all', async () => {
    const transfer = newTransfer({ metadata: { type: 'save-request', source: 'validator' } });
    await receiver.receiveData(transfer);
    expect(receiver.transfers).toEqual([transfer]);
    expect(receiver.getReceivedData()).toEqual([{ ...transfer, source: 'connection-1' }]);
  });

  it.each([
    ['an error', new Error('hunter2'), 'Error'],
    ['an error with a code', Object.assign(new Error('hunter2'), { code: 'EIO' }), 'Error EIO'],
    ['no error at all', 'hunter2', 'string'],
    [
      'an error of ours, whose words are safe',
      persistenceError('ERR_PARSE', 'line 3'),
      expect.stringContaining('line 3'),
    ],
  ])('never rejects when the module fails with %s, and logs no more than its kind', async (_name, failure, reason) => {
    const debug = new RecordingDebugModule();
    receiver.setDebugModule(debug);
    const failing = deferred();
    failing.reject(failure);
    receiver.onTransfer = () => failing.promise;
    await expect(receiver.receiveData(newTransfer())).resolves.toBeUndefined();
    const errors = debug.lines.filter(({ level }) => level === 'error');
    expect(errors).toEqual([expect.objectContaining({ details: { id: 'transfer-1', reason } })]);
  });

  it.each([undefined, null, 'text', 7])('ignores %p', async (transfer) => {
    await expect(receiver.receiveData(transfer as never)).resolves.toBeUndefined();
    expect(receiver.getReceivedData()).toEqual([]);
  });

  it('drops what comes after the module was destroyed, and destroying empties the records', async () => {
    await receiver.receiveData(newTransfer());
    await receiver.destroy();
    await receiver.receiveData(newTransfer());
    expect(receiver.getReceivedData()).toEqual([]);
    expect(receiver.transfers).toHaveLength(1);
  });
});

describe('the records of transfers', () => {
  it('are one for each call, whatever the number of connections', async () => {
    const third = await startModule();
    await sender.transfer('to nobody');
    connect(sender, receiver, 'one', ['a']);
    connect(sender, third, 'two');
    connect(sender, third, 'three', ['b']);
    const outcomes = await sender.transfer('to two', undefined, { type: 'a' });
    await sender.transfer('not let through', 'three', { type: 'a' });
    expect(sender.getSentData()).toMatchObject([
      { data: 'to nobody', sourceConnectionId: '', targetConnectionId: '', connectionIds: [] },
      { id: outcomes[0]!.transferId, data: 'to two', sourceConnectionId: 'one', connectionIds: ['one', 'two'] },
    ]);
    expect(sender.getSentData()).toHaveLength(2);
  });

  it('keep only the newest over 10,000 transfers, in order', async () => {
    connect(sender, receiver, 'c');
    const count = 10_000;
    for (let number = 0; number < count; number += 1) await sender.transfer(number);
    const newest = Array.from({ length: MAX_TRANSFER_RECORDS }, (_, index) => count - MAX_TRANSFER_RECORDS + index);
    expect(sender.getSentData().map(({ data }) => data)).toEqual(newest);
    expect(receiver.getReceivedData().map(({ data }) => data)).toEqual(newest);
  });

  it('are given out as copies that share the data', async () => {
    const data = { a: 1 };
    await receiver.receiveData(newTransfer({ data, metadata: { m: 1 } }));
    const [copy] = receiver.getReceivedData();
    copy!.id = 'changed';
    copy!.metadata!.m = 2;
    expect(receiver.getReceivedData()).toEqual([expect.objectContaining({ id: 'transfer-1', metadata: { m: 1 } })]);
    expect(copy!.data).toBe(data);
  });

  it.each<[string, () => unknown]>([
    ['a text', () => 'x'.repeat(200_000)],
    ['a list', () => Array.from({ length: 100_000 }, () => 0)],
    ['many members', () => Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key${index}`, 1]))],
    ['a nested text', () => ({ a: [{ b: 'x'.repeat(200_000) }] })],
    ['long keys', () => ({ ['k'.repeat(200_000)]: 1 })],
    ['a buffer', () => Buffer.alloc(200_000)],
    ['an array buffer', () => new ArrayBuffer(200_000)],
    ['a map, whose content is not looked at', () => new Map([[1, 2]])],
    [
      'a cycle',
      () => {
        const loop: Record<string, unknown> = {};
        loop.self = loop;
        return loop;
      },
    ],
    [
      'an accessor that throws',
      () =>
        Object.defineProperty({}, 'a', {
          enumerable: true,
          get() {
            throw new Error('not for you');
          },
        }),
    ],
  ])('leave large or unfathomable data out, say so, and deliver it all the same: %s', async (_name, make) => {
    connect(sender, receiver, 'c');
    const data = make();
    await sender.transfer(data);
    expect(receiver.transfers[0]!.data).toBe(data);
    for (const [record] of [sender.getSentData(), receiver.getReceivedData()]) {
      expect(record!.data).toBeUndefined();
      expect(record!.metadata).toMatchObject({ dataOmitted: true, source: ids.sourceModuleId });
    }
  });

  it.each<[string, unknown]>([
    ['a small buffer', Buffer.alloc(10)],
    ['empty collections', [new Map(), new Set()]],
    ['nothing', undefined],
    ['numbers and texts', { a: [1, 'two', null, true] }],
  ])('keep small data: %s', async (_name, data) => {
    await receiver.receiveData(newTransfer({ data }));
    const expected = newTransfer({ data, timestamp: expect.any(Number) as never });
    expect(receiver.getReceivedData()).toEqual([{ ...expected, source: 'connection-1' }]);
  });
});

describe('the handshake', () => {
  const input = (from: TestModule, to: TestModule, dataTypes?: string[]) =>
    to.addInputConnection({
      id: `in-${from.getInfo().id}`,
      type: 'input',
      sourceModuleId: from.getInfo().id,
      targetModuleId: to.getInfo().id,
      ...(dataTypes === undefined ? {} : { dataTypes }),
    });

  it('succeeds between two modules that have declared nothing, or only one side of a connection', async () => {
    await expect(sender.handshake(receiver)).resolves.toBe(true);
    connect(sender, receiver, 'c', ['a']);
    await expect(sender.handshake(receiver)).resolves.toBe(true);
    await expect(receiver.handshake(sender)).resolves.toBe(true);
  });

  it('succeeds where a kind of data passes both ends, in either direction', async () => {
    connect(sender, receiver, 'c', ['a', 'b']);
    input(sender, receiver, ['b', 'c']);
    await expect(sender.handshake(receiver)).resolves.toBe(true);
    await expect(receiver.handshake(sender)).resolves.toBe(true);
  });

  it('succeeds where one end is open', async () => {
    connect(sender, receiver, 'c');
    input(sender, receiver, ['b']);
    await expect(sender.handshake(receiver)).resolves.toBe(true);
    connect(sender, receiver, 'c', ['a']);
    input(sender, receiver);
    await expect(sender.handshake(receiver)).resolves.toBe(true);
  });

  it('fails where the declared connections have nothing in common', async () => {
    connect(sender, receiver, 'c', ['a']);
    input(sender, receiver, ['b']);
    await expect(sender.handshake(receiver)).resolves.toBe(false);
    connect(receiver, sender, 'back', ['x']);
    input(receiver, sender, ['x']);
    await expect(sender.handshake(receiver)).resolves.toBe(true);
  });

  it('succeeds with itself, and takes what a caller passes on to a subclass', async () => {
    await expect(sender.handshake(sender)).resolves.toBe(true);
    await expect(sender.handshake(receiver, { protocol: '1.0' })).resolves.toBe(true);
  });

  it('fails with something that is no module, with another one of its id, and where one of the two is destroyed', async () => {
    await expect(sender.handshake(new TestModule(sender.getInfo()))).resolves.toBe(false);
    await expect(sender.handshake(undefined as never)).resolves.toBe(false);
    await expect(sender.handshake({ getInfo: () => newInfo() } as never)).resolves.toBe(false);
    await receiver.destroy();
    await expect(sender.handshake(receiver)).resolves.toBe(false);
    await expect(receiver.handshake(sender)).resolves.toBe(false);
    await expect(receiver.handshake(receiver)).resolves.toBe(false);
  });
});

describe('diagnostics', () => {
  function captureStderr(): string[] {
    const lines: string[] = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      lines.push(String(text));
      return true;
    });
    return lines;
  }

  /** A transfer there, with a value that no line may show. */
  async function exchange(): Promise<void> {
    connect(sender, receiver, 'c');
    await sender.transfer({ password: 'hunter2' }, 'c', { type: 'save-request' });
    await sender.sendRequestTo('ping', { password: 'hunter2' }, ids.targetModuleId);
  }

  it('print nothing while debugging is off', async () => {
    const printed = [captureStderr(), captureConsole()];
    await exchange();
    sender.report('error', 'something');
    expect(printed).toEqual([[], []]);
  });

  it('go to the error stream with debugging on, one line each, without values', async () => {
    const printed = captureStderr();
    const onConsole = captureConsole();
    sender.configure({ debug: true });
    receiver.configure({ debug: true });
    await exchange();
    sender.report('warn', 'plain');
    expect(printed).toContainEqual(`[warn] ${ids.sourceModuleId}: plain\n`);
    expect(printed.some((line) => line.includes('transfer delivered'))).toBe(true);
    expect(printed.some((line) => line.includes('transfer received'))).toBe(true);
    expect(printed.some((line) => line.includes('message sent'))).toBe(true);
    expect(printed.join('')).not.toContain('hunter2');
    expect(onConsole).toEqual([]);
  });

  it('go to the debug module instead, once there is one, and back to nothing without it', async () => {
    const printed = captureStderr();
    const debug = new RecordingDebugModule();
    sender.setDebugModule(debug);
    await exchange();
    expect(debug.lines.length).toBeGreaterThan(0);
    expect(JSON.stringify(debug.lines)).not.toContain('hunter2');
    const count = debug.lines.length;
    sender.setDebugModule(undefined);
    sender.report('error', 'something');
    expect(debug.lines).toHaveLength(count);
    expect(printed).toEqual([]);
  });

  it('name the keys of options and never their values', () => {
    const debug = new RecordingDebugModule();
    const module = new TestModule(newInfo());
    module.setDebugModule(debug);
    module.configure({ passphrase: 'hunter2' });
    expect(debug.lines).toEqual([expect.objectContaining({ details: { keys: ['passphrase'] } })]);
  });

  it('are silenced by debug: false, for a debug module too', () => {
    const debug = new RecordingDebugModule();
    sender.setDebugModule(debug);
    sender.configure({ debug: false });
    sender.report('error', 'something');
    expect(debug.lines).toEqual([]);
  });

  it('can be limited to a level, and leave out requests unless these are asked for', async () => {
    const debug = new RecordingDebugModule();
    sender.setDebugModule(debug);
    sender.configure({ debug: { logLevel: 'warn' } });
    sender.report('info', 'too quiet');
    sender.report('warn', 'loud enough');
    await exchange();
    expect(debug.lines.map(({ level }) => level)).toEqual(['warn']);
    sender.configure({ debug: { enableRequestLogging: true, enablePerformanceMonitoring: false, logLevel: 'debug' } });
    await exchange();
    expect(debug.lines.some(({ message }) => message.includes('transfer delivered'))).toBe(true);
  });

  it('do not fail the module when the debug module fails', () => {
    sender.setDebugModule({
      log() {
        throw new Error('disk full');
      },
    });
    expect(() => sender.report('error', 'something')).not.toThrow();
  });

  function captureConsole(): unknown[] {
    const calls: unknown[] = [];
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
      jest.spyOn(console, method).mockImplementation((...parts) => {
        calls.push(parts);
      });
    }
    return calls;
  }
});
