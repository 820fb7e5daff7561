/** What is known of one kept content. */
import type { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationMetadata } from '../../../interfaces/results.js';
import type { Location } from './Work.js';

/** A `backup` is there for the user, a `version` only for the history, a `quarantine` holds a damaged file. */
export type SnapshotRole = 'backup' | 'version' | 'quarantine';

/** How the bytes of a snapshot differ from the content: compressed first, then encrypted. */
export interface SnapshotPacking {
  readonly isCompressed: boolean;
  readonly isEncrypted: boolean;
}

/** What tells one snapshot from the others of its configuration, and what it is for. */
export interface SnapshotFacts extends SnapshotPacking {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Of the version that has this content; 0 where it is not known to be any. */
  readonly sequence: number;
  /** First digits of the content's checksum; see `hasContent`. */
  readonly checksumStart: string;
  readonly isAutomatic: boolean;
  /** Given by the user. */
  readonly label?: string;
  readonly role: SnapshotRole;
}

export interface Snapshot extends SnapshotFacts {
  /** Tells its configuration too, so that it can be found by it alone. */
  readonly id: string;
  /** Where a person finds it: a file's path, or the id in a store without files. */
  readonly path: string;
  readonly storedBytes: number;
}

/** What is known of a snapshot beside that; absent until maintenance has looked at it for the first time. */
export interface SnapshotManifest {
  readonly id: string;
  /** Of the content, as SHA-256 in hexadecimal. */
  readonly checksum: string;
  /** Bytes of the content. */
  readonly size: number;
  /** Of the content; absent where its configuration's name tells none. */
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

/** The snapshots of one configuration. */
export interface SnapshotSet {
  /** As in the ids of its snapshots. */
  readonly key: string;
  /** The configuration, where it is known: a snapshot that shares its file is none yet. */
  readonly location?: Location;
}

/** Whether a snapshot is one of the content with this checksum, as far as its own facts tell. */
export function hasContent({ checksumStart }: Pick<Snapshot, 'checksumStart'>, checksum: string): boolean {
  return checksum.startsWith(checksumStart);
}
