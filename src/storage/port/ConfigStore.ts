/**
 * The port between the engine and whatever keeps the configurations.
 *
 * A store gives atomic, durable changes of one configuration at a time, each with a revision number that only counts up,
 * and decides races by that number: of two writers that saw the same state one commits and the other gets `ERR_CONFLICT`,
 * whatever they believe about locks. How it does so (files, links, flushes, temporary names) stays inside.
 */
import type { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { DiskCounters } from '../local/io/MeteredFileOperations.js';
import type { RevisionRecord, SaveRecord, UserMetadata } from '../local/journal/JournalRecord.js';
import type { SnapshotRole, SnapshotStore } from './SnapshotStore.js';

/** What a store can promise; callers and tests decide by it. */
export interface StoreCapabilities {
  /** Largest configuration in bytes. */
  readonly maxBytes: number;
  /** What "durable" means: flushed to the disk of this machine, or acknowledged by a majority of several. */
  readonly durability: 'disk' | 'quorum';
}

/** One running operation: what it has cost, and whether it should go on. */
export interface Work {
  readonly diskIO: DiskCounters;
  /** Throws where the operation was aborted or has run out of time. Asked between steps, never after a commit point. */
  checkpoint(): void;
}

/** A configuration that the store has found acceptable to work on. */
export interface Location {
  /** As the caller gave it. */
  readonly given: string;
  /** Absolute, for reports and caches. */
  readonly absolute: string;
  /** The configuration's identity: equal for all spellings and links that lead to it. */
  readonly real: string;
}

/** How the content relates to what was last committed through the module. */
export type StoredState =
  | 'absent'
  /** Never saved through the module, or not since it was deleted. */
  | 'untracked'
  | 'as-saved'
  | 'changed-outside'
  /** There is content, but the records about it cannot be read. */
  | 'records-damaged';

/** A configuration as it stood at one instant. */
export interface StoredConfiguration {
  readonly state: StoredState;
  readonly content?: { readonly bytes: Uint8Array; readonly checksum: string; readonly modifiedAt: number };
  /** Of the newest committed change; 0 where there is none. */
  readonly revision: number;
  /** The save that the content comes from, or should come from. */
  readonly saved?: SaveRecord;
  readonly userMetadata?: UserMetadata;
  /** For `isCurrent`. */
  readonly stamp: unknown;
}

/** What every change records. */
export interface ChangeFields {
  /** Fails with `ERR_CONFLICT` unless the content has this checksum; null expects that there is none. */
  readonly expectedChecksum?: string | null;
  readonly user?: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** Of the content before, where the caller has just read it: what its file's times tell counts for nothing then. */
  readonly replacedChecksum?: string;
  /** What the content before is kept as; it is not kept where this is left out. `quarantine` where it is known to be damaged. */
  readonly keep?: SnapshotRole;
  /** Asked about a content before that is not known to be as it was saved: one that cannot be read is kept in any case. */
  readonly isReadable?: (bytes: Uint8Array, format: ConfigurationFormat | undefined) => boolean;
}

export interface ContentChange extends ChangeFields {
  readonly bytes: Uint8Array;
  readonly checksum: string;
  readonly format: ConfigurationFormat;
  /** Names the kind of change in the history, such as `save` or `update`. */
  readonly operation: string;
  /** Id of the backup or version that the content comes from. */
  readonly source?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
}

export interface MetadataChange extends ChangeFields {
  readonly fields: UserMetadata;
}

/** What became of a change. */
export interface CommitReceipt {
  readonly revision: number;
  readonly saved?: SaveRecord;
  readonly userMetadata?: UserMetadata;
  /** For `isCurrent`; absent after a removal. */
  readonly stamp?: unknown;
  /** The snapshot of the content before, where it was kept. */
  readonly kept?: { readonly id: string; readonly role: SnapshotRole };
  readonly warnings: readonly string[];
}

/** The right to change one configuration until it is released, expires or is taken over. */
export interface LockLease {
  /** UUID. */
  readonly lockId: string;
  /** Epoch milliseconds. */
  readonly acquiredAt: number;
  readonly expiresAt: number;
  /** Whether something may lie about that a killed or failed change has left, and nobody has cleared away yet. */
  needsSweep(): boolean;
  /** Kept with the lock, for its next holder. */
  setNeedsSweep(needed: boolean): void;
  /** Whether it is still this holder's. Asked right before a commit point. */
  isHeld(): boolean;
  /** Gives it back; false where it was lost before. Never frees somebody else's lock. */
  release(): Promise<boolean>;
  /** The same at the end of the process, where nothing can be awaited; whatever runs under it is cut off. */
  releaseNow(): void;
}

/** What can be seen of a lock. */
export interface LockSighting {
  readonly isLocked: boolean;
  readonly lockId?: string;
  readonly acquiredAt?: number;
  readonly expiresAt?: number;
  /** Process, host, user and module of the holder, for people. */
  readonly holder?: string;
  /** Whether the next `tryLock` may take it: the holder is dead, or its lease is over. */
  readonly canBeTaken: boolean;
}

export interface ConfigStore {
  readonly capabilities: StoreCapabilities;
  /** The contents that are kept beside the present ones. */
  readonly snapshots: SnapshotStore;
  /** Makes what the store needs before its first operation. */
  open(): Promise<void>;
  /** Leaves nothing behind that would outlive the instance's usefulness. */
  close(): Promise<void>;
  /** From now on the files beside this path may be used. For paths that the host itself has set. */
  allowBeside(path: string): void;
  /** @throws PersistenceError `ERR_INVALID_FILE_PATH` for what the store must not touch. */
  locate(path: unknown, work: Work): Promise<Location>;
  /** Names the configuration in ids, for as long as its records last. */
  keyOf(location: Location): string;
  /** The path of a key's configuration, where this instance has met it. Looks at nothing. */
  knownPathOf(key: string): string | undefined;
  /** The path of a key's configuration, as its records tell it; undefined where nothing tells it. */
  pathOf(key: string, work: Work): Promise<string | undefined>;
  /** Whether there is any content now. Costs microseconds where a file stands in its place. */
  hasContent(location: Location, work: Work): Promise<boolean>;
  /** The newest committed content, lock-free; never a mixture of two. */
  read(location: Location, work: Work): Promise<StoredConfiguration>;
  /** Whether what `read` or a commit stamped is still the newest state. Costs microseconds. */
  isCurrent(absolutePath: string, stamp: unknown): boolean;
  /**
   * Publishes new content durably.
   *
   * @throws PersistenceError `ERR_CONFLICT`, `ERR_LOCK_LOST`; nothing has changed then.
   */
  commit(location: Location, change: ContentChange, lease: LockLease, work: Work): Promise<CommitReceipt>;
  /** Removes the content durably. @throws PersistenceError as `commit`, and `ERR_FILE_NOT_FOUND`. */
  remove(location: Location, change: ChangeFields, lease: LockLease, work: Work): Promise<CommitReceipt>;
  /** Replaces the user's metadata durably. @throws PersistenceError as `remove`. */
  annotate(location: Location, change: MetadataChange, lease: LockLease, work: Work): Promise<CommitReceipt>;
  /**
   * Up to when records are lost, as epoch milliseconds: a content that was kept before may be a version that nobody can
   * tell any more. Undefined where none are lost; infinite where the present ones cannot be read.
   */
  lostRecordsUntil(location: Location, work: Work): Promise<number | undefined>;
  /**
   * Committed changes, newest first.
   *
   * @param maxVersions how many saved contents they lead back over. Default: those that are kept. Of older ones there is
   *   only what has not been cleared away yet.
   */
  history(location: Location, work: Work, maxVersions?: number): Promise<readonly RevisionRecord[]>;
  /** The lock, where it is free or may be taken over now; otherwise what stands in the way. */
  tryLock(location: Location, leaseMs: number): Promise<LockLease | LockSighting>;
  lockStatus(location: Location): Promise<LockSighting>;
}
