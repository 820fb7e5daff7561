/** Exports and imports of many files, each of which may fail by itself. */
import { join, resolve } from 'node:path';
import { ExportFormat, PersistenceOperationType } from '../../interfaces/enums.js';
import type {
  BatchExportOptions,
  BatchImportOptions,
  BatchResult,
  TransferredFile,
} from '../../interfaces/transfer.js';
import { resultOf } from '../engine/ContentCommitter.js';
import type { Operation } from '../engine/Operation.js';
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { storageError } from '../errors/StorageError.js';
import { writeArchive } from './ArchiveExport.js';
import { foldName, objectionTo } from './archives/entryName.js';
import { forEachBounded, mapAhead } from './concurrency.js';
import { durabilityWarnings, withTime, type Exporter } from './Exporter.js';
import {
  commonFolder,
  extensionOf,
  isArchive,
  nameBelow,
  withExtension,
  type ArchiveFormatName,
} from './exportNames.js';
import { exportKeys } from './exportOutput.js';
import { writeExport } from './exportPlace.js';
import { readSource, type ArchivedConfiguration, type ExportSource } from './exportSource.js';
import { foreignFormatOfExtension } from '../codec/foreign/foreignFormats.js';
import { FOREIGN_MEANS } from './importContent.js';
import { importFormatFromName, withoutPacking } from './importFormats.js';
import type { Importer } from './Importer.js';
import { Progress } from './progress.js';
import { selectFiles, type FileSelection } from './selectFiles.js';
import type { TransferParts } from './TransferParts.js';

export interface BatchTransferParts extends TransferParts {
  readonly exporter: Exporter;
  readonly importer: Importer;
}

export class BatchTransfer {
  readonly #parts: BatchTransferParts;

  constructor(parts: BatchTransferParts) {
    this.#parts = parts;
  }

  export(selection: FileSelection, format: ExportFormat, options: BatchExportOptions): Promise<BatchResult> {
    const timed = withTime(options);
    return this.#run(PersistenceOperationType.EXPORT, timed, async (operation) => {
      const { store } = this.#parts;
      const names = store.list(operation);
      const paths = (await this.#select(selection, names, operation)).map((path) => store.nameOf(path));
      const folder = this.#baseOf(options, paths);
      const named = paths.map((path) => ({ path, name: nameBelow(folder, path) }));
      return isArchive(format)
        ? this.#exportArchive(named, format, timed, operation)
        : this.#exportFiles(named, format, timed, operation);
    });
  }

  import(
    selection: FileSelection,
    format: ExportFormat | undefined,
    options: BatchImportOptions,
  ): Promise<BatchResult> {
    const timed = withTime(options);
    return this.#run(PersistenceOperationType.IMPORT, timed, async (operation) => {
      const { settings, importer } = this.#parts;
      const { workingDirectory } = settings;
      const selected = await this.#select(selection, undefined, operation);
      const paths = selected.map((path) => resolve(workingDirectory, path));
      const base = this.#baseOf(options, paths);
      const folder = resolve(workingDirectory, options.targetDirectory ?? join(settings.defaultPath(), '..'));
      const { progress, targetDirectory, baseDirectory, ...others } = timed;
      const files = await this.#each(paths, timed, operation, async (path) => {
        const known = format ?? importFormatFromName(path);
        if (known === undefined) throw persistenceError('ERR_UNSUPPORTED_FORMAT', 'its extension names no format');
        const name = nameBelow(base, path);
        if (name === undefined) throw outsideOf(base);
        const target = isArchive(known) ? folder : join(folder, targetName(name, path));
        const result = await importer.import(path, known, target, others);
        const { targetFilePath, changed, checksum, fileSize, backupId, conflictsResolved } = result;
        return {
          filePath: targetFilePath,
          success: true,
          changed,
          importedFrom: path,
          ...(checksum === undefined ? {} : { checksum }),
          ...(fileSize === undefined ? {} : { fileSize }),
          ...(backupId === undefined ? {} : { backupId }),
          ...(conflictsResolved === undefined ? {} : { conflictsResolved }),
        };
      });
      return { files };
    });
  }

  async #exportFiles(
    named: readonly Named[],
    format: ExportFormat,
    options: BatchExportOptions,
    operation: Operation,
  ): Promise<Outcome> {
    const { exportPath, progress, baseDirectory, ...others } = options;
    const names = new Map(named.map(({ path, name }) => [path, name]));
    const taken = new Set<string>();
    const files = await this.#each([...names.keys()], options, operation, async (path) => {
      const place = exportPath === undefined ? {} : { exportPath: placeBelow(exportPath, names.get(path), format) };
      // Such as `app.json` and `app.yaml`, which both become `app.toml`.
      if (place.exportPath !== undefined && taken.has(foldName(place.exportPath))) throw takenTwice(place.exportPath);
      if (place.exportPath !== undefined) taken.add(foldName(place.exportPath));
      const result = await this.#parts.exporter.export(format, path, { ...others, ...place });
      const { checksum = '', fileSize = 0 } = result;
      return { filePath: path, success: true, exportPath: result.exportPath, checksum, fileSize };
    });
    return { files };
  }

  async #exportArchive(
    named: readonly Named[],
    format: ArchiveFormatName,
    options: BatchExportOptions,
    operation: Operation,
  ): Promise<Outcome> {
    const { keys: own } = this.#parts;
    if (named.length === 0) throw persistenceError('ERR_FILE_NOT_FOUND', 'no configuration is meant by what was given');
    const isCompressed = options.compression !== false;
    const keys = exportKeys(options.encryption, own, format === ExportFormat.BACKUP);
    const includeMetadata = options.includeMetadata === true;
    const place = { subject: 'configurations', format, isCompressed, hasMetadataBeside: false, keys, options };
    let files: TransferredFile[] = [];
    const written = await writeExport(this.#parts, place, operation, (output) => {
      files = [];
      const settings = { format, isCompressed, includeMetadata, output };
      const sources = this.#sources(named, { format, options, files }, operation);
      return writeArchive(this.#parts, settings, sources, operation);
    });
    const { path: exportPath, warnings, flushFailure } = written;
    const told = files.map((file) => (file.success ? { ...file, exportPath } : file));
    return { files: told, exportPath, warnings: [...warnings, ...durabilityWarnings(flushFailure)] };
  }

  /** Each configuration when its turn comes, a few being read ahead; those that cannot be exported are told in `files`. */
  async *#sources(
    named: readonly Named[],
    { format, options, files }: ArchiveBatch,
    operation: Operation,
  ): AsyncGenerator<ArchivedConfiguration, void> {
    const { settings, onListenerFailure } = this.#parts;
    const progress = new Progress(options.progress, named.length, onListenerFailure);
    const taken = new Set<string>();
    const read = async (item: Named) => ({
      item,
      source: await this.#read(item, { format, options, taken }, operation),
    });
    for await (const { item, source } of mapAhead(named, settings.maxConcurrent, read)) {
      const { path: filePath, name = '' } = item;
      if ('success' in source) {
        files.push(source);
        progress.add(filePath, 0);
        continue;
      }
      yield { name, source };
      const { checksum, fileSize } = source.metadata;
      files.push({ filePath, success: true, checksum, fileSize });
      progress.add(filePath, fileSize);
    }
  }

  async #read(
    { path, name }: Named,
    { format, options, taken }: Omit<ArchiveBatch, 'files'> & { readonly taken: Set<string> },
    operation: Operation,
  ): Promise<ExportSource | TransferredFile> {
    try {
      if (name === undefined) throw outsideOf(options.baseDirectory ?? '');
      // A `backup` has numbers for names, and the real ones in its records.
      const objection = format === ExportFormat.BACKUP ? undefined : objectionTo(name);
      if (objection !== undefined) throw persistenceError('ERR_ARCHIVE_REFUSED', objection);
      if (taken.has(foldName(name))) throw takenTwice(name);
      taken.add(foldName(name));
      return await readSource(this.#parts, path, { mustPass: options.validate !== false }, operation);
    } catch (error) {
      return failureOf(path, error, operation);
    }
  }

  /** Each in an operation of its own, a few at a time. */
  async #each(
    paths: readonly string[],
    { progress: listener }: Pick<BatchExportOptions, 'progress'>,
    operation: Operation,
    work: (path: string) => Promise<TransferredFile>,
  ): Promise<TransferredFile[]> {
    const { settings, onListenerFailure } = this.#parts;
    const files: TransferredFile[] = [];
    const progress = new Progress(listener, paths.length, onListenerFailure);
    operation.leaveSlot();
    await forEachBounded(paths.entries(), settings.maxConcurrent, async ([index, path]) => {
      let file: TransferredFile;
      try {
        operation.checkpoint();
        file = await work(path);
      } catch (error) {
        file = failureOf(path, error, operation, files.filter((one) => one.success).length);
      }
      files[index] = file;
      progress.add(path, file.fileSize ?? 0);
    });
    await operation.enterSlot();
    return files;
  }

  /** What names are told relative to. */
  #baseOf({ baseDirectory }: { readonly baseDirectory?: string }, paths: readonly string[]): string {
    return baseDirectory === undefined
      ? commonFolder(paths)
      : resolve(this.#parts.settings.workingDirectory, baseDirectory);
  }

  #select(selection: FileSelection, names: AsyncIterable<string> | undefined, operation: Operation): Promise<string[]> {
    return selectFiles(this.#parts, selection, names, operation);
  }

  async #run(
    operationType: PersistenceOperationType.EXPORT | PersistenceOperationType.IMPORT,
    options: BatchExportOptions | BatchImportOptions,
    work: (operation: Operation) => Promise<Outcome>,
  ): Promise<BatchResult> {
    const context = { operationType, filePath: '', options, isMeasured: true };
    return this.#parts.operations.query(context, async (operation) => {
      const { files, exportPath, warnings = [] } = await work(operation);
      const failed = files.filter(({ success }) => !success);
      const { filePath, ...result } = resultOf(operation, { warnings }, {});
      return {
        ...result,
        success: failed.length === 0,
        files,
        ...(exportPath === undefined ? {} : { exportPath }),
        ...(failed.length === 0 ? {} : { errors: failed.map(({ error }) => error?.message ?? '') }),
      };
    });
  }
}

interface Named {
  readonly path: string;
  /** Undefined where it is not in the folder that names start from. */
  readonly name: string | undefined;
}

/** What an archive is made of, and what became of it. */
interface ArchiveBatch {
  readonly format: ArchiveFormatName;
  readonly options: BatchExportOptions;
  readonly files: TransferredFile[];
}

interface Outcome {
  readonly files: TransferredFile[];
  readonly exportPath?: string;
  readonly warnings?: readonly string[];
}

/** @param doneCount of files that were dealt with on their own. @throws where the whole batch has ended. */
function failureOf(filePath: string, error: unknown, operation: Operation, doneCount = 0): TransferredFile {
  const hasEnded = ['ERR_ABORTED', 'ERR_TIMEOUT', 'ERR_DESTROYED'].find((code) => codeOf(error) === code);
  if (hasEnded !== undefined && (operation.signal.aborted || hasEnded === 'ERR_DESTROYED')) {
    if (doneCount === 0) throw error;
    const reason = `the batch has ended before its end; ${doneCount} files were dealt with, and stay as they are`;
    throw new PersistenceError(hasEnded, reason, { cause: error });
  }
  const wrapped = storageError(error, { filePath });
  const message = wrapped instanceof Error ? wrapped.message : String(wrapped);
  const code = wrapped instanceof PersistenceError ? wrapped.code : 'ERR_UNEXPECTED';
  return { filePath, success: false, error: { code, message } };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof PersistenceError ? error.code : undefined;
}

function placeBelow(folder: string, name: string | undefined, format: ExportFormat): string {
  if (name === undefined) throw outsideOf(folder);
  return join(folder, withExtension(name, extensionOf(format)));
}

function takenTwice(name: string): Error {
  const reason = `another of these configurations is exported as ${JSON.stringify(name)} already; export it by itself`;
  return persistenceError('ERR_FILE_EXISTS', reason);
}

function outsideOf(folder: string): Error {
  return persistenceError('ERR_INVALID_REQUEST', `it is not in ${JSON.stringify(folder)}, which names start from`);
}

/** A compressed or foreign file becomes one of the format that it stands for. */
function targetName(name: string, path: string): string {
  const plain = withoutPacking(name);
  const isForeign = foreignFormatOfExtension(path) !== undefined || foreignFormatOfExtension(plain) !== undefined;
  return isForeign ? withExtension(plain, `.${FOREIGN_MEANS}`) : plain;
}
