/**
 * The port to what a store of files leaves on its disks: for health checks and statistics, which look and judge, and for
 * the repairs that they ask for. A store that is none of files has none.
 *
 * Looking changes nothing, takes no lock, follows no link below the store's own folders and never fails because of one
 * folder: what cannot be looked at says so in its place. A repair looks again before it does anything.
 */
import type { Snapshot } from './Snapshot.js';
import type { Guard, Location, Work } from './Work.js';

/** One file system that the store works on. */
export interface Volume {
  /** A folder on it. */
  readonly path: string;
  readonly totalBytes: number;
  /** In use, of what this process may use. */
  readonly usedShare: number;
  readonly freeBytes: number;
  /** Files that there may be; 0 where the file system does not count. */
  readonly totalFiles: number;
  readonly freeFiles: number;
}

export type InspectedArea =
  'configurations' | 'metadata' | 'backups' | 'archive' | 'locks' | 'owners' | 'temporary' | 'history';

export type InspectedKind =
  | 'folder'
  | 'configuration'
  | 'journal'
  /** A damaged journal that was set aside. */
  | 'set-aside'
  | 'snapshot'
  | 'manifest'
  | 'lock'
  | 'owner'
  /** A file of the history of operations. */
  | 'history'
  | 'plan'
  | 'staged'
  /** Of a change or an export; whether its maker still lives is not known. */
  | 'temporary'
  /** What a delete has renamed its file to. */
  | 'tombstone';

export type InspectedSnapshot = Pick<Snapshot, 'id' | 'role' | 'isCompressed' | 'createdAt'>;

export interface InspectedEntry {
  readonly path: string;
  readonly kind: InspectedKind;
  readonly sizeBytes: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  readonly mode: number;
  /** Bits that it may have. */
  readonly allowedMode: number;
  /** Bits that its owner needs. */
  readonly neededMode: number;
  /** True where it belongs neither to the owner of the folder that it serves nor to this process. */
  readonly isForeign: boolean;
  /** Tells a state of the file from all others; empty where nobody needs it. */
  readonly mark: string;
  /** Of a snapshot: what its name tells. */
  readonly snapshot?: InspectedSnapshot;
  /** The configuration of a temporary file or tombstone, as its name tells it. */
  readonly configuration?: string;
}

/** One folder with what is the store's in it. */
export interface InspectedFolder {
  readonly area: InspectedArea;
  readonly path: string;
  /** The folder itself first, unless it is one of configurations. */
  readonly entries: readonly InspectedEntry[];
  /** Names of other programs. */
  readonly foreignCount: number;
  /** True where there are so many of them that the rest was not looked at. */
  readonly isCut: boolean;
  /** Of the folder of one configuration. */
  readonly key?: string;
  /** The configuration, where that is known. */
  readonly configuration?: string;
  /** Why it cannot be looked at. */
  readonly problem?: { readonly code: string; readonly message: string };
}

/** A lock that the next who asks may take, although it is held. */
export interface StaleLock {
  readonly key: string;
  readonly path: string;
}

/** What can be mended; `path` is what a finding names. */
export type Repairable =
  | { readonly kind: 'mode'; readonly path: string; readonly isFolder: boolean; readonly mode: number }
  | { readonly kind: 'stale-lock'; readonly key: string; readonly leaseMs: number }
  | { readonly kind: 'dead-owner'; readonly path: string }
  /** Of no configuration that has records; older than any change or export takes. */
  | { readonly kind: 'leftover'; readonly path: string; readonly olderThanMs: number };

export interface StoreInspection {
  volumes(work: Work): Promise<readonly Volume[]>;
  /**
   * Every folder of the store, those of records first, so that the configurations are known when they are asked for. What
   * has not changed since the last time costs a look at each file.
   */
  folders(work: Work): AsyncIterable<InspectedFolder>;
  /** Whether a file is still there. */
  isThere(path: string): boolean;
  staleLocks(work: Work): Promise<readonly StaleLock[]>;
  /** Paths of the records of owners whose processes are gone. */
  deadOwners(work: Work): Promise<readonly string[]>;
  /** False where there was nothing to mend any more. Removes nothing that could be the only copy of a content. */
  repair(repairable: Repairable, work: Work): Promise<boolean>;
  /** Clears away what ended changes of a configuration have left, as its next change would. */
  clearLeftovers(location: Location, guard: Guard, work: Work): Promise<void>;
}
