/** Finds the registered input connection that data may have come over. */
import type { ConnectionInfo, DataTransfer } from '../../../interfaces/framework.js';
import { permitsKind, transferKind } from './ConnectionTable.js';

/**
 * The connection over which this transfer may come, or undefined: it has the transfer's source or target connection id, or
 * leads from the module that `metadata.source` names, and lets its kind pass.
 */
export function connectionOf(
  inputs: readonly ConnectionInfo[],
  transfer: Pick<DataTransfer, 'sourceConnectionId' | 'targetConnectionId' | 'metadata'>,
): ConnectionInfo | undefined {
  const { sourceConnectionId, targetConnectionId, metadata } = transfer;
  const isMeant = ({ id, sourceModuleId }: ConnectionInfo): boolean =>
    id === sourceConnectionId || id === targetConnectionId || sourceModuleId === metadata?.source;
  const kind = transferKind(transfer);
  return inputs.find((connection) => isMeant(connection) && permitsKind(connection, kind));
}

/** The connection that leads from a module and lets a kind pass, or undefined. */
export function connectionFrom(
  inputs: readonly ConnectionInfo[],
  sourceModuleId: string,
  kind: string,
): ConnectionInfo | undefined {
  return inputs.find((connection) => connection.sourceModuleId === sourceModuleId && permitsKind(connection, kind));
}
