/**
 * From what the store holds to values: reads, decodes, and keeps what it has found. Takes no lock: the store's reads are
 * whole by themselves, and a reader never waits for a writer.
 */
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { CachedConfiguration, ConfigurationCache } from '../cache/ConfigurationCache.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigStore, StoredConfiguration } from '../storage/port/ConfigStore.js';
import type { RecordedSave } from '../storage/port/RecordedChange.js';
import type { Location } from '../storage/port/Work.js';
import { decodeBytes, isDecodable, type DecodedText } from './contentText.js';
import { findingsOfState, isEmptied } from './integrityFindings.js';
import { describeMetadata } from './metadata.js';
import type { Operation } from './Operation.js';

const { ERROR_MESSAGES, INTEGRITY_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS;

/** A content and the value in it. */
export interface ReadConfiguration {
  readonly stored: StoredConfiguration;
  readonly content: NonNullable<StoredConfiguration['content']>;
  readonly text: DecodedText;
  readonly value: ConfigurationValue;
}

/** What stands in the place of a new content. */
export interface PresentConfiguration {
  readonly stored: StoredConfiguration;
  /** Undefined where it is nothing of this format. */
  readonly found: ReadConfiguration | undefined;
}

export interface ReaderParts {
  readonly store: ConfigStore;
  readonly cache: ConfigurationCache;
  readonly formats: Formats;
}

export class ConfigurationReader {
  readonly #store: ConfigStore;
  readonly #cache: ConfigurationCache;
  readonly #formats: Formats;

  constructor({ store, cache, formats }: ReaderParts) {
    this.#store = store;
    this.#cache = cache;
    this.#formats = formats;
  }

  /**
   * The content of a location with its value, from the disk; undefined where there is no file.
   *
   * @throws PersistenceError `ERR_PARSE` for a file that the module never saved; `ERR_INTEGRITY` for one that it saved and
   *   that cannot be read any more.
   */
  async read(location: Location, codec: Codec, operation: Operation): Promise<ReadConfiguration | undefined> {
    return this.#decoded(location, await this.#store.read(location, operation), codec);
  }

  /**
   * What is going to be replaced: a state that cannot be told, or read in this format, is no reason not to replace it.
   *
   * @returns undefined where there is no file, or none that can be read.
   */
  async readPresent(location: Location, codec: Codec, operation: Operation): Promise<PresentConfiguration | undefined> {
    try {
      if (!(await this.#store.has(location, operation))) return undefined;
      const stored = await this.#store.read(location, operation);
      const { state, saved } = stored;
      const isOtherFormat = state === 'as-saved' && saved?.format !== codec.format;
      return { stored, found: isOtherFormat ? undefined : this.#decodedIfReadable(location, stored, codec) };
    } catch {
      operation.checkpoint();
      return undefined;
    }
  }

  #decodedIfReadable(location: Location, stored: StoredConfiguration, codec: Codec): ReadConfiguration | undefined {
    try {
      return this.#decoded(location, stored, codec);
    } catch {
      return undefined;
    }
  }

  #decoded(location: Location, stored: StoredConfiguration, codec: Codec): ReadConfiguration | undefined {
    const { content } = stored;
    if (content === undefined) return undefined;
    try {
      const text = decodeBytes(content.bytes, codec);
      if (isEmptied(stored)) throw persistenceError('ERR_PARSE', INTEGRITY_FINDINGS.EMPTIED);
      const known = this.#cache.get(location.name);
      const isKnown = known?.metadata.checksum === content.checksum && known.metadata.format === codec.format;
      // Saved in this format, and unchanged since by its checksum.
      const isOwn = stored.state === 'as-saved' && stored.saved?.format === codec.format;
      return { stored, content, text, value: isKnown ? known.value : codec.decode(text.text, { isOwn }) };
    } catch (error) {
      throw asIntegrityError(error, stored, codec);
    }
  }

  /** What is known of a configuration without reading it; undefined where that is not the newest state (any more). */
  async known(name: string): Promise<CachedConfiguration | undefined> {
    const entry = this.#cache.get(name);
    if (entry === undefined) return undefined;
    try {
      return (await this.#store.isCurrent(entry.location, entry.etag)) ? entry : undefined;
    } catch {
      // What cannot be looked at counts as changed: the load that follows then says why.
      return undefined;
    }
  }

  /** Keeps what a read has found, for later loads. */
  remember(entry: CachedConfiguration): void {
    this.#cache.set(entry.location.name, entry);
  }

  /** Whether the file is one that can be loaded, or was removed through the module. */
  async isHealthy(location: Location, operation: Operation, codec?: Codec): Promise<boolean> {
    if ((await this.known(location.name)) !== undefined) return true;
    const stored = await this.#store.read(location, operation);
    const { state, saved, content, revision } = stored;
    if (content === undefined) return saved === undefined && revision > 0;
    const recorded = saved === undefined ? undefined : this.#formats.recorded(saved.format, location.name);
    const known = codec ?? recorded ?? this.#formats.recognise(location.name);
    return state === 'as-saved' || known === undefined || (!isEmptied(stored) && isDecodable(content.bytes, known));
  }
}

/** What a load gives for a content that was read. */
export function entryOf(
  location: Location,
  { stored, content, text, value }: ReadConfiguration,
  codec: Codec,
): CachedConfiguration {
  const facts = {
    checksum: content.checksum,
    fileSize: content.bytes.length,
    encoding: text.encoding,
    format: codec.format,
    owner: codec.owner,
    modifiedAt: content.modifiedAt,
  };
  return {
    location,
    value,
    metadata: describeMetadata(facts, stored.saved, stored.userMetadata),
    issues: findingsOfState(stored),
    etag: stored.etag,
    ...(stored.state === 'as-saved' && stored.saved !== undefined ? { save: saveOf(stored.saved) } : {}),
  };
}

/** What a load keeps of the save that its content comes from. */
export function saveOf({ sequence, user }: RecordedSave): NonNullable<CachedConfiguration['save']> {
  return { sequence, ...(user === undefined ? {} : { user }) };
}

/** The error of a file that was saved, and cannot be read any more. */
export function integrityError(cause: PersistenceError): PersistenceError {
  const reason = `${cause.message}. ${ERROR_MESSAGES.RESTORE_ADVICE}`;
  return persistenceError('ERR_INTEGRITY', reason, { cause, paths: cause.paths });
}

/**
 * A file that was saved readable and is not readable now has been damaged; any other is simply not readable, and so is one
 * that is read in another format than it was saved in.
 */
function asIntegrityError(error: unknown, { state, saved }: StoredConfiguration, codec: Codec): unknown {
  const isDamaged = (state === 'changed-outside' && saved?.format === codec.format) || state === 'records-damaged';
  return isDamaged && error instanceof PersistenceError ? integrityError(error) : error;
}
