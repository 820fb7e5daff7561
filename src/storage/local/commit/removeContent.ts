/**
 * Removes a configuration. The commit point is the rename of its file to a unique name, its tombstone.
 *
 * An unlink could hit what another writer has put there meanwhile, and nothing could bring that back. A tombstone can be
 * looked at: if it is another file than the one that was meant, that file gets its name back.
 */
import { basename, dirname } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import { notFound } from '../../port/conditions.js';
import type { DeleteChange } from '../../port/ConfigStore.js';
import { identityOf, isRecordedFile } from '../io/FileIdentity.js';
import { statusOf } from '../io/files.js';
import { syncFolder } from '../io/folders.js';
import { transientSibling } from '../io/names.js';
import type { AppendOutcome } from '../journal/Journal.js';
import type { DeleteRecord } from '../journal/JournalRecord.js';
import { committedState, factsOfFile, isInChain } from '../journal/recovery.js';
import { discardKept, keepReplaced } from '../snapshots/keepReplaced.js';
import type { CommitScope, CommittedChange } from './CommitScope.js';
import { intentFailure, recordAbort, recordFields } from './intent.js';
import { assertUnchanged, type PreparedCommit } from './prepareCommit.js';
import { finishDelete } from './tombstones.js';

const { FILE_SYSTEM, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_CONFLICT`, `ERR_LOCK_LOST`; nothing has changed then. */
export async function removeContent(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: DeleteChange,
): Promise<CommittedChange> {
  const { io, path } = scope;
  if (prepared.base === null) throw notFound();
  const tombstone = transientSibling(path, FILE_SYSTEM.DELETED_EXTENSION);
  const record: DeleteRecord = {
    record: 'delete',
    ...recordFields(scope, prepared, change),
    claimed: basename(tombstone),
    base: prepared.base,
  };
  const recording = scope.journal.append(record, io, scope.keptVersions);
  const keeping = keepReplaced(scope, prepared.replaced, change);
  const [keptOutcome] = await Promise.allSettled([keeping, recording]);
  const kept = keptOutcome.status === 'fulfilled' ? keptOutcome.value : undefined;
  let outcome: AppendOutcome | undefined;
  try {
    outcome = await recording;
    await keeping;
    if (outcome.flushFailure !== undefined) throw outcome.flushFailure;
    scope.assertMayCommit();
    assertUnchanged(scope, kept?.original ?? prepared.file);
    await renameAway(scope, tombstone);
  } catch (error) {
    await discardKept(io, kept);
    if (outcome !== undefined) await recordAbort(scope, record);
    throw intentFailure(error);
  }
  const warnings: string[] = outcome.setAside === undefined ? [] : [WARNING_MESSAGES.JOURNAL_SET_ASIDE];
  if (await failed(syncFolder(io, dirname(path)))) warnings.push(WARNING_MESSAGES.DURABILITY_NOT_CONFIRMED);
  await clearAway(scope, tombstone, record, warnings);
  return { record, content: outcome.content, warnings, ...(kept === undefined ? {} : { kept }) };
}

/** @throws PersistenceError `ERR_LOCK_LOST` where it has caught what another program had written meanwhile. */
async function clearAway(
  scope: CommitScope,
  tombstone: string,
  record: DeleteRecord,
  warnings: string[],
): Promise<void> {
  let cause: unknown;
  let counts: boolean | undefined;
  try {
    counts = await stillCounts(scope, record);
    if (await finishDelete(scope, tombstone, record, counts)) return;
  } catch (error) {
    cause = error;
    scope.lock.needsSweep = true;
    if (counts !== false && !hasCaughtAnother(scope, tombstone, record)) {
      warnings.push(WARNING_MESSAGES.DELETED_FILE_KEPT);
      return;
    }
  }
  await recordAbort(scope, record);
  const reason = 'another program had changed the file meanwhile; its content was kept';
  throw persistenceError('ERR_LOCK_LOST', reason, { cause });
}

/** Whoever took the lock over in the meantime may have found the file still there, and gone on without this delete. */
async function stillCounts({ io, path, journal, lock, maxBytes }: CommitScope, record: DeleteRecord): Promise<boolean> {
  if (lock.isHeld()) return true;
  const content = await journal.read(io);
  if (content === undefined) return false;
  const file = await statusOf(io, path);
  return isInChain(record, content, await committedState(content, factsOfFile(io, path, file, maxBytes)));
}

function hasCaughtAnother({ io }: CommitScope, tombstone: string, { base }: DeleteRecord): boolean {
  try {
    const stats = io.lstatNow(tombstone);
    return stats !== undefined && !isRecordedFile(identityOf(stats), base);
  } catch {
    return false;
  }
}

async function failed(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch {
    return true;
  }
}

/** The commit point. */
async function renameAway({ io, path }: CommitScope, tombstone: string): Promise<void> {
  try {
    await io.rename(path, tombstone);
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) throw notFound();
    if (!hasSystemCode(error, 'EBUSY', 'EXDEV')) throw error;
    const reason = 'the system cannot rename it, as with a single file mounted into a container; unmount it first';
    throw persistenceError('ERR_ATOMIC_REPLACE_IMPOSSIBLE', reason, { cause: error });
  }
}
