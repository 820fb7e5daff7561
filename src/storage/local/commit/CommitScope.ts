/** What every step of a change of one configuration works with, and what each kind of change comes to. */
import type { FileIdentity } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import type { Journal } from '../journal/Journal.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { RecordedProcess, RevisionRecord, SaveRecord } from '../journal/JournalRecord.js';
import type { HeldLock } from '../lock/LocalLocks.js';
import type { ContentProbe, KeptSnapshot } from '../snapshots/keepReplaced.js';
import type { SnapshotFolder } from '../snapshots/SnapshotFolder.js';

export interface CommitScope {
  readonly io: FileOperations;
  /** The configuration's file, links followed. */
  readonly path: string;
  readonly journal: Journal;
  /** Where contents that are replaced are kept. */
  readonly snapshots: SnapshotFolder;
  readonly lock: HeldLock;
  /** Modes of a file and of its folder that do not exist yet. */
  readonly fileMode: number;
  readonly folderMode: number;
  readonly keptVersions: number;
  readonly maxBytes: number;
  readonly process: RecordedProcess;
  /** Whether a file that cannot be replaced may be rewritten. */
  readonly mayWriteInPlace: boolean;
  /** Whether a content before is one that can be read. */
  readonly probe: ContentProbe;
  /** Throws where the lock is lost or the operation has ended. Called right before each commit point. */
  assertMayCommit(): void;
}

/** A change that has happened. */
export interface CommittedChange {
  readonly record: RevisionRecord;
  /** The save in force now. */
  readonly saved?: SaveRecord;
  /** The journal with the record in it. */
  readonly content: JournalContent;
  /** Of the file, where it is known to be the committed one. */
  readonly identity?: FileIdentity;
  readonly kept?: KeptSnapshot;
  readonly warnings: readonly string[];
}
