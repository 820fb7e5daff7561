/** The operations that only look: load, metadata, verify. */
import { IntegrityIssueType, PersistenceOperationType } from '../../interfaces/enums.js';
import type { LoadOptions, OperationOptions } from '../../interfaces/options.js';
import type {
  ConfigurationData,
  ConfigurationMetadata,
  IntegrityIssue,
  IntegrityResult,
} from '../../interfaces/results.js';
import { handOut, type CachedConfiguration } from '../cache/ConfigurationCache.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import { notFound } from '../storage/port/conditions.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Location } from '../storage/port/Work.js';
import type { ConfigurationReader } from './ConfigurationReader.js';
import { decodeBytes } from './contentText.js';
import { findingOfFailure, findingsOfState } from './integrityFindings.js';
import type { Operations } from './Operations.js';
import type { RecoveringReads } from './RecoveringReads.js';

interface LoadedEntry {
  readonly entry: CachedConfiguration;
  readonly recovered?: IntegrityIssue;
}

export interface QueriesParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly reader: ConfigurationReader;
  readonly reads: RecoveringReads;
  readonly formats: Formats;
  /** Told after each load that was not answered from the cache. */
  readonly afterRead: readonly ((location: Location) => void)[];
}

export class Queries {
  readonly #parts: QueriesParts;

  constructor(parts: QueriesParts) {
    this.#parts = parts;
  }

  /**
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`; `ERR_PARSE` for a file that the module never saved; `ERR_INTEGRITY` for
   *   one that it saved and that cannot be read any more.
   */
  async load(filePath: string, options: LoadOptions): Promise<ConfigurationData> {
    const { entry, recovered } = await this.#entryOf(filePath, options);
    const findings = recovered === undefined ? entry.issues : [recovered, ...entry.issues];
    return {
      data: handOut(entry, options.copy ?? 'view'),
      metadata: copyOfMetadata(entry.metadata),
      checksum: entry.metadata.checksum,
      filePath,
      loadTimestamp: Date.now(),
      isValid: entry.issues.length === 0,
      ...(findings.length === 0 ? {} : { validationResults: findings.map((issue) => ({ ...issue })) }),
    };
  }

  async metadata(filePath: string, options: OperationOptions): Promise<ConfigurationMetadata> {
    return copyOfMetadata((await this.#entryOf(filePath, options)).entry.metadata);
  }

  /** Always from the disk, never from the cache. Reports what is wrong; throws only where there is no file to judge. */
  verify(filePath: string, options: OperationOptions): Promise<IntegrityResult> {
    const { operations, store, formats } = this.#parts;
    const context = { operationType: PersistenceOperationType.VERIFY, filePath, options };
    return operations.query(context, async (operation) => {
      const location = await store.resolve(filePath, operation);
      const codec = formats.require(location.name, options.format);
      const stored = await store.read(location, operation);
      const { content, saved } = stored;
      if (content === undefined) throw notFound();
      const findings = findingsOfState(stored);
      const isKnownCorrupt = findings.some(({ type }) => type === IntegrityIssueType.FILE_CORRUPTION);
      const issues = isKnownCorrupt ? findings : [...findings, ...decodingFindings(content.bytes, codec)];
      return {
        isValid: issues.length === 0,
        expectedChecksum: saved?.checksum ?? content.checksum,
        actualChecksum: content.checksum,
        filePath,
        verificationTimestamp: Date.now(),
        ...(issues.length === 0 ? {} : { issues }),
      };
    });
  }

  async #entryOf(filePath: string, options: OperationOptions): Promise<LoadedEntry> {
    const known = await this.#known(filePath, options);
    return known === undefined ? this.#read(filePath, options) : { entry: known };
  }

  async #known(filePath: string, options: OperationOptions): Promise<CachedConfiguration | undefined> {
    if (options.signal?.aborted === true) return undefined;
    const { store, reader, formats } = this.#parts;
    const name = store.nameOf(filePath);
    const entry = await reader.known(name);
    return formats.recognise(name, options.format)?.format === entry?.metadata.format ? entry : undefined;
  }

  #read(filePath: string, options: OperationOptions): Promise<LoadedEntry> {
    const { operations, store, reader, reads, formats, afterRead } = this.#parts;
    const context = { operationType: PersistenceOperationType.LOAD, filePath, options };
    return operations.query(context, async (operation) => {
      const location = await store.resolve(filePath, operation);
      const codec = formats.require(location.name, options.format);
      const { found, recovered } = await reads.read(location, codec, operation);
      if (found === undefined) throw await reads.withCandidates(notFound(), location, codec, operation);
      const entry = reader.remember(location, found, codec);
      for (const tell of afterRead) tell(location);
      return recovered === undefined ? { entry } : { entry, recovered };
    });
  }
}

function decodingFindings(bytes: Uint8Array, codec: Codec): IntegrityIssue[] {
  let isTextReadable = false;
  try {
    const { text } = decodeBytes(bytes, codec);
    isTextReadable = true;
    codec.decode(text);
    return [];
  } catch (error) {
    if (!(error instanceof PersistenceError)) throw error;
    return [findingOfFailure(error, isTextReadable)];
  }
}

function copyOfMetadata(metadata: ConfigurationMetadata): ConfigurationMetadata {
  return {
    ...metadata,
    ...(metadata.tags === undefined ? {} : { tags: [...metadata.tags] }),
    ...(metadata.customFields === undefined ? {} : { customFields: structuredClone(metadata.customFields) }),
  };
}
