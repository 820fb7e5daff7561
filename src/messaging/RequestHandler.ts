/**
 * Turns requests into operations and their outcomes into replies, for transfers and messages alike.
 *
 * A new kind of request is one entry of the table. A request that fails is a reply too; nothing here throws. Only the reply
 * to a load holds values of a configuration: replies go to every connection that lets their kind pass.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { IConfigPersistenceModule } from '../../interfaces/IConfigPersistenceModule.js';
import type { RequestKind as Kind } from '../../interfaces/requests.js';
import type { FormatName } from '../../interfaces/transfer.js';
import type { PersistenceError } from '../errors/PersistenceError.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { emptyRecord, readMembers } from '../value/readOnce.js';
import type { ConfigurationRequest, Refusal, Reply } from './Reply.js';
import { refusal, replyDataOf, withoutConflictValues, withoutValues } from './replies.js';

const KIND = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

/** Stands for a part of somebody else's object that throws when it is read. */
export const UNREADABLE = Symbol('unreadable');

/** What a request holds. The operation checks it, as for a direct call. */
export interface Fields {
  readonly config: unknown;
  readonly filePath: string;
  readonly backupName: string;
  readonly backupId: string;
  readonly targetPath: string;
  readonly versionId: string;
  readonly format: FormatName;
  readonly importPath: string;
  readonly options?: unknown;
}

interface RequestKind {
  /** Kind of the reply when it succeeds. */
  readonly replyKind: string;
  readonly run: (operations: IConfigPersistenceModule, fields: Fields) => Promise<object>;
}

const KINDS: Readonly<Record<Kind, RequestKind>> = {
  [KIND.SAVE_REQUEST]: {
    replyKind: KIND.PERSISTENCE_RESULT,
    run: (operations, fields) => {
      if (!('config' in fields)) throw invalid('the request has no config');
      return operations.saveConfiguration(fields.config, fields.filePath, optionsOf(fields));
    },
  },
  [KIND.LOAD_REQUEST]: {
    replyKind: KIND.CONFIGURATION_DATA,
    run: (operations, fields) => operations.loadConfiguration(fields.filePath, optionsOf(fields)),
  },
  [KIND.DELETE_REQUEST]: {
    replyKind: KIND.PERSISTENCE_RESULT,
    run: (operations, fields) => operations.deleteConfiguration(fields.filePath, optionsOf(fields)),
  },
  [KIND.BACKUP_REQUEST]: {
    replyKind: KIND.BACKUP_NOTIFICATION,
    run: (operations, fields) => operations.createBackup(fields.filePath, fields.backupName, optionsOf(fields)),
  },
  [KIND.RESTORE_REQUEST]: {
    replyKind: KIND.PERSISTENCE_RESULT,
    run: (operations, fields) => operations.restoreFromBackup(fields.backupId, fields.targetPath, optionsOf(fields)),
  },
  [KIND.ROLLBACK_REQUEST]: {
    replyKind: KIND.PERSISTENCE_RESULT,
    run: async (operations, fields) =>
      withoutValues(await operations.rollbackToVersion(fields.versionId, optionsOf(fields))),
  },
  [KIND.EXPORT_REQUEST]: {
    replyKind: KIND.PERSISTENCE_RESULT,
    run: (operations, fields) => operations.exportConfiguration(fields.format, fields.filePath, optionsOf(fields)),
  },
  [KIND.IMPORT_REQUEST]: {
    replyKind: KIND.PERSISTENCE_RESULT,
    run: async (operations, fields) =>
      withoutConflictValues(
        await operations.importConfiguration(fields.importPath, fields.format, fields.targetPath, optionsOf(fields)),
      ),
  },
};

export const REQUEST_KINDS = Object.keys(KINDS) as readonly Kind[];

/** Whether this kind of transfer or message asks the module for an operation. */
export function isRequestKind(kind: unknown): kind is Kind {
  return typeof kind === 'string' && Object.hasOwn(KINDS, kind);
}

/** Runs the operation that the request asks for. What the request holds is read before the first wait, once. */
export async function answerRequest(
  operations: IConfigPersistenceModule,
  request: ConfigurationRequest,
): Promise<Reply> {
  try {
    if (!isRequestKind(request.kind)) throw invalid(`${request.kind} is no request`);
    const kind = KINDS[request.kind];
    const result = await kind.run(operations, fieldsOf(request));
    return { success: true, kind: kind.replyKind, data: replyDataOf(kind.replyKind, result, request.id) };
  } catch (error) {
    return refusal(request, error);
  }
}

/** The reply to a request that may not come this way. */
export function refuseUnconnected(request: ConfigurationRequest): Refusal {
  return refusal(request, invalid('it came over no registered connection for its kind'));
}

/** What a request holds, read once. @throws PersistenceError `ERR_INVALID_REQUEST` */
export function fieldsOf({ data }: Pick<ConfigurationRequest, 'data'>): Fields {
  if (data === UNREADABLE) throw invalid('the data of the request throws when it is read');
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw invalid('the data of a request must be an object');
  }
  // Not necessarily a plain one: a class of the sender's may describe its requests.
  const fields = emptyRecord();
  const refuse = (reason: string): PersistenceError => invalid(`the data of a request ${reason}`);
  readMembers(data, refuse, (key, value) => (fields[key] = value), false);
  return fields as unknown as Fields;
}

function invalid(reason: string): PersistenceError {
  return persistenceError('ERR_INVALID_REQUEST', reason);
}

function optionsOf({ options = {} }: Fields): object {
  if (typeof options === 'object' && options !== null) return options;
  throw invalid('the options of a request must be an object');
}
