/** The states of file and journal in which a content was read or committed: the local store's etag. */
import type { Etag } from '../port/ConfigStore.js';
import type { FileIdentity } from './io/FileIdentity.js';

export interface LocalEtag {
  readonly checksum: string;
  readonly identity: FileIdentity;
  /** Epoch milliseconds of the moment before the content was read. */
  readAt: number;
  /** A path whose state tells whether the journal has changed. */
  readonly journalPath: string;
  /** Undefined where no journal stood there. */
  readonly journal: JournalState | undefined;
}

export interface JournalState {
  readonly inode: bigint;
  readonly size: number;
  readonly modifiedNs: bigint;
}

/** The checksum of the content that a caller has read; undefined where it has read none. */
export function seenChecksum(etag: Etag): string | undefined {
  return (etag as LocalEtag | undefined)?.checksum;
}
