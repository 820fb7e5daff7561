/** Makes copies of the present content, packed and described at once: the backups that a user asks for, and versions. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { BackupResult } from '../../interfaces/backups.js';
import type { SaveOptions } from '../../interfaces/options.js';
import type { Clock } from '../engine/Clock.js';
import { resultOf } from '../engine/ContentCommitter.js';
import type { Operation } from '../engine/Operation.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { assertExpectedChecksum, notFound } from '../storage/port/conditions.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import { hasContent, type SnapshotDraft, type SnapshotManifest, type SnapshotSet } from '../storage/port/Snapshot.js';
import type { Guard, Location } from '../storage/port/Work.js';
import { strategyNameOf } from './retention/strategies.js';
import type { RetentionSettings } from './RetentionSettings.js';
import type { SnapshotReader } from './SnapshotReader.js';

const { BACKUP_SETTINGS, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface BackupMakerParts {
  readonly store: ConfigStore;
  readonly snapshots: SnapshotReader;
  readonly clock: Clock;
  readonly retention: () => RetentionSettings;
}

/** A backup that a user asks for. */
export interface BackupRequest {
  readonly location: Location;
  readonly label: string | undefined;
  readonly options: SaveOptions;
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
  async make({ location, label, options }: BackupRequest, guard: Guard, operation: Operation): Promise<BackupResult> {
    const { store, snapshots, retention } = this.#parts;
    const set = store.snapshots.setOf(location);
    const stored = await store.read(location, operation);
    if (stored.content === undefined) throw notFound();
    assertExpectedChecksum(options.expectedChecksum, stored.content.checksum);
    const { policy, isCompressing } = retention();
    const { bytes: content, checksum } = stored.content;
    if (content.length > BACKUP_SETTINGS.MAX_BACKUP_SIZE_BYTES) {
      const reason = `${content.length} bytes, at most ${BACKUP_SETTINGS.MAX_BACKUP_SIZE_BYTES} are backed up`;
      throw persistenceError('ERR_FILE_TOO_LARGE', reason);
    }
    const draft = {
      createdAt: await this.#freeTime(set, operation),
      sequence: stored.state === 'as-saved' ? (stored.saved?.sequence ?? 0) : 0,
      checksum,
      isAutomatic: false,
      role: 'backup' as const,
      ...(label === undefined ? {} : { label }),
      isCompressed: isCompressing,
      isEncrypted: snapshots.isEncrypting,
    };
    const id = store.snapshots.draftId(set, draft);
    const packed = await snapshots.pack(content, draft, id);
    const manifest = {
      ...(await snapshots.describe({ id, ...draft }, { content, checksum }, set, operation)),
      ...(options.user === undefined ? {} : { user: options.user }),
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.tags === undefined ? {} : { tags: options.tags }),
    };
    const snapshot = await store.snapshots.add(set, { draft, bytes: packed, manifest }, guard, operation);
    try {
      // From the disk, through the packing: what cannot be opened now would not be there when it is needed.
      await snapshots.open(snapshot, operation);
    } catch (error) {
      await store.snapshots.remove([snapshot], guard, operation);
      throw error;
    }
    const warnings = manifest.isReadable ? [] : [WARNING_MESSAGES.BACKUP_NOT_READABLE];
    return {
      ...resultOf(operation, { warnings }, { checksum, fileSize: content.length }),
      backupId: id,
      backupPath: snapshot.path,
      originalFilePath: location.name,
      ...(isCompressing && content.length > 0 ? { compressionRatio: packed.length / content.length } : {}),
      retentionPolicy: {
        ...structuredClone(policy),
        retentionStrategy: strategyNameOf(policy),
        compressionEnabled: isCompressing,
      },
    };
  }

  /**
   * The id of a backup of this name and of the present content: of one that is there, or of a new one. So whoever has to try
   * again leaves no row of them. For the holder of the lock.
   */
  async ensure(
    request: BackupRequest & { readonly label: string },
    guard: Guard,
    operation: Operation,
  ): Promise<string> {
    const { store } = this.#parts;
    const { content } = await store.read(request.location, operation);
    if (content === undefined) throw notFound();
    const all = await store.snapshots.list(store.snapshots.setOf(request.location), operation);
    const same = all.find(
      (one) => one.role === 'backup' && one.label === request.label && hasContent(one, content.checksum),
    );
    return same?.id ?? (await this.make(request, guard, operation)).backupId;
  }

  /**
   * A copy of the saved content for the history, unless it is kept already: a file that is damaged later must not take
   * the newest version with it. Needs no lock; `add` does. Undefined where there is nothing to keep.
   */
  async draftPresent(
    set: SnapshotSet,
    location: Location,
    operation: Operation,
  ): Promise<PreparedSnapshot | undefined> {
    const { store, snapshots, retention } = this.#parts;
    const { state, content: stored, saved } = await store.read(location, operation);
    if (state !== 'as-saved' || stored === undefined || saved === undefined) return undefined;
    const { bytes: content, checksum } = stored;
    const kept = await snapshots.kept(location, operation);
    if (kept.some((one) => one.role !== 'quarantine' && hasContent(one, checksum))) return undefined;
    const draft: SnapshotDraft = {
      createdAt: await this.#freeTime(set, operation),
      sequence: saved.sequence,
      checksum,
      isAutomatic: true,
      role: 'version',
      isCompressed: retention().isCompressing,
      isEncrypted: snapshots.isEncrypting,
    };
    const id = store.snapshots.draftId(set, draft);
    const manifest = await snapshots.describe({ id, ...draft }, { content, checksum }, set, operation);
    return { draft, manifest, bytes: await snapshots.pack(content, draft, id) };
  }

  /** The time of a backup is a part of its id, so no two of one configuration have the same. */
  async #freeTime(set: SnapshotSet, operation: Operation): Promise<number> {
    const { store, clock } = this.#parts;
    const taken = new Set((await store.snapshots.list(set, operation)).map(({ createdAt }) => createdAt));
    let time = clock.now();
    while (taken.has(time)) time += 1;
    return time;
  }
}
