/**
 * Takes contents out of snapshots and puts them in: packing, proof, and what is known of each.
 *
 * Nothing leaves it unproven: a content is what the name or the manifest of its snapshot says, or an error tells which of
 * the two it is not.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationMetadata } from '../../interfaces/results.js';
import type { Codec } from '../codec/Codec.js';
import { codecFor } from '../codec/codecs.js';
import type { ConfigurationReader } from '../engine/ConfigurationReader.js';
import { describeMetadata } from '../engine/configurationMetadata.js';
import { isDecodable } from '../engine/configurationText.js';
import { hasErrorCode, PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { isSystemError } from '../errors/StorageError.js';
import type { ConfigStore, Location, Work } from '../storage/port/ConfigStore.js';
import { checksumOf } from '../storage/local/io/durableFile.js';
import type { RevisionRecord, SaveRecord, UserMetadata } from '../storage/local/journal/JournalRecord.js';
import type {
  DescribedSnapshot,
  Snapshot,
  SnapshotManifest,
  SnapshotPacking,
  SnapshotPlace,
} from '../storage/port/SnapshotStore.js';
import type { KeyRing } from './packing/KeyRing.js';
import { isUnderCurrentKey, pack, unpack } from './packing/packing.js';

const { FILE_SYSTEM, BACKUP_SETTINGS } = CONFIG_PERSISTENCE_CONSTANTS;

export interface VaultParts {
  readonly store: ConfigStore;
  readonly reader: ConfigurationReader;
  readonly keys: KeyRing;
}

/** A content that was taken out, and proven to be what was kept. */
export interface OpenedSnapshot {
  readonly content: Uint8Array;
  readonly checksum: string;
}

export interface UnprovenSnapshot {
  readonly snapshot: Snapshot;
  /** Why it cannot be opened. */
  readonly error: Error;
}

type NamedContent = Pick<Snapshot, 'id' | 'revision' | 'createdAt'>;

/** What a look at those snapshots has come to that nobody had looked at before. */
export interface Proof {
  readonly proven: readonly DescribedSnapshot[];
  readonly unproven: readonly UnprovenSnapshot[];
}

export class SnapshotVault {
  readonly #parts: VaultParts;

  constructor(parts: VaultParts) {
    this.#parts = parts;
  }

  /** Whether new backups are encrypted. */
  get isEncrypting(): boolean {
    return this.#parts.keys.isEncrypting;
  }

  /**
   * @throws PersistenceError `ERR_BACKUP_DAMAGED`, `ERR_BACKUP_MISMATCH`, `ERR_WRONG_KEY`, `ERR_KEY_REQUIRED`,
   *   `ERR_NOT_ENCRYPTED`, `ERR_BACKUP_NOT_FOUND` where its file is gone.
   */
  async open(snapshot: Snapshot, work: Work): Promise<OpenedSnapshot> {
    try {
      return await this.#openFile(snapshot, work);
    } catch (error) {
      if (!hasErrorCode(error, 'ERR_BACKUP_NOT_FOUND')) throw error;
      // It may just have been packed, which gives it another name.
      const again = await this.#parts.store.snapshots.refind(snapshot, work);
      if (again === undefined) throw error;
      return this.#openFile(again, work);
    }
  }

  async #openFile(snapshot: Snapshot, work: Work): Promise<OpenedSnapshot> {
    const { store, keys } = this.#parts;
    const bytes = await store.snapshots.read(snapshot, work);
    const content = await unpack(bytes, snapshot, keys, snapshot.id, BACKUP_SETTINGS.MAX_BACKUP_SIZE_BYTES);
    const checksum = checksumOf(content);
    const manifest = await store.snapshots.manifest(snapshot, work);
    if (checksum === (manifest?.checksum ?? checksum) && checksum.startsWith(snapshot.checksumStart)) {
      return { content, checksum };
    }
    const reason = `its content is not what was kept (${content.length} bytes); another backup may be whole`;
    throw persistenceError('ERR_BACKUP_DAMAGED', reason, { filePath: snapshot.path });
  }

  /** The manifest as it is, or as it would be; undefined for a snapshot that cannot be opened: it never counts as good. */
  async manifestOf(snapshot: Snapshot, place: SnapshotPlace, work: Work): Promise<SnapshotManifest | undefined> {
    const manifest = await this.#parts.store.snapshots.manifest(snapshot, work);
    if (manifest !== undefined) return manifest;
    const opened = await this.openIfGood(snapshot, work);
    return opened === undefined ? undefined : this.describe(snapshot, opened, place, work);
  }

  /** As `open`; undefined for one that is damaged, unreadable, or under a key that is not at hand. */
  async openIfGood(snapshot: Snapshot, work: Work): Promise<OpenedSnapshot | undefined> {
    try {
      return await this.open(snapshot, work);
    } catch (error) {
      work.checkpoint();
      if (isFailureOfOpening(error)) return undefined;
      throw error;
    }
  }

  /** Opens all snapshots that have no manifest yet, and makes one of each that can be proven. Needs no lock. */
  async proveAll(place: SnapshotPlace, work: Work): Promise<Proof> {
    const { snapshots } = this.#parts.store;
    const proven: DescribedSnapshot[] = [];
    const unproven: UnprovenSnapshot[] = [];
    let history: readonly RevisionRecord[] | undefined;
    const all = await snapshots.list(place, work);
    const described = await snapshots.describedIds(place, work);
    for (const snapshot of all) {
      work.checkpoint();
      if (described.has(snapshot.id) && (await snapshots.manifest(snapshot, work)) !== undefined) continue;
      try {
        const opened = await this.open(snapshot, work);
        // Once for all: those that are listed are older than this.
        history ??= await this.#historyOf(place, work);
        proven.push({ snapshot, manifest: this.#describe(snapshot, opened, place, history) });
      } catch (error) {
        work.checkpoint();
        if (!isFailureOfOpening(error)) throw error;
        unproven.push({ snapshot, error });
      }
    }
    return { proven, unproven };
  }

  /**
   * Writes manifests down for those snapshots that are still there. For the holder of the lock: a sweep would take what is
   * being written for a leftover.
   */
  async record(place: SnapshotPlace, proven: readonly DescribedSnapshot[], work: Work): Promise<void> {
    if (proven.length === 0) return;
    const { snapshots } = this.#parts.store;
    const present = new Set((await snapshots.list(place, work)).map(({ id }) => id));
    const staying = proven.filter(({ snapshot }) => present.has(snapshot.id));
    await snapshots.describe(place, staying, work);
  }

  /** The kept content with this checksum; undefined where there is none that can be opened. */
  async contentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined> {
    try {
      return await this.requireContentOf(location, checksum, work);
    } catch (error) {
      work.checkpoint();
      if (isFailureOfOpening(error)) return undefined;
      throw error;
    }
  }

  /** The same; where a content is kept and cannot be opened, the error of opening it says why. */
  async requireContentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined> {
    let failure: Error | undefined;
    for (const snapshot of await this.#withChecksum(location, checksum, work)) {
      try {
        const opened = await this.open(snapshot, work);
        if (opened.checksum === checksum) return opened.content;
      } catch (error) {
        work.checkpoint();
        if (!isFailureOfOpening(error)) throw error;
        // Another snapshot may have the same content.
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }

  async #withChecksum(location: Location, checksum: string, work: Work): Promise<Snapshot[]> {
    const { snapshots } = this.#parts.store;
    const all = await snapshots.list(snapshots.placeOf(location), work);
    return all.filter(({ checksumStart }) => checksum.startsWith(checksumStart));
  }

  /** Starts of the checksums of all kept contents. */
  async keptContents(location: Location, work: Work): Promise<ReadonlySet<string>> {
    const { snapshots } = this.#parts.store;
    const kept = await snapshots.list(snapshots.placeOf(location), work);
    return new Set(kept.map(({ checksumStart }) => checksumStart));
  }

  pack(content: Uint8Array, packing: SnapshotPacking, id: string): Promise<Uint8Array> {
    return pack(content, packing, this.#parts.keys, id);
  }

  /** Whether it is packed as wanted; an encrypted one under another key than the current is not. */
  async isPackedAs(snapshot: Snapshot, packing: SnapshotPacking, work: Work): Promise<boolean> {
    const isSame = snapshot.isCompressed === packing.isCompressed && snapshot.isEncrypted === packing.isEncrypted;
    if (!isSame || !snapshot.isEncrypted) return isSame;
    return isUnderCurrentKey(await this.#parts.store.snapshots.read(snapshot, work), this.#parts.keys);
  }

  /** The manifest of a content that is kept as this snapshot. */
  async describe(
    identity: NamedContent,
    opened: OpenedSnapshot,
    place: SnapshotPlace,
    work: Work,
  ): Promise<SnapshotManifest> {
    return this.#describe(identity, opened, place, await this.#historyOf(place, work));
  }

  /** A burst of saves may have pushed a content out of the history before it was looked at, so all that is recorded. */
  async #historyOf({ location }: SnapshotPlace, work: Work): Promise<readonly RevisionRecord[]> {
    return location === undefined ? [] : this.#parts.store.history(location, work, Infinity);
  }

  #describe(
    { id, revision, createdAt }: NamedContent,
    { content, checksum }: OpenedSnapshot,
    { location }: SnapshotPlace,
    history: readonly RevisionRecord[],
  ): SnapshotManifest {
    const recorded = recordOf(history, revision);
    // After the loss of a journal its numbers start again, and mean other contents.
    const saved = recorded?.record.checksum === checksum ? recorded : undefined;
    const codec = saved === undefined ? this.#codecAt(createdAt, history, location) : codecFor(saved.record.format);
    const facts = {
      checksum,
      fileSize: content.length,
      encoding: FILE_SYSTEM.DEFAULT_ENCODING,
      modifiedAt: saved?.record.time ?? Date.now(),
    };
    const metadata: ConfigurationMetadata | undefined =
      codec === undefined
        ? undefined
        : describeMetadata({ ...facts, format: codec.format }, saved?.record, saved?.userMetadata);
    const { user, description, tags } = saved?.record ?? {};
    return {
      id,
      checksum,
      size: content.length,
      ...(codec === undefined ? {} : { format: codec.format }),
      // What the module saved was proven to decode when it was saved.
      isReadable: saved !== undefined || (codec !== undefined && isDecodable(content, codec)),
      verifiedAt: Date.now(),
      ...(metadata === undefined ? {} : { metadata }),
      ...(user === undefined ? {} : { user }),
      ...(description === undefined ? {} : { description }),
      ...(tags === undefined ? {} : { tags }),
    };
  }

  /** Of a content that no record tells of: as the file was saved before, otherwise as its name tells. */
  #codecAt(createdAt: number, history: readonly RevisionRecord[], location: Location | undefined): Codec | undefined {
    const saves = history.filter((change) => change.record === 'save');
    const before = saves.find(({ time }) => time < createdAt) ?? saves.at(-1);
    if (before !== undefined) return codecFor(before.format);
    return location === undefined ? undefined : this.#parts.reader.findCodec(location.absolute);
  }
}

/** The save that made a version, with the metadata in force when it was replaced. */
function recordOf(
  history: readonly RevisionRecord[],
  revision: number,
): { record: SaveRecord; userMetadata?: UserMetadata } | undefined {
  const index = history.findIndex((change) => change.record === 'save' && change.revision === revision);
  const record = history[index];
  if (record?.record !== 'save') return undefined;
  const userMetadata = metadataInForce(history, index);
  return userMetadata === undefined ? { record } : { record, userMetadata };
}

/** Anything else is a mistake in the program. */
function isFailureOfOpening(error: unknown): error is Error {
  return error instanceof PersistenceError || isSystemError(error);
}

/** What the user had set when the version at `index` was replaced; `history` is newest first. */
function metadataInForce(history: readonly RevisionRecord[], index: number): UserMetadata | undefined {
  const isContent = ({ record }: RevisionRecord): boolean => record === 'save' || record === 'delete';
  const replacedAt = history.findLastIndex((change, position) => position < index && isContent(change));
  for (const change of history.slice(replacedAt + 1)) {
    if (change.record === 'metadata') return change.fields;
    if (change.record === 'delete') return undefined;
  }
  return undefined;
}
