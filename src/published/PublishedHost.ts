/**
 * What the module stands on where the framework is the npm package `rcc-basemodule`: an instance of its `BaseModule`, registered
 * with its `MessageCenter`, that prints nothing and really delivers.
 *
 * The published class prints the data of every transfer, whatever its settings say, and hands it to nobody; it forgets the options of
 * earlier calls of `configure`, and ending a module that was never started ends another one of its id. Those methods are
 * replaced here. The rest is the published class as it is.
 */
import type { ConnectionInfo, DataTransfer, DebugOptions, ModuleInfo } from '../../interfaces/framework.js';
import { transferKind, type ConnectionDescription } from '../framework/connections/ConnectionTable.js';
import { TransferSender, type TransferOutcome } from '../framework/connections/TransferSender.js';
import { DebugLog } from '../framework/module/DebugLog.js';
import { moduleDirectory, type TransferReceiver } from '../framework/module/ModuleDirectory.js';
import { makeModuleInfo } from '../framework/module/moduleInfo.js';
import { publishedBaseModule } from './PublishedBaseModule.js';

export class PublishedHost extends publishedBaseModule {
  readonly #sender: TransferSender;
  /** Asked instead of `initialized`, which a subclass may have a member of its own in the place of. */
  #isRegistered = false;

  constructor(info: ModuleInfo = makeModuleInfo()) {
    super(info);
    this.#takeDebugOption(undefined);
    const log = new DebugLog(info.id);
    log.setTarget({ log: (level, message, details) => this.debug(level, message, details) });
    const outputs = {
      list: () => this.getOutputConnections(),
      setStatus: (connectionId: string, status: NonNullable<ConnectionInfo['status']>) => {
        const connection = this.outputConnections.get(connectionId);
        if (connection !== undefined) connection.status = status;
      },
    };
    this.#sender = new TransferSender(info.id, outputs, log);
    this.#sender.lookup = { getModule: (moduleId) => this.#receiverOf(moduleId) };
  }

  /** The same as `getInfo()`. */
  getModuleInfo(): ModuleInfo {
    return this.getInfo();
  }

  /** The same as `getConfig()`. */
  get moduleConfig(): Record<string, unknown> {
    return this.getConfig();
  }

  /** Merges the options into those of earlier calls. Whether they may change now was decided before. */
  override configure(options: object): void {
    this.config = { ...this.config, ...options };
    this.configured = true;
    if ('debug' in options) this.#takeDebugOption(options.debug as boolean | DebugOptions | undefined);
    // The published class would keep the options themselves.
    this.debug('debug', 'configured', { keys: Object.keys(options) }, 'configure');
  }

  override async initialize(): Promise<void> {
    // Without options it works with the defaults, and has no need to be warned of on the console.
    this.configured = true;
    await super.initialize();
    this.#isRegistered = true;
  }

  override async destroy(): Promise<void> {
    if (this.#isRegistered) {
      this.#isRegistered = false;
      await super.destroy();
    } else {
      this.inputConnections.clear();
      this.outputConnections.clear();
      this.config = {};
      this.configured = false;
      this.clearDebugLogs();
    }
    this.#takeDebugOption(undefined);
  }

  /** The connection is copied: its status changes. */
  override addInputConnection(connection: ConnectionDescription): void {
    super.addInputConnection({ ...connection });
  }

  /** The connection is copied: its status changes. */
  override addOutputConnection(connection: ConnectionDescription): void {
    super.addOutputConnection({ ...connection });
  }

  /** Notes that a transfer came. What it asks for is answered by whoever calls this. */
  override receiveData(transfer: DataTransfer): Promise<void> {
    if (this.debugConfig.trackDataFlow) {
      this.debug('debug', 'transfer received', { id: transfer.id, kind: transferKind(transfer) }, 'receiveData');
    }
    return Promise.resolve();
  }

  /** As that of this package's own `BaseModule`: to `receiveData` of the modules at the other ends. */
  protected override transferData(
    data: unknown,
    connectionId?: string,
    metadata: Record<string, unknown> = {},
  ): Promise<TransferOutcome[]> {
    return this.#sender.send({ data, metadata }, connectionId);
  }

  #takeDebugOption(option: boolean | DebugOptions | undefined): void {
    const { logLevel = 'debug', enableRequestLogging = option === true } = typeof option === 'object' ? option : {};
    const isOn = option !== undefined && option !== false;
    this.setDebugConfig({
      enabled: option !== false,
      consoleOutput: isOn,
      trackDataFlow: isOn && enableRequestLogging,
      level: logLevel,
    });
  }

  /** A module of that message center, or one on this package's own framework. */
  #receiverOf(moduleId: string): TransferReceiver | undefined {
    const registered = this.messageCenter.moduleRegistry?.get(moduleId);
    return isReceiver(registered) ? registered : moduleDirectory.getModule(moduleId);
  }
}

function isReceiver(module: unknown): module is TransferReceiver {
  return typeof (module as Partial<TransferReceiver> | undefined)?.receiveData === 'function';
}
