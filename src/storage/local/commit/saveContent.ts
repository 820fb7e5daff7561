/**
 * Publishes new content. The commit point is the rename of the temporary file over the configuration.
 *
 * Before it, everything needed is durable: the complete bytes, read back and compared, and the record of the intent. A crash leaves the old content or the new one, and the record with the file tells which. After it nothing can
 * fail any more: a folder that cannot be flushed is a warning, because the new content is already visible.
 */
import type { BigIntStats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasErrorCode, persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { SaveChange } from '../../port/ConfigStore.js';
import { identityOf, isRecordedFile, recordedIdentity, type FileIdentity } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import {
  CREATE_EXCLUSIVE,
  PERMISSION_BITS,
  removeQuietly,
  renameOwn,
  verifyWritten,
  writeCompletely,
  type FileStatus,
} from '../io/files.js';
import { ensureFolder, syncFolder } from '../io/folders.js';
import { transientSibling } from '../io/names.js';
import type { AppendOutcome } from '../journal/Journal.js';
import type { SaveRecord } from '../journal/JournalRecord.js';
import { discardKept, keepReplaced } from '../snapshots/keepReplaced.js';
import type { CommitScope, CommittedChange } from './CommitScope.js';
import { intentFailure, recordAbort, recordFields } from './intent.js';
import { assertUnchanged, type PreparedCommit } from './prepareCommit.js';
import { commitInPlace } from './writeInPlace.js';

const { FILE_SYSTEM, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** A save on its way to the commit point, for the case that it does not get there. */
interface Attempt {
  readonly temporary: string;
  /** The record of the intent, once it is known to be in the journal. */
  intent?: SaveRecord;
  /** Whether nobody knows if the record is in the journal. */
  isInDoubt: boolean;
}

interface Recorded {
  readonly record: SaveRecord;
  readonly outcome: AppendOutcome;
}

/** @throws PersistenceError `ERR_CONFLICT`, `ERR_LOCK_LOST` and others; nothing has changed then. */
export async function saveContent(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: SaveChange,
): Promise<CommittedChange> {
  const { io, path } = scope;
  await ensureFolder(io, dirname(path), scope.folderMode);
  const attempt: Attempt = { temporary: transientSibling(path, FILE_SYSTEM.TEMP_EXTENSION), isInDoubt: false };
  const warnings: string[] = [];
  const writing = writeAndRecord(scope, prepared, change, attempt, warnings);
  const keeping = keepReplaced(scope, prepared.replaced, change);
  // The flushes of both are one wait; both have ended before one failure is passed on, so that nothing still runs then.
  const [keptOutcome] = await Promise.allSettled([keeping, writing]);
  const kept = keptOutcome.status === 'fulfilled' ? keptOutcome.value : undefined;
  let recorded: Recorded;
  try {
    recorded = await writing;
    await keeping;
    scope.assertMayCommit();
    if (change.expectedChecksum !== undefined) assertUnchanged(scope, kept?.original ?? prepared.file);
    if (!(await renameOver(scope, attempt.temporary))) {
      const { warning, ...committed } = await commitInPlace(scope, recorded.record, change.bytes);
      recorded = committed;
      warnings.push(warning);
    }
  } catch (error) {
    // Rewriting in place commits with a record of its own: should that be in force, the copy is what counts.
    if (attempt.intent !== undefined && hasErrorCode(error, 'ERR_INDETERMINATE')) throw error;
    await rollBack(scope, prepared, attempt);
    await discardKept(io, kept);
    throw intentFailure(error);
  }
  const { record, outcome } = recorded;
  const identity = publishedIdentity(io, path, record);
  if (outcome.setAside !== undefined) warnings.push(WARNING_MESSAGES.JOURNAL_SET_ASIDE);
  try {
    await syncFolder(io, dirname(path));
  } catch {
    warnings.push(WARNING_MESSAGES.DURABILITY_NOT_CONFIRMED);
  }
  return {
    record,
    saved: record,
    content: outcome.content,
    ...(identity === undefined ? {} : { identity }),
    ...(kept === undefined ? {} : { kept }),
    warnings,
  };
}

/**
 * Makes a failed save one that did not happen.
 *
 * Where there was no file before, only the temporary file tells that from a file that was committed and then removed by
 * somebody else. So it stays until the abort is recorded; if that fails too, the next change does both.
 */
async function rollBack(
  scope: CommitScope,
  prepared: PreparedCommit,
  { temporary, intent, isInDoubt }: Attempt,
): Promise<void> {
  const isAborted = intent === undefined ? !isInDoubt : await recordAbort(scope, intent);
  const isTheOnlyEvidence = !isAborted && prepared.base === null && scope.lock.isHeld();
  if (!isTheOnlyEvidence) await removeQuietly(scope.io, temporary);
}

/** The state of the file right after the commit, unless somebody has written to it since or it cannot be looked at. */
function publishedIdentity(io: FileOperations, path: string, record: SaveRecord): FileIdentity | undefined {
  try {
    const now = io.statNow(path);
    const identity = now === undefined ? undefined : identityOf(now);
    return identity !== undefined && isRecordedFile(identity, record.file) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Ends with a complete, flushed file and the record of the intent; or with an error, and what has to be rolled back. */
async function writeAndRecord(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: SaveChange,
  attempt: Attempt,
  warnings: string[],
): Promise<Recorded> {
  const { io } = scope;
  let recorded: Recorded;
  const descriptor = await io.open(attempt.temporary, CREATE_EXCLUSIVE, prepared.file?.mode ?? scope.fileMode);
  try {
    const written = await writeTemporary(io, descriptor, prepared, change, warnings);
    const record = recordOf(scope, prepared, change, attempt.temporary, written);
    // The two flushes are one wait. If only the record becomes durable, its change simply never happened.
    const flushed = flushAndVerify(io, descriptor, change.bytes);
    const appended = appendIntent(scope, record, attempt);
    await Promise.allSettled([flushed, appended]);
    recorded = { record, outcome: await appended };
    await flushed;
  } finally {
    await io.close(descriptor);
  }
  // Without its record on the disk, the rename could survive a power cut that the record does not.
  if (recorded.outcome.flushFailure !== undefined) throw recorded.outcome.flushFailure;
  return recorded;
}

async function appendIntent(scope: CommitScope, record: SaveRecord, attempt: Attempt): Promise<AppendOutcome> {
  try {
    const outcome = await scope.journal.append(record, scope.io, scope.keptVersions);
    attempt.intent = record;
    return outcome;
  } catch (error) {
    attempt.isInDoubt = hasErrorCode(error, 'ERR_INDETERMINATE');
    throw error;
  }
}

async function writeTemporary(
  io: FileOperations,
  descriptor: number,
  prepared: PreparedCommit,
  change: SaveChange,
  warnings: string[],
): Promise<FileIdentity> {
  await writeCompletely(io, descriptor, change.bytes, 'start');
  const written = await io.fstat(descriptor);
  if (written.size !== BigInt(change.bytes.length)) {
    throw persistenceError('ERR_WRITE_VERIFICATION', 'the file has another size than was written; check the disk');
  }
  if (prepared.file !== undefined) await keepModeAndOwner(io, descriptor, prepared.file, written, warnings);
  return identityOf(written);
}

async function flushAndVerify(io: FileOperations, descriptor: number, bytes: Uint8Array): Promise<void> {
  await io.fsync(descriptor);
  await verifyWritten(io, descriptor, bytes);
}

function recordOf(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: SaveChange,
  temporary: string,
  written: FileIdentity,
): SaveRecord {
  const { saved } = prepared.state;
  const createdBy = saved === undefined ? change.user : saved.createdBy;
  return {
    record: 'save',
    ...recordFields(scope, prepared, change),
    operation: change.operation,
    ...(change.source === undefined ? {} : { source: change.source }),
    checksum: change.checksum,
    size: change.bytes.length,
    format: change.format,
    createdAt: saved?.createdAt ?? change.time,
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(change.description === undefined ? {} : { description: change.description }),
    ...(change.tags === undefined ? {} : { tags: change.tags }),
    temporary: basename(temporary),
    file: recordedIdentity(written),
    base: prepared.base,
  };
}

/** A replacement has the mode and the owner of what it replaces; only a privileged process may give a file away. */
async function keepModeAndOwner(
  io: FileOperations,
  descriptor: number,
  replaced: FileStatus,
  created: BigIntStats,
  warnings: string[],
): Promise<void> {
  if (process.platform === 'win32') return;
  const hasOwner = BigInt(replaced.userId) === created.uid && BigInt(replaced.groupId) === created.gid;
  if (!hasOwner) {
    try {
      await io.fchown(descriptor, replaced.userId, replaced.groupId);
    } catch (error) {
      if (!hasSystemCode(error, 'EPERM', 'EINVAL')) throw error;
      warnings.push(WARNING_MESSAGES.OWNER_NOT_KEPT);
    }
  }
  // After the owner, whose change clears the set-id bits. The mask of the process may have cut the mode at creation.
  const hasMode = BigInt(replaced.mode) === (created.mode & PERMISSION_BITS);
  if (!hasMode || !hasOwner) await io.fchmod(descriptor, replaced.mode);
}

/** The commit point. False where it is impossible and rewriting in place is allowed. */
async function renameOver({ io, path, mayWriteInPlace }: CommitScope, temporary: string): Promise<boolean> {
  try {
    await renameOwn(io, temporary, path);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'EBUSY', 'EXDEV')) {
      if (mayWriteInPlace) return false;
      throw persistenceError(
        'ERR_ATOMIC_REPLACE_IMPOSSIBLE',
        'the system cannot rename over it, as with a single file mounted into a container; mount its folder instead, ' +
          'or allow it to be rewritten with the option inPlaceFallback',
        { cause: error },
      );
    }
    throw error;
  }
}
