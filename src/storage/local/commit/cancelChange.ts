/**
 * Records that an announced change did not happen.
 *
 * The rules of the judgement find that out from the files too, but what they go by (inodes, times, a temporary file) does
 * not survive a copy of the folder. Best effort: without this record they still decide.
 */
import { hasErrorCode } from '../../../errors/PersistenceError.js';
import { newToken } from '../journal/Journal.js';
import type { CancelRecord, RevisionRecord } from '../journal/JournalRecord.js';
import type { CommitScope } from './CommitScope.js';

/** What an announcement that failed means for a change whose commit point comes later: that nothing has changed. */
export function announcementFailure(error: unknown): unknown {
  return hasErrorCode(error, 'ERR_INDETERMINATE') ? error.cause : error;
}

/** True where it is recorded now. */
export async function cancelChange(
  { journal, io, keptVersions, lease, process }: CommitScope,
  announced: Pick<RevisionRecord, 'revision' | 'parent'>,
): Promise<boolean> {
  const record: CancelRecord = {
    record: 'cancel',
    revision: announced.revision + 1,
    parent: announced.parent,
    token: newToken(),
    time: Date.now(),
    process,
  };
  try {
    // Whoever took the lock over settles it; a record from here would only cross its plans.
    if (!lease.isHeld()) return false;
    await journal.append(record, io, keptVersions);
    return true;
  } catch {
    // Either another writer has gone on from the same parent, which says the same, or the disk is in trouble.
    return false;
  }
}
