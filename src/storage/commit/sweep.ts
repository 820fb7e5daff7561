/**
 * Removes what a killed writer left beside a configuration.
 *
 * Called by the holder of the lock only, so nothing that is found can still be in use: a writer that was overtaken while
 * it slept finds its temporary file gone, and its rename impossible.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../errors/StorageError.js';
import { listNames, lookAt, removeIfPresent, syncFolder, temporaryPrefix } from '../durableFile.js';
import { isRecordedFile } from '../FileIdentity.js';
import type { FileOperations } from '../FileOperations.js';
import type { JournalContent } from '../journal/JournalContent.js';
import { TRANSIENT_ENDING, type DeleteRecord } from '../journal/JournalRecord.js';
import { sweepSnapshots } from '../snapshot/sweepSnapshots.js';
import type { CommitScope } from './CommitScope.js';

const { DELETED_EXTENSION } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/**
 * All leftovers of this configuration; true where a file got its name back, so that everything must be judged anew. A
 * claimed file that no record knows stays: it may be the only copy of something, or have been deleted on purpose, and
 * nobody can tell any more.
 */
export async function sweepLeftovers(scope: CommitScope, content: JournalContent | undefined): Promise<boolean> {
  const { io, path, journal } = scope;
  const folder = dirname(path);
  const prefix = temporaryPrefix(path);
  let hasPutBack = false;
  for (const name of await listNames(io, folder)) {
    if (!name.startsWith(prefix) || !TRANSIENT_ENDING.test(name.slice(prefix.length))) continue;
    const leftover = join(folder, name);
    if (!name.endsWith(DELETED_EXTENSION)) {
      await removeIfPresent(io, leftover);
      continue;
    }
    const record = deleteThatClaimed(content, name);
    if (record !== undefined && !(await finishDelete(io, path, leftover, record))) hasPutBack = true;
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
  return hasPutBack;
}

function deleteThatClaimed(content: JournalContent | undefined, name: string): DeleteRecord | undefined {
  for (const record of content?.records.values() ?? []) {
    if (record.record === 'delete' && record.claimed === name) return record;
  }
  return undefined;
}

/**
 * Ends a delete whose file has been claimed: removes it, or puts it back where the claim caught another file than the
 * delete meant. True where the right file was removed.
 */
export async function finishDelete(
  io: FileOperations,
  path: string,
  claimed: string,
  record: DeleteRecord,
): Promise<boolean> {
  const sighting = await lookAt(io, claimed);
  if (sighting !== undefined && !isRecordedFile(sighting, record.base)) {
    await putBack(io, path, claimed);
    return false;
  }
  await removeIfPresent(io, claimed);
  return true;
}

/** Back to its name, unless somebody has saved a newer content there. */
async function putBack(io: FileOperations, path: string, claimed: string): Promise<void> {
  try {
    await io.link(claimed, path);
    await syncFolder(io, dirname(path));
  } catch (error) {
    if (!hasSystemCode(error, 'EEXIST')) throw error;
  }
  await removeIfPresent(io, claimed);
}
