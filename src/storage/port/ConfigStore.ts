/**
 * The port between the engine and whatever keeps the configurations.
 *
 * A store gives atomic, durable changes of one configuration at a time, each with a revision that only grows, and decides
 * races by it: of two writers that saw the same state one commits and the other gets `ERR_CONFLICT`, whatever they believe
 * about locks. How it does so stays inside. It speaks plain data, nothing that a thread, a network or a transaction could
 * not carry; the lease of a lock is the one handle.
 */
import type { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { StoreCapabilities } from './capabilities.js';
import type { EndHints, HintRequest } from './ChangeHints.js';
import type { LockStore } from './LockStore.js';
import type { LogSegments } from './LogSegments.js';
import type { History, Past, RecordedChange, RecordedSave, Revision, UserMetadata } from './RecordedChange.js';
import type { SnapshotRole } from './Snapshot.js';
import type { SnapshotStore } from './SnapshotStore.js';
import type { StoreInspection } from './StoreInspection.js';
import type { Guard, Location, Work } from './Work.js';

/** How the content relates to what was last committed through the module. */
export type StoredState =
  | 'absent'
  /** Never saved through the module, or not since it was deleted. */
  | 'untracked'
  | 'as-saved'
  | 'changed-outside'
  /** There is content, but the records about it cannot be read. */
  | 'records-damaged';

/** Tells a state of a configuration from all others, for the store that made it; opaque to everybody else. */
export type Etag = unknown;

/** A configuration as it stood at one instant. */
export interface StoredConfiguration {
  readonly state: StoredState;
  readonly content?: { readonly bytes: Uint8Array; readonly checksum: string; readonly modifiedAt: number };
  /** Of the newest committed change; 0 where there is none. */
  readonly revision: Revision;
  /** The save that the content comes from, or should come from. */
  readonly saved?: RecordedSave;
  readonly userMetadata?: UserMetadata;
  /** For `isCurrent` and for changes; undefined where the state has none. */
  readonly etag: Etag;
}

/** What every change records, and under what condition it is made. */
export interface ChangeFields {
  /** Fails with `ERR_CONFLICT` unless the content has this checksum; null expects that there is none. */
  readonly expectedChecksum?: string | null;
  /** Fails with `ERR_CONFLICT` unless the newest committed change has this revision; 0 expects that there is none. */
  readonly expectedRevision?: Revision;
  readonly user?: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Of the state before, where the caller has just read it: it knows edits that nothing but a read can tell. */
  readonly seen?: Etag;
  /**
   * What the content before is kept as; it is not kept where this is left out. `quarantine` where it is known to be damaged.
   * `edits`: as a backup where no change of this store has made it, and not at all where one has.
   */
  readonly keep?: SnapshotRole | 'edits';
  /** What a content before is read in, of which no record tells the format. One that cannot be read is kept in any case. */
  readonly format?: ConfigurationFormat;
}

export interface SaveChange extends ChangeFields {
  readonly kind: 'save';
  readonly bytes: Uint8Array;
  readonly checksum: string;
  readonly format: ConfigurationFormat;
  /** Names what makes the change in the history, such as `save` or `update`. */
  readonly operation: string;
  /** Id of the backup or version that the content comes from. */
  readonly source?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Of a configuration that this store has no records of: they begin with these, and keep their sequences. */
  readonly past?: Past;
}

export interface DeleteChange extends ChangeFields {
  readonly kind: 'delete';
}

/** Replaces the user's metadata. */
export interface MetadataChange extends ChangeFields {
  readonly kind: 'metadata';
  readonly fields: UserMetadata;
}

export type Change = SaveChange | DeleteChange | MetadataChange;

/** What became of a change. */
export interface CommitReceipt {
  readonly revision: Revision;
  /** Of the change, for people. */
  readonly sequence: number;
  /** The save in force after it; absent after a removal. */
  readonly saved?: RecordedSave;
  /** Checksum of the content before; null where there was none, absent where nobody had to read it. */
  readonly before?: string | null;
  /** The newest changes before this one, newest first: a few, for whoever keeps a history of its own. */
  readonly earlier: readonly RecordedChange[];
  readonly userMetadata?: UserMetadata;
  /** For `isCurrent`; absent where what was committed may have been changed already. */
  readonly etag?: Etag;
  /** The snapshot of the content before, where it was kept. */
  readonly kept?: { readonly id: string; readonly role: SnapshotRole };
  readonly warnings: readonly string[];
}

/** The version that an id names. */
export interface VersionReference {
  readonly key: string;
  readonly sequence: number;
  /** First digits of the content's checksum. */
  readonly checksumStart: string;
}

/** The ids of versions, which the store makes and reads: each tells its configuration by a key. */
export interface VersionIds {
  of(location: Location, version: Pick<RecordedSave, 'sequence' | 'checksum'>): string;
  /** Undefined for what is no id. Nothing in it is a path. */
  parse(id: unknown): VersionReference | undefined;
  /** The name of a key's configuration, where this instance has met it. Looks at nothing. */
  knownNameOf(key: string): string | undefined;
  /** The name of a key's configuration, as its records tell it; undefined where nothing tells it. */
  nameOf(key: string, work: Work): Promise<string | undefined>;
}

/** A change that somebody has committed, or made past the store. */
export interface StoreEvent {
  readonly location: Location;
  readonly kind: 'changed' | 'deleted';
  /** Undefined for a change past the store. */
  readonly revision?: Revision;
}

export interface WatchRequest {
  /** Events after this revision; those from now on where it is left out. */
  readonly after?: Revision;
  readonly signal: AbortSignal;
}

/** Which names are listed. Default: all. */
export interface WantedNames {
  /** Epoch milliseconds: those that have not changed since then may be left out. */
  readonly changedSince?: number;
  /** Those whose records cannot tell their name are left out. */
  readonly skipsUnreadable?: boolean;
}

export interface ConfigStore {
  readonly capabilities: StoreCapabilities;
  /** The same for all stores of this process that keep the same configurations. */
  readonly scope: object | string;
  readonly locks: LockStore;
  /** The contents that are kept beside the present ones. */
  readonly snapshots: SnapshotStore;
  readonly versionIds: VersionIds;
  /** For the history of operations. */
  readonly log: LogSegments;
  /** What it leaves on disks; a store that is none of files has none. */
  readonly inspection?: StoreInspection;
  /** Makes what the store needs before its first operation. */
  open(): Promise<void>;
  /** Leaves nothing behind that would outlive the instance's usefulness. */
  close(): Promise<void>;
  /** The full name of what a caller gave, without looking at anything; equal names are one configuration. */
  nameOf(given: string): string;
  /** @throws PersistenceError `ERR_INVALID_FILE_PATH` for what the store must not touch. */
  resolve(given: unknown, work: Work): Promise<Location>;
  /**
   * The names of all configurations that there are records of.
   *
   * @throws PersistenceError, StorageError where the records of one cannot tell its name, unless `wanted` asks for the others.
   */
  list(work: Work, wanted?: WantedNames): AsyncIterable<string>;
  /** Whether there is any content now. Costs microseconds where there is. */
  has(location: Location, work: Work): Promise<boolean>;
  /** The newest committed content, lock-free; never a mixture of two. */
  read(location: Location, work: Work): Promise<StoredConfiguration>;
  /** Whether the state of a read or a commit is still the newest. At once, or nearly, where that can be told. */
  isCurrent(location: Location, etag: Etag): boolean | Promise<boolean>;
  /**
   * Makes a change, durable when it resolves.
   *
   * @throws PersistenceError `ERR_CONFLICT` also for a past where there are records already, `ERR_LOCK_LOST`, `ERR_FILE_NOT_FOUND` where a removal or metadata need a
   *   content, `ERR_FILE_TOO_LARGE` above `maxBytes`; nothing has changed then. `ERR_INDETERMINATE` where nobody can tell
   *   whether it has.
   */
  commit(location: Location, change: Change, guard: Guard, work: Work): Promise<CommitReceipt>;
  /**
   * The committed changes.
   *
   * @param maxVersions how many saved contents they lead back over. Default: those that are kept. Of older ones there is
   *   only what has not been cleared away yet.
   */
  history(location: Location, work: Work, maxVersions?: number): Promise<History>;
  /** Hints from now on, until they are ended or the store is closed. */
  hints(request: HintRequest): EndHints;
  /** Events in the order of their revisions, none left out or told twice, until the signal ends it. */
  watch?(request: WatchRequest): AsyncIterable<StoreEvent>;
}
