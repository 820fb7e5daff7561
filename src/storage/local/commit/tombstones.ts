/**
 * Files that a delete has renamed away, and those of them that it did not mean.
 *
 * Between the last look at the lock and the rename of a delete nothing is atomic, so a deleter that slept right there takes
 * away what others have committed meanwhile. It notices and gives it its name back, but it may be killed or sleep again
 * before that. Until then the content is missing from its place and is not gone: its tombstone is an orphan, readers find
 * it here, and the next change undoes the deletion.
 */
import { basename, dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasErrorCode, PersistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode, isSystemError } from '../../../errors/StorageError.js';
import { isRecordedFile } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { readFileContent, removeIfPresent, statusOf, type FileContent, type FileStatus } from '../io/files.js';
import { listNames, syncFolder } from '../io/folders.js';
import { TRANSIENT_ENDING, transientPrefix } from '../io/names.js';
import { isWithoutHardLinks } from '../io/publish.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { DeleteRecord } from '../journal/JournalRecord.js';
import { committedChain, isInChain, type CommittedState } from '../journal/recovery.js';
import { keepReplaced } from '../snapshots/keepReplaced.js';
import type { CommitScope } from './CommitScope.js';

const { DELETED_EXTENSION } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/** A tombstone whose place is the configuration's. */
export interface OrphanedTombstone {
  readonly path: string;
  /** The delete that made it; undefined where a compaction has left the record out. */
  readonly record: DeleteRecord | undefined;
}

/**
 * The tombstone that should be the configuration, for a place where no file stands.
 *
 * It is the one that the newest save describes; or one of a delete which did not happen, or which meant another file,
 * unless a later delete has removed the content anyway.
 */
export async function findOrphan(
  io: FileOperations,
  path: string,
  content: JournalContent | undefined,
  state: CommittedState,
): Promise<OrphanedTombstone | undefined> {
  if (content === undefined) return undefined;
  let orphan: OrphanedTombstone | undefined;
  for (const tombstone of await tombstonesOf(io, path, content, state)) {
    const status = await statusOf(io, tombstone);
    const record = deleteOf(content, tombstone);
    if (status === undefined) continue;
    const isPresent = state.saved !== undefined && isRecordedFile(status, state.saved.file);
    if (isPresent) return { path: tombstone, record };
    if (record !== undefined && isOrphan(record, status, content, state)) orphan ??= { path: tombstone, record };
  }
  return orphan;
}

/** Its content; undefined where there is no orphan, or it got its name back just now. */
export async function readOrphan(
  io: FileOperations,
  path: string,
  content: JournalContent | undefined,
  state: CommittedState,
  maxBytes: number,
): Promise<FileContent | undefined> {
  const orphan = await findOrphan(io, path, content, state);
  return orphan === undefined ? undefined : readFileContent(io, orphan.path, maxBytes);
}

/** The delete that made a tombstone. */
export function deleteOf(content: JournalContent | undefined, tombstone: string): DeleteRecord | undefined {
  for (const record of content?.records.values() ?? []) {
    if (record.record === 'delete' && record.claimed === basename(tombstone)) return record;
  }
  return undefined;
}

/**
 * Gives a deleted file its name back. Where a newer file stands there, its content becomes a backup; where that cannot be
 * made now, the tombstone stays as it is, so that the content is not lost.
 */
export async function undelete(scope: CommitScope, tombstone: string): Promise<void> {
  const { io, path } = scope;
  const isBack = await returnName(io, tombstone, path);
  if (isBack) await syncFolder(io, dirname(path));
  if (isBack || (await keepAside(scope, tombstone))) await removeIfPresent(io, tombstone);
}

/**
 * Ends a delete whose file has been renamed away: removes it, or gives it its name back where that was another file than
 * the delete meant, or the delete does not count. True where the content is gone as it should be.
 *
 * @param hasHappened whether the others see the delete as something that was done.
 */
export async function finishDelete(
  scope: CommitScope,
  tombstone: string,
  record: DeleteRecord,
  hasHappened: boolean,
): Promise<boolean> {
  const status = await statusOf(scope.io, tombstone);
  // Somebody else has ended it.
  if (status === undefined) return hasHappened;
  if (!hasHappened || !isRecordedFile(status, record.base)) {
    await undelete(scope, tombstone);
    return false;
  }
  await removeIfPresent(scope.io, tombstone);
  return true;
}

/** The delete that the content is gone by; undefined where it is not, or was never there. */
function deleteInForce(content: JournalContent, { head }: CommittedState): DeleteRecord | undefined {
  for (const record of committedChain(content, head)) {
    if (record.record === 'delete') return record;
    if (record.record === 'save') return undefined;
  }
  return undefined;
}

async function tombstonesOf(
  io: FileOperations,
  path: string,
  content: JournalContent,
  state: CommittedState,
): Promise<string[]> {
  const folder = dirname(path);
  if (state.saved === undefined) {
    const last = deleteInForce(content, state);
    return last === undefined ? [] : [join(folder, last.claimed)];
  }
  const prefix = transientPrefix(path);
  const names = (await listNames(io, folder)).filter(
    (name) => name.startsWith(prefix) && name.endsWith(DELETED_EXTENSION),
  );
  return names.filter((name) => TRANSIENT_ENDING.test(name.slice(prefix.length))).map((name) => join(folder, name));
}

function isOrphan(record: DeleteRecord, status: FileStatus, content: JournalContent, state: CommittedState): boolean {
  const isMeant = isRecordedFile(status, record.base);
  if (state.saved === undefined) return !isMeant;
  return !isMeant || !isInChain(record, content, state);
}

/** False where a file stands there already. */
async function returnName(io: FileOperations, tombstone: string, path: string): Promise<boolean> {
  try {
    await io.link(tombstone, path);
    return true;
  } catch (error) {
    // Without the tombstone, somebody else has just given it its name back.
    if (hasSystemCode(error, 'EEXIST', 'ENOENT')) return false;
    // The lock then has to keep others from saving at this very moment.
    if (!isWithoutHardLinks(error)) throw error;
  }
  if (io.lstatNow(path) !== undefined) return false;
  await io.rename(tombstone, path);
  return true;
}

async function keepAside(scope: CommitScope, tombstone: string): Promise<boolean> {
  const { io, maxBytes } = scope;
  try {
    const status = await statusOf(io, tombstone);
    if (status === undefined) return true;
    const checksum = async (): Promise<string> => (await readFileContent(io, tombstone, maxBytes))?.checksum ?? '';
    const kept = { path: tombstone, status, checksum, sequence: 0 };
    await keepReplaced({ ...scope, mayWriteInPlace: false, probe: undefined }, kept, {
      time: Date.now(),
      keep: 'backup',
    });
    return true;
  } catch (error) {
    if (!(error instanceof PersistenceError) && !isSystemError(error)) throw error;
    return hasErrorCode(error, 'ERR_CONFLICT');
  }
}
