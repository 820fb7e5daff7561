/**
 * What every RCC module is: an identity, options, a life, connections and messages.
 *
 * A subclass adds its work through the protected hooks, or overrides the public methods and calls `super` as in other
 * RCC hosts. The base class owns the life cycle and the options; connections and transfers are inherited, the carrying
 * of messages is left to the `MessageCenter`. It knows nothing of the registry and never prints configuration values.
 *
 * What a subclass may assign or declare (`config`, `initialized`, `configured`) is only told, never asked: whether the
 * module runs, and which options count, is known to private members alone.
 */
import { setImmediate } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type {
  Message,
  MessageResponse,
  ModuleInfo,
  ValidationResult,
  ValidationRule,
} from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { ConnectedModule } from '../connections/ConnectedModule.js';
import { defineAssignable } from './defineAssignable.js';
import { checkDebugOption, describeError } from './DebugLog.js';
import { requireChangeable } from './Lifecycle.js';
import { MessageCenter } from '../messages/MessageCenter.js';
import {
  completeResponse,
  createMessage,
  failureResponse,
  type MessageParts,
  type MessageReceiver,
} from '../messages/messages.js';
import { moduleDirectory } from './ModuleDirectory.js';
import { partsOf } from './ModuleParts.js';
import { copyPlain, isPlainObject } from './plainCopy.js';
import { validateInput } from './validateInput.js';

const { DEFAULT_REQUEST_TIMEOUT_MS, MODULE_REGISTERED, MODULE_UNREGISTERED } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

export abstract class BaseModule extends ConnectedModule implements MessageReceiver {
  protected readonly messageCenter = MessageCenter.getInstance();
  /** What `validateInput` goes by. */
  protected validationRules: ValidationRule[] = [];
  /** For subclasses that wait for answers themselves; the framework keeps its own elsewhere. Emptied by `destroy()`. */
  protected readonly pendingRequests: Map<string, unknown>;
  /** The merged options themselves, secrets included. What is assigned is what later calls of `configure` merge into. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what options there are is the subclass's
  declare protected config: Record<string, any>;
  /** True between the end of `initialize()` and the beginning of `destroy()`, or as it was assigned since. */
  declare protected initialized: boolean;
  /** True from `configure()` to `destroy()`, or as it was assigned since. */
  declare protected configured: boolean;
  readonly #parts = partsOf(this);
  readonly #lifecycle = this.#parts.lifecycle;
  readonly #pendingOfSubclass = new Map<string, unknown>();
  #config: Record<string, unknown> = {};
  #isInitialized = false;
  #isConfigured = false;

  // As accessors of the prototype, declared as properties: a subclass may assign them, and may declare its own.
  static {
    defineAssignable<BaseModule>(this.prototype, {
      config: [(module) => module.#config, (module, value) => (module.#config = isPlainObject(value) ? value : {})],
      initialized: [(module) => module.#isInitialized, (module, value) => (module.#isInitialized = value === true)],
      configured: [(module) => module.#isConfigured, (module, value) => (module.#isConfigured = value === true)],
    });
  }

  constructor(info: ModuleInfo) {
    super(info);
    this.pendingRequests = this.#pendingOfSubclass;
  }

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
    this.#tell({ config: merged, configured: true });
    this.#parts.debug.setOptions(debugOption);
    this.debug('debug', 'configured', { keys: Object.keys(changes) });
  }

  /**
   * Starts the module and makes it reachable. Calls while it starts share one promise; calls afterwards do nothing. A
   * failed start leaves nothing behind and may be tried again. After `destroy()` the module may be configured and
   * started anew; it begins with no options then.
   *
   * @param options as for a call of `configure` before.
   * @throws ERR_INVALID_REQUEST where another live module has this id, what `configure` throws for the options, and what
   *   `onInitialize` throws.
   */
  initialize(options?: object): Promise<void> {
    return options === undefined ? this.#lifecycle.start(() => this.#start()) : this.#startWith(options);
  }

  /**
   * Ends what `initialize()` began, after it if it is still running, and forgets connections, records and options.
   * Repeated calls share one promise. The module is destroyed even where `onDestroy` fails, which rejects once.
   */
  destroy(): Promise<void> {
    return this.#lifecycle.stop((wasInitialized) => this.#stop(wasInitialized));
  }

  /**
   * A copy of the merged options, or of what a subclass has put into `config`; what `getSecretKeys` lists shows as
   * `[hidden]`.
   */
  getConfig(): Record<string, unknown> {
    const config: unknown = this.config;
    return copyPlain(isPlainObject(config) ? config : this.#config, this.getSecretKeys());
  }

  /**
   * Answers a message: `ping` with `{ pong: true, moduleId }`, the center's notifications through their hooks, and
   * anything else with `success: false`. A subclass answers its own kinds and leaves the rest to `super`.
   */
  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- how modules of other hosts declare it
  async handleMessage(message: Message): Promise<MessageResponse | undefined | void> {
    this.#parts.debug.logRequest('message received', { id: message.id, type: message.type, source: message.source });
    switch (message.type) {
      case 'ping':
        return completeResponse(message, { success: true, data: { pong: true, moduleId: this.#parts.id } });
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

  /** Holds data against `validationRules`: what does not fit is in `errors`, by the messages of the rules. Never throws. */
  protected validateInput(data: unknown): ValidationResult {
    return validateInput(this.validationRules, data);
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

  /** Hook: another module was registered with the `MessageCenter`. May be asynchronous. */
  onModuleRegistered(_moduleId: string): unknown {
    return undefined;
  }

  /** Hook: another module was unregistered from the `MessageCenter`. May be asynchronous. */
  onModuleUnregistered(_moduleId: string): unknown {
    return undefined;
  }

  async #startWith(options: object): Promise<void> {
    this.configure(options);
    await this.#lifecycle.start(() => this.#start());
  }

  async #start(): Promise<void> {
    // The id is taken first: the second module of an id must not get as far as opening files.
    const isNewlyListed = moduleDirectory.add(this);
    let isBegun = false;
    try {
      await this.onInitialize();
      isBegun = true;
      this.messageCenter.registerModule(this.#parts.id, this);
    } catch (error) {
      if (isBegun) {
        await this.onDestroy().catch((second: unknown) => {
          this.debug('error', 'clean-up after a failed start failed', { reason: describeError(second) });
        });
      }
      if (isNewlyListed) moduleDirectory.remove(this);
      throw error;
    }
    this.#tell({ initialized: true });
    this.debug('info', 'initialized', { configured: this.#isConfigured });
  }

  async #stop(wasInitialized: boolean): Promise<void> {
    this.#tell({ initialized: false });
    try {
      if (wasInitialized) {
        await this.onDestroy();
        // What has just ended may still be on its way to whoever asked for it; a request must get its true answer.
        await setImmediate();
      }
    } finally {
      if (wasInitialized) this.messageCenter.unregisterModule(this.#parts.id);
      moduleDirectory.remove(this);
      this.debug('info', 'destroyed');
      this.#parts.forget();
      this.#pendingOfSubclass.clear();
      this.#config = {};
      this.#tell({ initialized: false, configured: false, config: {} });
      this.#parts.debug.setOptions(undefined);
    }
  }

  /** Says it where subclasses look, who may have declared a member of their own there. */
  #tell(members: Record<string, unknown>): void {
    // Unlike an assignment it does not throw where a subclass has only a getter.
    for (const [name, value] of Object.entries(members)) Reflect.set(this, name, value);
  }

  #compose(parts: Omit<MessageParts, 'source'>): Message {
    if (this.#lifecycle.state === 'destroyed')
      throw persistenceError('ERR_DESTROYED', 'a destroyed module sends no messages');
    const message = createMessage({ ...parts, source: this.#parts.id });
    this.#parts.debug.logRequest('message sent', { id: message.id, type: message.type, target: message.target });
    return message;
  }
}

/** The module that a notification is about. */
function moduleIdOf(message: Message): string {
  const payload = message.payload as { moduleId?: unknown } | null | undefined;
  return typeof payload?.moduleId === 'string' ? payload.moduleId : '';
}
