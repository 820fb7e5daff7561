/**
 * Files that a delete has claimed and did not mean.
 *
 * Between the last look at the lock and the claim of a delete nothing is atomic, so a deleter that slept right there takes
 * away what others have committed meanwhile. It notices and puts it back, but it may be killed or sleep again before that.
 * Until then the content is missing from its place and is not gone: readers find it here, and the next change puts it back.
 */
import { basename, dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasErrorCode, PersistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode, isSystemError } from '../../../errors/StorageError.js';
import {
  lookAt,
  readFileContent,
  removeIfPresent,
  temporaryPrefix,
  type FileContent,
  type FileSighting,
} from '../io/durableFile.js';
import { listNames, syncFolder } from '../io/durableFolder.js';
import { isRecordedFile } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import type { JournalContent } from '../journal/JournalContent.js';
import { TRANSIENT_ENDING, type DeleteRecord } from '../journal/JournalRecord.js';
import { committedChain, type Judgement } from '../journal/judgement.js';
import { keepReplaced } from '../snapshots/keepReplaced.js';
import type { CommitScope } from './CommitScope.js';

const { DELETED_EXTENSION } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/** A claimed file whose place is the configuration's. */
export interface MissedFile {
  readonly path: string;
  /** The delete that took it away; undefined where a compaction has left the record out. */
  readonly record: DeleteRecord | undefined;
}

/**
 * The claimed file that should stand in a place where no file stands.
 *
 * It is the one that the newest save describes; or one that a delete has claimed which did not happen, or which meant
 * another file, unless a later delete has removed the content anyway.
 */
export async function findMissed(
  io: FileOperations,
  path: string,
  content: JournalContent | undefined,
  judgement: Judgement,
): Promise<MissedFile | undefined> {
  if (content === undefined) return undefined;
  let missed: MissedFile | undefined;
  for (const claimed of await claimedFiles(io, path, content, judgement)) {
    const sighting = await lookAt(io, claimed);
    const record = deleteThatClaimed(content, claimed);
    if (sighting === undefined) continue;
    const isPresent = judgement.saved !== undefined && isRecordedFile(sighting, judgement.saved.file);
    if (isPresent) return { path: claimed, record };
    if (record !== undefined && isMissed(record, sighting, content, judgement)) missed ??= { path: claimed, record };
  }
  return missed;
}

/** The same with its content; undefined where there is none, or it was put back just now. */
export async function readMissed(
  io: FileOperations,
  path: string,
  content: JournalContent | undefined,
  judgement: Judgement,
  maxBytes: number,
): Promise<FileContent | undefined> {
  const missed = await findMissed(io, path, content, judgement);
  return missed === undefined ? undefined : readFileContent(io, missed.path, maxBytes);
}

/** The record of the delete that gave a file this name. */
export function deleteThatClaimed(content: JournalContent | undefined, claimed: string): DeleteRecord | undefined {
  for (const record of content?.records.values() ?? []) {
    if (record.record === 'delete' && record.claimed === basename(claimed)) return record;
  }
  return undefined;
}

/** Whether a delete happened, as far as the others have gone on from it. */
export function hasHappened(record: DeleteRecord, content: JournalContent | undefined, judgement: Judgement): boolean {
  if (content === undefined) return false;
  for (const { token } of committedChain(content, judgement.head)) if (token === record.token) return true;
  return false;
}

/**
 * Gives a claimed file its name back. Where a newer file stands there, its content becomes a backup; where that cannot be
 * made now, the claimed file stays as it is, so that the content is not lost.
 */
export async function putBack(scope: CommitScope, claimed: string): Promise<void> {
  const { io, path } = scope;
  const isBack = await returnName(io, claimed, path);
  if (isBack) await syncFolder(io, dirname(path));
  if (isBack || (await keepAside(scope, claimed))) await removeIfPresent(io, claimed);
}

/** The delete that the content is gone by; undefined where it is not, or was never there. */
export function deleteInForce(content: JournalContent, { head }: Judgement): DeleteRecord | undefined {
  for (const record of committedChain(content, head)) {
    if (record.record === 'delete') return record;
    if (record.record === 'save') return undefined;
  }
  return undefined;
}

async function claimedFiles(
  io: FileOperations,
  path: string,
  content: JournalContent,
  judgement: Judgement,
): Promise<string[]> {
  const folder = dirname(path);
  if (judgement.saved === undefined) {
    const last = deleteInForce(content, judgement);
    return last === undefined ? [] : [join(folder, last.claimed)];
  }
  const prefix = temporaryPrefix(path);
  const names = (await listNames(io, folder)).filter(
    (name) => name.startsWith(prefix) && name.endsWith(DELETED_EXTENSION),
  );
  return names.filter((name) => TRANSIENT_ENDING.test(name.slice(prefix.length))).map((name) => join(folder, name));
}

function isMissed(
  record: DeleteRecord,
  sighting: FileSighting,
  content: JournalContent,
  judgement: Judgement,
): boolean {
  const isMeant = isRecordedFile(sighting, record.base);
  if (judgement.saved === undefined) return !isMeant;
  return !isMeant || !hasHappened(record, content, judgement);
}

/** False where a file stands there already. */
async function returnName(io: FileOperations, claimed: string, path: string): Promise<boolean> {
  try {
    await io.link(claimed, path);
    return true;
  } catch (error) {
    // Without the claimed file, somebody else has just put it back.
    if (hasSystemCode(error, 'EEXIST', 'ENOENT')) return false;
    // File systems without hard links. The lock then has to keep others from saving at this very moment.
    if (!hasSystemCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK')) throw error;
  }
  if (io.lstatNow(path) !== undefined) return false;
  await io.rename(claimed, path);
  return true;
}

async function keepAside(scope: CommitScope, claimed: string): Promise<boolean> {
  const { io, snapshots: folder, maxBytes } = scope;
  try {
    const sighting = await lookAt(io, claimed);
    if (sighting === undefined) return true;
    const checksum = async (): Promise<string> => (await readFileContent(io, claimed, maxBytes))?.checksum ?? '';
    const kept = { path: claimed, sighting, checksum, revision: 0 };
    await keepReplaced({ io, folder, maxBytes, mayWriteInPlace: false }, kept, { time: Date.now(), keep: 'backup' });
    return true;
  } catch (error) {
    if (!(error instanceof PersistenceError) && !isSystemError(error)) throw error;
    return hasErrorCode(error, 'ERR_CONFLICT');
  }
}
