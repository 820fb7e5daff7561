/** What modules ask the persistence module for, over connections or by messages, and what it answers. */
import type { BackupResult, RestoreResult } from './backups.js';
import type { ErrorReport } from './messages.js';
import type {
  BackupOptions,
  LoadOptions,
  MutationOptions,
  RestoreOptions,
  RollbackOptions,
  SaveOptions,
} from './options.js';
import type { ConfigurationData, PersistenceResult } from './results.js';
import type { ExportOptions, ExportResult, FormatName, ImportOptions, ImportResult } from './transfer.js';
import type { RollbackResult } from './versions.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/** Kind of a request to the data that it carries. */
export interface RequestData {
  'save-request': { config: any; filePath?: string; options?: SaveOptions };
  'load-request': { filePath?: string; options?: LoadOptions };
  'delete-request': { filePath: string; options?: MutationOptions };
  'backup-request': { filePath?: string; backupName?: string; options?: BackupOptions };
  'restore-request': { backupId: string; targetPath?: string; options?: RestoreOptions };
  'rollback-request': { versionId: string; options?: RollbackOptions };
  'export-request': { format: FormatName; filePath?: string; options?: ExportOptions };
  'import-request': { importPath: string; format?: FormatName; targetPath?: string; options?: ImportOptions };
}

/** Kind of a request to what its operation resolves to. Values of conflicts are left out. */
export interface RequestResult {
  'save-request': PersistenceResult;
  'load-request': ConfigurationData;
  'delete-request': PersistenceResult;
  'backup-request': BackupResult;
  'restore-request': RestoreResult;
  'rollback-request': RollbackResult;
  'export-request': ExportResult;
  'import-request': ImportResult;
}

export type RequestKind = keyof RequestData;

/** A request that is ready to be sent: `request(kind, data)`, or `transferData(data, connectionId, { type: kind })`. */
export interface RequestDescription<K extends RequestKind = RequestKind> {
  readonly kind: K;
  readonly data: RequestData[K];
}

/** Options of `request`. */
export interface RequestOptions {
  /** Id of the output connection. Default: the only one that is for the kind. */
  via?: string;
  /** Milliseconds to wait for the reply. Default: 30,000. */
  timeoutMs?: number;
}

/** The reply to one request, as `receiveData` resolves to it. */
export interface RequestReply {
  readonly success: boolean;
  /** Kind of the reply: `persistence-result`, `configuration-data`, `backup-notification` or `error-report`. */
  readonly type: string;
  /** Of the transfer that asked. */
  readonly requestId: string;
  /** Members of the result and of the original host's replies side by side; of a failure the report. */
  readonly data: ReplyData | (ErrorReport & FailureData);
  /** The message of the failure. */
  readonly error?: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  /** That of the transfer which carries the reply. */
  readonly metadata: { readonly type: string; readonly requestId: string; readonly correlationId: string };
}

/** What every successful reply has besides the members of its result. */
export interface ReplyData {
  readonly type: string;
  readonly requestId: string;
  readonly result: object;
  readonly timestamp: number;
}

/** What every report has besides. */
export interface FailureData {
  readonly type: string;
  readonly error: string;
  /** Which request it was; never what it held. */
  readonly originalRequest: { readonly id: string; readonly type: string };
}
