import { jest } from '@jest/globals';
import type { Message, MessageResponse } from '../../interfaces/framework.js';
import { MessageCenter } from '../../src/framework/messages/MessageCenter.js';
import type { MessageReceiver } from '../../src/framework/messages/messages.js';
import { ModuleRegistry } from '../../src/framework/module/ModuleRegistry.js';
import { deferred, delivered, startModule, type TestModule } from './testModules.js';

const center = MessageCenter.getInstance();
const receivers: string[] = [];

function newMessage(overrides: Partial<Message> = {}): Message {
  return { id: 'm-1', type: 'ask', source: 'tests', payload: { a: 1 }, timestamp: Date.now(), ...overrides };
}

/** Registers a receiver for this test. */
function listen(id: string, handleMessage: (message: Message) => unknown): void {
  center.registerModule(id, { handleMessage: handleMessage as MessageReceiver['handleMessage'] });
  receivers.push(id);
}

/** Fakes timeouts alone: messages travel as ever, and `jest.getTimerCount()` tells which timers are open. */
function fakeTimeouts(): void {
  jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] });
}

afterEach(async () => {
  jest.useRealTimers();
  for (const id of receivers.splice(0)) center.unregisterModule(id);
  await ModuleRegistry.getInstance().clear();
  await delivered();
  expect(center.getStats()).toMatchObject({ activeRequests: 0, registeredModules: 0 });
});

describe('registration', () => {
  it('exists once in a process', () => {
    expect(MessageCenter.getInstance()).toBe(center);
  });

  it.each([
    ['an empty id', '', { handleMessage: () => Promise.resolve(undefined) }],
    ['an id that is no text', 7, { handleMessage: () => Promise.resolve(undefined) }],
    ['no module', 'a', undefined],
    ['a module that handles no messages', 'a', {}],
  ])('refuses %s', (_name, id, module) => {
    expect(() => center.registerModule(id as never, module as never)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }),
    );
  });

  it('refuses an id that is taken and keeps the first module', async () => {
    listen('a', () => ({ success: true, data: 'first' }));
    expect(() => listen('a', () => undefined)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }));
    await expect(center.sendRequest(newMessage({ target: 'a' }))).resolves.toMatchObject({ data: 'first' });
  });

  it('tells the others, and not the module itself, that a module came and went', async () => {
    const witness = await startModule();
    const other = await startModule();
    const { id } = other.getInfo();
    await delivered();
    await other.destroy();
    await delivered();
    expect(witness.news).toEqual([`+${id}`, `-${id}`]);
    expect(other.news).toEqual([]);
  });

  it('is not disturbed by a listener that fails on the news, nor by news without an id', async () => {
    listen('a', () => {
      throw new Error('no news please');
    });
    const witness = await startModule();
    await delivered();
    center.sendMessage(newMessage({ type: 'module_registered', target: witness.getInfo().id, payload: null }));
    await delivered();
    expect(witness.news).toEqual(['+']);
  });

  it('has no effect when an unknown id is unregistered', () => {
    expect(() => center.unregisterModule('nobody')).not.toThrow();
  });
});

describe('one-way messages', () => {
  it('reach their target later, in order, never inside the call that sends them', async () => {
    const got: string[] = [];
    listen('a', (message) => got.push(message.id));
    center.sendMessage(newMessage({ id: '1', target: 'a' }));
    center.sendMessage(newMessage({ id: '2', target: 'a' }));
    expect(got).toEqual([]);
    await delivered();
    expect(got).toEqual(['1', '2']);
  });

  it('are broadcast without a target, to everybody but the source', async () => {
    const got: string[] = [];
    for (const id of ['a', 'b', 'c']) listen(id, () => got.push(id));
    await delivered();
    got.length = 0;
    center.broadcastMessage(newMessage({ source: 'a' }));
    center.sendMessage(newMessage({ source: 'b' }));
    await delivered();
    expect(got).toEqual(['b', 'c', 'a', 'c']);
  });

  it('come in an envelope of their own for each receiver, with the payload shared', async () => {
    const payload = { big: true };
    const got: Message[] = [];
    for (const id of ['a', 'b']) {
      listen(id, (message) => {
        got.push({ ...message });
        message.type = 'changed by the receiver';
      });
    }
    await delivered();
    got.length = 0;
    const message = newMessage({ payload });
    center.broadcastMessage(message);
    message.type = 'changed after sending';
    await delivered();
    expect(got.map(({ type }) => type)).toEqual(['ask', 'ask']);
    expect(got.every((copy) => copy.payload === payload)).toBe(true);
  });

  it('survive receivers that throw, reject, or are unknown: the counts tell', async () => {
    listen('thrower', () => {
      throw new Error('thrown');
    });
    listen('rejecter', () => Promise.reject(new Error('rejected')));
    listen('a', () => undefined);
    await delivered();
    const before = center.getStats();
    for (const target of ['thrower', 'rejecter', 'nobody', 'a']) center.sendMessage(newMessage({ target }));
    await delivered();
    const after = center.getStats();
    expect(after.totalMessages - before.totalMessages).toBe(4);
    expect(after.messagesFailed - before.messagesFailed).toBe(3);
    expect(after.messagesDelivered - before.messagesDelivered).toBe(1);
    expect(after.uptime).toBeGreaterThan(0);
  });

  it('are not delivered after their time to live; 0 is no limit', async () => {
    const got: string[] = [];
    listen('a', (message) => got.push(message.id));
    await delivered();
    const timestamp = Date.now() - 1000;
    center.sendMessage(newMessage({ id: 'expired', target: 'a', timestamp, ttl: 999 }));
    center.sendMessage(newMessage({ id: 'in time', target: 'a', timestamp, ttl: 60_000 }));
    center.sendMessage(newMessage({ id: 'without limit', target: 'a', timestamp, ttl: 0 }));
    center.broadcastMessage(newMessage({ id: 'expired broadcast', timestamp, ttl: 1 }));
    await delivered();
    expect(got).toEqual(['in time', 'without limit']);
  });

  it.each([
    ['no message', undefined],
    ['an empty id', newMessage({ id: '' })],
    ['a blank type', newMessage({ type: ' ' })],
    ['a source that is no text', newMessage({ source: 1 as never })],
    ['an empty target', newMessage({ target: '' })],
    ['an empty correlation id', newMessage({ correlationId: '' })],
    ['a time of 0', newMessage({ timestamp: 0 })],
    ['a time that is no number', newMessage({ timestamp: NaN })],
    ['a negative time to live', newMessage({ ttl: -1 })],
    ['a priority above 9', newMessage({ priority: 10 })],
  ])('are refused with %s, in all four ways of sending', async (_name, message) => {
    const refusal = expect.objectContaining({ code: 'ERR_INVALID_REQUEST' }) as Error;
    expect(() => center.sendMessage(message as never)).toThrow(refusal);
    expect(() => center.broadcastMessage(message as never)).toThrow(refusal);
    await expect(center.sendRequest(message as never)).rejects.toEqual(refusal);
    const response = await new Promise((resolve) => center.sendRequestAsync(message as never, resolve));
    expect(response).toMatchObject({ success: false });
  });
});

describe('requests', () => {
  it('resolve to the answer, with the ids of the message', async () => {
    listen('a', (message) => ({
      messageId: 'wrong',
      correlationId: 'wrong',
      success: true,
      data: message.payload,
      timestamp: 5,
    }));
    const response = await center.sendRequest(newMessage({ target: 'a', correlationId: 'c-1', priority: 9 }));
    expect(response).toEqual({
      messageId: 'm-1',
      correlationId: 'c-1',
      success: true,
      data: { a: 1 },
      timestamp: 5,
    });
  });

  it('count an answer of nothing, or of something that is no response, as a success without data', async () => {
    listen('a', () => undefined);
    listen('b', () => ({ success: 'maybe' }));
    for (const target of ['a', 'b']) {
      const response = await center.sendRequest(newMessage({ target }));
      expect(response).toEqual({
        messageId: 'm-1',
        correlationId: expect.stringMatching(/./),
        success: true,
        timestamp: expect.any(Number),
      });
    }
  });

  it('turn what the receiver throws into an answer that says so', async () => {
    listen('a', () => {
      throw new Error('no such file');
    });
    listen('b', () => ({ then: (_resolve: unknown, reject: (reason: string) => void) => reject('just text') }));
    const responses = await Promise.all(['a', 'b'].map((target) => center.sendRequest(newMessage({ target }))));
    expect(responses.map(({ success, error }) => [success, error])).toEqual([
      [false, 'no such file'],
      [false, 'just text'],
    ]);
  });

  it('reject where there is nobody to answer, or the time to live is over', async () => {
    await expect(center.sendRequest(newMessage())).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    await expect(center.sendRequest(newMessage({ target: 'nobody' }))).rejects.toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
    listen('a', () => undefined);
    const late = newMessage({ target: 'a', timestamp: Date.now() - 1000, ttl: 10 });
    await expect(center.sendRequest(late)).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it.each([0, -1, NaN, Infinity, 2 ** 31, '5'])(
    'refuse the timeout %p, which no timer can wait for',
    async (timeout) => {
      listen('a', () => undefined);
      await expect(center.sendRequest(newMessage({ target: 'a' }), timeout as never)).rejects.toMatchObject({
        code: 'ERR_INVALID_REQUEST',
      });
    },
  );

  it('reject after the timeout, and the answer that comes later is dropped', async () => {
    jest.useFakeTimers();
    const answer = deferred();
    listen('a', () => answer.promise);
    const request = expect(center.sendRequest(newMessage({ target: 'a' }), 1000)).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    await jest.advanceTimersByTimeAsync(999);
    expect(center.getStats().activeRequests).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await request;
    expect(center.getStats().activeRequests).toBe(0);
    answer.resolve();
    await jest.advanceTimersByTimeAsync(1);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('wait 30 seconds when they are not told how long', async () => {
    jest.useFakeTimers();
    listen('a', () => new Promise(() => undefined));
    const request = expect(center.sendRequest(newMessage({ target: 'a' }))).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    await jest.advanceTimersByTimeAsync(29_999);
    expect(center.getStats().activeRequests).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    await request;
  });

  it('leave no timer behind once they are answered, and do not grow', async () => {
    fakeTimeouts();
    listen('a', () => undefined);
    const message = newMessage({ target: 'a', correlationId: 'the same for all' });
    const requests = Array.from({ length: 1000 }, () => center.sendRequest(message));
    expect(center.getStats().activeRequests).toBe(1000);
    expect(jest.getTimerCount()).toBe(1000);
    await Promise.all(requests);
    expect(jest.getTimerCount()).toBe(0);
    expect(center.getStats().activeRequests).toBe(0);
    expect(center.getStats().averageResponseTime).toBeGreaterThan(0);
  });

  it('are settled when the target or the source is unregistered, the others go on', async () => {
    const never = new Promise(() => undefined);
    const answer = deferred();
    listen('target', () => never);
    listen('source', () => never);
    listen('bystander', () => answer.promise);
    fakeTimeouts();
    const toTarget = center.sendRequest(newMessage({ target: 'target' }));
    const fromSource = center.sendRequest(newMessage({ source: 'source', target: 'bystander' }));
    const unrelated = center.sendRequest(newMessage({ target: 'bystander' }));
    await delivered();
    center.unregisterModule('target');
    center.unregisterModule('source');
    await expect(toTarget).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    await expect(fromSource).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    answer.resolve();
    await expect(unrelated).resolves.toMatchObject({ success: true });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('are not delivered when the target is unregistered before their turn comes', async () => {
    const got: Message[] = [];
    listen('a', (message) => got.push(message));
    const request = center.sendRequest(newMessage({ target: 'a' }));
    center.unregisterModule('a');
    await expect(request).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    await delivered();
    expect(got).toEqual([]);
  });
});

describe('requests with a callback', () => {
  function ask(message: Message, timeoutMs?: number): Promise<MessageResponse> {
    return new Promise((resolve) => center.sendRequestAsync(message, resolve, timeoutMs));
  }

  it('call back later with the answer or with what went wrong', async () => {
    listen('a', () => ({ success: true, data: 1 }));
    await expect(ask(newMessage({ target: 'a' }))).resolves.toMatchObject({ success: true, data: 1, messageId: 'm-1' });
    await expect(ask(newMessage({ target: 'nobody', correlationId: 'c' }))).resolves.toMatchObject({
      success: false,
      correlationId: 'c',
      error: expect.stringContaining('not found'),
    });
  });

  it('call back after the timeout', async () => {
    fakeTimeouts();
    listen('a', () => new Promise(() => undefined));
    const response = ask(newMessage({ target: 'a' }), 1000);
    await jest.advanceTimersByTimeAsync(1000);
    await expect(response).resolves.toMatchObject({ success: false, messageId: 'm-1' });
  });

  it('do not hold the process with their timer, while a request that is waited for does', async () => {
    const timeouts = jest.spyOn(globalThis, 'setTimeout');
    const answer = deferred();
    listen('a', () => answer.promise);
    const responses = [ask(newMessage({ target: 'a' })), center.sendRequest(newMessage({ target: 'a' }))];
    const [unawaited, awaited] = timeouts.mock.results.map(({ value }) => value as NodeJS.Timeout);
    timeouts.mockRestore();
    expect([unawaited!.hasRef(), awaited!.hasRef()]).toEqual([false, true]);
    answer.resolve();
    await Promise.all(responses);
  });

  it('drop and count what the callback throws', async () => {
    listen('a', () => undefined);
    const before = center.getStats().messagesFailed;
    center.sendRequestAsync(newMessage({ target: 'a' }), () => {
      throw new Error('in the callback');
    });
    await delivered();
    await delivered();
    expect(center.getStats().messagesFailed).toBe(before + 1);
  });
});

describe('messages between modules', () => {
  let asker: TestModule;
  let answerer: TestModule;
  let target: string;

  beforeEach(async () => {
    asker = await startModule();
    answerer = await startModule();
    target = answerer.getInfo().id;
  });

  it('are answered by the base class: a ping with a pong, the unknown with an error', async () => {
    await expect(asker.sendRequestTo('ping', undefined, target)).resolves.toMatchObject({
      success: true,
      data: { pong: true, moduleId: target },
    });
    await expect(asker.sendRequestTo('fly', {}, target)).resolves.toMatchObject({
      success: false,
      error: 'Unhandled message type: fly',
    });
  });

  it('carry what their sender gave them and nothing that it did not', async () => {
    asker.send('news', { a: 1 }, target, { trace: 't' }, 5000, 5);
    asker.send('news', undefined, target);
    await delivered();
    const source = asker.getInfo().id;
    const common = { id: expect.any(String), type: 'news', source, target, timestamp: expect.any(Number) };
    expect(answerer.messages).toEqual([
      { ...common, payload: { a: 1 }, metadata: { trace: 't' }, ttl: 5000, priority: 5 },
      { ...common, payload: undefined },
    ]);
    expect(Object.keys(answerer.messages[1]!)).not.toContain('ttl');
  });

  it('are delivered by their priority, those of one priority in the order of sending', async () => {
    const send = (payload: number, priority?: number): void =>
      asker.send('news', payload, target, undefined, undefined, priority);
    for (const [payload, priority] of [[1], [2, 0], [3, 9], [4], [5, 9], [6, 5]] as const) send(payload, priority);
    await delivered();
    expect(answerer.messages.map(({ payload }) => payload)).toEqual([3, 5, 1, 4, 6, 2]);
  });

  it('are broadcast to the others', async () => {
    const third = await startModule();
    asker.broadcast('news', { a: 1 });
    await delivered();
    expect([asker, answerer, third].map(({ messages }) => messages.length)).toEqual([0, 1, 1]);
  });

  it('are answered by a subclass, with a timeout of its own for each request', async () => {
    answerer.onMessage = ({ payload }) => ({ success: true, data: payload });
    await expect(asker.sendRequestTo('echo', 'x', target)).resolves.toMatchObject({ data: 'x' });
    const response = await new Promise((resolve) => asker.requestAsync('echo', 'y', target, resolve));
    expect(response).toMatchObject({ success: true, data: 'y' });
    answerer.onMessage = () => new Promise(() => undefined);
    await expect(asker.sendRequestTo('echo', 'z', target, 5)).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('still reach a module while it is being destroyed, so that running requests get their true answer', async () => {
    const answer = deferred();
    answerer.onMessage = () => answer.promise.then(() => ({ success: true, data: 'saved' }));
    answerer.hooks.onDestroy = answer.promise;
    const request = asker.sendRequestTo('save', {}, target);
    await delivered();
    const destroying = answerer.destroy();
    answer.resolve();
    await expect(request).resolves.toMatchObject({ data: 'saved' });
    await destroying;
    await expect(asker.sendRequestTo('save', {}, target)).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
  });

  it('leave no timer behind when a module with unanswered requests is destroyed', async () => {
    answerer.onMessage = () => new Promise(() => undefined);
    fakeTimeouts();
    const request = asker.sendRequestTo('save', {}, target);
    await delivered();
    await asker.destroy();
    await expect(request).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(jest.getTimerCount()).toBe(0);
  });
});
