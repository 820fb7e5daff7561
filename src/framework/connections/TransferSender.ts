/**
 * Puts data on a module's output connections and hands it to the modules at their other ends.
 *
 * The data is passed by reference: a receiver must not change it. Each receiver gets an envelope of its own.
 */
import { randomUUID } from 'node:crypto';
import type { ConnectionInfo, DataTransfer } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { permitsKind, transferKind, type ConnectionTable } from './ConnectionTable.js';
import { describeError, type DebugLog } from '../module/DebugLog.js';
import type { ModuleLookup } from '../module/ModuleDirectory.js';
import { copyTransfer, type TransferLog } from './TransferLog.js';

/** What became of one transfer on one connection. */
export interface TransferOutcome {
  connectionId: string;
  targetModuleId: string;
  transferId: string;
  /**
   * `delivered`: `receiveData` of the target took it. `filtered`: the connection's `dataTypes` do not let it pass.
   * `unreachable`: there is no module with the target's id. `failed`: the target's `receiveData` threw.
   */
  status: 'delivered' | 'filtered' | 'unreachable' | 'failed';
  /** Why it was not delivered. */
  reason?: string;
}

/** What the sender works with; all of it belongs to the module. */
interface TransferSenderParts {
  readonly moduleId: string;
  readonly outputs: ConnectionTable;
  readonly sent: TransferLog;
  readonly debug: DebugLog;
}

export class TransferSender {
  readonly #parts: TransferSenderParts;

  constructor(parts: TransferSenderParts) {
    this.#parts = parts;
  }

  /**
   * Sends to one connection or to all of them, side by side; on one connection the order of calls is kept.
   *
   * @throws ERR_INVALID_REQUEST where `connectionId` is given and is not an output connection.
   */
  async send(
    lookup: ModuleLookup,
    content: Pick<DataTransfer, 'data' | 'metadata'>,
    connectionId?: string,
  ): Promise<TransferOutcome[]> {
    const connections = this.#select(connectionId);
    return Promise.all(connections.map((connection) => this.#sendOn(connection, lookup, content)));
  }

  #select(connectionId: string | undefined): ConnectionInfo[] {
    const { outputs } = this.#parts;
    if (connectionId === undefined) return outputs.list();
    const connection = outputs.get(connectionId);
    if (connection !== undefined) return [connection];
    throw persistenceError(
      'ERR_INVALID_REQUEST',
      `Output connection with ID '${connectionId}' not found; add it with addOutputConnection()`,
    );
  }

  async #sendOn(
    connection: ConnectionInfo,
    lookup: ModuleLookup,
    { data, metadata }: Pick<DataTransfer, 'data' | 'metadata'>,
  ): Promise<TransferOutcome> {
    const transfer: DataTransfer = {
      id: randomUUID(),
      sourceConnectionId: connection.id,
      targetConnectionId: connection.targetModuleId,
      data,
      timestamp: Date.now(),
      metadata: { source: this.#parts.moduleId, ...connection.metadata, ...metadata },
    };
    if (!permitsKind(connection, transferKind(transfer))) {
      return this.#report(connection, transfer, 'filtered', 'the connection does not let this kind of data pass');
    }
    this.#parts.sent.add(transfer);
    const receiver = lookup.getModule(connection.targetModuleId);
    if (receiver === undefined) {
      return this.#report(connection, transfer, 'unreachable', 'there is no module with the id of the target');
    }
    // Delivery starts in a later turn: the receiver never runs inside the sender's own call.
    await Promise.resolve();
    try {
      await receiver.receiveData(copyTransfer(transfer));
    } catch (error) {
      return this.#report(connection, transfer, 'failed', describeError(error));
    }
    return this.#report(connection, transfer, 'delivered');
  }

  /** The outcome, on the connection's status and in the log as well, so that it is seen where nobody reads the result. */
  #report(
    connection: ConnectionInfo,
    transfer: DataTransfer,
    status: TransferOutcome['status'],
    reason?: string,
  ): TransferOutcome {
    const { outputs, debug } = this.#parts;
    if (status !== 'filtered') outputs.setStatus(connection.id, status === 'delivered' ? 'connected' : 'error');
    const outcome: TransferOutcome = {
      connectionId: connection.id,
      targetModuleId: connection.targetModuleId,
      transferId: transfer.id,
      status,
      ...(reason === undefined ? {} : { reason }),
    };
    const details = { ...outcome, kind: transferKind(transfer) };
    if (status === 'unreachable' || status === 'failed') debug.log('warn', 'transfer was not delivered', details);
    else debug.logRequest(`transfer ${status}`, details);
    return outcome;
  }
}
