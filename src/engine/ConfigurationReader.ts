/**
 * Loads and verifies. Takes no lock: the store's reads are whole by themselves, and a reader never waits for a writer.
 */
import { resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IntegrityIssueType, PersistenceOperationType, type ConfigurationFormat } from '../../interfaces/enums.js';
import type { LoadOptions, OperationOptions } from '../../interfaces/options.js';
import type {
  ConfigurationData,
  ConfigurationMetadata,
  IntegrityIssue,
  IntegrityResult,
} from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { handOut, type CachedConfiguration, type ConfigurationCache } from '../cache/ConfigurationCache.js';
import type { Codec } from '../codec/Codec.js';
import { codecFor, formatOfExtension } from '../codec/codecs.js';
import { hasErrorCode, PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { storageError } from '../errors/StorageError.js';
import type { ConfigStore, Location, LockLease, StoredConfiguration } from '../storage/port/ConfigStore.js';
import { describeMetadata } from './configurationMetadata.js';
import { decodeBytes, isDecodable, type DecodedText } from './configurationText.js';
import type { DamageHandler } from './DamageHandler.js';
import { findingOfFailure, findingsOfState } from './integrityFindings.js';
import type { Operation } from './Operation.js';
import type { OperationRunner } from './OperationRunner.js';

const { ERROR_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** A content and the value in it. */
export interface ReadConfiguration {
  readonly stored: StoredConfiguration;
  readonly content: NonNullable<StoredConfiguration['content']>;
  readonly text: DecodedText;
  readonly value: ConfigurationValue;
}

/** A content that was read, and what was done before to make that possible. */
export interface RecoveredConfiguration {
  /** Undefined where there is no file. */
  readonly found: ReadConfiguration | undefined;
  readonly recovered?: IntegrityIssue;
}

interface LoadedEntry {
  readonly entry: CachedConfiguration;
  readonly recovered?: IntegrityIssue;
}

export interface ReaderParts {
  readonly store: ConfigStore;
  readonly cache: ConfigurationCache;
  readonly runner: OperationRunner;
  readonly supportedFormats: readonly ConfigurationFormat[];
  /** Asked when a file is damaged or gone. */
  readonly damage: DamageHandler;
  /** Told after each load that was not answered from the cache. */
  readonly onRead: (location: Location) => void;
}

export class ConfigurationReader {
  readonly #store: ConfigStore;
  readonly #cache: ConfigurationCache;
  readonly #runner: OperationRunner;
  readonly #supportedFormats: readonly ConfigurationFormat[];
  readonly #damage: DamageHandler;
  readonly #onRead: (location: Location) => void;

  constructor(parts: ReaderParts) {
    this.#store = parts.store;
    this.#cache = parts.cache;
    this.#runner = parts.runner;
    this.#supportedFormats = parts.supportedFormats;
    this.#damage = parts.damage;
    this.#onRead = parts.onRead;
  }

  /**
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`; `ERR_PARSE` for a file that the module never saved; `ERR_INTEGRITY` for
   *   one that it saved and that cannot be read any more.
   */
  async load(filePath: string, options: LoadOptions): Promise<ConfigurationData> {
    const cached = this.#cached(filePath, options);
    const { entry, recovered } = cached === undefined ? await this.#loadFresh(filePath, options) : { entry: cached };
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
    const cached = this.#cached(filePath, options);
    return copyOfMetadata((cached ?? (await this.#loadFresh(filePath, options)).entry).metadata);
  }

  /** Always from the disk, never from the cache. Reports what is wrong; throws only where there is no file to judge. */
  verify(filePath: string, options: OperationOptions): Promise<IntegrityResult> {
    const context = { operationType: PersistenceOperationType.VERIFY, filePath, options };
    return this.#runner.run(context, async (operation) => {
      const location = await this.#store.locate(filePath, operation);
      const codec = this.codecOf(location.absolute, options);
      const stored = await operation.withPlace(() => this.#store.read(location, operation));
      const { content, saved } = stored;
      if (content === undefined) throw missing();
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

  /** The content of a location with its value, from the disk. @throws as `load`; undefined where there is no file. */
  async read(location: Location, codec: Codec, operation: Operation): Promise<ReadConfiguration | undefined> {
    const stored = await operation.withPlace(() => this.#store.read(location, operation));
    const { content } = stored;
    if (content === undefined) return undefined;
    try {
      const text = decodeBytes(content.bytes, codec);
      const known = this.#cache.get(location.absolute);
      const isKnown = known?.metadata.checksum === content.checksum && known.metadata.format === codec.format;
      // Saved in this format, and unchanged since by its checksum.
      const isOwn = stored.state === 'as-saved' && stored.saved?.format === codec.format;
      return { stored, content, text, value: isKnown ? known.value : codec.decode(text.text, { isOwn }) };
    } catch (error) {
      throw asIntegrityError(error, stored, codec);
    }
  }

  /**
   * As `read`, after bringing a damaged file back where the options allow that. The error of one that stays damaged names
   * the backups that would do.
   */
  async readOrRecover(
    location: Location,
    codec: Codec,
    operation: Operation,
    lease?: LockLease,
  ): Promise<RecoveredConfiguration> {
    try {
      return { found: await this.read(location, codec, operation) };
    } catch (error) {
      const damage = await this.#asDamage(error, location, operation);
      let failure: unknown;
      try {
        const recovered = await this.#damage.recover(location, codec, operation, lease);
        if (recovered !== undefined) return { found: await this.read(location, codec, operation), recovered };
      } catch (error) {
        operation.checkpoint();
        failure = error;
      }
      // Somebody may have repaired it at the same moment.
      if (hasErrorCode(failure, 'ERR_CONFLICT')) return { found: await this.read(location, codec, operation) };
      const told = failure instanceof Error ? notRecovered(damage, failure) : damage;
      throw await this.#withRemedies(told, location, codec, operation);
    }
  }

  /** The error of a file that was damaged. @throws the failure itself where it was not. */
  async #asDamage(failure: unknown, location: Location, operation: Operation): Promise<PersistenceError> {
    if (hasErrorCode(failure, 'ERR_INTEGRITY')) return failure;
    const isUnreadable = hasErrorCode(failure, 'ERR_PARSE') || hasErrorCode(failure, 'ERR_INVALID_CONFIGURATION_DATA');
    if (isUnreadable && (await this.#damage.wasSaved(location, operation))) return integrityError(failure);
    throw failure;
  }

  /** Whether the file is one that can be loaded, or was removed through the module. */
  async isHealthy(location: Location, operation: Operation, known?: Codec): Promise<boolean> {
    const cached = this.#cache.get(location.absolute);
    if (cached !== undefined && this.#isCurrent(location.absolute, cached)) return true;
    const { state, saved, content, revision } = await this.#store.read(location, operation);
    if (content === undefined) return saved === undefined && revision > 0;
    const recorded = saved === undefined ? undefined : codecFor(saved.format);
    const codec = known ?? recorded ?? this.findCodec(location.absolute);
    return state === 'as-saved' || codec === undefined || isDecodable(content.bytes, codec);
  }

  /** Keeps what a read or a save found, for later loads. */
  remember(location: Location, entry: CachedConfiguration): void {
    this.#cache.set(location.absolute, entry);
  }

  /** @throws PersistenceError `ERR_UNSUPPORTED_FORMAT` where neither option nor extension names an enabled format. */
  codecOf(path: string, options: OperationOptions): Codec {
    const format = options.format ?? formatOfExtension(path);
    if (format === undefined) {
      const reason = 'the extension names no format; use a known one or give the format option';
      throw persistenceError('ERR_UNSUPPORTED_FORMAT', reason);
    }
    const codec = codecFor(format);
    if (this.#supportedFormats.includes(codec.format)) return codec;
    throw persistenceError('ERR_UNSUPPORTED_FORMAT', `${codec.format} is switched off by supportedFormats`);
  }

  /** As `codecOf`; undefined instead of an error. */
  findCodec(path: string, options: OperationOptions = {}): Codec | undefined {
    const format = options.format ?? formatOfExtension(path);
    return format === undefined ? undefined : codecFor(format);
  }

  #cached(filePath: string, options: OperationOptions): CachedConfiguration | undefined {
    const path = resolve(filePath);
    const entry = this.#cache.get(path);
    if (entry === undefined || options.signal?.aborted === true) return undefined;
    const isOfFormat = (options.format ?? formatOfExtension(path)) === entry.metadata.format;
    return isOfFormat && this.#isCurrent(path, entry) ? entry : undefined;
  }

  /** What cannot be looked at counts as changed: the load that follows then says why. */
  #isCurrent(path: string, entry: CachedConfiguration): boolean {
    try {
      return this.#store.isCurrent(path, entry.stamp);
    } catch {
      return false;
    }
  }

  #loadFresh(filePath: string, options: OperationOptions): Promise<LoadedEntry> {
    const context = { operationType: PersistenceOperationType.LOAD, filePath, options };
    return this.#runner.run(context, async (operation) => {
      const location = await this.#store.locate(filePath, operation);
      const codec = this.codecOf(location.absolute, options);
      const { found, recovered } = await this.readOrRecover(location, codec, operation);
      if (found === undefined) throw await this.#withRemedies(missing(), location, codec, operation);
      const entry = entryOf(found, codec);
      this.remember(location, entry);
      this.#onRead(location);
      return recovered === undefined ? { entry } : { entry, recovered };
    });
  }

  async #withRemedies(
    error: PersistenceError,
    location: Location,
    codec: Codec,
    operation: Operation,
  ): Promise<PersistenceError> {
    const remedies = await this.#damage.remedies(location, codec, operation);
    if (remedies !== '') error.message = `${error.message}. ${remedies}`;
    return error;
  }
}

/** The error for a configuration that is not there. */
export function missing(): PersistenceError {
  return persistenceError('ERR_FILE_NOT_FOUND', 'no file stands at this path; save one first');
}

/** What a load gives for a content that was read. */
export function entryOf({ stored, content, text, value }: ReadConfiguration, codec: Codec): CachedConfiguration {
  const facts = {
    checksum: content.checksum,
    fileSize: content.bytes.length,
    encoding: text.encoding,
    format: codec.format,
    modifiedAt: content.modifiedAt,
  };
  return {
    value,
    metadata: describeMetadata(facts, stored.saved, stored.userMetadata),
    issues: findingsOfState(stored),
    stamp: stored.stamp,
  };
}

function decodingFindings(bytes: Uint8Array, codec: Codec): ReturnType<typeof findingsOfState> {
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

/**
 * A file that was saved readable and is not readable now has been damaged; any other is simply not readable, and so is one
 * that is read in another format than it was saved in.
 */
function asIntegrityError(error: unknown, { state, saved }: StoredConfiguration, codec: Codec): unknown {
  const isDamaged = (state === 'changed-outside' && saved?.format === codec.format) || state === 'records-damaged';
  return isDamaged && error instanceof PersistenceError ? integrityError(error) : error;
}

/** Why it is damaged is told, and why it could not be brought back. */
function notRecovered(damage: PersistenceError, failure: Error): PersistenceError {
  const cause = storageError(failure, {});
  const why = cause instanceof PersistenceError ? cause.message : cause.name;
  const message = `${damage.message}. ${ERROR_MESSAGES.NOT_RECOVERED}: ${why}`;
  return new PersistenceError(damage.code, message, { paths: damage.paths, cause });
}

function integrityError(cause: PersistenceError): PersistenceError {
  const reason = `${cause.message}. ${ERROR_MESSAGES.RESTORE_ADVICE}`;
  return persistenceError('ERR_INTEGRITY', reason, { cause, paths: cause.paths });
}

function copyOfMetadata(metadata: ConfigurationMetadata): ConfigurationMetadata {
  return {
    ...metadata,
    ...(metadata.tags === undefined ? {} : { tags: [...metadata.tags] }),
    ...(metadata.customFields === undefined ? {} : { customFields: structuredClone(metadata.customFields) }),
  };
}
