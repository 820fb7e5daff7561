/** Small real modules for the tests of the framework, each without anything that the tests are about. */
import type { DataTransfer, DebugModule, Message, MessageResponse, ModuleInfo } from '../../interfaces/framework.js';
import { connectionOf } from '../../src/framework/connections/ConnectionTable.js';
import { BaseModule } from '../../src/framework/module/BaseModule.js';
import { partsOf } from '../../src/framework/module/ModuleParts.js';

let lastNumber = 0;

/** An info with an id that no other test uses. */
export function newInfo(overrides: Partial<ModuleInfo> = {}): ModuleInfo {
  lastNumber += 1;
  return {
    id: `module-${lastNumber}`,
    name: 'Test module',
    version: '1.0.0',
    description: 'A module for tests',
    type: 'test-module',
    ...overrides,
  };
}

/** Records what it is given, opens the protected methods to the tests, and fails where a test asks it to. */
export class TestModule extends BaseModule {
  readonly calls: string[] = [];
  readonly transfers: DataTransfer[] = [];
  readonly messages: Message[] = [];
  /** Awaited by the hook of this name; a rejected one makes it fail. */
  readonly hooks: { onInitialize?: Promise<unknown>; onDestroy?: Promise<unknown> } = {};
  readonly news: string[] = [];
  onTransfer: (transfer: DataTransfer) => Promise<unknown> = () => Promise.resolve();
  /** Answers messages in place of the base class; undefined leaves them to it. */
  onMessage: ((message: Message) => unknown) | undefined;

  get currentState() {
    return partsOf(this).lifecycle.state;
  }

  get currentConfig() {
    return this.config;
  }

  get flags() {
    return { initialized: this.initialized, configured: this.configured };
  }

  override async handleMessage(message: Message): Promise<MessageResponse | undefined> {
    if (!message.type.startsWith('module_')) this.messages.push(message);
    if (this.onMessage === undefined) return (await super.handleMessage(message)) as MessageResponse | undefined;
    return (await this.onMessage(message)) as MessageResponse | undefined;
  }

  transfer(...args: Parameters<BaseModule['transferData']>) {
    return this.transferData(...args);
  }

  send(...args: Parameters<BaseModule['sendMessage']>) {
    this.sendMessage(...args);
  }

  sendRequestTo(...args: Parameters<BaseModule['sendRequest']>) {
    return this.sendRequest(...args);
  }

  requestAsync(...args: Parameters<BaseModule['sendRequestAsync']>) {
    this.sendRequestAsync(...args);
  }

  broadcast(...args: Parameters<BaseModule['broadcastMessage']>) {
    this.broadcastMessage(...args);
  }

  inputFor(transfer: DataTransfer) {
    return connectionOf(this.getInputConnections(), transfer);
  }

  report(...args: Parameters<BaseModule['debug']>) {
    this.debug(...args);
  }

  protected override async onInitialize(): Promise<void> {
    this.calls.push('onInitialize');
    await this.hooks.onInitialize;
    await super.onInitialize();
  }

  protected override async onDestroy(): Promise<void> {
    this.calls.push('onDestroy');
    await this.hooks.onDestroy;
    await super.onDestroy();
  }

  protected override async onDataReceived(transfer: DataTransfer): Promise<void> {
    this.transfers.push(transfer);
    await this.onTransfer(transfer);
    await super.onDataReceived(transfer);
  }

  override async onModuleRegistered(moduleId: string): Promise<void> {
    this.news.push(`+${moduleId}`);
    await super.onModuleRegistered(moduleId);
  }

  override onModuleUnregistered(moduleId: string): void {
    this.news.push(`-${moduleId}`);
    super.onModuleUnregistered(moduleId);
  }
}

/** A module that declares options: `cacheTTL` may change at run time, `port` must be a number, the key is secret. */
export class OptionModule extends TestModule {
  protected override isRuntimeTunable(key: string): boolean {
    return key === 'cacheTTL' || super.isRuntimeTunable(key);
  }

  protected override getSecretKeys(): readonly string[] {
    return ['encryption.key', 'token', 'absent.key'];
  }

  protected override onConfigure(changes: Record<string, unknown>, merged: Record<string, unknown>): void {
    super.onConfigure(changes, merged);
    if (merged.port !== undefined && typeof merged.port !== 'number') throw new RangeError('port must be a number');
  }
}

/** An initialized module. */
export async function startModule(overrides: Partial<ModuleInfo> = {}): Promise<TestModule> {
  const module = new TestModule(newInfo(overrides));
  await module.initialize();
  return module;
}

/** Keeps the lines that it is given. */
export class RecordingDebugModule implements DebugModule {
  readonly lines: { level: string; message: string; details: Record<string, unknown> | undefined }[] = [];

  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, details?: Record<string, unknown>): void {
    this.lines.push({ level, message, details });
  }
}

/** A promise with its ends. */
export function deferred(): { promise: Promise<void>; resolve: () => void; reject: (error: unknown) => void } {
  let resolve!: () => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Resolves when everything that was sent before has been delivered. */
export async function delivered(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

/** A transfer as another module would send it. */
export function newTransfer(overrides: Partial<DataTransfer> = {}): DataTransfer {
  return {
    id: 'transfer-1',
    sourceConnectionId: 'connection-1',
    targetConnectionId: 'target',
    data: { answer: 42 },
    timestamp: Date.now(),
    ...overrides,
  };
}
