/**
 * A host of somebody else's: the members of RCC's `BaseModule` and nothing of this package. Its state are plain fields, its
 * life cycle is not idempotent, and it has no hooks.
 */
import type {
  ConnectionInfo,
  DataTransfer,
  DebugModule,
  Message,
  MessageResponse,
  ModuleInfo,
} from '../../interfaces/framework.js';

/* eslint-disable @typescript-eslint/require-await -- the methods of such a host are asynchronous in any case */

export class ForeignModule {
  static createInstance<M>(this: new (info: ModuleInfo) => M, info: ModuleInfo): M {
    return new this(info);
  }

  readonly calls: string[] = [];
  config: Record<string, unknown> = {};
  initialized = false;
  readonly sent: { data: unknown; metadata: unknown }[] = [];
  readonly received: DataTransfer[] = [];
  failOn = '';
  readonly #info: ModuleInfo;
  readonly #inputs: ConnectionInfo[] = [];
  #debugModule: DebugModule | undefined;

  constructor(info: ModuleInfo) {
    this.#info = info;
  }

  configure(config: object): void {
    this.#note('configure');
    this.config = { ...this.config, ...config };
  }

  async initialize(): Promise<void> {
    this.#note('initialize');
    this.initialized = true;
  }

  async destroy(): Promise<void> {
    this.initialized = false;
    this.config = {};
    this.#note('destroy');
  }

  getInfo(): ModuleInfo {
    return { ...this.#info };
  }

  getConfig(): Record<string, unknown> {
    return { ...this.config };
  }

  addInputConnection(connection: ConnectionInfo): void {
    this.#inputs.push(connection);
  }

  getInputConnections(): ConnectionInfo[] {
    return [...this.#inputs];
  }

  async receiveData(transfer: DataTransfer): Promise<void> {
    this.#note('receiveData');
    this.received.push(transfer);
  }

  async handleMessage(message: Message): Promise<MessageResponse | undefined> {
    this.#note('handleMessage');
    const { id: messageId } = message;
    return { messageId, correlationId: messageId, success: false, error: 'unknown to the host', timestamp: 1 };
  }

  setDebugModule(debugModule: DebugModule): void {
    this.#debugModule = debugModule;
  }

  protected async transferData(data: unknown, _connectionId?: string, metadata?: unknown): Promise<void> {
    this.#note('transferData');
    this.sent.push({ data, metadata });
  }

  protected debug(level: 'debug' | 'info' | 'warn' | 'error', message: string, data?: Record<string, unknown>): void {
    this.#debugModule?.log(level, message, data);
  }

  #note(call: string): void {
    this.calls.push(call);
    if (this.failOn === call) throw new Error(`${call} of the host`);
  }
}

/** The least that a host can be: no log and no way to send. */
export class BareModule {
  configure(_config: object): void {
    // It has no use for options.
  }
  async initialize(): Promise<void> {
    // Nothing to do.
  }
  async destroy(): Promise<void> {
    // Nothing to do.
  }
  getInfo(): ModuleInfo {
    return { id: 'bare', name: 'Bare', version: '1', description: 'as little as it can be', type: 'bare' };
  }
  getInputConnections(): ConnectionInfo[] {
    return [];
  }
  async receiveData(_transfer: DataTransfer): Promise<void> {
    // Nobody looks at its transfers.
  }
  async handleMessage(_message: Message): Promise<MessageResponse | undefined> {
    return undefined;
  }
}
