/** Exports single configurations: as a file of any format, or as an archive of one. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ExportFormat, PersistenceOperationType } from '../../interfaces/enums.js';
import type { ExportOptions, ExportResult } from '../../interfaces/transfer.js';
import { resultOf } from '../engine/ContentCommitter.js';
import { encodeVerified } from '../engine/contentText.js';
import type { Operation } from '../engine/Operation.js';
import { compress } from '../packing/compression.js';
import type { PublishedFile } from '../storage/port/ExchangeFiles.js';
import { checksumOf } from '../value/checksum.js';
import { writeArchive } from './ArchiveExport.js';
import { isArchive, metadataNameOf, textFormatOf, type ArchiveFormatName } from './exportNames.js';
import { writeExport, type ExportPlace } from './exportPlace.js';
import { exportKeys, writeOutput, type OutputSettings } from './exportOutput.js';
import { readSource, type ExportSource } from './exportSource.js';
import { formatMetadata } from './metadataFile.js';
import { Progress } from './progress.js';
import type { TransferParts } from './TransferParts.js';

const { EXCHANGE, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export class Exporter {
  readonly #parts: TransferParts;

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  export(format: ExportFormat, filePath: string, options: ExportOptions): Promise<ExportResult> {
    const { operations } = this.#parts;
    const context = {
      operationType: PersistenceOperationType.EXPORT,
      filePath,
      options: withTime(options),
      isMeasured: true,
    };
    return operations.query(context, async (operation) => {
      const mustPass = options.validate !== false;
      const source = await readSource(this.#parts, filePath, { format: options.format, mustPass }, operation);
      const result = isArchive(format)
        ? await this.#exportArchive(format, source, options, operation)
        : await this.#exportText(format, source, options, operation);
      const progress = new Progress(options.progress, 1, this.#parts.onListenerFailure);
      progress.add(source.location.name, source.read.content.bytes.length);
      return result;
    });
  }

  async #exportText(
    format: Exclude<ExportFormat, ArchiveFormatName>,
    source: ExportSource,
    options: ExportOptions,
    operation: Operation,
  ): Promise<ExportResult> {
    const { store, formats, keys } = this.#parts;
    const codec = formats.require('', textFormatOf(format));
    const isSame = codec.format === source.codec.format;
    // A file of the same format keeps its comments and its spelling.
    const content = isSame
      ? source.read.content.bytes
      : encodeVerified(codec, source.read.value, undefined, store.capabilities.maxBytes).bytes;
    const isCompressed = options.compression === true;
    const bytes = isCompressed ? await compress(content) : content;
    const output = { options, format, isCompressed, keys: exportKeys(options.encryption, keys, false) };
    const written = await writeExport(this.#parts, placeOf(source, output), operation, (settings) =>
      writeOutput(this.#parts, settings, operation, (sink) => sink.write(bytes)),
    );
    const warnings = isSame ? [] : commentWarnings(source);
    if (options.includeMetadata === true) {
      await this.#writeMetadata(written.path, source, content, options, operation);
    }
    return this.#result({ ...written, source, output }, warnings, operation);
  }

  async #exportArchive(
    format: ArchiveFormatName,
    source: ExportSource,
    options: ExportOptions,
    operation: Operation,
  ): Promise<ExportResult> {
    const isCompressed = options.compression !== false;
    const keys = exportKeys(options.encryption, this.#parts.keys, format === ExportFormat.BACKUP);
    const output = { options, format, isCompressed, keys };
    const written = await writeExport(this.#parts, placeOf(source, output), operation, (settings) =>
      writeArchive(
        this.#parts,
        { format, isCompressed, output: settings, includeMetadata: options.includeMetadata === true },
        [{ name: baseName(source), source }],
        operation,
      ),
    );
    return this.#result({ ...written, source, output }, written.warnings, operation);
  }

  async #writeMetadata(
    path: string,
    { metadata }: ExportSource,
    content: Uint8Array,
    { overwrite, encryption }: ExportOptions,
    operation: Operation,
  ): Promise<void> {
    const bytes = formatMetadata(metadata, checksumOf(content));
    const settings = {
      path: metadataNameOf(path),
      isReplacing: overwrite === true,
      keys: exportKeys(encryption, this.#parts.keys, false),
    };
    await writeOutput(this.#parts, settings, operation, (sink) => sink.write(bytes));
  }

  #result(
    { path, source, checksum, sizeBytes: fileSize, flushFailure, output }: Written,
    warnings: readonly string[],
    operation: Operation,
  ): ExportResult {
    const { options, format, isCompressed, keys } = output;
    return {
      ...resultOf(operation, { warnings: [...warnings, ...durabilityWarnings(flushFailure)] }, { checksum, fileSize }),
      exportPath: path,
      format,
      originalFilePath: source.location.name,
      includeMetadata: options.includeMetadata === true || format === ExportFormat.BACKUP,
      compressionUsed: isCompressed,
      validationIncluded: options.validate !== false,
      isEncrypted: keys !== undefined,
    };
  }
}

function placeOf({ location }: ExportSource, { options, format, isCompressed, keys }: Output): ExportPlace {
  const hasMetadataBeside = options.includeMetadata === true && !isArchive(format);
  return { subject: location.name, ownPath: location.id, format, isCompressed, hasMetadataBeside, keys, options };
}

interface Output {
  readonly options: ExportOptions;
  readonly format: ExportFormat;
  readonly isCompressed: boolean;
  readonly keys: OutputSettings['keys'];
}

interface Written extends PublishedFile {
  readonly path: string;
  readonly source: ExportSource;
  readonly output: Output;
}

/** The options with a time limit that is meant for many files. */
export function withTime<O extends { timeout?: number }>(options: O): O & { timeout: number } {
  return { ...options, timeout: options.timeout ?? EXCHANGE.MAX_DURATION_MS };
}

function baseName({ location: { name } }: ExportSource): string {
  return name.split(/[\\/]/u).at(-1) ?? name;
}

/** Of a file whose folder could not be flushed. */
export function durabilityWarnings(flushFailure: Error | undefined): string[] {
  return flushFailure === undefined ? [] : [WARNING_MESSAGES.DURABILITY_NOT_CONFIRMED];
}

/** What the other format cannot keep. */
function commentWarnings({ codec, read }: ExportSource): string[] {
  return codec.hasComments(read.text.text) ? [WARNING_MESSAGES.COMMENTS_NOT_EXPORTED] : [];
}
