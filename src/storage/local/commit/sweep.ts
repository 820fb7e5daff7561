/**
 * Removes what a killed writer left beside a configuration.
 *
 * Called by the holder of the lock only, so nothing that is found can still be in use: a writer that was overtaken while
 * it slept finds its temporary file gone, and its rename impossible.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { removeIfPresent } from '../io/files.js';
import { listNames } from '../io/folders.js';
import { TRANSIENT_ENDING, transientPrefix } from '../io/names.js';
import type { JournalContent } from '../journal/JournalContent.js';
import { isInChain, type CommittedState } from '../journal/recovery.js';
import { sweepSnapshots } from '../snapshots/sweepSnapshots.js';
import type { CommitScope } from './CommitScope.js';
import { deleteOf, finishDelete } from './tombstones.js';

const { DELETED_EXTENSION } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/**
 * All leftovers of this configuration. A tombstone that no record knows stays: it may be the only copy of something, or
 * have been deleted on purpose, and nobody can tell any more.
 */
export async function sweepLeftovers(
  scope: CommitScope,
  content: JournalContent | undefined,
  state: CommittedState,
): Promise<void> {
  const { io, path, journal } = scope;
  const folder = dirname(path);
  const prefix = transientPrefix(path);
  for (const name of await listNames(io, folder)) {
    if (!name.startsWith(prefix) || !TRANSIENT_ENDING.test(name.slice(prefix.length))) continue;
    const leftover = join(folder, name);
    if (!name.endsWith(DELETED_EXTENSION)) {
      await removeIfPresent(io, leftover);
      continue;
    }
    const record = deleteOf(content, name);
    const hasHappened = record !== undefined && content !== undefined && isInChain(record, content, state);
    if (record !== undefined) await finishDelete(scope, leftover, record, hasHappened);
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
