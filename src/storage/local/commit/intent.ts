/**
 * The write-ahead record of a change: what is about to happen is in the journal before it does.
 *
 * A change that does not come to its commit point is aborted by one more record. The rules of recovery find that out from the files
 * too, but what they go by (inodes, times, a temporary file) does not survive a copy of the folder.
 */
import { hasErrorCode } from '../../../errors/PersistenceError.js';
import type { ChangeFields } from '../../port/ConfigStore.js';
import { newToken } from '../io/names.js';
import type { AbortRecord, RevisionRecord } from '../journal/JournalRecord.js';
import type { CommittedState } from '../journal/recovery.js';
import type { CommitScope } from './CommitScope.js';

/** What every record of a change begins with. */
export function recordFields(
  { process }: CommitScope,
  { revision, state }: { readonly revision: number; readonly state: CommittedState },
  { time, user }: ChangeFields,
): Pick<RevisionRecord, 'revision' | 'parent' | 'token' | 'time' | 'user' | 'process'> {
  return {
    revision,
    parent: state.head?.revision ?? 0,
    token: newToken(),
    time,
    ...(user === undefined ? {} : { user }),
    process,
  };
}

/** What a failed intent means for such a change: whether its record can be read back or not, nothing has changed. */
export function intentFailure(error: unknown): unknown {
  return hasErrorCode(error, 'ERR_INDETERMINATE') ? error.cause : error;
}

/** Records that a change did not happen. Best effort: without it the rules of recovery still decide. True where it is recorded. */
export async function recordAbort(
  { journal, io, keptVersions, lock, process }: CommitScope,
  intent: Pick<RevisionRecord, 'revision' | 'parent'>,
): Promise<boolean> {
  const record: AbortRecord = {
    record: 'cancel',
    revision: intent.revision + 1,
    parent: intent.parent,
    token: newToken(),
    time: Date.now(),
    process,
  };
  try {
    // Whoever took the lock over settles it; a record from here would only cross its plans.
    if (!lock.isHeld()) return false;
    await journal.append(record, io, keptVersions);
    return true;
  } catch {
    // Either another writer has gone on from the same parent, which says the same, or the disk is in trouble.
    return false;
  }
}
