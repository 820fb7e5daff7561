/**
 * The way out where a file cannot be replaced by a rename, and the caller has allowed it: rewriting the file itself.
 *
 * That is not atomic, so it is done with a redo copy: the complete, flushed temporary file stays beside the target, and a
 * record in the journal says that it counts. That append is the commit point. From there on readers that find the file
 * torn take the copy, and the next change finishes what a crash has interrupted. The copy goes when the file is whole.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { FileOperations } from '../io/FileOperations.js';
import {
  OVERWRITE_EXISTING,
  readFileContent,
  removeIfPresent,
  statusOf,
  verifyWritten,
  writeCompletely,
  type FileContent,
  type FileStatus,
} from '../io/files.js';
import { syncFolder } from '../io/folders.js';
import { newToken } from '../io/names.js';
import type { AppendOutcome } from '../journal/Journal.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { SaveRecord } from '../journal/JournalRecord.js';
import { keepReplaced } from '../snapshots/keepReplaced.js';
import type { CommitScope } from './CommitScope.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** What an in-place commit came to. */
export interface InPlaceCommit {
  readonly record: SaveRecord;
  readonly outcome: AppendOutcome;
  readonly warning: string;
}

/** Commits the content of a temporary file that could not be renamed; `intent` is the record of that attempt. */
export async function commitInPlace(scope: CommitScope, intent: SaveRecord, bytes: Uint8Array): Promise<InPlaceCommit> {
  const { io, path, journal } = scope;
  // The name of the copy must be durable before the record relies on it.
  await syncFolder(io, dirname(path));
  const record: SaveRecord = { ...intent, revision: intent.revision + 1, token: newToken(), inPlace: true };
  scope.assertMayCommit();
  const outcome = await journal.append(record, io, scope.keptVersions);
  try {
    // Whoever took the lock over finishes it from the copy; writing here could hit what came after.
    scope.assertMayCommit();
    await overwrite(io, path, bytes);
    await removeIfPresent(io, join(dirname(path), record.temporary));
    return { record, outcome, warning: WARNING_MESSAGES.WRITTEN_IN_PLACE };
  } catch {
    // Committed: the copy is what counts until the file is whole.
    return { record, outcome, warning: WARNING_MESSAGES.IN_PLACE_UNFINISHED };
  }
}

/** The content that counts while the file itself is torn; undefined where the record needs none or the copy is gone. */
export async function readRedoCopy(
  io: FileOperations,
  path: string,
  record: SaveRecord,
  maxBytes: number,
): Promise<FileContent | undefined> {
  if (record.inPlace !== true) return undefined;
  const copy = await readFileContent(io, join(dirname(path), record.temporary), maxBytes);
  return copy?.checksum === record.checksum ? copy : undefined;
}

/** Finishes an in-place commit that was interrupted; what it overwrites is in quarantine then. For the holder of the lock. */
export async function finishInPlace(scope: CommitScope, content: JournalContent | undefined): Promise<void> {
  const { io, path } = scope;
  const newest = content?.newest;
  if (newest?.record !== 'save') return;
  const copy = await readRedoCopy(io, path, newest, scope.maxBytes);
  if (copy === undefined) return;
  const temporary = join(dirname(path), newest.temporary);
  const status = await statusOf(io, path);
  if (status === undefined) {
    // Nothing is mounted there any more, so nothing can be torn either.
    scope.assertMayCommit();
    await io.rename(temporary, path);
    await syncFolder(io, dirname(path));
    return;
  }
  const file = await readFileContent(io, path, scope.maxBytes);
  if (file?.checksum !== copy.checksum) {
    if (file !== undefined) await keepWhatIsThere(scope, status, file.checksum);
    scope.assertMayCommit();
    await overwrite(io, path, copy.bytes);
  }
  await removeIfPresent(io, temporary);
}

/** A torn file, or what an editor has made of it: nobody can tell which. A copy, because the file itself is rewritten. */
async function keepWhatIsThere(scope: CommitScope, status: FileStatus, checksum: string): Promise<void> {
  const content = { path: scope.path, status, checksum: () => Promise.resolve(checksum), sequence: 0 };
  const change = { time: Date.now(), keep: 'quarantine' as const };
  await keepReplaced({ ...scope, mayWriteInPlace: true }, content, change);
}

async function overwrite(io: FileOperations, path: string, bytes: Uint8Array): Promise<void> {
  const descriptor = await io.open(path, OVERWRITE_EXISTING);
  try {
    await writeCompletely(io, descriptor, bytes, 'start');
    await io.ftruncate(descriptor, bytes.length);
    await io.fsync(descriptor);
    await verifyWritten(io, descriptor, bytes);
  } finally {
    await io.close(descriptor);
  }
}
