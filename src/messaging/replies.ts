/** The data of replies: what this module tells, with the members that replies of the original host have. Never a request's own data. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ReplyData, RequestReply } from '../../interfaces/requests.js';
import type { ImportResult } from '../../interfaces/transfer.js';
import type { ConfigurationConflict, RollbackResult } from '../../interfaces/versions.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import type { ConfigurationRequest, Refusal, Reply } from './Reply.js';

const { ERROR_REPORT } = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

/** @param requestId empty for what nobody has asked for. */
export function replyDataOf(kind: string, result: object, requestId: string): ReplyData {
  const { timestamp = Date.now() } = result as { timestamp?: number };
  return { ...result, type: kind, requestId, result, timestamp };
}

/** The reply to a request that failed or is not served. */
export function refusal(request: Pick<ConfigurationRequest, 'id' | 'kind'>, error: unknown): Refusal {
  const known: Partial<PersistenceError> = error instanceof PersistenceError ? error : {};
  const { code, filePath, operationType, paths, issues } = known;
  // A foreign error's text may quote anything.
  const message = known.message ?? 'Unexpected error while the request was served';
  return {
    success: false,
    kind: ERROR_REPORT,
    data: {
      type: ERROR_REPORT,
      requestId: request.id,
      requestType: request.kind,
      code: code ?? 'ERR_UNEXPECTED',
      message,
      error: message,
      originalRequest: { id: request.id, type: request.kind },
      ...(filePath === undefined ? {} : { filePath }),
      ...(operationType === undefined ? {} : { operationType }),
      ...(paths === undefined ? {} : { paths: [...paths] }),
      ...(isVerdict(issues) ? { errors: [...issues] } : {}),
      timestamp: Date.now(),
    },
  };
}

/** The words of a validator; what a schema's library says are objects, and stays with whoever calls. */
function isVerdict(issues: readonly unknown[] | undefined): issues is readonly string[] {
  return issues !== undefined && issues.length > 0 && issues.every((issue) => typeof issue === 'string');
}

/** As `receiveData` resolves to it. */
export function requestReplyOf(requestId: string, { success, kind: type, data }: Reply): RequestReply {
  const metadata = { type, requestId, correlationId: requestId };
  const common = { success, type, requestId, data, timestamp: data.timestamp, metadata } as const;
  return success ? common : { ...common, error: data.message };
}

/** What it says of conflicts is what the interface lists here, so that a new field is told only when it is meant to be. */
export function withoutValues({ conflictsDetected, ...result }: RollbackResult): object {
  return conflictsDetected === undefined ? result : { ...result, conflictsDetected: conflictsDetected.map(placeOf) };
}

export function withoutConflictValues({ conflictsResolved, files, ...result }: ImportResult): object {
  return {
    ...result,
    ...(conflictsResolved === undefined ? {} : { conflictsResolved: conflictsResolved.map(placeOf) }),
    ...(files === undefined
      ? {}
      : {
          files: files.map(({ conflictsResolved: some, ...file }) =>
            some ? { ...file, conflictsResolved: some.map(placeOf) } : file,
          ),
        }),
  };
}

function placeOf({ path, type, resolution, autoResolvable }: ConfigurationConflict) {
  return { path, type, resolution, autoResolvable };
}
