/** What the methods of import, export and conversion take and resolve to. */
import type { EncryptionOptions } from './backups.js';
import type { ConfigurationFormat, ConflictResolution, ExportFormat } from './enums.js';
import type { ValidationResult } from './framework.js';
import type { MutationOptions } from './options.js';
import type { PersistenceResult } from './results.js';
import type { ConfigurationConflict } from './versions.js';

/** How a format is named that is exported to or imported from. */
export type FormatName = ExportFormat | `${ExportFormat}`;

/** How far a transfer has come. */
export interface TransferProgress {
  /** Configurations that are dealt with, those that failed included. */
  done: number;
  /** All of them, as far as that is known: of an archive only once it was read to its end. */
  total: number;
  /** The configuration that was dealt with last. */
  filePath: string;
  /** Bytes of configurations so far. */
  bytes: number;
}

/** Called after each configuration. What it throws ends nothing, and only goes to the debug log. */
export type TransferProgressListener = (progress: TransferProgress) => void;

interface TransferOptions extends Pick<MutationOptions, 'signal' | 'timeout' | 'user' | 'lockTimeout'> {
  progress?: TransferProgressListener;
}

/** Options of `exportConfiguration`. */
export interface ExportOptions extends TransferOptions {
  /** Overrides the format that the configuration's extension tells. */
  format?: ConfigurationFormat | `${ConfigurationFormat}`;
  /**
   * Where the export is written, inside the allowed folders; its folder is made where missing. Default: a name that tells
   * configuration and time, in the archive folder.
   */
  exportPath?: string;
  /** Whether a file that stands at `exportPath` is replaced. Default: false, which refuses with `ERR_FILE_EXISTS`. */
  overwrite?: boolean;
  /**
   * Whether description, tags and the other metadata go with it: as one more entry of an archive, as `<export>.meta` beside
   * a single file. Always in a `backup`. Default: false.
   */
  includeMetadata?: boolean;
  /** Default: true for archives; false for single files, which get `.gz` behind their name with it. */
  compression?: boolean;
  /**
   * Whether the configuration must pass the options `validate` and `schema`. Default: true. What was written is read back
   * and compared in any case.
   */
  validate?: boolean;
  /**
   * A key or passphrase of this export's own, `true` for the module's, `false` for none. Default: the module's for
   * `backup`, where one is configured, because backups that are encrypted would leave it as plain text; none otherwise.
   */
  encryption?: EncryptionOptions | boolean;
}

/** Options of `exportConfigurations`. */
export interface BatchExportOptions extends Omit<ExportOptions, 'format'> {
  /**
   * The folder that names in an archive, or below `exportPath`, start from. Default: the deepest one that all
   * configurations are in.
   */
  baseDirectory?: string;
}

/** Options of `importConfiguration`. */
export interface ImportOptions extends TransferOptions {
  /** As in `MutationOptions`. Not for archives, which are about several configurations. */
  expectedChecksum?: string | null;
  /** Of the file that is written. Default: as its extension tells. */
  format?: ConfigurationFormat | `${ConfigurationFormat}`;
  /**
   * What to do where there is a configuration already that says something else: `keep-remote` (default) takes the imported
   * one whole; `keep-local` and `skip` leave the present one, `skip` without comparing; `merge` takes over what the import
   * has changed since the last common version and keeps what was changed here, and in the same place the import counts;
   * `manual` refuses with `ERR_CONFLICT` and the places.
   */
  conflictResolution?: ConflictResolution | `${ConflictResolution}`;
  /** Tells what would happen, and does nothing. */
  dryRun?: boolean;
  /** The key or passphrase of an encrypted export. Default: the module's. */
  encryption?: EncryptionOptions;
  /** Recorded with the version; at most 10,000 characters. */
  description?: string;
  /** Recorded with the version; at most 100 of at most 200 characters. */
  tags?: string[];
  /** Whether the options `validate` and `schema` must agree. Default: true. */
  validate?: boolean;
}

/** Options of `importConfigurations`. */
export interface BatchImportOptions extends Omit<ImportOptions, 'expectedChecksum'> {
  /** The folder that the configurations are written to. Default: that of the default configuration. */
  targetDirectory?: string;
  /** As `baseDirectory` of exports, for the files that are imported. */
  baseDirectory?: string;
}

/** Options of `convertConfiguration`. */
export interface ConvertOptions extends TransferOptions, Pick<MutationOptions, 'expectedChecksum'> {
  sourceFormat?: ConfigurationFormat | `${ConfigurationFormat}`;
  targetFormat?: ConfigurationFormat | `${ConfigurationFormat}`;
  /** Whether a configuration that stands at the target is replaced. Default: false, which refuses with `ERR_FILE_EXISTS`. */
  overwrite?: boolean;
  /** Whether the options `validate` and `schema` must agree. Default: true. */
  validate?: boolean;
  /** Only the report. */
  dryRun?: boolean;
}

/** The answer of `exportConfiguration`. */
export interface ExportResult extends PersistenceResult {
  /** Absolute. */
  exportPath: string;
  format: string;
  originalFilePath: string;
  includeMetadata: boolean;
  compressionUsed: boolean;
  validationIncluded: boolean;
  /** Whether it needs a key to be read. */
  isEncrypted: boolean;
}

/** One configuration of several. */
export interface TransferredFile {
  /** The configuration, absolute. */
  filePath: string;
  success: boolean;
  /** Whether its content is another one than before; absent for exports. */
  changed?: boolean;
  /** Where an export stands, or what was imported. */
  exportPath?: string;
  importedFrom?: string;
  checksum?: string;
  fileSize?: number;
  backupId?: string;
  conflictsResolved?: ConfigurationConflict[];
  /** Why it failed; `code` is that of the error. */
  error?: { code: string; message: string };
}

/** The answer of `exportConfigurations` and `importConfigurations`. */
export interface BatchResult extends Omit<PersistenceResult, 'filePath'> {
  /** False where at least one failed; `errors` has their messages. */
  success: boolean;
  /** In the order in which they were asked for, or by name. */
  files: TransferredFile[];
  /** Of an archive. */
  exportPath?: string;
}

/** The answer of `importConfiguration`. */
export interface ImportResult extends PersistenceResult {
  /** Whether any configuration holds something else than before, or would. */
  changed: boolean;
  /** Absolute. */
  importedFromPath: string;
  format: string;
  /** The configuration, or the folder of those of an archive; absolute. */
  targetFilePath: string;
  /** Whether what was written is not simply what was read: another format, a merge, migrations. */
  dataTransformed: boolean;
  validationPerformed: boolean;
  backupCreated: boolean;
  backupId?: string;
  /** Places where the present content said something else, with what counted. */
  conflictsResolved?: ConfigurationConflict[];
  /** Each configuration of an archive. */
  files?: TransferredFile[];
  /** True where nothing was written because only that was asked for. */
  dryRun?: boolean;
}

/** What is lost or written by convention when a configuration changes its format. */
export interface ConversionLoss {
  type: 'comments' | 'convention' | 'more';
  /** Dotted, as in error messages; empty for the whole file. */
  path: string;
  description: string;
}

/** The answer of `convertConfiguration`. */
export interface ConversionResult extends PersistenceResult {
  sourcePath: string;
  sourceFormat: string;
  targetFormat: string;
  /** Empty where the target carries everything natively. */
  losses: ConversionLoss[];
  backupCreated: boolean;
  backupId?: string;
  dryRun?: boolean;
}

/** One problem of data that was looked at before an import. Never quotes the data. */
export interface ImportProblem {
  message: string;
  code: string;
  /** From 1, where the place in the text is known; columns in UTF-16 units. */
  line?: number;
  column?: number;
  /** Dotted place inside the value. */
  path?: string;
  /** Name in the archive. */
  entry?: string;
}

/** The answer of `validateImportData`; `errors` has the same problems as text. */
export interface ImportValidation extends ValidationResult {
  problems: ImportProblem[];
}
