/**
 * Takes contents out of snapshots: unpacks them, verifies them, and tells what is known of each.
 *
 * Nothing leaves it unverified: a content is what the name or the manifest of its snapshot says, or an error tells which
 * of the two it is not.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Formats } from '../codec/Formats.js';
import { hasErrorCode, PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { isSystemError } from '../errors/StorageError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { RecordedChange } from '../storage/port/RecordedChange.js';
import {
  hasContent,
  type DescribedSnapshot,
  type Snapshot,
  type SnapshotManifest,
  type SnapshotPacking,
  type SnapshotSet,
} from '../storage/port/Snapshot.js';
import { assertOngoing, type Guard, type Location, type Work } from '../storage/port/Work.js';
import { checksumOf } from '../value/checksum.js';
import { describeSnapshot, type NamedContent, type OpenedSnapshot } from './describeSnapshot.js';
import type { KeyRing } from '../packing/KeyRing.js';
import { isUnderCurrentKey, pack, unpack } from '../packing/packing.js';

const { BACKUP_SETTINGS } = CONFIG_PERSISTENCE_CONSTANTS;

export interface SnapshotReaderParts {
  readonly store: ConfigStore;
  readonly formats: Formats;
  readonly keys: KeyRing;
}

export interface UnreadableSnapshot {
  readonly snapshot: Snapshot;
  /** Why it cannot be opened. */
  readonly error: Error;
}

/** What a look at those snapshots has come to that nobody had looked at before. */
export interface Verification {
  readonly verified: readonly DescribedSnapshot[];
  readonly unreadable: readonly UnreadableSnapshot[];
}

export class SnapshotReader {
  readonly #parts: SnapshotReaderParts;

  constructor(parts: SnapshotReaderParts) {
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
    return (await this.#openWithManifest(snapshot, work)).opened;
  }

  /** A snapshot's content with its manifest, as it is or as it would be. @throws as `open`. */
  async openDescribed(
    snapshot: Snapshot,
    set: SnapshotSet,
    work: Work,
  ): Promise<{ readonly opened: OpenedSnapshot; readonly manifest: SnapshotManifest }> {
    const { opened, manifest } = await this.#openWithManifest(snapshot, work);
    return { opened, manifest: manifest ?? (await this.describe(snapshot, opened, set, work)) };
  }

  /** The manifest as it is, or as it would be; undefined for a snapshot that cannot be opened: it never counts as good. */
  async manifestOf(snapshot: Snapshot, set: SnapshotSet, work: Work): Promise<SnapshotManifest | undefined> {
    const manifest = await this.#parts.store.snapshots.manifest(snapshot, work);
    if (manifest !== undefined) return manifest;
    const opened = await this.openIfGood(snapshot, work);
    return opened === undefined ? undefined : this.describe(snapshot, opened, set, work);
  }

  /** The content, or undefined for a snapshot that is damaged, unreadable, or under a key that is not at hand. */
  async openIfGood(snapshot: Snapshot, work: Work): Promise<OpenedSnapshot | undefined> {
    return ifOpened(() => this.open(snapshot, work), work);
  }

  /** Opens all snapshots that have no manifest yet, and makes one of each that can be verified. Needs no lock. */
  async verifyAll(set: SnapshotSet, work: Work): Promise<Verification> {
    const { snapshots } = this.#parts.store;
    const verified: DescribedSnapshot[] = [];
    const unreadable: UnreadableSnapshot[] = [];
    let history: readonly RecordedChange[] | undefined;
    const all = await snapshots.list(set, work);
    const described = await snapshots.describedIds(set, work);
    for (const snapshot of all) {
      assertOngoing(work);
      if (described.has(snapshot.id) && (await snapshots.manifest(snapshot, work)) !== undefined) continue;
      try {
        const opened = await this.open(snapshot, work);
        // Once for all: those that are listed are older than this.
        history ??= await this.#historyOf(set, work);
        verified.push({ snapshot, manifest: this.#describe(snapshot, opened, set, history) });
      } catch (error) {
        assertOngoing(work);
        if (!isFailureOfOpening(error)) throw error;
        unreadable.push({ snapshot, error });
      }
    }
    return { verified, unreadable };
  }

  /**
   * Writes manifests down for those snapshots that are still there. For the holder of the lock: a sweep would take what is
   * being written for a leftover.
   */
  async record(set: SnapshotSet, verified: readonly DescribedSnapshot[], guard: Guard, work: Work): Promise<void> {
    if (verified.length === 0) return;
    const { snapshots } = this.#parts.store;
    const present = new Set((await snapshots.list(set, work)).map(({ id }) => id));
    const staying = verified.filter(({ snapshot }) => present.has(snapshot.id));
    await snapshots.describe(set, staying, guard, work);
  }

  /** The kept content with this checksum; undefined where there is none that can be opened. */
  contentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined> {
    return ifOpened(() => this.requireContentOf(location, checksum, work), work);
  }

  /** The kept content with this checksum; where one is kept and cannot be opened, the error of opening it says why. */
  async requireContentOf(location: Location, checksum: string, work: Work): Promise<Uint8Array | undefined> {
    const { snapshots } = this.#parts.store;
    let failure: Error | undefined;
    for (const snapshot of await snapshots.list(snapshots.setOf(location), work)) {
      if (!hasContent(snapshot, checksum)) continue;
      try {
        const opened = await this.open(snapshot, work);
        if (opened.checksum === checksum) return opened.content;
      } catch (error) {
        assertOngoing(work);
        if (!isFailureOfOpening(error)) throw error;
        // Another snapshot may have the same content.
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
    return undefined;
  }

  /** All that are kept of a configuration. */
  kept(location: Location, work: Work): Promise<readonly Snapshot[]> {
    const { snapshots } = this.#parts.store;
    return snapshots.list(snapshots.setOf(location), work);
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
    set: SnapshotSet,
    work: Work,
  ): Promise<SnapshotManifest> {
    return this.#describe(identity, opened, set, await this.#historyOf(set, work));
  }

  #describe(
    identity: NamedContent,
    opened: OpenedSnapshot,
    { location }: SnapshotSet,
    history: readonly RecordedChange[],
  ): SnapshotManifest {
    return describeSnapshot(identity, opened, { history, name: location?.name, formats: this.#parts.formats });
  }

  /** A burst of saves may have pushed a content out of the history before it was looked at, so all that is recorded. */
  async #historyOf({ location }: SnapshotSet, work: Work): Promise<readonly RecordedChange[]> {
    return location === undefined ? [] : (await this.#parts.store.history(location, work, Infinity)).changes;
  }

  async #openWithManifest(
    snapshot: Snapshot,
    work: Work,
  ): Promise<{ readonly opened: OpenedSnapshot; readonly manifest: SnapshotManifest | undefined }> {
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

  async #openFile(
    snapshot: Snapshot,
    work: Work,
  ): Promise<{ readonly opened: OpenedSnapshot; readonly manifest: SnapshotManifest | undefined }> {
    const { store, keys } = this.#parts;
    const bytes = await store.snapshots.read(snapshot, work);
    const content = await unpack(bytes, snapshot, keys, snapshot.id, BACKUP_SETTINGS.MAX_BACKUP_SIZE_BYTES);
    const checksum = checksumOf(content);
    const manifest = await store.snapshots.manifest(snapshot, work);
    if (checksum === (manifest?.checksum ?? checksum) && hasContent(snapshot, checksum)) {
      return { opened: { content, checksum }, manifest };
    }
    const reason = `its content is not what was kept (${content.length} bytes); another backup may be whole`;
    throw persistenceError('ERR_BACKUP_DAMAGED', reason, { filePath: snapshot.path });
  }
}

async function ifOpened<T>(open: () => Promise<T>, work: Work): Promise<T | undefined> {
  try {
    return await open();
  } catch (error) {
    assertOngoing(work);
    if (isFailureOfOpening(error)) return undefined;
    throw error;
  }
}

/** Anything else is a mistake in the program. */
function isFailureOfOpening(error: unknown): error is Error {
  return error instanceof PersistenceError || isSystemError(error);
}
