/**
 * Removes a configuration. The commit point is the rename of its file to a unique claimed name.
 *
 * An unlink could hit what another writer has put there meanwhile, and nothing could bring that back. The claim can be
 * looked at: if it caught another file than the one that was meant, that file gets its name back.
 */
import { basename, dirname } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { ChangeFields } from '../../port/ConfigStore.js';
import { lookAt, temporarySibling } from '../io/durableFile.js';
import { syncFolder } from '../io/durableFolder.js';
import { lazyEvidence } from '../evidence.js';
import { identityOf, isRecordedFile } from '../io/FileIdentity.js';
import { newToken, type AppendOutcome } from '../journal/Journal.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { DeleteRecord } from '../journal/JournalRecord.js';
import { judge } from '../journal/judgement.js';
import { discardKept, type KeptSnapshot } from '../snapshots/keepReplaced.js';
import { announcementFailure, cancelChange } from './cancelChange.js';
import { hasHappened } from './claimed.js';
import type { CommitScope } from './CommitScope.js';
import { keepBeside } from './keepBeside.js';
import { assertUnchanged, notFound, type PreparedCommit } from './prepareCommit.js';
import { finishDelete } from './sweep.js';

const { FILE_SYSTEM, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface RemovedContent {
  readonly record: DeleteRecord;
  readonly content: JournalContent;
  readonly kept?: KeptSnapshot;
  readonly warnings: readonly string[];
}

/** @throws PersistenceError `ERR_FILE_NOT_FOUND`, `ERR_CONFLICT`, `ERR_LOCK_LOST`; nothing has changed then. */
export async function removeContent(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: ChangeFields,
): Promise<RemovedContent> {
  const { io, path } = scope;
  if (prepared.base === null) throw notFound();
  const claimed = temporarySibling(path, FILE_SYSTEM.DELETED_EXTENSION);
  const record: DeleteRecord = {
    record: 'delete',
    revision: prepared.revision,
    parent: prepared.judgement.head?.revision ?? 0,
    token: newToken(),
    time: change.time,
    ...(change.user === undefined ? {} : { user: change.user }),
    process: scope.process,
    claimed: basename(claimed),
    base: prepared.base,
  };
  const announcing = announce(scope, record);
  const { kept, failure } = await keepBeside(scope, prepared, change, announcing);
  let outcome: AppendOutcome | undefined;
  try {
    outcome = await announcing;
    if (failure !== undefined) throw failure;
    if (outcome.flushFailure !== undefined) throw outcome.flushFailure;
    scope.assertMayCommit();
    assertUnchanged(scope, kept?.original ?? prepared.file);
    await claim(scope, claimed);
  } catch (error) {
    await discardKept(io, kept);
    if (outcome !== undefined) await cancelChange(scope, record);
    throw error;
  }
  const warnings: string[] = outcome.setAside === undefined ? [] : [WARNING_MESSAGES.JOURNAL_SET_ASIDE];
  if (await failed(syncFolder(io, dirname(path)))) warnings.push(WARNING_MESSAGES.DURABILITY_NOT_CONFIRMED);
  await clearAway(scope, claimed, record, warnings);
  return { record, content: outcome.content, warnings, ...(kept === undefined ? {} : { kept }) };
}

async function announce({ journal, io, keptVersions }: CommitScope, record: DeleteRecord): Promise<AppendOutcome> {
  try {
    return await journal.append(record, io, keptVersions);
  } catch (error) {
    throw announcementFailure(error);
  }
}

/** @throws PersistenceError `ERR_LOCK_LOST` where the claim caught what another program had written meanwhile. */
async function clearAway(scope: CommitScope, claimed: string, record: DeleteRecord, warnings: string[]): Promise<void> {
  let cause: unknown;
  let counts: boolean | undefined;
  try {
    counts = await stillCounts(scope, record);
    if (await finishDelete(scope, claimed, record, counts)) return;
  } catch (error) {
    cause = error;
    scope.lease.setNeedsSweep(true);
    if (counts !== false && !hasCaughtAnother(scope, claimed, record)) {
      warnings.push(WARNING_MESSAGES.DELETED_FILE_KEPT);
      return;
    }
  }
  await cancelChange(scope, record);
  const reason = 'another program had changed the file meanwhile; its content was kept';
  throw persistenceError('ERR_LOCK_LOST', reason, { cause });
}

/** Whoever took the lock over in the meantime may have found the file still there, and gone on without this delete. */
async function stillCounts(
  { io, path, journal, lease, maxBytes }: CommitScope,
  record: DeleteRecord,
): Promise<boolean> {
  if (lease.isHeld()) return true;
  const content = await journal.read(io);
  const file = await lookAt(io, path);
  return hasHappened(record, content, await judge(content, lazyEvidence(io, { real: path }, file, maxBytes)));
}

function hasCaughtAnother({ io }: CommitScope, claimed: string, { base }: DeleteRecord): boolean {
  try {
    const stats = io.lstatNow(claimed);
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

async function claim({ io, path }: CommitScope, claimed: string): Promise<void> {
  try {
    await io.rename(path, claimed);
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) throw notFound();
    if (!hasSystemCode(error, 'EBUSY', 'EXDEV')) throw error;
    const reason = 'the system cannot rename it, as with a single file mounted into a container; unmount it first';
    throw persistenceError('ERR_ATOMIC_REPLACE_IMPOSSIBLE', reason, { cause: error });
  }
}
