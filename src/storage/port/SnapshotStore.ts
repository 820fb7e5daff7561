/**
 * The port to the kept contents of configurations.
 *
 * The store finds, reads, adds, renames and removes snapshots, each change atomic and durable; what is kept for how long
 * and in what packing is decided above. Whatever changes anything is done under the lock of the configuration: its guard
 * is compared, and the operation's end noticed, before each step that cannot be taken back.
 */
import type {
  DescribedSnapshot,
  Snapshot,
  SnapshotDraft,
  SnapshotManifest,
  SnapshotPacking,
  SnapshotRole,
  SnapshotSet,
} from './Snapshot.js';
import type { Guard, Location, Work } from './Work.js';

export interface SnapshotStore {
  /** @throws PersistenceError `ERR_INVALID_BACKUP_NAME` for what cannot be a part of a snapshot's name. */
  checkLabel(label: unknown): void;
  /** The key in a snapshot's id; undefined for what is no id. */
  keyOf(id: unknown): string | undefined;
  setOf(location: Location): SnapshotSet;
  /** The keys of all configurations that have snapshots. */
  keys(work: Work): Promise<readonly string[]>;
  /** The name of a key's configuration, where this instance has met it. Looks at nothing. */
  knownNameOf(key: string): string | undefined;
  /** The name of a key's configuration, as the records tell it; undefined where nothing tells it. */
  nameOf(key: string, work: Work): Promise<string | undefined>;
  /** Newest first; one entry for each id, the one that is packed furthest. */
  list(set: SnapshotSet, work: Work): Promise<readonly Snapshot[]>;
  /** Those that `archive` has copied; all but `changeRole` and `archive` work on them too. */
  listArchived(set: SnapshotSet, work: Work): Promise<readonly Snapshot[]>;
  /** A snapshot of the same id as it is now; undefined where it is gone. */
  refind(snapshot: Snapshot, work: Work): Promise<Snapshot | undefined>;
  /** The bytes as they are stored. @throws PersistenceError `ERR_BACKUP_NOT_FOUND` */
  read(snapshot: Snapshot, work: Work): Promise<Uint8Array>;
  /** Undefined where it is missing, damaged, of a newer release, or another snapshot's. */
  manifest(snapshot: Snapshot, work: Work): Promise<SnapshotManifest | undefined>;
  /** The id of a new snapshot, before its bytes are made, because packing needs it. */
  draftId(set: SnapshotSet, draft: SnapshotDraft): string;
  /** Makes it durable with its manifest. The commit point is its appearance in `list`. */
  add(
    set: SnapshotSet,
    content: { readonly draft: SnapshotDraft; readonly bytes: Uint8Array; readonly manifest: SnapshotManifest },
    guard: Guard,
    work: Work,
  ): Promise<Snapshot>;
  /** Ids of those that have a manifest, which need not be whole. */
  describedIds(set: SnapshotSet, work: Work): Promise<ReadonlySet<string>>;
  /** Writes their manifests, except where there is one of a newer release, which tells more than this one knows. */
  describe(set: SnapshotSet, described: readonly DescribedSnapshot[], guard: Guard, work: Work): Promise<void>;
  /** Replaces the stored bytes by others of the same content. Undefined where the snapshot is gone. */
  repack(
    snapshot: Snapshot,
    packed: { readonly bytes: Uint8Array; readonly packing: SnapshotPacking },
    guard: Guard,
    work: Work,
  ): Promise<Snapshot | undefined>;
  changeRole(changed: readonly Snapshot[], role: SnapshotRole, guard: Guard, work: Work): Promise<void>;
  /** Removes them with their manifests. */
  remove(removed: readonly Snapshot[], guard: Guard, work: Work): Promise<void>;
  /** Copies it with its manifest to the archive, where nothing prunes it. */
  archive(snapshot: Snapshot, guard: Guard, work: Work): Promise<void>;
  /** Clears away what killed processes have left. */
  sweep(set: SnapshotSet, guard: Guard, work: Work): Promise<void>;
}
