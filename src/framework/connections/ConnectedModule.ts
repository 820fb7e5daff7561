/**
 * The half of a module that exchanges data: its connections, the transfers on them and the records of these.
 *
 * `BaseModule` adds the life cycle, the options and the messages.
 */
import type {
  ConnectionInfo,
  DataTransfer,
  ModuleCapabilities,
  ReceivedRecord,
  SentRecord,
} from '../../../interfaces/framework.js';
import type {
  RequestData,
  RequestDescription,
  RequestKind,
  RequestOptions,
  RequestResult,
} from '../../../interfaces/requests.js';
import { leadingToCaller } from '../../errors/callerStack.js';
import {
  connectionOf,
  haveCommonKind,
  transferKind,
  type ConnectionDescription,
  type ConnectionTable,
} from './ConnectionTable.js';
import { requestOver } from './requestOver.js';
import { describeError } from '../module/DebugLog.js';
import { DiagnosedModule } from '../module/DiagnosedModule.js';
import type { ModuleLookup, TransferReceiver } from '../module/ModuleDirectory.js';
import { partsOf } from '../module/ModuleParts.js';
import { ReadonlyMapView } from '../module/ReadonlyMapView.js';
import type { TransferOutcome } from './TransferSender.js';

export abstract class ConnectedModule extends DiagnosedModule implements TransferReceiver {
  /**
   * Replaces a connection with the same id.
   *
   * @throws ERR_INVALID_REQUEST with the message `Invalid connection type for input`, or for a malformed connection.
   */
  addInputConnection(connection: ConnectionDescription): void {
    const { inputs, debug } = partsOf(this);
    inputs.add(connection);
    debug.noteConnection('input');
  }

  /**
   * Replaces a connection with the same id.
   *
   * @throws ERR_INVALID_REQUEST with the message `Invalid connection type for output`, or for a malformed connection.
   */
  addOutputConnection(connection: ConnectionDescription): void {
    const { outputs, debug } = partsOf(this);
    outputs.add(connection);
    debug.noteConnection('output');
  }

  /** An unknown id has no effect. */
  removeInputConnection(connectionId: string): void {
    partsOf(this).inputs.remove(connectionId);
  }

  /** An unknown id has no effect. */
  removeOutputConnection(connectionId: string): void {
    partsOf(this).outputs.remove(connectionId);
  }

  /** Copies; `status` is `connected` from the first transfer on, as long as the source is there. */
  getInputConnections(): ConnectionInfo[] {
    const { inputs, sender } = partsOf(this);
    return inputs.list().map((connection) => withStatusNow(connection, connection.sourceModuleId, sender.lookup));
  }

  /** Copies; `status` tells how the last transfer on each ended, and `disconnected` that its target has gone since. */
  getOutputConnections(): ConnectionInfo[] {
    const { outputs, sender } = partsOf(this);
    return outputs.list().map((connection) => withStatusNow(connection, connection.targetModuleId, sender.lookup));
  }

  /**
   * True where the two can exchange data: modules that are not destroyed, whose connections to each other, if both have
   * declared any, have a kind of data in common; a module can with itself. Each is told the capabilities of the other then.
   *
   * @param _context what a caller of the original host may pass on to a handshake of a subclass; nothing depends on it here.
   */
  handshake(module: ConnectedModule, _context?: unknown): Promise<boolean> {
    const isPossible = canExchange(this, module);
    if (isPossible) {
      partsOf(this).partners.set(partsOf(module).id, module.getCapabilities());
      partsOf(module).partners.set(partsOf(this).id, this.getCapabilities());
    }
    return Promise.resolve(isPossible);
  }

  /** What it can be asked for, and what it tells. Here: nothing; a subclass says more. */
  getCapabilities(): ModuleCapabilities {
    return { requests: [], replies: [] };
  }

  /** What the other module has told of itself in the last handshake; undefined without one. A copy. */
  getPartnerCapabilities(moduleId: string): ModuleCapabilities | undefined {
    return structuredClone(partsOf(this).partners.get(moduleId));
  }

  /**
   * Takes a transfer: records it, gives it to a `request` that waits for it, and calls `onDataReceived`. Never rejects; what
   * the hook throws goes to the debug log. After `destroy()` transfers are dropped.
   *
   * @returns what a subclass answers, where it does; `request` of the sender takes a reply of the form of `RequestReply`.
   */
  async receiveData(transfer: DataTransfer): Promise<unknown> {
    const { id: ownId, debug, lifecycle, received, inputs, replies } = partsOf(this);
    const given: unknown = transfer;
    if (typeof given !== 'object' || given === null || lifecycle.state === 'destroyed') {
      debug.log('warn', 'transfer was dropped', { state: lifecycle.state });
      return undefined;
    }
    let id: string | undefined;
    try {
      id = transfer.id;
      const { sourceConnectionId: source } = transfer;
      received.add({ ...transfer, source });
      const kind = transferKind(transfer);
      debug.logRequest('transfer received', { id, kind });
      debug.noteFlow(source, ownId, id, kind);
      const connection = connectionOf(inputs.list(), transfer);
      if (connection !== undefined) inputs.setStatus(connection.id, 'connected');
      replies.settle(transfer);
      await this.onDataReceived(transfer);
    } catch (error) {
      debug.log('error', 'transfer was not handled', { id, reason: describeError(error) });
    }
    return undefined;
  }

  /**
   * Copies of the records of the newest calls of `transferData`, also of those whose data did not arrive; oldest first. A call
   * whose data no connection lets pass leaves none.
   */
  getSentData(): SentRecord[] {
    return partsOf(this).sender.sent.list();
  }

  /** Copies of the newest transfers taken by `receiveData`, oldest first. */
  getReceivedData(): ReceivedRecord[] {
    return partsOf(this).received.list();
  }

  /**
   * Sends a request over an output connection and waits for its reply.
   *
   * @param kind such as `save-request`, with its data, or both as `createSaveRequest` and its siblings make them; the connection's `dataTypes` must let it pass.
   * @returns what the operation came to; of a foreign module's reply its data.
   * @throws PersistenceError with the code of the failure, as a direct call would; `ERR_INVALID_REQUEST` where there is no
   *   way to send it or it was not delivered, `ERR_TIMEOUT` without a reply in time, `ERR_DESTROYED`.
   */
  request<K extends RequestKind>(kind: K, data: RequestData[K], options?: RequestOptions): Promise<RequestResult[K]>;
  request<K extends RequestKind>(request: RequestDescription<K>, options?: RequestOptions): Promise<RequestResult[K]>;
  request(kind: string, data: unknown, options?: RequestOptions): Promise<unknown>;
  request(first: string | RequestDescription, ...others: unknown[]): Promise<unknown> {
    const { kind, data } = typeof first === 'string' ? { kind: first, data: others.shift() } : first;
    const [options = {}] = others as [RequestOptions?];
    return leadingToCaller(() => requestOver(partsOf(this), kind, data, options));
  }

  /** Where transfers find their targets. Default: every live module of the process, as `ModuleRegistry` knows them. */
  setModuleLookup(lookup: ModuleLookup): void {
    partsOf(this).sender.lookup = lookup;
  }

  /** The input connections by their ids, as they are now; the connections are copies. */
  protected get inputConnections(): ReadonlyMap<string, ConnectionInfo> {
    return viewOf(partsOf(this).inputs, 'InputConnection');
  }

  /** The output connections by their ids, as they are now; the connections are copies. */
  protected get outputConnections(): ReadonlyMap<string, ConnectionInfo> {
    return viewOf(partsOf(this).outputs, 'OutputConnection');
  }

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
    return partsOf(this).sender.send({ data, metadata }, connectionId);
  }

  /** Hook: handles a transfer, in every state but `destroyed`. */
  protected onDataReceived(_transfer: DataTransfer): Promise<void> {
    return Promise.resolve();
  }
}

function canExchange(one: ConnectedModule, other: unknown): boolean {
  if (!(other instanceof ConnectedModule)) return false;
  const [here, there] = [partsOf(one), partsOf(other)];
  if (here.lifecycle.state === 'destroyed' || there.lifecycle.state === 'destroyed') return false;
  if (one === other) return true;
  // Two of one id cannot be told apart by whoever sends.
  if (here.id === there.id) return false;
  // Modules that have declared nothing yet can: connections may follow, and messages need none.
  const pairs = [
    ...pairsOf(here.outputs, there.id, there.inputs, here.id),
    ...pairsOf(there.outputs, here.id, here.inputs, there.id),
  ];
  return pairs.length === 0 || pairs.some(([output, input]) => haveCommonKind(output, input));
}

/** Each output to a module with each input of that one from here. */
function pairsOf(
  outputs: ConnectionTable,
  targetId: string,
  inputs: ConnectionTable,
  sourceId: string,
): [ConnectionInfo, ConnectionInfo][] {
  const from = outputs.list().filter(({ targetModuleId }) => targetModuleId === targetId);
  const to = inputs.list().filter(({ sourceModuleId }) => sourceModuleId === sourceId);
  return from.flatMap((output) => to.map((input): [ConnectionInfo, ConnectionInfo] => [output, input]));
}

function viewOf(table: ConnectionTable, what: string): ReadonlyMap<string, ConnectionInfo> {
  const entries = (): ReadonlyMap<string, ConnectionInfo> =>
    new Map(table.list().map((connection) => [connection.id, connection]));
  return new ReadonlyMapView(entries, `use add${what}() and remove${what}()`);
}

/** What was connected is not any more when the module at the other end has gone. */
function withStatusNow(connection: ConnectionInfo, otherId: string, lookup: ModuleLookup): ConnectionInfo {
  const isGone = connection.status === 'connected' && lookup.getModule(otherId) === undefined;
  return isGone ? { ...connection, status: 'disconnected' } : connection;
}
