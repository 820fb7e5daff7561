/** What callers may pass: the module's configuration and the last argument of its methods. */
import type { DebugOptions, ValidationResult } from './framework.js';
import type { BackupRetentionPolicy, EncryptionOptions } from './backups.js';
import type { ConfigurationFormat } from './enums.js';
import type { Logger } from './logging.js';
import type { PersistenceAlert } from './messages.js';
import type { MigrationPlan, MigrationRule } from './migrations.js';
import type { Defaults, DefaultsRule, Schema, SchemaRule } from './schemas.js';
import type { NotInferred } from './value.js';

/** File modes for what the module creates, as in `0o600`; an existing file's mode is kept. */
export interface PermissionOptions {
  configFile?: number;
  backupFile?: number;
  /** No effect: a temporary file has the mode of what it becomes, from its first moment. */
  tempFile?: number;
  lockFile?: number;
  metadataFile?: number;
  configDirectory?: number;
  backupDirectory?: number;
  /** No effect: temporary files stand beside what they become. */
  tempDirectory?: number;
  lockDirectory?: number;
  metadataDirectory?: number;
}

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/**
 * Gets a copy of the value and edits it, or returns a whole new one. May be asynchronous.
 *
 * The type refuses what an arrow without braces returns by accident: `draft => draft.port = 9` returns 9.
 */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a function that only edits its draft returns nothing
export type Mutate<T = any> = (draft: T) => T | void | Promise<T | void>;

/** Options of operations that read a file: `verifyConfigurationIntegrity`, `getConfigurationMetadata`. */
export interface OperationOptions {
  /** Ends the operation with `ERR_ABORTED` at its next step before the commit point; afterwards it has no effect. */
  signal?: AbortSignal;
  /** Milliseconds for the whole operation, the waiting included. Default: the module's `operationTimeout`. */
  timeout?: number;
  /** Overrides the format that the file's extension tells. */
  format?: ConfigurationFormat | `${ConfigurationFormat}`;
}

/** Options of operations that only look at records and backups: `listBackups`, `getVersionHistory`, `compareVersions`. */
export type QueryOptions = Omit<OperationOptions, 'format'>;

/** Options of `loadConfiguration`. */
export interface LoadOptions extends OperationOptions {
  /**
   * `view` (default) hands a large value out as a copy-on-write view that costs nothing until it is used; `plain` always
   * makes plain objects, which `structuredClone` and worker messages need; `frozen` is one deeply frozen value, shared by
   * everybody who asks for it.
   */
  copy?: 'view' | 'plain' | 'frozen';
}

/** Options of operations that change a configuration: `deleteConfiguration`, `setConfigurationMetadata`. */
export interface MutationOptions extends OperationOptions {
  /**
   * Makes the operation a compare-and-set: it fails with `ERR_CONFLICT` unless the file's bytes have this checksum
   * when it commits. `null` expects that there is no file yet.
   */
  expectedChecksum?: string | null;
  /** Recorded as the author of the change; at most 1,000 characters. Default: the module's `user`. */
  user?: string;
  /** Milliseconds to wait for the file's lock; 0 tries once. Default: the module's `lockTimeout`. */
  lockTimeout?: number;
}

/**
 * What becomes of the layout of a file that is there: `on` keeps every byte of what did not change, and tells in `warnings`
 * where that was not possible; `require` refuses with `ERR_LAYOUT_LOST` then; `off` writes the file anew.
 */
export type PreserveFormatting = 'require' | 'on' | 'off';

/** Options of operations that make a new version. */
export interface RecordOptions extends MutationOptions {
  /** Recorded with the version; at most 10,000 characters. */
  description?: string;
  /** Recorded with the version; at most 100 of at most 200 characters. */
  tags?: string[];
}

/** Options of `saveConfiguration`. */
export interface SaveOptions extends RecordOptions {
  /** Default: that of the module. */
  preserveFormatting?: PreserveFormatting;
}

/** Options of `updateConfiguration`. `expectedChecksum` is held against what `mutate` would get, before it is called. */
export interface UpdateOptions<T = any> extends SaveOptions {
  /**
   * What `mutate` gets where there is no file yet; without it a missing file is `ERR_FILE_NOT_FOUND`. It is a
   * configuration: copied and checked at the call as one.
   */
  initial?: T;
}

/** Options of `restoreFromBackup`. */
export interface RestoreOptions extends RecordOptions {
  /**
   * `false` takes the content back although it does not fit the schema, or is of a version that is not known here. Default:
   * true, which refuses it with `ERR_VALIDATION` or the code of what is wrong with the version.
   */
  validate?: boolean;
}

/** Options of `createBackup`; author, description and tags are recorded with the backup. */
export type BackupOptions = Omit<RecordOptions, 'format'>;

/** Options of `deleteBackup`; `expectedChecksum` is that of the file that the backup is of. */
export type DeleteBackupOptions = Omit<MutationOptions, 'format' | 'user'>;

/** Options of `rotateBackupEncryption`. */
export type UpkeepOptions = Omit<DeleteBackupOptions, 'expectedChecksum'>;

/** Options of `cleanupOldBackups`. */
export interface CleanupOptions extends UpkeepOptions {
  /** Only this configuration's backups. Default: those of all. */
  filePath?: string;
  /** Tells what would be done, with the reason for each backup, and does nothing. */
  dryRun?: boolean;
}

/** Options of `forgetHistory`. */
export interface ForgetHistoryOptions extends UpkeepOptions {
  /** Only what was kept before this moment, in epoch milliseconds. A content is kept when it is replaced. Default: all. */
  before?: number;
}

/** Options of `rollbackToVersion`; the format is that of the version. */
export interface RollbackOptions extends Omit<RecordOptions, 'format'> {
  /**
   * What to do where the file was edited outside the module and the version says something else: `keep-remote` (default)
   * takes the version and keeps the edited file as a backup; `manual` refuses with `ERR_CONFLICT` and the places.
   */
  onConflict?: 'keep-remote' | 'manual';
  /** As for `restoreFromBackup`. */
  validate?: boolean;
}

/** Options of `migrateConfiguration`. */
export interface MigrationOptions extends MutationOptions {
  /** Runs the steps on a copy, tells what they would change, and changes nothing. */
  dryRun?: boolean;
}

/** What the option `store` takes: made by `memoryStore()` of `rcc-config-persistence/memory`, or by whoever implements a store. */
export interface StoreOption {
  readonly createStore: (context: never) => object;
}

/**
 * The keys of `configure()` and `ConfigPersistence.open()`. Of two spellings of a key the later call counts, and
 * `getConfig()` shows the main one.
 *
 * Options are read once, at the call, with everything in them: plain objects and lists are copied, keys of an encryption
 * too; functions are kept. A getter, a symbol, a hidden or an inherited member is `ERR_INVALID_OPTION`.
 */
export interface ConfigPersistenceOptions<T = any> {
  /** Where configurations are kept, as `memoryStore()` gives it. Default: files of this machine. */
  store?: StoreOption;
  /** Default: `./config/config.json`. */
  defaultConfigPath?: string;
  /** Default: `backups` beside the default configuration. */
  backupDirectory?: string;
  /** Folder whose files the module may use. Default: `temp` beside the default configuration. */
  tempDirectory?: string;
  /** Default: `metadata` beside the default configuration. */
  metadataDirectory?: string;
  /** Default: `locks` beside the default configuration. */
  lockDirectory?: string;
  /** Where retention rules archive backups to. Default: `archive` beside the default configuration. */
  archiveDirectory?: string;
  /** Further folders whose files the module may use. */
  allowedDirectories?: string[];
  enableCaching?: boolean;
  /** Milliseconds that a cached configuration is kept without being used. */
  cacheTTL?: number;
  maxConcurrentOperations?: number;
  /** Versions in the history, each with its content, 0 to 1,000; with 0 no content is kept for them. Default: 10. */
  maxVersionHistory?: number;
  /** Milliseconds for one operation. */
  operationTimeout?: number;
  /** Milliseconds to wait for a file's lock. */
  lockTimeout?: number;
  /** Milliseconds that a lock is good for; afterwards others may take it over. */
  staleLockThreshold?: number;
  /** Of `json`, `yaml`, `toml`, `ini`, `xml` and `properties` those that may be used. Default: all. */
  supportedFormats?: readonly string[];
  /** Default: `on`. */
  preserveFormatting?: PreserveFormatting;
  /**
   * The program whose files these are, where its rules differ from those of the format: `yaml-1.1` reads `no`, `0644` and
   * `12:30:45` as YAML 1.1 does; `php`, `git`, `systemd`, `configparser`, `mysql`, `editorconfig` and `desktop` are dialects
   * of INI. Default: as the file's name tells.
   */
  owner?: string;
  /**
   * Take comments and trailing commas in every JSON file. Default: false, which takes them in files whose names are known
   * for them, such as `.jsonc`, `tsconfig.json` and `.code-workspace`.
   */
  comments?: boolean;
  /** The root of every YAML file is the list of its documents. Default: false, which refuses several documents. */
  documents?: boolean;
  /**
   * INI: what follows a value after a blank and a mark of comments is a comment. Default: as the owner of the file has it.
   */
  inlineComments?: boolean;
  permissions?: PermissionOptions;
  /** Recorded as the author of changes; at most 1,000 characters. */
  user?: string;
  /**
   * Called with each value before it is saved, the defaults laid under it; a result with `isValid: false` refuses the save.
   */
  validate?: (value: T) => ValidationResult | boolean;
  /**
   * What a configuration must look like, for all files, or for those that each rule names; of several rules the first that
   * names a file counts. What does not fit is not saved (`ERR_VALIDATION`); a load tells it in `validationResults`.
   */
  schema?: Schema<T> | readonly SchemaRule[];
  /**
   * Laid under what is loaded and under the draft of `mutate`, and never written: for all files, or for those that each rule
   * names. Members of objects at any depth; a list counts as a whole, and `null` is a value.
   */
  defaults?: Defaults<NotInferred<T>> | readonly DefaultsRule[];
  /** How configurations of older versions become those of the newest; for all files, or for those that each rule names. */
  migrations?: MigrationPlan | readonly MigrationRule[];
  /**
   * Serve requests only over registered input connections, and only their `dataTypes`; requests by message only from the
   * modules that such connections come from. A connection between two other modules is refused. Default: false.
   */
  strictConnections?: boolean;
  /**
   * Milliseconds that a save-request waits for the verdict of a module that validates: one from which an input connection for
   * `validation-result` comes. Default: 30,000.
   */
  validationTimeout?: number;
  /**
   * Rewrite a file that the system does not let be replaced (a single file mounted into a container). Not atomic for
   * other programs, which may see a torn file; this module always reads and finishes the complete content. Default: false,
   * which refuses with `ERR_ATOMIC_REPLACE_IMPOSSIBLE`.
   */
  inPlaceFallback?: boolean;
  /** Keep the content before every change as a backup. Default: true. */
  autoBackupEnabled?: boolean;
  /** Other spelling of `autoBackupEnabled`. */
  enableBackup?: boolean;
  /** Backups that are kept of one configuration, 1 to 50. Default: 3. */
  backupRetentionCount?: number;
  /** Other spelling of `backupRetentionCount`. */
  retentionCount?: number;
  retentionPolicy?: BackupRetentionPolicy;
  /**
   * Automatic backups that were made less than so many milliseconds after the first of them count as one in retention: that
   * first one stays, which has the content from before the changes. 0: each counts. Default: 10,000.
   */
  backupMergeWindow?: number;
  /** Compress backups, off the save's path. Default: true. */
  compressionEnabled?: boolean;
  /** Encrypt backups, off the save's path. Default: plain backups. */
  encryption?: EncryptionOptions;
  /** Restore the newest good backup where a saved file is found damaged. Default: false, which throws `ERR_INTEGRITY`. */
  autoRecover?: boolean;
  /** Check the health of the storage from time to time. Default: true. */
  enableHealthChecks?: boolean;
  /** Milliseconds between the end of one health check and the next. Default: 300,000. */
  healthCheckInterval?: number;
  /**
   * Called when something happened that somebody should know of; may be asynchronous, and what it throws or rejects with
   * only goes to the debug log. `true` and `false` mean that alerts stand in the debug log and nowhere else.
   */
  alerts?: ((alert: PersistenceAlert) => unknown) | boolean;
  /** Default: off. `true` logs everything; an object what it asks for. */
  debug?: boolean | DebugOptions;
  /**
   * Gets what `debug` asks for, instead of the error stream; without `debug` everything from level `info` up. pino, bunyan
   * and `console` will do. It is kept as it is given, and nothing waits for it; what it throws or rejects with is dropped.
   */
  logger?: Logger;
  /**
   * Further keys of details in the log whose values are secrets, besides those that usually are, such as `password`: whole
   * names in any case, or patterns. `[redacted]` stands in their place.
   */
  redact?: readonly (string | RegExp)[];
  /**
   * Refuse keys that there are not with `ERR_INVALID_OPTION`. Default: false, which warns in the debug log and through
   * `alerts`, at the latest when the module starts.
   */
  strictOptions?: boolean;
}
