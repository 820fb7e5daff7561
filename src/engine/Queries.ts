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
import { storageError } from '../errors/StorageError.js';
import { notFound } from '../storage/port/conditions.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Location } from '../storage/port/Work.js';
import type { FileExpectations } from '../schema/FileExpectations.js';
import { findingsOf } from '../schema/SchemaCheck.js';
import { entryOf, type ConfigurationReader } from './ConfigurationReader.js';
import { assertWithoutNul, decodeEncoding } from './contentText.js';
import { findingOfFailure, findingsOfState } from './integrityFindings.js';
import type { Migrations } from './Migrations.js';
import { fitting, type NewValues } from './NewValues.js';
import type { Operation } from './Operation.js';
import type { Operations } from './Operations.js';
import { withCallbacks } from './withCallbacks.js';
import type { RecoveringReads } from './RecoveringReads.js';

/** Told how the cache is used: what it answers is no operation, because that would cost more than the answer. */
export interface CacheUse {
  readonly onHit: (filePath: string, durationMs: number) => void;
  readonly onMiss: () => void;
}

/** What stands at a path now, found without changing anything. */
export interface Peek {
  readonly location: Location;
  /** Absent where there is no file, or it cannot be read. */
  readonly entry?: CachedConfiguration;
  /** Why it cannot be read. */
  readonly error?: PersistenceError;
}

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
  readonly values: NewValues;
  readonly migrations: Migrations;
  /** Told after each load that was not answered from the cache. */
  readonly afterRead: readonly ((location: Location) => void)[];
  readonly cacheUse: CacheUse;
}

export class Queries {
  readonly #parts: QueriesParts;

  constructor(parts: QueriesParts) {
    this.#parts = parts;
  }

  /**
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`; `ERR_PARSE` for a file that the module never saved; `ERR_INTEGRITY` for
   *   one that it saved and that cannot be read any more; of one that is older than the newest version, and of a schema
   *   that fails, what is wrong with that.
   */
  async load(filePath: string, options: LoadOptions): Promise<ConfigurationData> {
    const startedMs = performance.now();
    const known = await this.#known(filePath, options);
    const isJudged = known !== undefined && !this.#isToJudge(known);
    const { entry, recovered } = isJudged
      ? this.#answer(known, filePath, startedMs)
      : await this.#read(filePath, options, true);
    const issues = [...entry.issues, ...(entry.judged?.issues ?? [])];
    const findings = [...(recovered === undefined ? [] : [recovered]), ...issues, ...(entry.judged?.notes ?? [])];
    return {
      data: handOut(entry, options.copy ?? 'view'),
      metadata: copyOfMetadata(entry.metadata),
      checksum: entry.metadata.checksum,
      filePath,
      loadTimestamp: Date.now(),
      isValid: issues.length === 0,
      ...(findings.length === 0 ? {} : { validationResults: findings.map((issue) => ({ ...issue })) }),
    };
  }

  /**
   * What a load would find, without bringing back, migrating, counting or recording anything.
   *
   * @throws PersistenceError for a path that must not be touched, or that names no format.
   */
  peek(filePath: string): Promise<Peek> {
    const { operations, store, formats } = this.#parts;
    const context = {
      operationType: PersistenceOperationType.LOAD,
      filePath,
      options: {},
      origin: 'upkeep' as const,
      isRecorded: false,
    };
    return operations.query(context, async (operation) => {
      const location = await store.resolve(filePath, operation);
      const codec = formats.require(location.name, undefined);
      try {
        return { location, ...(await this.#peekAt(location, codec, operation)) };
      } catch (error) {
        // While a file is unreadable that is a state of it, and no failure of whoever looks.
        return { location, error: troubleOf(error, filePath) };
      }
    });
  }

  /** About the file, whatever is expected of its content. */
  async metadata(filePath: string, options: OperationOptions): Promise<ConfigurationMetadata> {
    const startedMs = performance.now();
    const known = await this.#known(filePath, options);
    const { entry } =
      known === undefined ? await this.#read(filePath, options, false) : this.#answer(known, filePath, startedMs);
    return copyOfMetadata(entry.metadata);
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

  async #known(filePath: string, options: OperationOptions): Promise<CachedConfiguration | undefined> {
    if (options.signal?.aborted === true) return undefined;
    const { store, reader, formats } = this.#parts;
    const name = store.nameOf(filePath);
    const entry = await reader.known(name);
    return formats.recognise(name, options.format)?.format === entry?.metadata.format ? entry : undefined;
  }

  #answer(entry: CachedConfiguration, filePath: string, startedMs: number): LoadedEntry {
    this.#parts.cacheUse.onHit(filePath, performance.now() - startedMs);
    return { entry };
  }

  #read(filePath: string, options: OperationOptions, isForLoad: boolean): Promise<LoadedEntry> {
    const { operations, store, reader, reads, formats, afterRead, cacheUse } = this.#parts;
    cacheUse.onMiss();
    const context = { operationType: PersistenceOperationType.LOAD, filePath, options };
    return operations.query(context, async (operation) => {
      const location = await store.resolve(filePath, operation);
      const codec = formats.require(location.name, options.format);
      const { found, recovered } = await reads.read(location, codec, operation);
      if (found === undefined) throw await reads.withCandidates(notFound(), location, codec, operation);
      const read = entryOf(location, found, codec);
      const entry = isForLoad ? await this.#judged(read, codec, operation) : read;
      reader.remember(entry);
      for (const tell of afterRead) tell(location);
      return recovered === undefined ? { entry } : { entry, recovered };
    });
  }

  async #peekAt(location: Location, codec: Codec, operation: Operation): Promise<Pick<Peek, 'entry'>> {
    const { reader, values } = this.#parts;
    const known = await reader.known(location.name);
    if (known !== undefined && !this.#isToJudge(known)) return { entry: known };
    const found = await reader.read(location, codec, operation);
    if (found === undefined) return {};
    const entry = entryOf(location, found, codec);
    const expected = values.expectedOf(location.name);
    if (expected?.isOutdated(entry.value) !== true) {
      const judged = expected === undefined ? entry : await judgedBy(expected, entry, operation);
      reader.remember(judged);
      return { entry: judged };
    }
    const { value } = await values.acceptForeign(entry.value, location, codec, operation);
    return { entry: { ...entry, judged: fitting(expected, value) } };
  }

  #isToJudge({ judged, location }: CachedConfiguration): boolean {
    return judged === undefined && this.#parts.values.expectedOf(location.name) !== undefined;
  }

  /** What was read, held against what is expected of its file; a file of an older version is migrated first. */
  async #judged(read: CachedConfiguration, codec: Codec, operation: Operation): Promise<CachedConfiguration> {
    const expected = this.#parts.values.expectedOf(read.location.name);
    if (expected === undefined) return read;
    let entry = read;
    while (entry.judged === undefined && expected.isOutdated(entry.value)) {
      entry = await this.#parts.migrations.forLoad(entry, codec, operation);
    }
    return entry.judged === undefined ? judgedBy(expected, entry, operation) : entry;
  }
}

async function judgedBy(
  expected: FileExpectations,
  entry: CachedConfiguration,
  operation: Operation,
): Promise<CachedConfiguration> {
  const { value, location } = entry;
  const verdict = await withCallbacks(operation, location, (run) => expected.judge(value, run));
  return {
    ...entry,
    judged: { ...fitting(expected, value), issues: verdict === undefined ? [] : findingsOf(verdict) },
  };
}

/** @throws what is neither ours nor the system's. */
function troubleOf(error: unknown, filePath: string): PersistenceError {
  const trouble = storageError(error, { filePath });
  if (trouble instanceof PersistenceError) return trouble;
  throw trouble;
}

function decodingFindings(bytes: Uint8Array, codec: Codec): IntegrityIssue[] {
  let isTextReadable = false;
  try {
    const { text } = decodeEncoding(bytes, codec);
    isTextReadable = true;
    assertWithoutNul(text);
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
