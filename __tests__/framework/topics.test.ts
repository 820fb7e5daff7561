/** What the message center tells of itself, and topics. */
import type { Message } from '../../interfaces/framework.js';
import { MessageCenter } from '../../src/framework/messages/MessageCenter.js';
import { durationInWords } from '../../src/framework/messages/durationInWords.js';
import { deferred, delivered } from './testModules.js';

const center = MessageCenter.getInstance();
let got: string[];

beforeEach(() => {
  got = [];
  for (const id of ['a', 'b', 'c']) {
    center.registerModule(id, {
      handleMessage: (message) => {
        if (!message.type.startsWith('module_')) got.push(`${id} ${message.topic ?? ''} ${message.type}`);
        return Promise.resolve(undefined);
      },
    });
  }
});

afterEach(async () => {
  center.destroy();
  await delivered();
});

function newMessage(overrides: Partial<Message> = {}): Message {
  return { id: 'm-1', type: 'news', source: 'tests', payload: { a: 1 }, timestamp: Date.now(), ...overrides };
}

describe('topics', () => {
  it('bring a message to their subscribers, later, and to nobody else', async () => {
    center.subscribeToTopic('a', 'saves');
    center.subscribeToTopic('b', 'loads');
    center.subscribeToTopic('c', '', { wildcard: true });
    expect(center.publishToTopic('saves', newMessage())).toEqual(['a', 'c']);
    expect(got).toEqual([]);
    await delivered();
    expect(got).toEqual(['a saves news', 'c saves news']);
    expect(center.publishToTopic('nobody', newMessage())).toEqual(['c']);
  });

  it('never bring a message back to its source', async () => {
    center.subscribeToTopic('a', 'saves');
    expect(center.publishToTopic('saves', newMessage({ source: 'a' }))).toEqual(['a']);
    await delivered();
    expect(got).toEqual([]);
  });

  it('reach each subscriber once, however often it subscribed', async () => {
    center.subscribeToTopic('a', 'saves');
    center.subscribeToTopic('a', 'saves');
    center.subscribeToTopic('a', 'saves', { wildcard: true });
    center.publishToTopic('saves', newMessage());
    await delivered();
    expect(got).toHaveLength(1);
  });

  it('are told of', () => {
    center.subscribeToTopic('a', 'saves');
    center.subscribeToTopic('b', 'saves');
    center.subscribeToTopic('b', 'loads');
    center.subscribeToTopic('b', '*', { wildcard: true });
    expect(center.getAllTopics()).toEqual(['saves', 'loads']);
    expect(center.getTopicSubscribers('saves')).toEqual(['a', 'b']);
    expect(center.getModuleSubscriptions('b')).toEqual(['*', 'saves', 'loads']);
    expect([center.isSubscribed('a', 'saves'), center.isSubscribed('a', 'loads')]).toEqual([true, false]);
    expect(center.isSubscribed('b', 'anything')).toBe(true);
    expect(center.getSubscriptionStats()).toEqual({
      totalTopics: 2,
      totalSubscriptions: 3,
      wildcardSubscriptions: 1,
      topics: ['saves', 'loads'],
    });
  });

  it('are left, by themselves and with the module, and forgotten then', () => {
    center.subscribeToTopic('a', 'saves');
    center.subscribeToTopic('b', 'loads');
    center.subscribeToTopic('b', '*', { wildcard: true });
    center.unsubscribeFromTopic('a', 'saves');
    center.unsubscribeFromTopic('a', 'never subscribed');
    center.unregisterModule('b');
    expect(center.getSubscriptionStats()).toMatchObject({ totalTopics: 0, wildcardSubscriptions: 0 });
    center.subscribeToTopic('c', '*', { wildcard: true });
    center.unsubscribeFromTopic('c', '*', { wildcard: true });
    expect(center.publishToTopic('saves', newMessage())).toEqual([]);
  });

  it('are for registered modules, have a name, and take whole messages', () => {
    const refusal = { code: 'ERR_INVALID_REQUEST' };
    expect(() => center.subscribeToTopic('x', 'saves')).toThrow(expect.objectContaining(refusal));
    expect(() => center.subscribeToTopic('x', 'saves')).toThrow('Module x is not registered');
    expect(() => center.subscribeToTopic('a', ' ')).toThrow(expect.objectContaining(refusal));
    expect(() => center.unsubscribeFromTopic('a', 5 as never)).toThrow(expect.objectContaining(refusal));
    expect(() => center.publishToTopic('', newMessage())).toThrow(expect.objectContaining(refusal));
    expect(() => center.publishToTopic('saves', newMessage({ id: '' }))).toThrow('Message must have an ID');
    expect(() => center.publishToTopic('saves', newMessage({ type: '' }))).toThrow('Message must have a type');
  });

  it('count as one message, and as one delivery for each subscriber', async () => {
    center.resetStats();
    center.subscribeToTopic('a', 'saves');
    center.subscribeToTopic('b', 'saves');
    center.publishToTopic('saves', newMessage());
    await delivered();
    expect(center.getStats()).toMatchObject({ totalMessages: 1, messagesDelivered: 2 });
  });
});

describe('the message center', () => {
  it('tells who is registered', () => {
    expect(center.getModuleIds()).toEqual(['a', 'b', 'c']);
    expect(center.getModuleCount()).toBe(3);
    expect([center.isModuleRegistered('a'), center.isModuleRegistered('x')]).toEqual([true, false]);
  });

  it('measures, from the last reset on', async () => {
    center.resetStats();
    const none = { average: 0, min: 0, max: 0, count: 0 };
    expect(center.getPerformanceMetrics()).toMatchObject({ successRate: 0, responseTime: none });
    await center.sendRequest(newMessage({ target: 'a' }));
    await expect(center.sendRequest(newMessage({ target: 'nobody' }))).rejects.toThrow(
      'Target module nobody not found',
    );
    const { responseTime, ...metrics } = center.getPerformanceMetrics();
    expect(metrics).toMatchObject({ successRate: 50, load: { activeRequests: 0, registeredModules: 3 } });
    expect(metrics.throughput).toBeGreaterThan(0);
    expect(responseTime.count).toBe(1);
    expect(responseTime.min).toBeLessThanOrEqual(responseTime.average);
    expect(responseTime.average).toBeLessThanOrEqual(responseTime.max);
    expect(center.getUptime()).toMatch(/^\d+s$/u);
    center.resetStats();
    expect(center.getStats()).toMatchObject({ totalMessages: 0, messagesFailed: 0, registeredModules: 3 });
    expect(center.getPerformanceMetrics().responseTime).toEqual(none);
  });

  it('ends everything at once, and can be used anew', async () => {
    const answer = deferred();
    center.registerModule('slow', { handleMessage: () => answer.promise });
    center.subscribeToTopic('a', 'saves');
    const request = center.sendRequest(newMessage({ target: 'slow' }));
    expect(center.getPendingRequestCount()).toBe(1);
    center.destroy();
    await expect(request).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    answer.resolve();
    expect([center.getModuleCount(), center.getPendingRequestCount(), center.getAllTopics()]).toEqual([0, 0, []]);
    center.registerModule('a', { handleMessage: () => Promise.resolve(undefined) });
    expect((await center.sendRequest(newMessage({ target: 'a' }))).success).toBe(true);
  });
});

it.each([
  [0, '0s'],
  [999, '0s'],
  [61_000, '1m 1s'],
  [3_600_000, '1h 0m 0s'],
  [90_061_000, '1d 1h 1m 1s'],
])('a duration of %d ms reads %s', (ms, text) => {
  expect(durationInWords(ms)).toBe(text);
});
