/** What every step of a change works with. */
import type { LockLease } from '../../port/ConfigStore.js';
import type { FileOperations } from '../io/FileOperations.js';
import type { Journal } from '../journal/Journal.js';
import type { RecordedProcess } from '../journal/JournalRecord.js';
import type { SnapshotFolder } from '../snapshots/SnapshotFolder.js';

export interface CommitScope {
  readonly io: FileOperations;
  /** The configuration's file, links followed. */
  readonly path: string;
  readonly journal: Journal;
  /** Where contents that are replaced are kept. */
  readonly snapshots: SnapshotFolder;
  readonly lease: LockLease;
  /** Mode of a file that does not exist yet. */
  readonly fileMode: number;
  readonly keptVersions: number;
  readonly maxBytes: number;
  readonly process: RecordedProcess;
  /** Whether a file that cannot be replaced may be rewritten. */
  readonly mayWriteInPlace: boolean;
  /** Throws where the lock is lost or the operation was aborted. Called right before each commit point. */
  assertMayCommit(): void;
}
