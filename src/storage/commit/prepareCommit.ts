/**
 * The first part of every change: what is committed now, who comes first, what is left over.
 *
 * The journal is read before the file. If another writer commits in between, this one's revision number is taken and its
 * append fails, whatever the locks say.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { ChangeFields } from '../ConfigStore.js';
import { lookAt, removeIfPresent, type FileSighting } from '../durableFile.js';
import { lazyEvidence } from '../evidence.js';
import { isRecordedFile, recordedIdentity } from '../FileIdentity.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { DeleteRecord, RecordedBase, SaveRecord } from '../journal/JournalRecord.js';
import { judge, type FileEvidence, type Judgement } from '../journal/judgement.js';
import type { CommitScope } from './CommitScope.js';
import { sweepLeftovers } from './sweep.js';
import { finishInPlace } from './writeInPlace.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface PreparedCommit {
  readonly judgement: Judgement;
  /** The number that this change tries to get. */
  readonly revision: number;
  /** The file that it replaces or removes. */
  readonly file: FileSighting | undefined;
  readonly base: RecordedBase | null;
  readonly warnings: readonly string[];
}

/**
 * @throws PersistenceError `ERR_CONFLICT` where the content is not the expected one; nothing has changed then except that
 *   leftovers of killed writers are gone.
 */
export async function prepareCommit(scope: CommitScope, change: ChangeFields): Promise<PreparedCommit> {
  const { io, path, journal } = scope;
  const content = await journal.read(io);
  await finishInPlace(scope, content);
  const file = await lookAt(io, path);
  const evidence = lazyEvidence(io, { real: path }, file, scope.maxBytes);
  const judgement = await judge(content, evidence);
  await settle(scope, content, judgement, file);
  await compareAndSet(change, evidence);
  const isChangedOutside = await wasChangedOutside(judgement.saved, file, evidence);
  return {
    judgement,
    revision: judgement.highestRevision + 1,
    file,
    base: file === undefined ? null : await baseOf(file, isChangedOutside, evidence),
    warnings: isChangedOutside ? [WARNING_MESSAGES.OUTSIDE_EDIT_REPLACED] : [],
  };
}

/** The error for a configuration that is not there. */
export function notFound(): Error {
  return persistenceError('ERR_FILE_NOT_FOUND', 'no file stands at this path; save one first');
}

/**
 * Makes a change impossible that the newest record announces and that did not happen: without its temporary file its
 * writer, should it only have slept, cannot rename any more.
 */
async function settle(
  scope: CommitScope,
  content: JournalContent | undefined,
  { abandoned }: Judgement,
  file: FileSighting | undefined,
): Promise<void> {
  if (scope.wasTakenOver) await sweepLeftovers(scope, lastDelete(content));
  const newest = content?.newest;
  const mayHaveLeftOne = newest?.record === 'save' && (file === undefined || !isRecordedFile(file, newest.file));
  if (mayHaveLeftOne || abandoned?.record === 'save') {
    const { temporary } = newest as SaveRecord;
    await removeIfPresent(scope.io, join(dirname(scope.path), temporary));
  }
}

function lastDelete(content: JournalContent | undefined): DeleteRecord | undefined {
  let last: DeleteRecord | undefined;
  for (const record of content?.records.values() ?? []) {
    if (record.record === 'delete' && record.revision > (last?.revision ?? 0)) last = record;
  }
  return last;
}

async function compareAndSet({ expectedChecksum }: ChangeFields, evidence: FileEvidence): Promise<void> {
  if (expectedChecksum === undefined) return;
  const actual = evidence.identity === undefined ? null : await evidence.checksum();
  if (actual === expectedChecksum) return;
  const found = actual === null ? 'there is no file' : 'the file has another checksum';
  throw persistenceError('ERR_CONFLICT', `${found} than expected; load it again and repeat the change`);
}

async function wasChangedOutside(
  saved: SaveRecord | undefined,
  file: FileSighting | undefined,
  evidence: FileEvidence,
): Promise<boolean> {
  if (saved === undefined || file === undefined || isRecordedFile(file, saved.file)) return false;
  return (await evidence.checksum()) !== saved.checksum;
}

async function baseOf(file: FileSighting, isRead: boolean, evidence: FileEvidence): Promise<RecordedBase> {
  return { ...recordedIdentity(file), ...(isRead ? { checksum: await evidence.checksum() } : {}) };
}
