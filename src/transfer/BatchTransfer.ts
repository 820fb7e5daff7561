/** Exports and imports of many files, each of which may fail by itself. */
import { join, resolve } from 'node:path';
import { ExportFormat, PersistenceOperationType } from '../../interfaces/enums.js';
import type {
  BatchExportOptions,
  BatchImportOptions,
  BatchResult,
  ExportOptions,
  TransferredFile,
} from '../../interfaces/transfer.js';
import { resultOf } from '../engine/ContentCommitter.js';
import type { Operation } from '../engine/Operation.js';
import { hasErrorCode, PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { storageError } from '../errors/StorageError.js';
import { writeArchive, type ArchivedConfiguration } from './ArchiveExport.js';
import { forEachBounded, mapAhead } from './concurrency.js';
import { durabilityWarnings, withTime, type Exporter } from './Exporter.js';
import {
  commonFolder,
  exportName,
  extensionOf,
  isArchive,
  nameBelow,
  withExtension,
  type ArchiveFormatName,
} from './exportNames.js';
import { exportKeys } from './exportOutput.js';
import { readSource, type ExportSource } from './exportSource.js';
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
      const folder = options.baseDirectory === undefined ? commonFolder(paths) : resolve(options.baseDirectory);
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
      const paths = (await this.#select(selection, undefined, operation)).map((path) => resolve(path));
      const base = options.baseDirectory === undefined ? commonFolder(paths) : resolve(options.baseDirectory);
      const folder = resolve(options.targetDirectory ?? join(settings.defaultPath(), '..'));
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
    const files = await this.#each([...names.keys()], options, operation, async (path) => {
      const name = names.get(path);
      const own: ExportOptions = others;
      if (exportPath !== undefined) {
        if (name === undefined) throw outsideOf(exportPath);
        own.exportPath = join(exportPath, withExtension(name, extensionOf(format)));
      }
      const result = await this.#parts.exporter.export(format, path, { ...own });
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
    const { exchange, settings, clock, keys, onListenerFailure } = this.#parts;
    const files: TransferredFile[] = [];
    const progress = new Progress(options.progress, named.length, onListenerFailure);
    const given =
      options.exportPath ?? join(settings.archiveDirectory, exportName('configurations', format, clock.now(), 0));
    const path = await exchange.resolve(given, operation);
    const { maxConcurrent } = settings;
    const sources = async function* (
      read: (item: Named) => Promise<ExportSource | TransferredFile>,
    ): AsyncGenerator<ArchivedConfiguration, void> {
      const reading = mapAhead(named, maxConcurrent, async (item) => ({ item, source: await read(item) }));
      for await (const { item, source } of reading) {
        const { path: filePath, name = '' } = item;
        if ('success' in source) files.push(source);
        else {
          yield { name, source };
          const { checksum, fileSize } = source.metadata;
          files.push({ filePath, success: true, exportPath: path, checksum, fileSize });
        }
        progress.add(filePath, 'success' in source ? 0 : source.read.content.bytes.length);
      }
    };
    const mustPass = options.validate !== false;
    const read = async ({ path: filePath, name }: Named): Promise<ExportSource | TransferredFile> => {
      try {
        if (name === undefined) throw outsideOf(options.baseDirectory ?? '');
        return await readSource(this.#parts, filePath, { mustPass }, operation);
      } catch (error) {
        return failureOf(filePath, error, operation);
      }
    };
    const output = {
      path,
      isReplacing: options.overwrite === true,
      keys: exportKeys(options.encryption, keys, format === ExportFormat.BACKUP),
    };
    const { warnings, flushFailure } = await writeArchive(
      this.#parts,
      {
        format,
        isCompressed: options.compression !== false,
        includeMetadata: options.includeMetadata === true,
        output,
      },
      sources(read),
      operation,
    );
    return { files, exportPath: path, warnings: [...warnings, ...durabilityWarnings(flushFailure)] };
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
      operation.checkpoint();
      let file: TransferredFile;
      try {
        file = await work(path);
      } catch (error) {
        file = failureOf(path, error, operation);
      }
      files[index] = file;
      progress.add(path, file.fileSize ?? 0);
    });
    await operation.enterSlot();
    return files;
  }

  #select(selection: FileSelection, names: AsyncIterable<string> | undefined, operation: Operation): Promise<string[]> {
    return selectFiles(this.#parts, selection, names, this.#parts.isOwnFile, operation);
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

interface Outcome {
  readonly files: TransferredFile[];
  readonly exportPath?: string;
  readonly warnings?: readonly string[];
}

/** @throws where the whole batch has ended. */
function failureOf(filePath: string, error: unknown, operation: Operation): TransferredFile {
  operation.checkpoint();
  if (hasErrorCode(error, 'ERR_ABORTED') || hasErrorCode(error, 'ERR_DESTROYED')) throw error;
  const wrapped = storageError(error, { filePath });
  const message = wrapped instanceof Error ? wrapped.message : String(wrapped);
  const code = wrapped instanceof PersistenceError ? wrapped.code : 'ERR_UNEXPECTED';
  return { filePath, success: false, error: { code, message } };
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
