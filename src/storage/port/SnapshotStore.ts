/**
 * The port to the kept contents of configurations.
 *
 * A snapshot is one content that was kept, whatever for. The store finds, reads, adds, renames and removes them, each
 * change atomic and durable; what is kept for how long and in what packing is decided above.
 */
import type { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationMetadata } from '../../../interfaces/results.js';
import type { Location, Work } from './ConfigStore.js';

/** A `backup` is there for the user, a `version` only for the history, a `quarantine` holds a damaged file. */
export type SnapshotRole = 'backup' | 'version' | 'quarantine';

/** How the bytes of a snapshot differ from the content: compressed first, then encrypted. */
export interface SnapshotPacking {
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
}

/** What the name of a snapshot tells. */
export interface SnapshotFacts extends SnapshotPacking {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Of the version that has this content; 0 where it is not known to be any. */
  readonly revision: number;
  /** First digits of the content's checksum. */
  readonly checksumStart: string;
  readonly isAutomatic: boolean;
  /** Given by the user. */
  readonly label?: string;
  readonly role: SnapshotRole;
}

export interface Snapshot extends SnapshotFacts {
  /** Tells its configuration too, so that it can be found by it alone. */
  readonly id: string;
  /** Where a person finds it. */
  readonly path: string;
  readonly storedBytes: number;
}

/** What is known of a snapshot beside its name; absent until it was tended for the first time. */
export interface SnapshotManifest {
  readonly id: string;
  /** Of the content, as SHA-256 in hexadecimal. */
  readonly checksum: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Of the content; absent where its file's name tells none. */
  readonly format?: ConfigurationFormat;
  /** Whether the content could be read in its format. */
  readonly isReadable: boolean;
  /** Epoch milliseconds. */
  readonly verifiedAt: number;
  readonly metadata?: ConfigurationMetadata;
  readonly user?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
}

/** A new snapshot of a content. */
export interface SnapshotDraft extends Omit<SnapshotFacts, 'checksumStart'> {
  readonly checksum: string;
}

export interface DescribedSnapshot {
  readonly snapshot: Snapshot;
  readonly manifest: SnapshotManifest;
}

/** Where the snapshots of one configuration are. */
export interface SnapshotPlace {
  readonly key: string;
  /** The configuration, where it is known: a snapshot that shares its file is none yet. */
  readonly location?: Location;
}

/** What changes anything asks the work's `checkpoint` before each step that cannot be taken back. */
export interface SnapshotStore {
  /** @throws PersistenceError `ERR_INVALID_BACKUP_NAME` for what cannot be a part of a snapshot's name. */
  checkLabel(label: unknown): void;
  /** The key in a snapshot's id; undefined for what is no id. */
  keyOf(id: unknown): string | undefined;
  placeOf(location: Location): SnapshotPlace;
  /** The configurations that have snapshots. */
  keys(work: Work): Promise<readonly string[]>;
  /** The path of a key's configuration, where this instance has met it. Looks at nothing. */
  knownPathOf(key: string): string | undefined;
  /** The path of a key's configuration, as its records tell it; undefined where nothing tells it. */
  pathOf(key: string, work: Work): Promise<string | undefined>;
  /** Newest first; one entry for each id, the one that is packed furthest. */
  list(place: SnapshotPlace, work: Work): Promise<readonly Snapshot[]>;
  /** Those that `archive` has copied; all but `changeRole` and `archive` work on them too. */
  listArchived(place: SnapshotPlace, work: Work): Promise<readonly Snapshot[]>;
  /** A snapshot of the same id as it is named now; undefined where it is gone. */
  refind(snapshot: Snapshot, work: Work): Promise<Snapshot | undefined>;
  /** The bytes as they are stored. @throws PersistenceError `ERR_BACKUP_NOT_FOUND` */
  read(snapshot: Snapshot, work: Work): Promise<Uint8Array>;
  /** Undefined where it is missing, damaged, of a newer release, or another snapshot's. */
  manifest(snapshot: Snapshot, work: Work): Promise<SnapshotManifest | undefined>;
  /** The id of a new snapshot, before its bytes are made, because packing needs it. */
  draftId(place: SnapshotPlace, draft: SnapshotDraft): string;
  /** Makes it durable with its manifest. The commit point is the appearance of its name. */
  add(
    place: SnapshotPlace,
    draft: SnapshotDraft,
    bytes: Uint8Array,
    manifest: SnapshotManifest,
    work: Work,
  ): Promise<Snapshot>;
  /** Ids of those that have a manifest, which need not be whole. */
  describedIds(place: SnapshotPlace, work: Work): Promise<ReadonlySet<string>>;
  /** Writes their manifests, except where there is one of a newer release, which tells more than this one knows. */
  describe(place: SnapshotPlace, described: readonly DescribedSnapshot[], work: Work): Promise<void>;
  /** Replaces the stored bytes by others of the same content. Undefined where the snapshot is gone. */
  repack(snapshot: Snapshot, bytes: Uint8Array, packing: SnapshotPacking, work: Work): Promise<Snapshot | undefined>;
  changeRole(changed: readonly Snapshot[], role: SnapshotRole, work: Work): Promise<void>;
  /** Removes them with their manifests. */
  remove(removed: readonly Snapshot[], work: Work): Promise<void>;
  /** Copies it with its manifest to the archive folder, where nothing prunes it. */
  archive(snapshot: Snapshot, work: Work): Promise<void>;
  /** Clears away what killed processes have left. For the holder of the lock. */
  sweep(place: SnapshotPlace, work: Work): Promise<void>;
}
