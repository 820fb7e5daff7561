/**
 * Modules as those of the original host are written: protected fields of their own, `validateInput`, `transferData` with the kind
 * in the data, public overrides that call `super`, a debug module with `recordDataFlow`.
 */
import type {
  ConnectionInfo,
  DataTransfer,
  HostDebugModule,
  Message,
  MessageResponse,
  ModuleInfo,
} from '../../interfaces/framework.js';
import { BaseModule } from '../../src/index.js';

/** Asks for configurations and keeps what it is given. */
export class ConfigLoader extends BaseModule {
  protected override config: Record<string, unknown> = { retries: 2 };
  readonly loaded = new Map<string, unknown>();
  readonly failures: unknown[] = [];

  override async initialize(): Promise<void> {
    await super.initialize();
    this.logInfo('ready', { connections: this.outputConnections.size }, 'initialize');
    this.initialized = true;
  }

  async load(filePath: string): Promise<void> {
    if (!this.initialized) throw new Error('not initialized');
    await this.transferData({ filePath }, undefined, { type: 'load-request' });
  }

  override async receiveData(transfer: DataTransfer): Promise<void> {
    await super.receiveData(transfer);
    const data = transfer.data as { filePath?: string; data?: unknown };
    if (transfer.metadata?.type === 'configuration-data') this.loaded.set(data.filePath ?? '', data.data);
    if (transfer.metadata?.type === 'error-report') this.failures.push(data);
  }

  override async handshake(target: BaseModule, context?: unknown): Promise<boolean> {
    const isKnown = ['config-persistence', 'config-validator'].includes(target.getInfo().type);
    return isKnown && (await super.handshake(target, context));
  }

  get retries(): unknown {
    return this.config.retries;
  }
}

/** Passes on what is valid, and says what is not. */
export class ConfigValidator extends BaseModule {
  readonly refused: string[][] = [];

  constructor(info: ModuleInfo) {
    super(info);
    this.validationRules = [
      { field: 'config', type: 'object', message: 'config must be an object' },
      { field: 'filePath', type: 'string', message: 'filePath must be a string' },
      {
        field: 'filePath',
        type: 'custom',
        message: 'filePath must not be empty',
        validator: (value) => String(value).length > 0,
      },
    ];
  }

  override async receiveData(transfer: DataTransfer): Promise<void> {
    const { isValid, errors, data } = this.validateInput(transfer.data);
    if (isValid) {
      await this.transferData(data, undefined, { type: 'save-request' });
    } else {
      this.warn('refused', { count: errors.length });
      this.refused.push(errors);
    }
  }
}

/** Shows things; its `state` is what is on the screen. */
export class StatusLine extends BaseModule {
  protected state: { text: string; isDrawn: boolean } = { text: '', isDrawn: false };

  override async initialize(): Promise<void> {
    await super.initialize();
    this.state = { text: 'started', isDrawn: true };
  }

  // eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- as the original host has it
  override async handleMessage(message: Message): Promise<MessageResponse | void> {
    if (message.type !== 'show') return super.handleMessage(message);
    this.state.text = (message.payload as { text: string }).text;
    return { messageId: message.id, correlationId: message.correlationId ?? '', success: true, timestamp: Date.now() };
  }

  override onModuleRegistered(moduleId: string): void {
    this.trace('registered', { moduleId });
  }

  override async destroy(): Promise<void> {
    this.state = { text: '', isDrawn: false };
    await super.destroy();
  }

  get shown(): string {
    return this.state.text;
  }

  show(text: string, target: string): Promise<MessageResponse> {
    return this.sendRequest('show', { text }, target);
  }

  get connectionsById(): ReadonlyMap<string, ConnectionInfo> {
    return this.inputConnections;
  }
}

/** Records what it is told, in the original host's form. */
export class OriginalDebugModule implements HostDebugModule {
  readonly lines: { message: string; level: number | undefined; id: string | undefined }[] = [];
  readonly flows: [source: string, target: string, data: object][] = [];
  readonly connections: string[] = [];

  log(message: string, level?: number, info?: ModuleInfo): void {
    this.lines.push({ message, level, id: info?.id });
  }

  recordDataFlow(source: string, target: string, data: object): void {
    this.flows.push([source, target, data]);
  }

  addModuleConnection(moduleId: string, direction: 'input' | 'output'): void {
    this.connections.push(`${moduleId} ${direction}`);
  }
}
