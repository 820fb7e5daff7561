/**
 * What every RCC module is: an identity, options, a life, connections and messages.
 *
 * A subclass adds its work through the protected hooks, or overrides the public methods and calls `super` as in other
 * RCC hosts. The base class owns the life cycle and the options; connections and transfers are inherited, the carrying
 * of messages is left to the `MessageCenter`. It knows nothing of the registry and never prints configuration values.
 */
import { setImmediate } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { Message, MessageResponse, ModuleInfo } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { ConnectedModule } from '../connections/ConnectedModule.js';
import { checkDebugOption, describeError } from './DebugLog.js';
import { Lifecycle, requireChangeable, type LifecycleState } from './Lifecycle.js';
import { MessageCenter } from '../messages/MessageCenter.js';
import {
  completeResponse,
  createMessage,
  failureResponse,
  type MessageParts,
  type MessageReceiver,
} from '../messages/messages.js';
import { moduleDirectory } from './ModuleDirectory.js';
import { copyPlain, isPlainObject } from './plainCopy.js';

const { DEFAULT_REQUEST_TIMEOUT_MS, MODULE_REGISTERED, MODULE_UNREGISTERED } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

export abstract class BaseModule extends ConnectedModule implements MessageReceiver {
  protected readonly messageCenter = MessageCenter.getInstance();
  readonly #lifecycle = new Lifecycle();
  #config: Record<string, unknown> = {};
  #isConfigured = false;

  /** What the registry creates modules with. */
  static createInstance<T extends BaseModule>(this: new (info: ModuleInfo) => T, info: ModuleInfo): T {
    return new this(info);
  }

  /**
   * Merges the options into those of earlier calls, key by key; a key whose value is undefined counts as not given.
   * From `initialize()` to the end of `destroy()` only keys for which `isRuntimeTunable` holds may be given. A refused
   * call changes nothing.
   *
   * @throws ERR_INVALID_OPTION for a key that cannot be changed any more, a malformed `debug`, anything but an object,
   * and what `onConfigure` refuses.
   */
  configure(config: object): void {
    if (!isPlainObject(config)) throw persistenceError('ERR_INVALID_OPTION', 'the options must be a plain object');
    const changes = copyPlain(Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined)));
    if (this.#lifecycle.isActive) requireChangeable(Object.keys(changes), (key) => this.isRuntimeTunable(key));
    const merged = { ...this.#config, ...changes };
    const debugOption = merged.debug === undefined ? undefined : checkDebugOption(merged.debug);
    this.onConfigure(changes, merged);
    this.#config = merged;
    this.#isConfigured = true;
    this.setDebugOptions(debugOption);
    this.debug('debug', 'configured', { keys: Object.keys(changes) });
  }

  /**
   * Starts the module and makes it reachable. Calls while it starts share one promise; calls afterwards do nothing. A
   * failed start leaves nothing behind and may be tried again. After `destroy()` the module may be configured and
   * started anew; it begins with no options then.
   *
   * @throws ERR_INVALID_REQUEST where another live module has this id, and what `onInitialize` throws.
   */
  initialize(): Promise<void> {
    return this.#lifecycle.start(() => this.#start());
  }

  /**
   * Ends what `initialize()` began, after it if it is still running, and forgets connections, records and options.
   * Repeated calls share one promise. The module is destroyed even where `onDestroy` fails, which rejects once.
   */
  destroy(): Promise<void> {
    return this.#lifecycle.stop((wasInitialized) => this.#stop(wasInitialized));
  }

  /** A copy of the merged options; what `getSecretKeys` lists shows as `[hidden]`. */
  getConfig(): Record<string, unknown> {
    return copyPlain(this.#config, this.getSecretKeys());
  }

  /**
   * Answers a message: `ping` with `{ pong: true, moduleId }`, the center's notifications through their hooks, and
   * anything else with `success: false`. A subclass answers its own kinds and leaves the rest to `super`.
   */
  async handleMessage(message: Message): Promise<MessageResponse | undefined> {
    this.debugRequest('message received', { id: message.id, type: message.type, source: message.source });
    switch (message.type) {
      case 'ping':
        return completeResponse(message, { success: true, data: { pong: true, moduleId: this.info.id } });
      case MODULE_REGISTERED:
        await this.onModuleRegistered(moduleIdOf(message));
        return undefined;
      case MODULE_UNREGISTERED:
        await this.onModuleUnregistered(moduleIdOf(message));
        return undefined;
      default:
        return failureResponse(message, `Unhandled message type: ${message.type}`);
    }
  }

  protected get state(): LifecycleState {
    return this.#lifecycle.state;
  }

  /** True between the end of `initialize()` and the beginning of `destroy()`. */
  protected get initialized(): boolean {
    return this.state === 'initialized';
  }

  /** True from `configure()` to `destroy()`. */
  protected get configured(): boolean {
    return this.#isConfigured;
  }

  /** The merged options themselves, secrets included. Not to be changed. */
  protected get config(): Readonly<Record<string, unknown>> {
    return this.#config;
  }

  /** @throws ERR_NOT_INITIALIZED, or ERR_DESTROYED from the beginning of `destroy()`, unless the module is running. */
  protected requireInitialized(): void {
    if (!this.initialized) throw this.#lifecycle.notStartedError('call initialize() first');
  }

  /**
   * Sends one way, to one module or, without a target, to all others.
   *
   * @param ttl milliseconds after which it is not delivered any more; 0 or none: no limit.
   * @throws ERR_DESTROYED after `destroy()`, ERR_INVALID_REQUEST for malformed arguments.
   */
  protected sendMessage(
    type: string,
    payload: unknown,
    target?: string,
    metadata?: Record<string, unknown>,
    ttl?: number,
    priority?: number,
  ): void {
    this.messageCenter.sendMessage(this.#compose({ type, payload, target, metadata, ttl, priority }));
  }

  /** Asks one module; resolves and rejects as `MessageCenter.sendRequest` does, with ERR_DESTROYED after `destroy()`. */
  protected async sendRequest(
    type: string,
    payload: unknown,
    target: string,
    timeoutMs: number = DEFAULT_REQUEST_TIMEOUT_MS,
    metadata?: Record<string, unknown>,
    ttl?: number,
    priority?: number,
  ): Promise<MessageResponse> {
    const message = this.#compose({ type, payload, target, metadata, ttl, priority });
    return this.messageCenter.sendRequest(message, timeoutMs);
  }

  /**
   * Asks one module and calls back exactly once, later; see `MessageCenter.sendRequestAsync`.
   *
   * @throws ERR_DESTROYED after `destroy()`.
   */
  protected sendRequestAsync(
    type: string,
    payload: unknown,
    target: string,
    callback: (response: MessageResponse) => void,
    timeoutMs: number = DEFAULT_REQUEST_TIMEOUT_MS,
    metadata?: Record<string, unknown>,
    ttl?: number,
    priority?: number,
  ): void {
    const message = this.#compose({ type, payload, target, metadata, ttl, priority });
    this.messageCenter.sendRequestAsync(message, callback, timeoutMs);
  }

  /** Sends one way to all other modules; throws as `sendMessage` does. */
  protected broadcastMessage(
    type: string,
    payload: unknown,
    metadata?: Record<string, unknown>,
    ttl?: number,
    priority?: number,
  ): void {
    this.sendMessage(type, payload, undefined, metadata, ttl, priority);
  }

  /**
   * Hook: the subclass's own start. If it throws, it has cleaned up itself. It must not wait for `initialize()` or
   * `destroy()` of the same module, which wait for it.
   */
  protected onInitialize(): Promise<void> {
    return Promise.resolve();
  }

  /** Hook: undoes one successful `onInitialize`, waiting for what still runs. Messages reach the module until it ends. */
  protected onDestroy(): Promise<void> {
    return Promise.resolve();
  }

  /** Hook: checks options before they count, throws to refuse them. `merged` is what the options will be. */
  protected onConfigure(_changes: Record<string, unknown>, _merged: Record<string, unknown>): void {
    // Every option is welcome to a module that declares none.
  }

  /** Hook: true for an option that may change while the module runs. Here: `debug`. */
  protected isRuntimeTunable(key: string): boolean {
    return key === 'debug';
  }

  /** Hook: the dotted places of options that `getConfig()` hides, such as `encryption.key`. Here: none. */
  protected getSecretKeys(): readonly string[] {
    return [];
  }

  /** Hook: another module was registered with the `MessageCenter`. */
  protected onModuleRegistered(_moduleId: string): Promise<void> {
    return Promise.resolve();
  }

  /** Hook: another module was unregistered from the `MessageCenter`. */
  protected onModuleUnregistered(_moduleId: string): Promise<void> {
    return Promise.resolve();
  }

  async #start(): Promise<void> {
    // The id is taken first: the second module of an id must not get as far as opening files.
    const isNewlyListed = moduleDirectory.add(this);
    let isBegun = false;
    try {
      await this.onInitialize();
      isBegun = true;
      this.messageCenter.registerModule(this.info.id, this);
    } catch (error) {
      if (isBegun) {
        await this.onDestroy().catch((second: unknown) => {
          this.debug('error', 'clean-up after a failed start failed', { reason: describeError(second) });
        });
      }
      if (isNewlyListed) moduleDirectory.remove(this);
      throw error;
    }
    this.debug('info', 'initialized', { configured: this.#isConfigured });
  }

  async #stop(wasInitialized: boolean): Promise<void> {
    try {
      if (wasInitialized) {
        await this.onDestroy();
        // What has just ended may still be on its way to whoever asked for it; a request must get its true answer.
        await setImmediate();
      }
    } finally {
      if (wasInitialized) this.messageCenter.unregisterModule(this.info.id);
      moduleDirectory.remove(this);
      this.debug('info', 'destroyed');
      this.forgetExchanges();
      this.#config = {};
      this.#isConfigured = false;
      this.setDebugOptions(undefined);
    }
  }

  #compose(parts: Omit<MessageParts, 'source'>): Message {
    if (this.state === 'destroyed') throw persistenceError('ERR_DESTROYED', 'a destroyed module sends no messages');
    const message = createMessage({ ...parts, source: this.info.id });
    this.debugRequest('message sent', { id: message.id, type: message.type, target: message.target });
    return message;
  }
}

/** The module that a notification is about. */
function moduleIdOf(message: Message): string {
  const payload = message.payload as { moduleId?: unknown } | null | undefined;
  return typeof payload?.moduleId === 'string' ? payload.moduleId : '';
}
