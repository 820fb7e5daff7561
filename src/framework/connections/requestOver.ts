/** A request over a connection: sent, and waited for until its reply is there. */
import { randomUUID } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConnectionInfo, DataTransfer } from '../../../interfaces/framework.js';
import type { RequestOptions } from '../../../interfaces/requests.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';
import { checkTimeout } from '../messages/messages.js';
import type { ModuleParts } from '../module/ModuleParts.js';
import { permitsKind, transferKind } from './ConnectionTable.js';

const { DATA_TRANSFER_TYPES, FRAMEWORK } = CONFIG_PERSISTENCE_CONSTANTS;
const { DEFAULT_REQUEST_TIMEOUT_MS } = FRAMEWORK;

/**
 * Resolves to what the reply says. Another module's reply may be a transfer back, or what its `receiveData` resolves to.
 *
 * @throws PersistenceError `ERR_INVALID_REQUEST` where there is no way to send it, or it was not delivered; `ERR_TIMEOUT`;
 *   `ERR_DESTROYED`; with the code of the reply where that is an `error-report`.
 */
export async function requestOver(
  { outputs, sender, replies, lifecycle }: ModuleParts,
  kind: string,
  data: unknown,
  { via, timeoutMs = DEFAULT_REQUEST_TIMEOUT_MS }: RequestOptions,
): Promise<unknown> {
  checkTimeout(timeoutMs);
  if (lifecycle.state === 'destroyed') throw persistenceError('ERR_DESTROYED', 'a destroyed module sends no requests');
  const connection = wayOf(outputs.list(), kind, via);
  const id = randomUUID();
  const waiting = replies.wait(id, kind, timeoutMs);
  // Whoever waits hears of its failure; until then nobody does.
  waiting.catch(() => undefined);
  void sender.send({ data, metadata: { type: kind, awaitsReply: true } }, connection.id, id).then(([outcome]) => {
    if (outcome === undefined) return;
    const { status, reason = '', targetModuleId, reply } = outcome;
    if (status === 'delivered') settleBy(reply, id, (transfer) => replies.settle(transfer));
    else
      replies.fail(
        id,
        persistenceError('ERR_INVALID_REQUEST', `${kind} to ${targetModuleId} was ${status}: ${reason}`),
      );
  });
  return answerIn(await waiting);
}

/** The connection that was named, or the only one that is for the kind. */
function wayOf(outputs: readonly ConnectionInfo[], kind: string, via: string | undefined): ConnectionInfo {
  if (via !== undefined) {
    const named = outputs.find(({ id }) => id === via);
    if (named !== undefined) return named;
    throw persistenceError('ERR_INVALID_REQUEST', `Output connection with ID '${via}' not found; connect() makes one`);
  }
  const naming = outputs.filter(({ dataTypes }) => dataTypes?.includes(kind));
  const ways = naming.length > 0 ? naming : outputs.filter((connection) => permitsKind(connection, kind));
  const [only, another] = ways;
  if (only !== undefined && another === undefined) return only;
  const reason = only === undefined ? 'no output connection is for' : 'several output connections are for';
  throw persistenceError('ERR_INVALID_REQUEST', `${reason} ${kind}; name one with via`);
}

/** What `receiveData` of the target resolved to, where that is a reply to this request. */
function settleBy(reply: unknown, id: string, settle: (transfer: DataTransfer) => unknown): void {
  if (typeof reply !== 'object' || reply === null) return;
  const { type, data, requestId, success } = reply as Partial<
    Record<'type' | 'data' | 'requestId' | 'success', unknown>
  >;
  if (requestId !== id || typeof success !== 'boolean') return;
  const metadata = { type: success ? type : DATA_TRANSFER_TYPES.ERROR_REPORT, requestId: id };
  settle({ id, sourceConnectionId: '', targetConnectionId: '', data, timestamp: Date.now(), metadata });
}

function answerIn(transfer: DataTransfer): unknown {
  const { data } = transfer;
  const isObject = typeof data === 'object' && data !== null;
  if (transferKind(transfer) !== DATA_TRANSFER_TYPES.ERROR_REPORT) {
    return isObject && 'result' in data ? data.result : data;
  }
  const { code, message, error, filePath, operationType, paths, errors } = (isObject ? data : {}) as Partial<
    Record<string, unknown>
  >;
  const text = message ?? error;
  throw new PersistenceError(
    typeof code === 'string' ? code : 'ERR_UNEXPECTED',
    typeof text === 'string' ? text : 'The request failed',
    { filePath, operationType, paths, issues: errors } as ConstructorParameters<typeof PersistenceError>[2],
  );
}
