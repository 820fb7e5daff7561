/**
 * Finds the requests in transfers and messages, which are other modules' objects: any part of one may be missing, throw
 * when it is read, or change later. Each part of a request is read once.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConnectionInfo, DataTransfer, Message } from '../../interfaces/framework.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { connectionById, kindOver } from '../framework/connections/ConnectionTable.js';
import { refusal } from './replies.js';
import type { ConfigurationRequest, Refusal } from './Reply.js';
import { isRequestKind, UNREADABLE } from './RequestHandler.js';

const { VALIDATION_RESULT } = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

/** The `requestType` of a report about a transfer whose kind cannot be read. */
const UNKNOWN_KIND = 'unknown';
const TRANSFER_PARTS = [
  'id',
  'sourceConnectionId',
  'targetConnectionId',
  'data',
  'timestamp',
  'metadata',
] as const satisfies readonly (keyof DataTransfer)[];

/**
 * The request or verdict in a transfer, and the transfer as it was read; its kind is what the transfer says, otherwise what its
 * data does, otherwise the only one of the connection that it came over. A report instead where some part throws when it is read and somebody can be told of that: it
 * has an id, and its kind is that of a request or cannot be read either. Undefined for any other transfer.
 */
export function readTransfer(given: DataTransfer, inputs: readonly ConnectionInfo[]): ReadTransfer | undefined {
  const transfer = tryRead(() => copyOf(given));
  if (transfer === UNREADABLE) return reportUnreadable(given);
  const kind = kindOver(connectionById(inputs, transfer) ?? {}, transfer);
  if (kind !== VALIDATION_RESULT && !isRequestKind(kind)) return undefined;
  const told = { ...transfer, metadata: { ...transfer.metadata, type: kind } };
  const request = { id: transfer.id, kind, data: transfer.data };
  return kind === VALIDATION_RESULT ? { transfer: told, verdict: request } : { transfer: told, request };
}

/** A transfer that is for this module: a request, a verdict about one, or what can be told of one that cannot be read. */
export type ReadTransfer =
  | { readonly transfer: DataTransfer; readonly request: ConfigurationRequest }
  | { readonly transfer: DataTransfer; readonly verdict: ConfigurationRequest }
  | { readonly report: Refusal };

/**
 * The request in a message, and the message as it was read; undefined for any other message.
 *
 * @throws PersistenceError `ERR_INVALID_REQUEST` for what is no object, or has an id or a type that cannot be read.
 */
export function readMessage(
  given: Message,
): { readonly request: ConfigurationRequest; readonly message: Message } | undefined {
  const isObject = typeof (given as unknown) === 'object' && (given as unknown) !== null;
  const head = isObject ? tryRead(() => ({ id: given.id, type: given.type })) : UNREADABLE;
  if (head === UNREADABLE) {
    throw persistenceError('ERR_INVALID_REQUEST', 'the message must be an object with an id and a type');
  }
  const { id, type: kind } = head;
  if (!isRequestKind(kind)) return undefined;
  const source = tryRead(() => given.source);
  const correlationId = tryRead(() => given.correlationId);
  const message: Message = {
    ...head,
    source: typeof source === 'string' ? source : '',
    timestamp: Date.now(),
    ...(typeof correlationId === 'string' ? { correlationId } : {}),
  };
  return { message, request: { id, kind, data: tryRead(() => given.payload) } };
}

/** Own members, and those that a spread leaves out because they are inherited. */
function copyOf(given: DataTransfer): DataTransfer {
  const copy: Partial<DataTransfer> = { ...given };
  for (const part of TRANSFER_PARTS) {
    const value = Object.hasOwn(copy, part) ? undefined : given[part];
    if (value !== undefined) Object.assign(copy, { [part]: value });
  }
  const { metadata } = copy as { metadata?: Record<string, unknown> | null };
  if (typeof metadata !== 'object' || metadata === null) return copy as DataTransfer;
  const own = { ...metadata };
  const type = Object.hasOwn(own, 'type') ? own.type : metadata.type;
  return { ...(copy as DataTransfer), metadata: type === undefined ? own : { ...own, type } };
}

function reportUnreadable(given: DataTransfer): { readonly report: Refusal } | undefined {
  const id = tryRead(() => given.id);
  const kind = tryRead(() => given.metadata?.type);
  if (typeof id !== 'string' || (kind !== UNREADABLE && !isRequestKind(kind))) return undefined;
  const error = persistenceError('ERR_INVALID_REQUEST', 'a part of the transfer throws when it is read');
  return { report: refusal({ id, kind: kind === UNREADABLE ? UNKNOWN_KIND : kind }, error) };
}

function tryRead<T>(read: () => T): T | typeof UNREADABLE {
  try {
    return read();
  } catch {
    return UNREADABLE;
  }
}
