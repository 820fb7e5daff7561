/** The data of the module's replies, beside the results of its methods. */
import type { IssueSeverity, PersistenceOperationType } from './enums.js';

/** The data of an `error-report`. Holds no configuration value. */
export interface ErrorReport {
  /** Of the transfer or message that asked. */
  requestId: string;
  /** Its kind; `unknown` where that could not be read. */
  requestType: string;
  /** As in the error that a direct call would have thrown. */
  code: string;
  message: string;
  filePath?: string;
  operationType?: PersistenceOperationType;
  /** Places inside the configuration that were refused. */
  paths?: string[];
  /** What the validator said that refused it, in its own words: they may quote the configuration, and are in no log. */
  errors?: string[];
  /** Epoch milliseconds. */
  timestamp: number;
}

/** What the `alerts` option is told. Holds no configuration value. */
export interface PersistenceAlert {
  type:
    | 'file-recovered'
    | 'backup-failure'
    | 'unknown-option'
    | 'import-recovered'
    | 'history-not-written'
    | 'health'
    | 'watching-by-polling'
    | 'request-failed'
    | 'reply-undelivered';
  severity: IssueSeverity;
  /** The file that it is about; for an option the default configuration. */
  filePath: string;
  description: string;
  /** The key that there is not, of an `unknown-option`. */
  option?: string;
  /** The backup that was restored, or is damaged. */
  backupId?: string;
  /** The check of `validateStorageHealth` that a `health` alert is of. */
  check?: string;
  /** Of a `health` alert: it is `raised` when the check becomes bad, and `resolved` when it is good again. */
  status?: 'raised' | 'resolved';
  /** The error's, of a `request-failed`: a request that failed, and whose sender could not be told. */
  code?: string;
  /** Where the damaged file is kept. */
  quarantinedPath?: string;
  /** Epoch milliseconds. */
  timestamp: number;
}
