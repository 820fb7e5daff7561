/**
 * The first part of every change: what is committed now, who comes first, what is left over.
 *
 * The journal is read before the file. If another writer commits in between, this one's revision number is taken and its
 * append fails, whatever the locks say.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import type { ChangeFields } from '../../port/ConfigStore.js';
import { lookAt, removeIfPresent, type FileSighting } from '../io/durableFile.js';
import { lazyEvidence } from '../evidence.js';
import { identityOf, isRecordedFile, isSameState, recordedIdentity, type FileIdentity } from '../io/FileIdentity.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { RecordedBase, SaveRecord } from '../journal/JournalRecord.js';
import { judge, type FileEvidence, type Judgement } from '../journal/judgement.js';
import type { ReplacedContent } from '../snapshots/keepReplaced.js';
import { cancelChange } from './cancelChange.js';
import { findMissed, putBack } from './claimed.js';
import type { CommitScope } from './CommitScope.js';
import { sweepLeftovers } from './sweep.js';
import { finishInPlace } from './writeInPlace.js';

const { ERROR_HANDLING, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface PreparedCommit {
  readonly judgement: Judgement;
  /** The number that this change tries to get. */
  readonly revision: number;
  /** The file that it replaces or removes. */
  readonly file: FileSighting | undefined;
  readonly base: RecordedBase | null;
  /** The content that it replaces or removes, where it may have to be kept. */
  readonly replaced: ReplacedContent | undefined;
  readonly warnings: readonly string[];
}

/**
 * @throws PersistenceError `ERR_CONFLICT` where the content is not the expected one; nothing has changed then except that
 *   leftovers of killed writers are gone.
 */
export async function prepareCommit(scope: CommitScope, change: ChangeFields): Promise<PreparedCommit> {
  // Whoever has lost the lock must not clear away what its new holder is working with.
  scope.assertMayCommit();
  const { file, evidence, judgement } = await settledState(scope);
  await compareAndSet(change, evidence);
  const isChangedOutside = await wasChangedOutside(judgement.saved, file, change, evidence);
  const replaced =
    file === undefined
      ? undefined
      : replacedContent(scope, judgement.saved, file, isChangedOutside || change.keep === 'quarantine', evidence);
  return {
    judgement,
    revision: judgement.highestRevision + 1,
    file,
    replaced,
    base: file === undefined ? null : await baseOf(file, isChangedOutside, evidence),
    warnings: isChangedOutside ? [WARNING_MESSAGES.OUTSIDE_EDIT_REPLACED] : [],
  };
}

/**
 * Refuses to go on where the file is not the one that was prepared for any more: an editor knows no locks.
 *
 * @param file its state when it was prepared for, or when its content was kept.
 * @throws PersistenceError `ERR_CONFLICT`
 */
export function assertUnchanged({ io, path }: CommitScope, file: FileIdentity | undefined): void {
  const now = io.statNow(path);
  const isSame = now === undefined || file === undefined ? now === file : isSameState(identityOf(now), file);
  if (!isSame) throw changedMeanwhile();
}

/** The error for a configuration that is not there. */
export function notFound(): Error {
  return persistenceError('ERR_FILE_NOT_FOUND', 'no file stands at this path; save one first');
}

interface SettledState {
  readonly file: FileSighting | undefined;
  readonly evidence: FileEvidence;
  readonly judgement: Judgement;
}

/**
 * What is committed, once nothing is in the air any more.
 *
 * A change that the newest record announces and that did not happen is made impossible: without its temporary file its
 * writer, should it only have slept, cannot rename any more. If that file is gone already, its writer may just have
 * renamed it, so everything is looked at again.
 */
async function settledState(scope: CommitScope): Promise<SettledState> {
  const { io, path, journal, lease } = scope;
  for (let attempt = 0; attempt < ERROR_HANDLING.MAX_READ_RACES; attempt++) {
    const content = await journal.read(io);
    await finishInPlace(scope, content);
    const file = await lookAt(io, path);
    const evidence = lazyEvidence(io, { real: path }, file, scope.maxBytes);
    const judgement = await judge(content, evidence);
    const { abandoned } = judgement;
    if (abandoned === undefined) {
      await removeTwin(scope, content, file);
      if (file === undefined && (await putMissedBack(scope, content, judgement))) continue;
      if (!lease.needsSweep()) return { file, evidence, judgement };
      await sweepLeftovers(scope, content, judgement);
      lease.setNeedsSweep(false);
      // What the sweep has removed may have been another name of the file, and what it found may have got its name back.
      continue;
    }
    const isStillThere = abandoned.record === 'delete' || (await removeTemporary(scope, abandoned));
    if (isStillThere || attempt > 0) await cancelChange(scope, abandoned);
  }
  throw persistenceError('ERR_CONFLICT', 'other writers kept changing the file; try again');
}

/** Before anything is decided by the file's absence; true where it is there again. */
async function putMissedBack(
  scope: CommitScope,
  content: JournalContent | undefined,
  judgement: Judgement,
): Promise<boolean> {
  const missed = await findMissed(scope.io, scope.path, content, judgement);
  if (missed === undefined) return false;
  await putBack(scope, missed.path);
  // What is newest so far says that the content was deleted, and that did not happen.
  if (judgement.saved === undefined && missed.record !== undefined) {
    await cancelChange(scope, { revision: judgement.highestRevision, parent: missed.record.parent });
  }
  return true;
}

/** The temporary file of a save whose content stands in the file already, because it was the same as before. */
async function removeTwin(
  scope: CommitScope,
  content: JournalContent | undefined,
  file: FileSighting | undefined,
): Promise<void> {
  const newest = content?.newest;
  if (newest?.record !== 'save' || (file !== undefined && isRecordedFile(file, newest.file))) return;
  await removeTemporary(scope, newest);
}

function removeTemporary({ io, path }: CommitScope, { temporary }: SaveRecord): Promise<boolean> {
  return removeIfPresent(io, join(dirname(path), temporary));
}

async function compareAndSet({ expectedChecksum }: ChangeFields, evidence: FileEvidence): Promise<void> {
  if (expectedChecksum === undefined) return;
  const actual = evidence.identity === undefined ? null : await evidence.checksum();
  if (actual === expectedChecksum) return;
  const found = actual === null ? 'there is no file' : 'the file has another checksum';
  throw persistenceError('ERR_CONFLICT', `${found} than expected; load it again and repeat the change`);
}

function changedMeanwhile(): Error {
  return persistenceError(
    'ERR_CONFLICT',
    'another program changed the file meanwhile; load it again and repeat the change',
  );
}

async function wasChangedOutside(
  saved: SaveRecord | undefined,
  file: FileSighting | undefined,
  { expectedChecksum, replacedChecksum }: ChangeFields,
  evidence: FileEvidence,
): Promise<boolean> {
  if (saved === undefined || file === undefined) return false;
  const isAsRecorded = isRecordedFile(file, saved.file) && file.size === BigInt(saved.size);
  // A file can be edited without its times telling. Whoever has read it knows better; everybody else need not read it.
  const seen = replacedChecksum ?? expectedChecksum ?? undefined;
  if (isAsRecorded && (seen === undefined || seen === saved.checksum)) return false;
  return (await evidence.checksum()) !== saved.checksum;
}

function replacedContent(
  { path }: CommitScope,
  saved: SaveRecord | undefined,
  sighting: FileSighting,
  isChangedOutside: boolean,
  evidence: FileEvidence,
): ReplacedContent {
  if (saved === undefined || isChangedOutside) {
    const format = saved === undefined ? {} : { format: saved.format };
    return { path, sighting, ...format, checksum: () => evidence.checksum(), revision: 0 };
  }
  return { path, sighting, checksum: () => Promise.resolve(saved.checksum), revision: saved.revision };
}

async function baseOf(file: FileSighting, isRead: boolean, evidence: FileEvidence): Promise<RecordedBase> {
  return { ...recordedIdentity(file), ...(isRead ? { checksum: await evidence.checksum() } : {}) };
}
