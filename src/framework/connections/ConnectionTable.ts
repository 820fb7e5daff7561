/** The connections of one module in one direction. Entries come and go as copies, so nobody changes them from outside. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConnectionInfo, DataTransfer } from '../../../interfaces/framework.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';

const { WRONG_CONNECTION_TYPE } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

const KINDS: readonly string[] = Object.values(CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES);

const REQUIRED_FIELDS = ['id', 'sourceModuleId', 'targetModuleId'] as const;

/** A connection as callers write it: an object literal whose `type` TypeScript has widened to `string` is welcome. */
export type ConnectionDescription = Omit<ConnectionInfo, 'type'> & { type: string };

export class ConnectionTable {
  readonly #direction: ConnectionInfo['type'];
  readonly #connections = new Map<string, ConnectionInfo>();

  constructor(direction: ConnectionInfo['type']) {
    this.#direction = direction;
  }

  /**
   * Adds the connection; one with the same id is replaced.
   *
   * @throws ERR_INVALID_REQUEST for the other direction's type, a missing or empty id or module id, or `dataTypes`
   * that are not a list of strings.
   */
  add(connection: ConnectionDescription): void {
    if ((connection as ConnectionDescription | undefined)?.type !== this.#direction) {
      throw new PersistenceError('ERR_INVALID_REQUEST', WRONG_CONNECTION_TYPE[this.#direction]);
    }
    for (const field of REQUIRED_FIELDS) {
      const value: unknown = connection[field];
      if (typeof value !== 'string' || value === '') {
        throw persistenceError('ERR_INVALID_REQUEST', `the connection's ${field} must be a non-empty string`);
      }
    }
    const dataTypes: unknown = connection.dataTypes ?? [];
    if (!Array.isArray(dataTypes) || !dataTypes.every((kind) => typeof kind === 'string')) {
      throw persistenceError('ERR_INVALID_REQUEST', "the connection's dataTypes must be a list of strings");
    }
    this.#connections.set(connection.id, copyConnection({ ...connection, type: this.#direction }));
  }

  /** An unknown id has no effect. */
  remove(connectionId: string): void {
    this.#connections.delete(connectionId);
  }

  /** Copies, in the order in which the ids were first added. */
  list(): ConnectionInfo[] {
    return [...this.#connections.values()].map(copyConnection);
  }

  /** A connection that has been removed meanwhile is left alone. */
  setStatus(connectionId: string, status: NonNullable<ConnectionInfo['status']>): void {
    const connection = this.#connections.get(connectionId);
    if (connection !== undefined) connection.status = status;
  }

  clear(): void {
    this.#connections.clear();
  }
}

/** The kind of a transfer, or undefined where it names none. */
export function transferKind(transfer: Pick<DataTransfer, 'metadata'>): string | undefined {
  const kind: unknown = transfer.metadata?.type;
  return typeof kind === 'string' ? kind : undefined;
}

/**
 * The kind of data that goes over a connection: as its metadata says it, otherwise as the data itself does, otherwise the
 * only one that the connection lets pass.
 */
export function kindOver(
  { dataTypes = [] }: Pick<ConnectionInfo, 'dataTypes'>,
  transfer: Pick<DataTransfer, 'metadata' | 'data'>,
): string | undefined {
  const only = dataTypes.length === 1 ? dataTypes[0] : undefined;
  return transferKind(transfer) ?? kindInData(transfer.data, dataTypes) ?? only;
}

/** What `data.type` says, if that is a kind: it may be a value of a configuration. Data that throws when it is read says nothing. */
function kindInData(data: unknown, dataTypes: readonly string[]): string | undefined {
  try {
    const kind: unknown = typeof data === 'object' && data !== null && 'type' in data ? data.type : undefined;
    return typeof kind === 'string' && (KINDS.includes(kind) || dataTypes.includes(kind)) ? kind : undefined;
  } catch {
    return undefined;
  }
}

/** True where the connection's `dataTypes` let this kind pass; a transfer without a kind passes only an open one. */
export function permitsKind(connection: ConnectionInfo, kind: string | undefined): boolean {
  if (connection.dataTypes === undefined || connection.dataTypes.length === 0) return true;
  return kind !== undefined && connection.dataTypes.includes(kind);
}

/** True where at least one kind of data passes both ends. */
export function haveCommonKind(one: ConnectionInfo, other: ConnectionInfo): boolean {
  const kinds = one.dataTypes ?? [];
  return kinds.length === 0 || kinds.some((kind) => permitsKind(other, kind));
}

/**
 * The input connection over which this transfer may come, or undefined: it has the transfer's source or target connection
 * id, or leads from the module that `metadata.source` names, and lets its kind pass.
 */
export function connectionOf(inputs: readonly ConnectionInfo[], transfer: DataTransfer): ConnectionInfo | undefined {
  const { sourceConnectionId, targetConnectionId, metadata } = transfer;
  const isMeant = ({ id, sourceModuleId }: ConnectionInfo): boolean =>
    id === sourceConnectionId || id === targetConnectionId || sourceModuleId === metadata?.source;
  const kind = transferKind(transfer);
  return inputs.find((connection) => isMeant(connection) && permitsKind(connection, kind));
}

/** The input connection that a transfer names by its id, whatever its kind. */
export function connectionById(
  inputs: readonly ConnectionInfo[],
  { sourceConnectionId, targetConnectionId }: DataTransfer,
): ConnectionInfo | undefined {
  return inputs.find(({ id }) => id === sourceConnectionId || id === targetConnectionId);
}

function copyConnection(connection: ConnectionInfo): ConnectionInfo {
  return {
    ...connection,
    ...(connection.dataTypes === undefined ? {} : { dataTypes: [...connection.dataTypes] }),
    ...(connection.metadata === undefined ? {} : { metadata: { ...connection.metadata } }),
  };
}
