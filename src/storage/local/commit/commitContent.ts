/**
 * Publishes new content. The commit point is the rename of the temporary file over the configuration.
 *
 * Before it, everything needed is durable: the complete bytes, read back and compared, and the record that announces
 * them. A crash leaves the old content or the new one, and the record with the file tells which. After it nothing can
 * fail any more: a folder that cannot be flushed is a warning, because the new content is already visible.
 */
import type { BigIntStats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasErrorCode, persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { ContentChange } from '../../port/ConfigStore.js';
import {
  CREATE_EXCLUSIVE,
  removeQuietly,
  temporarySibling,
  verifyWritten,
  writeCompletely,
  PERMISSION_BITS,
  type FileSighting,
} from '../io/durableFile.js';
import { syncFolder } from '../io/durableFolder.js';
import { identityOf, isRecordedFile, recordedIdentity, type FileIdentity } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { renameOwn } from '../io/overtaken.js';
import { newToken, type AppendOutcome } from '../journal/Journal.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { SaveRecord } from '../journal/JournalRecord.js';
import { discardKept, type KeptSnapshot } from '../snapshots/keepReplaced.js';
import { announcementFailure, cancelChange } from './cancelChange.js';
import type { CommitScope } from './CommitScope.js';
import { keepBeside } from './keepBeside.js';
import { assertUnchanged, type PreparedCommit } from './prepareCommit.js';
import { commitInPlace } from './writeInPlace.js';

const { FILE_SYSTEM, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface CommittedContent {
  readonly record: SaveRecord;
  readonly content: JournalContent;
  /** For the stamp of what was saved. */
  readonly identity: FileIdentity | undefined;
  readonly kept?: KeptSnapshot;
  readonly warnings: readonly string[];
}

export async function commitContent(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: ContentChange,
): Promise<CommittedContent> {
  const { io, path } = scope;
  const temporary = temporarySibling(path, FILE_SYSTEM.TEMP_EXTENSION);
  const warnings: string[] = [];
  const attempt: Attempt = { temporary, isUnsettled: false };
  const announcing = writeAndAnnounce(scope, prepared, change, attempt, warnings);
  const { kept, failure } = await keepBeside(scope, prepared, change, announcing);
  let announced: Announced;
  try {
    announced = await announcing;
    if (failure !== undefined) throw failure;
    scope.assertMayCommit();
    if (change.expectedChecksum !== undefined) assertUnchanged(scope, kept?.original ?? prepared.file);
    if (!(await publish(scope, temporary))) {
      const { warning, ...committed } = await commitInPlace(scope, announced.record, change.bytes);
      announced = committed;
      warnings.push(warning);
    }
  } catch (error) {
    // Rewriting in place commits with a record of its own: should that be in force, the copy is what counts.
    if (attempt.announced !== undefined && hasErrorCode(error, 'ERR_INDETERMINATE')) throw error;
    await takeBack(scope, prepared, attempt);
    await discardKept(io, kept);
    throw announcementFailure(error);
  }
  const identity = publishedIdentity(io, path, announced.record);
  if (announced.outcome.setAside !== undefined) warnings.push(WARNING_MESSAGES.JOURNAL_SET_ASIDE);
  try {
    await syncFolder(io, dirname(path));
  } catch {
    warnings.push(WARNING_MESSAGES.DURABILITY_NOT_CONFIRMED);
  }
  const { record, outcome } = announced;
  return { record, content: outcome.content, identity, warnings, ...(kept === undefined ? {} : { kept }) };
}

interface Announced {
  readonly record: SaveRecord;
  readonly outcome: AppendOutcome;
}

/** A change on its way to the commit point, for the case that it does not get there. */
interface Attempt {
  readonly temporary: string;
  /** The record that announces it, once it is known to be in the journal. */
  announced?: SaveRecord;
  /** Whether nobody knows if the record is in the journal. */
  isUnsettled: boolean;
}

/**
 * Makes a failed change one that did not happen.
 *
 * Where there was no file before, only the temporary file tells that from a file that was committed and then removed by
 * somebody else. So it stays until the record is taken back; if that fails too, the next change does both.
 */
async function takeBack(
  scope: CommitScope,
  prepared: PreparedCommit,
  { temporary, announced, isUnsettled }: Attempt,
): Promise<void> {
  const isTakenBack = announced === undefined ? !isUnsettled : await cancelChange(scope, announced);
  const isTheOnlyEvidence = !isTakenBack && prepared.base === null && scope.lease.isHeld();
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

/** Ends with a record that announces a complete, flushed file; or with an error, and what has to be taken back. */
async function writeAndAnnounce(
  scope: CommitScope,
  prepared: PreparedCommit,
  change: ContentChange,
  attempt: Attempt,
  warnings: string[],
): Promise<Announced> {
  const { io } = scope;
  let announced: Announced;
  const descriptor = await io.open(attempt.temporary, CREATE_EXCLUSIVE, prepared.file?.mode ?? scope.fileMode);
  try {
    const written = await writeTemporary(io, descriptor, prepared, change, warnings);
    const record = recordOf(scope, prepared, change, attempt.temporary, written);
    // The two flushes are one wait. If only the record becomes durable, its change simply never happened.
    const flushed = flushAndVerify(io, descriptor, change.bytes);
    const appended = announce(scope, record, attempt);
    // Both have ended before one failure is passed on, so that nothing still runs when the operation fails.
    await Promise.allSettled([flushed, appended]);
    announced = { record, outcome: await appended };
    await flushed;
  } finally {
    await io.close(descriptor);
  }
  // Without its record on the disk, the rename could survive a power cut that the record does not.
  if (announced.outcome.flushFailure !== undefined) throw announced.outcome.flushFailure;
  return announced;
}

async function announce(scope: CommitScope, record: SaveRecord, attempt: Attempt): Promise<AppendOutcome> {
  try {
    const outcome = await scope.journal.append(record, scope.io, scope.keptVersions);
    attempt.announced = record;
    return outcome;
  } catch (error) {
    attempt.isUnsettled = hasErrorCode(error, 'ERR_INDETERMINATE');
    throw error;
  }
}

async function writeTemporary(
  io: FileOperations,
  descriptor: number,
  prepared: PreparedCommit,
  change: ContentChange,
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
  change: ContentChange,
  temporary: string,
  written: FileIdentity,
): SaveRecord {
  const { saved, head } = prepared.judgement;
  const createdBy = saved === undefined ? change.user : saved.createdBy;
  return {
    record: 'save',
    revision: prepared.revision,
    parent: head?.revision ?? 0,
    token: newToken(),
    time: change.time,
    ...(change.user === undefined ? {} : { user: change.user }),
    process: scope.process,
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
  replaced: FileSighting,
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

/** Renames the temporary file over the configuration; false where that is impossible and in-place writing is allowed. */
async function publish({ io, path, mayWriteInPlace }: CommitScope, temporary: string): Promise<boolean> {
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
