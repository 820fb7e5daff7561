/**
 * Removes what a killed writer left beside a configuration.
 *
 * Called by the holder of the lock only, so nothing that is found can still be in use: a writer that was overtaken while
 * it slept finds its temporary file gone, and its rename impossible.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { lookAt, removeIfPresent, temporaryPrefix } from '../io/durableFile.js';
import { listNames } from '../io/durableFolder.js';
import { isRecordedFile } from '../io/FileIdentity.js';
import type { JournalContent } from '../journal/JournalContent.js';
import { TRANSIENT_ENDING, type DeleteRecord } from '../journal/JournalRecord.js';
import type { Judgement } from '../journal/judgement.js';
import { sweepSnapshots } from '../snapshots/sweepSnapshots.js';
import { deleteThatClaimed, hasHappened, putBack } from './claimed.js';
import type { CommitScope } from './CommitScope.js';

const { DELETED_EXTENSION } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/**
 * All leftovers of this configuration. A claimed file that no record knows stays: it may be the only copy of something, or
 * have been deleted on purpose, and nobody can tell any more.
 */
export async function sweepLeftovers(
  scope: CommitScope,
  content: JournalContent | undefined,
  judgement: Judgement,
): Promise<void> {
  const { io, path, journal } = scope;
  const folder = dirname(path);
  const prefix = temporaryPrefix(path);
  for (const name of await listNames(io, folder)) {
    if (!name.startsWith(prefix) || !TRANSIENT_ENDING.test(name.slice(prefix.length))) continue;
    const leftover = join(folder, name);
    if (!name.endsWith(DELETED_EXTENSION)) {
      await removeIfPresent(io, leftover);
      continue;
    }
    const record = deleteThatClaimed(content, name);
    if (record !== undefined) await finishDelete(scope, leftover, record, hasHappened(record, content, judgement));
  }
  await journal.sweep(io);
  // After the temporary files: without one, no sleeping writer can still make such a link a snapshot.
  await sweepSnapshots(io, scope.snapshots, {
    livePath: path,
    maxBytes: scope.maxBytes,
    assertMayRemove: () => {
      scope.assertMayCommit();
    },
  });
}

/**
 * Ends a delete whose file has been claimed: removes it, or gives it its name back where the claim caught another file than
 * the delete meant, or the delete does not count. True where the content is gone as it should be.
 *
 * @param hasHappened whether the others see the delete as something that was done.
 */
export async function finishDelete(
  scope: CommitScope,
  claimed: string,
  record: DeleteRecord,
  hasHappened: boolean,
): Promise<boolean> {
  const sighting = await lookAt(scope.io, claimed);
  // Somebody else has ended it.
  if (sighting === undefined) return hasHappened;
  if (!hasHappened || !isRecordedFile(sighting, record.base)) {
    await putBack(scope, claimed);
    return false;
  }
  await removeIfPresent(scope.io, claimed);
  return true;
}
