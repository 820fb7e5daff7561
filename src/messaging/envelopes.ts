/**
 * Finds the requests in transfers and messages, which are other modules' objects: any part of one may be missing, or throw
 * when it is read.
 */
import type { DataTransfer, Message } from '../../interfaces/framework.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { copyTransfer } from '../framework/connections/TransferLog.js';
import { isRequestKind, refusal, type ConfigurationRequest, type Refusal } from './RequestHandler.js';

/** The `requestType` of a report about a transfer whose kind cannot be read. */
const UNKNOWN_KIND = 'unknown';
const UNREADABLE = Symbol('unreadable');

/**
 * The report about a transfer of which some part throws when it is read, where somebody can be told of that: it has an id,
 * and its kind is that of a request or cannot be read either. Undefined for any other transfer.
 */
export function refuseUnreadable(transfer: DataTransfer): Refusal | undefined {
  // As the record of received transfers copies it, and the members that a copy leaves out because they are inherited.
  const parts = tryRead(() => [copyTransfer(transfer), transfer.data, transfer.metadata?.type]);
  if (parts !== UNREADABLE) return undefined;
  const id = tryRead(() => transfer.id);
  const kind = tryRead(() => transfer.metadata?.type);
  if (typeof id !== 'string' || (kind !== UNREADABLE && !isRequestKind(kind))) return undefined;
  const error = persistenceError('ERR_INVALID_REQUEST', 'a part of the transfer throws when it is read');
  return refusal({ id, kind: kind === UNREADABLE ? UNKNOWN_KIND : kind }, error);
}

/**
 * The request in a message; undefined for any other message.
 *
 * @throws PersistenceError `ERR_INVALID_REQUEST` for what is no object, or has an id or a type that cannot be read.
 */
export function requestOf(message: Message): ConfigurationRequest | undefined {
  const given: unknown = message;
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject || tryRead(() => [message.id, message.type]) === UNREADABLE) {
    throw persistenceError('ERR_INVALID_REQUEST', 'the message must be an object with an id and a type');
  }
  const { id, type: kind } = message;
  return isRequestKind(kind) ? { id, kind, data: () => message.payload } : undefined;
}

function tryRead(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return UNREADABLE;
  }
}
