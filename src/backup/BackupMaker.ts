/** Makes copies of the present content, packed and described at once: the backups that a user asks for, and versions. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { BackupResult } from '../../interfaces/backups.js';
import type { SaveOptions } from '../../interfaces/options.js';
import { missing } from '../engine/ConfigurationReader.js';
import { resultOf } from '../engine/ContentCommitter.js';
import type { Operation } from '../engine/Operation.js';
import { underLease } from '../engine/underLease.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { ConfigStore, Location, LockLease } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotDraft, SnapshotManifest, SnapshotPlace } from '../storage/port/SnapshotStore.js';
import type { RetentionSettings } from './RetentionSettings.js';
import { strategyNameOf } from './retention/strategies.js';
import type { SnapshotVault } from './SnapshotVault.js';

const { BACKUP_SETTINGS, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface BackupMakerParts {
  readonly store: ConfigStore;
  readonly vault: SnapshotVault;
  readonly retention: () => RetentionSettings;
}

/** A backup that a user asks for. */
export interface BackupRequest {
  readonly location: Location;
  readonly label: string | undefined;
  readonly options: SaveOptions;
  /** Of the file's lock. */
  readonly lease: LockLease;
}

/** A snapshot that only has to be added. */
export interface PreparedSnapshot {
  readonly draft: SnapshotDraft;
  readonly manifest: SnapshotManifest;
  readonly bytes: Uint8Array;
}

export class BackupMaker {
  readonly #parts: BackupMakerParts;

  constructor(parts: BackupMakerParts) {
    this.#parts = parts;
  }

  /**
   * A copy, not a link: an editor may still write to the file that the content is in. For the holder of the lock.
   *
   * @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_FILE_TOO_LARGE`
   */
  async make({ location, label, options, lease }: BackupRequest, operation: Operation): Promise<BackupResult> {
    const { store, vault, retention } = this.#parts;
    const place = store.snapshots.placeOf(location);
    const stored = await store.read(location, operation);
    if (stored.content === undefined) throw missing();
    assertExpected(stored.content.checksum, options);
    const { policy, isCompressing } = retention();
    const { bytes: content, checksum } = stored.content;
    if (content.length > BACKUP_SETTINGS.MAX_BACKUP_SIZE_BYTES) {
      const reason = `${content.length} bytes, at most ${BACKUP_SETTINGS.MAX_BACKUP_SIZE_BYTES} are backed up`;
      throw persistenceError('ERR_FILE_TOO_LARGE', reason);
    }
    const draft = {
      createdAt: await this.#freeTime(place, operation),
      revision: stored.state === 'as-saved' ? (stored.saved?.revision ?? 0) : 0,
      checksum,
      isAutomatic: false,
      role: 'backup' as const,
      ...(label === undefined ? {} : { label }),
      isCompressed: isCompressing,
      isEncrypted: vault.isEncrypting,
    };
    const id = store.snapshots.draftId(place, draft);
    const packed = await vault.pack(content, draft, id);
    const manifest = {
      ...(await vault.describe({ id, ...draft }, { content, checksum }, place, operation)),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.tags === undefined ? {} : { tags: options.tags }),
    };
    const snapshot = await store.snapshots.add(place, draft, packed, manifest, underLease(lease, operation));
    // From the disk, through the packing: what cannot be opened now would not be there when it is needed.
    await this.#proveNew(snapshot, operation);
    const warnings = manifest.isReadable ? [] : [WARNING_MESSAGES.BACKUP_NOT_READABLE];
    return {
      ...resultOf(operation, { warnings }, { checksum, fileSize: content.length }),
      backupId: id,
      backupPath: snapshot.path,
      originalFilePath: location.absolute,
      ...(isCompressing && content.length > 0 ? { compressionRatio: packed.length / content.length } : {}),
      retentionPolicy: {
        ...structuredClone(policy),
        retentionStrategy: strategyNameOf(policy),
        compressionEnabled: isCompressing,
      },
    };
  }

  async #proveNew(snapshot: Snapshot, operation: Operation): Promise<void> {
    const { store, vault } = this.#parts;
    try {
      await vault.open(snapshot, operation);
    } catch (error) {
      await store.snapshots.remove([snapshot], operation);
      throw error;
    }
  }

  /**
   * A copy of the saved content for the history, unless it is kept already: a file that is damaged later must not take
   * the newest version with it. Needs no lock; `add` does. Undefined where there is nothing to keep.
   */
  async draftPresent(
    place: SnapshotPlace,
    location: Location,
    operation: Operation,
  ): Promise<PreparedSnapshot | undefined> {
    const { store, vault, retention } = this.#parts;
    const { state, content: stored, saved } = await store.read(location, operation);
    if (state !== 'as-saved' || stored === undefined || saved === undefined) return undefined;
    const { bytes: content, checksum } = stored;
    const snapshots = await store.snapshots.list(place, operation);
    if (snapshots.some(({ role, checksumStart }) => role !== 'quarantine' && checksum.startsWith(checksumStart))) {
      return undefined;
    }
    const draft: SnapshotDraft = {
      createdAt: await this.#freeTime(place, operation),
      revision: saved.revision,
      checksum,
      isAutomatic: true,
      role: 'version',
      isCompressed: retention().isCompressing,
      isEncrypted: vault.isEncrypting,
    };
    const id = store.snapshots.draftId(place, draft);
    const manifest = await vault.describe({ id, ...draft }, { content, checksum }, place, operation);
    return { draft, manifest, bytes: await vault.pack(content, draft, id) };
  }

  /** The time of a backup is a part of its id, so no two of one configuration have the same. */
  async #freeTime(place: SnapshotPlace, operation: Operation): Promise<number> {
    const taken = new Set((await this.#parts.store.snapshots.list(place, operation)).map(({ createdAt }) => createdAt));
    let time = Date.now();
    while (taken.has(time)) time += 1;
    return time;
  }
}

function assertExpected(checksum: string, { expectedChecksum }: SaveOptions): void {
  if (expectedChecksum === undefined || expectedChecksum === checksum) return;
  throw persistenceError('ERR_CONFLICT', 'the file has another checksum than expected; load it again');
}
