/**
 * Carries messages between the modules of one process.
 *
 * A message is always delivered in a later turn of the event loop, never inside the sender's call:
 * of those that wait for the same turn the more urgent (`priority`) first, otherwise in the order of sending. Each receiver gets its own envelope; the payload is shared and must not be changed. What a receiver throws never
 * leaves as an unhandled rejection.
 */
import { randomUUID } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { Message, MessageResponse } from '../../../interfaces/framework.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';
import {
  checkMessage,
  checkTimeout,
  completeResponse,
  createMessage,
  failureResponse,
  isExpired,
  type MessageReceiver,
  undeliverableError,
} from './messages.js';
import { durationInWords } from './durationInWords.js';
import { callQuietly } from '../module/DebugLog.js';
import { duplicateModule } from '../module/ModuleDirectory.js';
import { Outbox } from './Outbox.js';
import { PendingRequests } from './PendingRequests.js';
import { TopicSubscriptions, type SubscriptionStats } from './TopicSubscriptions.js';

const {
  CENTER_ID,
  DEFAULT_REQUEST_TIMEOUT_MS,
  MODULE_REGISTERED,
  MODULE_UNREGISTERED,
  PERCENT,
  SECOND_MS,
  UNKNOWN_MODULE,
} = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

/** What `getStats()` gives, since the center was made or its counts were reset. The center's own notifications are not counted. */
export interface MessageCenterStats {
  /** Sent messages, broadcasts and requests; a broadcast counts once. */
  totalMessages: number;
  totalRequests: number;
  /** Requests that wait for their answer now. */
  activeRequests: number;
  registeredModules: number;
  /** Deliveries whose receiver did not throw; a broadcast counts once per receiver. */
  messagesDelivered: number;
  /** No such target, expired, or the receiver (or the callback for its answer) threw. */
  messagesFailed: number;
  /** Milliseconds from sending to answer, over all answered requests; 0 before the first. */
  averageResponseTime: number;
  /** Milliseconds since the center was made or its counts were reset. */
  uptime: number;
}

/** What `getPerformanceMetrics()` gives, since the center was made or its counts were reset. Times are milliseconds. */
export interface MessagePerformance {
  uptime: number;
  /** Sent messages, broadcasts and requests per second. */
  throughput: number;
  /** Of 100 deliveries, how many did not fail; 0 before the first. */
  successRate: number;
  /** From sending to answer; zeros before the first. */
  responseTime: { average: number; min: number; max: number; count: number };
  load: { activeRequests: number; registeredModules: number };
}

/** `wildcard: true` means every topic; the topic that is named does not matter then. */
export interface SubscriptionOptions {
  wildcard?: boolean;
}

export class MessageCenter {
  static #instance: MessageCenter | undefined;

  readonly #modules = new Map<string, MessageReceiver>();
  readonly #outbox = new Outbox();
  readonly #pending = new PendingRequests(this.#outbox);
  readonly #topics = new TopicSubscriptions();
  #startedAtMs = performance.now();
  #counts = noCounts();

  private constructor() {
    // One center per process: `getInstance()` is the only way to it.
  }

  static getInstance(): MessageCenter {
    MessageCenter.#instance ??= new MessageCenter();
    return MessageCenter.#instance;
  }

  /**
   * Makes the module a target and a listener of broadcasts; the others are told `module_registered`.
   *
   * @throws ERR_INVALID_REQUEST where the id is empty or taken, or the module has no `handleMessage`.
   */
  registerModule(moduleId: string, module: MessageReceiver): void {
    const receiver = module as Partial<MessageReceiver> | null | undefined;
    if (typeof moduleId !== 'string' || moduleId === '' || typeof receiver?.handleMessage !== 'function') {
      throw persistenceError('ERR_INVALID_REQUEST', 'a module is registered with a non-empty id and handleMessage()');
    }
    if (this.#modules.has(moduleId)) throw duplicateModule(moduleId);
    this.#modules.set(moduleId, module);
    this.#notify(MODULE_REGISTERED, moduleId);
  }

  /**
   * Ends what `registerModule` began: pending requests from and to the module are settled (`ERR_ABORTED`), and the
   * others are told `module_unregistered`. An unknown id has no effect.
   */
  unregisterModule(moduleId: string): void {
    if (!this.#modules.delete(moduleId)) return;
    this.#pending.abandon(moduleId);
    this.#topics.remove(moduleId);
    this.#notify(MODULE_UNREGISTERED, moduleId);
  }

  /**
   * Sends one way; without a `target` it is a broadcast. A failed delivery shows in `getStats()` only.
   *
   * @throws ERR_INVALID_REQUEST for a malformed message.
   */
  sendMessage(message: Message): void {
    checkMessage(message);
    const { target } = message;
    if (target === undefined) return this.broadcastMessage(message);
    this.#counts.totalMessages += 1;
    const envelope = { ...message };
    this.#outbox.post(() => {
      this.#deliverOneWay(envelope, this.#modules.get(target));
    }, message.priority);
  }

  /**
   * Sends to every module but the source that is registered now.
   *
   * @throws ERR_INVALID_REQUEST for a malformed message.
   */
  broadcastMessage(message: Message): void {
    checkMessage(message);
    this.#counts.totalMessages += 1;
    const envelope = { ...message };
    this.#forOthers(message, (receiver) => this.#deliverOneWay(envelope, receiver));
  }

  /**
   * Resolves to the target's answer. A target that threw has answered too: `success` is false and `error` its message.
   * The timer holds the process, because somebody waits for this promise; it ends with the answer.
   *
   * @throws where no answer came: ERR_INVALID_REQUEST (malformed message or timeout, no such target), ERR_TIMEOUT (after
   * `timeoutMs`, or the message outlived its `ttl`), ERR_ABORTED (either module was unregistered).
   */
  async sendRequest(message: Message, timeoutMs: number = DEFAULT_REQUEST_TIMEOUT_MS): Promise<MessageResponse> {
    return this.#request(message, timeoutMs, true);
  }

  /**
   * Calls back exactly once, later, with the answer or, where `sendRequest` would reject, with a response whose
   * `success` is false. The timer does not hold the process. An error thrown by the callback is dropped and counted.
   */
  sendRequestAsync(
    message: Message,
    callback: (response: MessageResponse) => void,
    timeoutMs: number = DEFAULT_REQUEST_TIMEOUT_MS,
  ): void {
    this.#request(message, timeoutMs, false)
      .catch((error: unknown) => failureResponse(message, error))
      .then(callback)
      .catch(() => {
        this.#counts.messagesFailed += 1;
      });
  }

  getStats(): MessageCenterStats {
    return {
      ...this.#counts,
      activeRequests: this.#pending.count,
      registeredModules: this.#modules.size,
      averageResponseTime: this.#pending.averageResponseMs,
      uptime: performance.now() - this.#startedAtMs,
    };
  }

  getPerformanceMetrics(): MessagePerformance {
    const { totalMessages, messagesDelivered, messagesFailed } = this.#counts;
    const uptime = performance.now() - this.#startedAtMs;
    const deliveries = messagesDelivered + messagesFailed;
    return {
      uptime,
      throughput: uptime === 0 ? 0 : (totalMessages * SECOND_MS) / uptime,
      successRate: deliveries === 0 ? 0 : (messagesDelivered * PERCENT) / deliveries,
      responseTime: { ...this.#pending.responseTimes },
      load: { activeRequests: this.#pending.count, registeredModules: this.#modules.size },
    };
  }

  /** How long the center counts, in words: `1d 2h 3m 4s`, from the largest unit that is not zero. */
  getUptime(): string {
    return durationInWords(performance.now() - this.#startedAtMs);
  }

  /** Counts and times begin anew; what is registered, subscribed and waited for stays. */
  resetStats(): void {
    this.#counts = noCounts();
    this.#pending.resetTimes();
    this.#startedAtMs = performance.now();
  }

  isModuleRegistered(moduleId: string): boolean {
    return this.#modules.has(moduleId);
  }

  /** In the order of registration. */
  getModuleIds(): string[] {
    return [...this.#modules.keys()];
  }

  getModuleCount(): number {
    return this.#modules.size;
  }

  /** Requests that wait for their answer now. */
  getPendingRequestCount(): number {
    return this.#pending.count;
  }

  /**
   * What is published to the topic is a message to the module from now on, until it unsubscribes or is unregistered.
   *
   * @throws ERR_INVALID_REQUEST for a module that is not registered, and a topic that is no text or empty.
   */
  subscribeToTopic(moduleId: string, topic: string, options: SubscriptionOptions = {}): void {
    if (!this.#modules.has(moduleId)) {
      throw new PersistenceError(
        'ERR_INVALID_REQUEST',
        UNKNOWN_MODULE.replace('%s', () => moduleId),
      );
    }
    this.#topics.subscribe(moduleId, topicOf(topic, options));
  }

  /**
   * Ends one subscription; without one it does nothing.
   *
   * @throws ERR_INVALID_REQUEST for a topic that is no text or empty.
   */
  unsubscribeFromTopic(moduleId: string, topic: string, options: SubscriptionOptions = {}): void {
    this.#topics.unsubscribe(moduleId, topicOf(topic, options));
  }

  /**
   * Sends a message one way to every subscriber of the topic but its source, in an envelope with `topic`. It counts as one
   * message.
   *
   * @returns the ids of the subscribers, the source's too.
   * @throws ERR_INVALID_REQUEST for a malformed message, and a topic that is no text or empty.
   */
  publishToTopic(topic: string, message: Message): string[] {
    const envelope = { ...message, topic };
    checkMessage(envelope);
    this.#counts.totalMessages += 1;
    const subscribers = this.#topics.subscribersOf(topic);
    const wanted = new Set(subscribers);
    this.#forOthers(message, (receiver) => this.#deliverOneWay(envelope, receiver), wanted);
    return subscribers;
  }

  /** The ids of those who get what is published to the topic. */
  getTopicSubscribers(topic: string): string[] {
    return this.#topics.subscribersOf(topic);
  }

  isSubscribed(moduleId: string, topic: string): boolean {
    return this.#topics.isSubscribed(moduleId, topic);
  }

  /** The topics of a module, `*` for every topic. */
  getModuleSubscriptions(moduleId: string): string[] {
    return this.#topics.topicsOf(moduleId);
  }

  /** Topics that have a subscriber of their own. */
  getAllTopics(): string[] {
    return this.#topics.topics;
  }

  getSubscriptionStats(): SubscriptionStats {
    return this.#topics.stats;
  }

  /**
   * Ends everything: waiting requests are settled (`ERR_ABORTED`), modules, subscriptions and counts are gone, and nobody is
   * told. The center can be used anew; modules that run register by being started anew.
   */
  destroy(): void {
    this.#modules.clear();
    this.#topics.clear();
    this.#pending.abandonAll();
    this.resetStats();
  }

  async #request(message: Message, timeoutMs: number, keepsProcessAlive: boolean): Promise<MessageResponse> {
    checkMessage(message);
    checkTimeout(timeoutMs);
    const { target } = message;
    if (target === undefined) throw persistenceError('ERR_INVALID_REQUEST', 'a request needs a target');
    this.#counts.totalMessages += 1;
    this.#counts.totalRequests += 1;
    const envelope = { ...message, target, correlationId: message.correlationId ?? randomUUID() };
    return this.#pending.open(envelope, { timeoutMs, keepsProcessAlive }, () =>
      this.#deliver(envelope, this.#modules.get(target)),
    );
  }

  /**
   * Resolves to the receiver's answer, where it threw to one that says so; counts the outcome.
   *
   * @throws where the message cannot be delivered: ERR_INVALID_REQUEST (no such target), ERR_TIMEOUT (expired).
   */
  async #deliver(message: Message, receiver: MessageReceiver | undefined): Promise<MessageResponse> {
    if (receiver === undefined || isExpired(message)) {
      this.#counts.messagesFailed += 1;
      throw undeliverableError(message, receiver !== undefined);
    }
    try {
      const answer = await receiver.handleMessage({ ...message });
      this.#counts.messagesDelivered += 1;
      return completeResponse(message, answer);
    } catch (error) {
      this.#counts.messagesFailed += 1;
      return failureResponse(message, error);
    }
  }

  /** Nobody waits for the outcome: it is in the counts. */
  #deliverOneWay(message: Message, receiver: MessageReceiver | undefined): void {
    this.#deliver(message, receiver).catch(() => undefined);
  }

  /** Tells everybody but the module itself. Not counted, so that the counts are those of the modules' own messages. */
  #notify(type: string, moduleId: string): void {
    const message = createMessage({ type, source: CENTER_ID, payload: { moduleId } });
    this.#forOthers({ source: moduleId }, (listener) => {
      // A listener that cannot cope with the news does not concern the module that the news is about.
      callQuietly(
        () => listener.handleMessage({ ...message }),
        () => undefined,
      );
    });
  }

  /** Later, for every module (of `wanted`) that is registered now and still is then, in the order of registration. */
  #forOthers(
    { source, priority }: Pick<Message, 'source' | 'priority'>,
    deliver: (receiver: MessageReceiver) => void,
    wanted?: ReadonlySet<string>,
  ): void {
    const others = [...this.#modules].filter(([id]) => id !== source && wanted?.has(id) !== false);
    this.#outbox.post(() => {
      for (const [moduleId, receiver] of others) {
        if (this.#modules.get(moduleId) === receiver) deliver(receiver);
      }
    }, priority);
  }
}

function noCounts() {
  return { totalMessages: 0, totalRequests: 0, messagesDelivered: 0, messagesFailed: 0 };
}

/** @throws ERR_INVALID_REQUEST */
function topicOf(topic: string, { wildcard }: SubscriptionOptions): string | undefined {
  if (wildcard === true) return undefined;
  if (typeof (topic as unknown) === 'string' && topic.trim() !== '') return topic;
  throw persistenceError('ERR_INVALID_REQUEST', 'a topic must be a non-empty string');
}
