/**
 * Puts data on a module's output connections and hands it to the modules at their other ends.
 *
 * The data is passed by reference: a receiver must not change it. Each receiver gets an envelope of its own.
 */
import { randomUUID } from 'node:crypto';
import type { ConnectionInfo, DataTransfer, SentRecord } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { kindOver, permitsKind, transferKind, type ConnectionTable } from './ConnectionTable.js';
import { describeError, type DebugLog } from '../module/DebugLog.js';
import { moduleDirectory, type ModuleLookup } from '../module/ModuleDirectory.js';
import { copyTransfer, TransferLog } from './TransferLog.js';

type TransferContent = Pick<DataTransfer, 'data' | 'metadata'>;

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
  /** What the target's `receiveData` resolved to, where it resolved to anything. */
  reply?: unknown;
}

export class TransferSender {
  /** One record for each call. */
  readonly sent = new TransferLog<SentRecord>();
  lookup: ModuleLookup = moduleDirectory;
  readonly #moduleId: string;
  readonly #outputs: Pick<ConnectionTable, 'list' | 'setStatus'>;
  readonly #debug: DebugLog;

  constructor(moduleId: string, outputs: Pick<ConnectionTable, 'list' | 'setStatus'>, debug: DebugLog) {
    this.#moduleId = moduleId;
    this.#outputs = outputs;
    this.#debug = debug;
  }

  /**
   * As `ConnectedModule.transferData` says. Side by side; on one connection the order of calls is kept.
   *
   * @param id of the transfer, where somebody waits for its reply. Default: a new one for each connection.
   */
  async send(content: TransferContent, connectionId?: string, id?: string): Promise<TransferOutcome[]> {
    const sent = this.#select(connectionId).map((connection) => ({
      connection,
      transfer: this.#make(connection, content, id),
    }));
    this.#record(sent, content);
    return Promise.all(sent.map(({ connection, transfer }) => this.#sendOn(connection, transfer)));
  }

  #select(connectionId: string | undefined): ConnectionInfo[] {
    const connections = this.#outputs.list();
    if (connectionId === undefined) return connections;
    const connection = connections.find(({ id }) => id === connectionId);
    if (connection !== undefined) return [connection];
    throw persistenceError(
      'ERR_INVALID_REQUEST',
      `Output connection with ID '${connectionId}' not found; add it with addOutputConnection()`,
    );
  }

  #make(
    {
      id,
      targetModuleId,
      metadata: own,
      dataTypes,
    }: Pick<ConnectionInfo, 'id' | 'targetModuleId' | 'metadata' | 'dataTypes'>,
    { data, metadata }: TransferContent,
    transferId: string = randomUUID(),
  ): DataTransfer {
    const all = { source: this.#moduleId, ...own, ...metadata };
    const type = kindOver(dataTypes === undefined ? {} : { dataTypes }, { data, metadata: all });
    return {
      id: transferId,
      sourceConnectionId: id,
      targetConnectionId: targetModuleId,
      data,
      timestamp: Date.now(),
      metadata: type === undefined ? all : { ...all, type },
    };
  }

  /** The first transfer stands for the call. One that nobody is connected for is recorded too, one that nobody may get is not. */
  #record(sent: readonly { connection: ConnectionInfo; transfer: DataTransfer }[], content: TransferContent): void {
    const passed = sent.filter(({ connection, transfer }) => permitsKind(connection, transferKind(transfer)));
    if (sent.length > 0 && passed.length === 0) return;
    const first = passed[0]?.transfer ?? this.#make({ id: '', targetModuleId: '' }, content);
    this.sent.add({ ...first, connectionIds: passed.map(({ connection }) => connection.id) });
  }

  async #sendOn(connection: ConnectionInfo, transfer: DataTransfer): Promise<TransferOutcome> {
    if (!permitsKind(connection, transferKind(transfer))) {
      return this.#report(connection, transfer, { status: 'filtered', reason: filteredReason(connection, transfer) });
    }
    this.#debug.noteFlow(this.#moduleId, connection.targetModuleId, transfer.id, transferKind(transfer));
    const receiver = this.lookup.getModule(connection.targetModuleId);
    if (receiver === undefined) {
      const reason = 'there is no module with the id of the target';
      return this.#report(connection, transfer, { status: 'unreachable', reason });
    }
    // Delivery starts in a later turn: the receiver never runs inside the sender's own call.
    await Promise.resolve();
    try {
      const reply: unknown = await receiver.receiveData(copyTransfer(transfer));
      return {
        ...this.#report(connection, transfer, { status: 'delivered' }),
        ...(reply === undefined ? {} : { reply }),
      };
    } catch (error) {
      return this.#report(connection, transfer, { status: 'failed', reason: describeError(error) });
    }
  }

  /** The outcome, on the connection's status and in the log as well, so that it is seen where nobody reads the result. */
  #report(
    connection: ConnectionInfo,
    transfer: DataTransfer,
    { status, reason }: Pick<TransferOutcome, 'status' | 'reason'>,
  ): TransferOutcome {
    if (status !== 'filtered') this.#outputs.setStatus(connection.id, status === 'delivered' ? 'connected' : 'error');
    const outcome: TransferOutcome = {
      connectionId: connection.id,
      targetModuleId: connection.targetModuleId,
      transferId: transfer.id,
      status,
      ...(reason === undefined ? {} : { reason }),
    };
    const details = { ...outcome, kind: transferKind(transfer) };
    if (status === 'unreachable' || status === 'failed') this.#debug.log('warn', 'transfer was not delivered', details);
    else this.#debug.logRequest(`transfer ${status}`, details);
    return outcome;
  }
}

/** Which kind came, and which are let through. */
function filteredReason({ dataTypes = [] }: ConnectionInfo, transfer: DataTransfer): string {
  const kind = transferKind(transfer);
  const came = kind === undefined ? 'data of no kind' : JSON.stringify(kind);
  return `the connection does not let ${came} pass; it is for ${dataTypes.join(', ')}`;
}
