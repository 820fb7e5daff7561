/**
 * The half of a module that exchanges data: its connections, the transfers on them and the records of these.
 *
 * `BaseModule` adds the life cycle, the options and the messages.
 */
import type {
  ConnectionInfo,
  DataTransfer,
  DebugModule,
  DebugOptions,
  ModuleInfo,
} from '../../../interfaces/framework.js';
import {
  connectionOf,
  ConnectionTable,
  haveCommonKind,
  transferKind,
  type ConnectionDescription,
} from './ConnectionTable.js';
import type { LoggingOptions } from '../../../interfaces/logging.js';
import { DebugLog, describeError, type DebugLevel } from '../module/DebugLog.js';
import type { LifecycleState } from '../module/Lifecycle.js';
import type { ModuleLookup, TransferReceiver } from '../module/ModuleDirectory.js';
import { checkModuleInfo } from '../module/moduleInfo.js';
import { copyPlain } from '../module/plainCopy.js';
import { TransferLog } from './TransferLog.js';
import { TransferSender, type TransferOutcome } from './TransferSender.js';

export abstract class ConnectedModule implements TransferReceiver {
  protected readonly info: Readonly<ModuleInfo>;
  readonly #inputs = new ConnectionTable('input');
  readonly #outputs = new ConnectionTable('output');
  readonly #received = new TransferLog();
  readonly #debug: DebugLog;
  readonly #sender: TransferSender;

  /** @throws ERR_INVALID_OPTION where a field of the info is missing, empty or of the wrong type. */
  constructor(info: ModuleInfo) {
    this.info = checkModuleInfo(info);
    this.#debug = new DebugLog(this.info.id);
    this.#sender = new TransferSender(this.info.id, this.#outputs, this.#debug);
  }

  /** A copy. */
  getInfo(): ModuleInfo {
    return copyPlain(this.info);
  }

  /**
   * Replaces a connection with the same id.
   *
   * @throws ERR_INVALID_REQUEST with the message `Invalid connection type for input`, or for a malformed connection.
   */
  addInputConnection(connection: ConnectionDescription): void {
    this.#inputs.add(connection);
  }

  /**
   * Replaces a connection with the same id.
   *
   * @throws ERR_INVALID_REQUEST with the message `Invalid connection type for output`, or for a malformed connection.
   */
  addOutputConnection(connection: ConnectionDescription): void {
    this.#outputs.add(connection);
  }

  /** An unknown id has no effect. */
  removeInputConnection(connectionId: string): void {
    this.#inputs.remove(connectionId);
  }

  /** An unknown id has no effect. */
  removeOutputConnection(connectionId: string): void {
    this.#outputs.remove(connectionId);
  }

  /** Copies. */
  getInputConnections(): ConnectionInfo[] {
    return this.#inputs.list();
  }

  /** Copies; `status` tells how the last transfer on each ended. */
  getOutputConnections(): ConnectionInfo[] {
    return this.#outputs.list();
  }

  /**
   * True where the two can exchange data: two different modules, neither destroyed, whose connections to each other, if
   * both have declared any, have a kind of data in common. Changes nothing.
   */
  handshake(module: ConnectedModule): Promise<boolean> {
    const isPartner = module instanceof ConnectedModule && module.info.id !== this.info.id;
    if (!isPartner || this.state === 'destroyed' || module.state === 'destroyed') return Promise.resolve(false);
    // Modules that have declared nothing yet can: connections may follow, and messages need none.
    const pairs = [...this.#pairsTo(module), ...module.#pairsTo(this)];
    return Promise.resolve(pairs.length === 0 || pairs.some(([output, input]) => haveCommonKind(output, input)));
  }

  /**
   * Takes a transfer: records it and calls `onDataReceived`. Never rejects; what the hook throws goes to the debug log.
   * After `destroy()` transfers are dropped.
   */
  async receiveData(transfer: DataTransfer): Promise<void> {
    const given: unknown = transfer;
    if (typeof given !== 'object' || given === null || this.state === 'destroyed') {
      this.#debug.log('warn', 'transfer was dropped', { state: this.state });
      return;
    }
    let id: string | undefined;
    try {
      id = transfer.id;
      this.#received.add(transfer);
      this.#debug.logRequest('transfer received', { id, kind: transferKind(transfer) });
      await this.onDataReceived(transfer);
    } catch (error) {
      this.#debug.log('error', 'transfer was not handled', { id, reason: describeError(error) });
    }
  }

  /** Copies of the newest transfers put on output connections, also of those that did not arrive; oldest first. */
  getSentData(): DataTransfer[] {
    return this.#sender.sent.list();
  }

  /** Copies of the newest transfers taken by `receiveData`, oldest first. */
  getReceivedData(): DataTransfer[] {
    return this.#received.list();
  }

  /** Sends the module's diagnostics there instead of the error stream; undefined takes it away again. */
  setDebugModule(debugModule: DebugModule | undefined): void {
    this.#debug.setTarget(debugModule);
  }

  /** Where transfers find their targets. Default: every live module of the process, as `ModuleRegistry` knows them. */
  setModuleLookup(lookup: ModuleLookup): void {
    this.#sender.lookup = lookup;
  }

  /** Where the module is in its life. */
  protected abstract get state(): LifecycleState;

  /**
   * Puts data on one output connection, or on all of them, and hands it to `receiveData` of the modules at their other
   * ends. Resolves when these have taken it, to one outcome per connection; a transfer that did not arrive is an
   * outcome, a status `error` of the connection and a line in the debug log, not an exception.
   *
   * @param data passed by reference; neither side may change it afterwards.
   * @param metadata joins the connection's own; `type` is the kind, which the connection's `dataTypes` must let pass.
   * @throws ERR_INVALID_REQUEST where `connectionId` is given and is not an output connection.
   */
  protected transferData(
    data: unknown,
    connectionId?: string,
    metadata: Record<string, unknown> = {},
  ): Promise<TransferOutcome[]> {
    return this.#sender.send({ data, metadata }, connectionId);
  }

  /** The registered input connection over which this transfer may come, as `connectionOf` says, or undefined. */
  protected findInputConnection(transfer: DataTransfer): ConnectionInfo | undefined {
    return connectionOf(this.#inputs.list(), transfer);
  }

  /** Hook: handles a transfer, in every state but `destroyed`. */
  protected onDataReceived(_transfer: DataTransfer): Promise<void> {
    return Promise.resolve();
  }

  /** Reports to the debug module, or to the error stream with debugging on. Never to be given configuration values. */
  protected debug(level: DebugLevel, message: string, details?: Record<string, unknown>): void {
    this.#debug.log(level, message, details);
  }

  /** Like `debug`, for the traffic of requests: left out unless the option `debug` asks for it. */
  protected debugRequest(message: string, details: Record<string, unknown>): void {
    this.#debug.logRequest(message, details);
  }

  /** For `BaseModule`: what the option `debug` says; undefined where it is not given. */
  protected setDebugOptions(options: boolean | DebugOptions | undefined): void {
    this.#debug.setOptions(options);
  }

  /** For subclasses with the options `logger` and `redact`: the lines go by these from now on. */
  protected takeLogging(options: LoggingOptions): void {
    this.#debug.setLogging(options);
  }

  /** For `BaseModule`: drops all connections and records. */
  protected forgetExchanges(): void {
    this.#inputs.clear();
    this.#outputs.clear();
    this.#sender.sent.clear();
    this.#received.clear();
  }

  /** Each output to the other module with each of its inputs from here. */
  #pairsTo(other: ConnectedModule): [ConnectionInfo, ConnectionInfo][] {
    const outputs = this.#outputs.list().filter(({ targetModuleId }) => targetModuleId === other.info.id);
    const inputs = other.#inputs.list().filter(({ sourceModuleId }) => sourceModuleId === this.info.id);
    return outputs.flatMap((output) => inputs.map((input): [ConnectionInfo, ConnectionInfo] => [output, input]));
  }
}
