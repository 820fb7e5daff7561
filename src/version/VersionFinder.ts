/** Finds the version that an id names, with its content: the live file's, or one that is kept beside it. */
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../codec/Codec.js';
import type { Formats } from '../codec/Formats.js';
import { decodeBytes } from '../engine/contentText.js';
import type { Operation } from '../engine/Operation.js';
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { RecordedSave } from '../storage/port/RecordedChange.js';
import type { Snapshot } from '../storage/port/Snapshot.js';
import type { Location, Work } from '../storage/port/Work.js';
import { checksumOf } from '../value/checksum.js';

/** Where the contents of old versions come from. */
export interface VersionContents {
  /** The content with this checksum, verified; undefined where it is not kept, or cannot be opened. */
  contentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined>;
  /** The content with this checksum; where it is kept and cannot be opened, the error of opening it says why. */
  requireContentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined>;
  /** All that are kept of a configuration. */
  kept(location: Location, work: Work): Promise<readonly Snapshot[]>;
}

/** A version of the journal with its content. */
export interface FoundVersion {
  readonly location: Location;
  readonly record: RecordedSave;
  readonly content: Uint8Array;
}

export class VersionFinder {
  readonly #store: ConfigStore;
  readonly #contents: VersionContents;

  constructor(store: ConfigStore, contents: VersionContents) {
    this.#store = store;
    this.#contents = contents;
  }

  /**
   * The file that it is a version of becomes the operation's subject.
   *
   * @throws PersistenceError `ERR_VERSION_NOT_FOUND` for an id that names no version, or one whose content is not kept;
   *   where it is kept and cannot be opened, what says why.
   */
  async find(id: string, operation: Operation): Promise<FoundVersion> {
    const { versionIds } = this.#store;
    const reference = versionIds.parse(id);
    const name = reference === undefined ? undefined : await versionIds.nameOf(reference.key, operation);
    if (reference === undefined || name === undefined)
      throw versionNotFound('it is no id that getVersionHistory gives');
    const location = await this.#store.resolve(name, operation);
    operation.setSubject(name);
    const { changes } = await this.#store.history(location, operation);
    const record = changes.find(({ kind, sequence }) => kind === 'save' && sequence === reference.sequence);
    if (record?.kind !== 'save' || !record.checksum.startsWith(reference.checksumStart))
      throw versionNotFound('it is older than the history that is kept, or never was');
    const stored = await this.#store.read(location, operation);
    const content =
      stored.content?.checksum === record.checksum
        ? stored.content.bytes
        : await this.#contents.requireContentOf(location, record.checksum, operation);
    if (content === undefined || checksumOf(content) !== record.checksum)
      throw versionNotFound('its content is not kept any more');
    return { location, record, content };
  }
}

/** The value of a version; its bytes were verified to decode when they were saved. */
export function valueOf({ location, record, content }: FoundVersion, formats: Formats): ConfigurationValue {
  const codec = formats.recorded(record.format, location.name);
  return codec.decode(decodeBytes(content, codec).text, { isOwn: true });
}

/** The value of any bytes; undefined where they are none in this format. */
export function valueIfReadable(bytes: Uint8Array, codec: Codec): ConfigurationValue | undefined {
  try {
    return codec.decode(decodeBytes(bytes, codec).text);
  } catch (error) {
    if (error instanceof PersistenceError) return undefined;
    throw error;
  }
}

function versionNotFound(reason: string): PersistenceError {
  return persistenceError('ERR_VERSION_NOT_FOUND', reason);
}
