/** Looks at data before it is imported, and tells what is wrong with it. Writes nothing, and never throws for bad data. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ExportFormat, PersistenceOperationType } from '../../interfaces/enums.js';
import type { ImportProblem, ImportValidation } from '../../interfaces/transfer.js';
import type { FormatOption } from '../codec/codecs.js';
import type { Operation } from '../engine/Operation.js';
import { encodeVerified } from '../engine/contentText.js';
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { importCodecOf, plainConfigurations } from './archiveConfigurations.js';
import { archiveFormatFor } from './archives/archiveFormats.js';
import { DEFAULT_ARCHIVE_LIMITS } from './archives/EntryJudge.js';
import type { ByteSource } from './archives/ArchiveFormat.js';
import { backupConfigurations } from './backupArchive/backupConfigurations.js';
import { withTime } from './Exporter.js';
import { isArchive, textFormatOf, type ArchiveFormatName } from './exportNames.js';
import { decodeImport, decompressed, importFormatOf } from './importContent.js';
import { isSealed, unsealedSource } from './sealing.js';
import type { TransferParts } from './TransferParts.js';

const { EXCHANGE, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export class ImportValidator {
  readonly #parts: TransferParts;

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /** @param data text, bytes, or for the formats of single configurations the value itself. */
  validate(
    data: unknown,
    format: ExportFormat,
    options: { signal?: AbortSignal; timeout?: number },
  ): Promise<ImportValidation> {
    const context = { operationType: PersistenceOperationType.VERIFY, filePath: '', options: withTime(options) };
    return this.#parts.operations.query(context, (operation) =>
      isArchive(format)
        ? this.#validateArchive(data, format, operation)
        : this.#validateText(data, textFormatOf(format)),
    );
  }

  async #validateText(data: unknown, format: FormatOption): Promise<ImportValidation> {
    const { formats, store } = this.#parts;
    const { maxBytes } = store.capabilities;
    const codec = formats.require('', format);
    try {
      const bytes = bytesOfData(data);
      if (bytes === undefined) {
        const { value } = encodeVerified(codec, copyIntoDomain(data, codec.capabilities), undefined, maxBytes);
        return { isValid: true, errors: [], problems: [], data: value };
      }
      if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
      const { value } = decodeImport(await decompressed(bytes, maxBytes), importFormatOf(codec, ''));
      return { isValid: true, errors: [], problems: [], data: value };
    } catch (error) {
      return invalid(problemsOf(error));
    }
  }

  async #validateArchive(data: unknown, format: ArchiveFormatName, operation: Operation): Promise<ImportValidation> {
    const { formats, store, keys } = this.#parts;
    const problems: ImportProblem[] = [];
    const passedOver: string[] = [];
    const names: string[] = [];
    try {
      const bytes = typeof data === 'string' ? undefined : bytesOfData(data);
      if (bytes === undefined) throw persistenceError('ERR_INVALID_REQUEST', 'an archive must be given as bytes');
      const given = sourceOf(bytes);
      const source = (await isSealed(given)) ? await unsealedSource(given, keys) : given;
      const archive = archiveFormatFor(format === ExportFormat.BACKUP ? ExportFormat.TAR_GZ : format);
      const entries = archive.read(
        source,
        { ...DEFAULT_ARCHIVE_LIMITS, maxEntryBytes: store.capabilities.maxBytes },
        operation.signal,
      );
      const configurations =
        format === ExportFormat.BACKUP
          ? backupConfigurations(entries, () => Promise.resolve({ offset: 0, length: 0 }))
          : plainConfigurations(entries, formats, (name) => passedOver.push(name));
      for await (const { name, bytes: content, backup } of configurations) {
        names.push(name);
        const format = backup?.record.format ?? importCodecOf(name, formats)?.format;
        const found = this.#problemsOfEntry(name, content, format, backup === undefined ? name : '');
        if (problems.length < EXCHANGE.MAX_LISTED_PROBLEMS) problems.push(...found);
      }
      if (names.length === 0) throw persistenceError('ERR_ARCHIVE_REFUSED', 'there is no configuration in it');
    } catch (error) {
      operation.checkpoint();
      problems.push(...problemsOf(error));
    }
    const warnings = passedOver.length === 0 ? [] : [`${WARNING_MESSAGES.ENTRIES_PASSED_OVER}: ${passedOver.length}`];
    if (problems.length > 0) return { ...invalid(problems), ...(warnings.length === 0 ? {} : { warnings }) };
    return { isValid: true, errors: [], problems: [], ...(warnings.length === 0 ? {} : { warnings }), data: names };
  }

  #problemsOfEntry(
    name: string,
    content: Uint8Array,
    format: FormatOption | undefined,
    fileName: string,
  ): ImportProblem[] {
    try {
      decodeImport(content, importFormatOf(this.#parts.formats.require('', format), fileName));
      return [];
    } catch (error) {
      return problemsOf(error, name);
    }
  }
}

/** Undefined for what is neither text nor bytes. */
function bytesOfData(data: unknown): Uint8Array | undefined {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined;
}

function sourceOf(bytes: Uint8Array): ByteSource {
  return {
    sizeBytes: bytes.length,
    read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
  };
}

/** One for each place, where the error tells places. */
function problemsOf(error: unknown, entry?: string): ImportProblem[] {
  if (!(error instanceof PersistenceError)) throw error;
  const { code, line, column, paths = [] } = error;
  const message = entry === undefined ? error.message : `${entry}: ${error.message}`;
  const problem: ImportProblem = {
    message,
    code,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(entry === undefined ? {} : { entry }),
  };
  return paths.length === 0 ? [problem] : paths.map((path) => ({ ...problem, path }));
}

function invalid(problems: ImportProblem[]): ImportValidation {
  return { isValid: false, errors: [...new Set(problems.map(({ message }) => message))], problems };
}

function tooLarge(length: number, maxBytes: number): Error {
  return persistenceError('ERR_FILE_TOO_LARGE', `${length} bytes, at most ${maxBytes} are imported`);
}
