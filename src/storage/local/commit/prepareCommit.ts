/**
 * The first part of every change: what is committed now, who comes first, what is left over.
 *
 * The journal is read before the file. If another writer commits in between, this one's revision number is taken and its
 * append fails, whatever the locks say.
 */
import { dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { assertExpectedChecksum, assertExpectedRevision } from '../../port/conditions.js';
import type { Change, ChangeFields } from '../../port/ConfigStore.js';
import { seenChecksum } from '../LocalEtag.js';
import { identityOf, isRecordedFile, isSameState, recordedIdentity, type FileIdentity } from '../io/FileIdentity.js';
import { removeIfPresent, statusOf, type FileStatus } from '../io/files.js';
import type { JournalContent } from '../journal/JournalContent.js';
import type { RecordedBase, SaveRecord } from '../journal/JournalRecord.js';
import { committedState, factsOfFile, type CommittedState, type FileFacts } from '../journal/recovery.js';
import type { ReplacedContent } from '../snapshots/keepReplaced.js';
import type { CommitScope } from './CommitScope.js';
import { ELSEWHERE } from './adoptPast.js';
import { recordAbort } from './intent.js';
import { sweepLeftovers } from './sweep.js';
import { findOrphan, undelete } from './tombstones.js';
import { finishInPlace } from './writeInPlace.js';

const { ERROR_HANDLING, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface PreparedCommit {
  readonly state: CommittedState;
  /** The one that this change tries to get. */
  readonly revision: number;
  /** The file that it replaces or removes. */
  readonly file: FileStatus | undefined;
  readonly base: RecordedBase | null;
  /** Checksum of the content of that file; null where there is none, undefined where nobody had to read it. */
  readonly before: string | null | undefined;
  /** The content that it replaces or removes, where it may have to be kept. */
  readonly replaced: ReplacedContent | undefined;
  readonly warnings: readonly string[];
}

/**
 * @throws PersistenceError `ERR_CONFLICT` where the content is not the expected one; nothing has changed then except that
 *   leftovers of killed writers are gone.
 */
export async function prepareCommit(scope: CommitScope, change: Change): Promise<PreparedCommit> {
  // Whoever has lost the lock must not clear away what its new holder is working with.
  scope.assertMayCommit();
  const { file, facts, state } = await settledState(scope);
  await compareAndSet(change, state, facts);
  const isChangedOutside = await wasChangedOutside(state.saved, file, change, facts);
  const replaced =
    file === undefined
      ? undefined
      : replacedContent(scope, state.saved, file, isChangedOutside || change.keep === 'quarantine', facts);
  return {
    state,
    revision: state.highestRevision + 1,
    file,
    replaced,
    base: file === undefined ? absentBase(change) : await baseOf(file, isChangedOutside, facts),
    before: file === undefined ? null : await checksumBefore(state.saved, change, isChangedOutside, facts),
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

interface SettledState {
  readonly file: FileStatus | undefined;
  readonly facts: FileFacts;
  readonly state: CommittedState;
}

/**
 * What is committed, once nothing is in doubt any more.
 *
 * A change that the newest record intends and that did not happen is made impossible: without its temporary file its
 * writer, should it only have slept, cannot rename any more. If that file is gone already, its writer may just have
 * renamed it, so everything is looked at again.
 */
async function settledState(scope: CommitScope): Promise<SettledState> {
  const { io, path, journal, lock } = scope;
  for (let attempt = 0; attempt < ERROR_HANDLING.MAX_READ_RACES; attempt++) {
    const content = await journal.read(io);
    await finishInPlace(scope, content);
    const file = await statusOf(io, path);
    const facts = factsOfFile(io, path, file, scope.maxBytes);
    const state = await committedState(content, facts);
    const { unfinished } = state;
    if (unfinished === undefined) {
      await removeTwin(scope, content, file);
      if (file === undefined && (await undeleteOrphan(scope, content, state))) continue;
      if (!lock.needsSweep) return { file, facts, state };
      await sweepLeftovers(scope, content, state);
      lock.needsSweep = false;
      // What the sweep has removed may have been another name of the file, and what it found may have got its name back.
      continue;
    }
    const isStillThere = unfinished.record === 'delete' || (await removeTemporary(scope, unfinished));
    if (isStillThere || attempt > 0) await recordAbort(scope, unfinished);
  }
  throw persistenceError('ERR_CONFLICT', 'other writers kept changing the file; try again');
}

/** Before anything is decided by the file's absence; true where it is there again. */
async function undeleteOrphan(
  scope: CommitScope,
  content: JournalContent | undefined,
  state: CommittedState,
): Promise<boolean> {
  const orphan = await findOrphan(scope.io, scope.path, content, state);
  if (orphan === undefined) return false;
  await undelete(scope, orphan.path);
  // What is newest so far says that the content was deleted, and that did not happen.
  if (state.saved === undefined && orphan.record !== undefined) {
    await recordAbort(scope, { revision: state.highestRevision, parent: orphan.record.parent });
  }
  return true;
}

/** The temporary file of a save whose content stands in the file already, because it was the same as before. */
async function removeTwin(
  scope: CommitScope,
  content: JournalContent | undefined,
  file: FileStatus | undefined,
): Promise<void> {
  const newest = content?.newest;
  if (newest?.record !== 'save' || (file !== undefined && isRecordedFile(file, newest.file))) return;
  await removeTemporary(scope, newest);
}

function removeTemporary({ io, path }: CommitScope, { temporary }: SaveRecord): Promise<boolean> {
  return removeIfPresent(io, join(dirname(path), temporary));
}

async function compareAndSet(
  { expectedChecksum, expectedRevision }: ChangeFields,
  { revision }: CommittedState,
  facts: FileFacts,
): Promise<void> {
  assertExpectedRevision(expectedRevision, revision);
  if (expectedChecksum === undefined) return;
  assertExpectedChecksum(expectedChecksum, facts.identity === undefined ? null : await facts.checksum());
}

function changedMeanwhile(): Error {
  return persistenceError(
    'ERR_CONFLICT',
    'another program changed the file meanwhile; load it again and repeat the change',
  );
}

async function wasChangedOutside(
  saved: SaveRecord | undefined,
  file: FileStatus | undefined,
  { expectedChecksum, seen: etag }: ChangeFields,
  facts: FileFacts,
): Promise<boolean> {
  if (saved === undefined || file === undefined) return false;
  const isAsRecorded = isRecordedFile(file, saved.file) && file.size === BigInt(saved.size);
  // A file can be edited without its times telling. Whoever has read it knows better; everybody else need not read it.
  const seen = seenChecksum(etag) ?? expectedChecksum ?? undefined;
  if (isAsRecorded && (seen === undefined || seen === saved.checksum)) return false;
  return (await facts.checksum()) !== saved.checksum;
}

function replacedContent(
  { path }: CommitScope,
  saved: SaveRecord | undefined,
  status: FileStatus,
  isChangedOutside: boolean,
  facts: FileFacts,
): ReplacedContent {
  if (saved === undefined || isChangedOutside) {
    const format = saved === undefined ? {} : { format: saved.format };
    return { path, status, ...format, checksum: () => facts.checksum(), sequence: 0 };
  }
  return { path, status, checksum: () => Promise.resolve(saved.checksum), sequence: saved.revision };
}

async function checksumBefore(
  saved: SaveRecord | undefined,
  { expectedChecksum, seen }: ChangeFields,
  isChangedOutside: boolean,
  facts: FileFacts,
): Promise<string | undefined> {
  if (isChangedOutside) return facts.checksum();
  return saved?.checksum ?? expectedChecksum ?? seenChecksum(seen);
}

/** A save that goes on from a past somewhere else is not the first one, although there is no file here. */
function absentBase(change: Change): RecordedBase | null {
  const goesOn = change.kind === 'save' && change.past?.changes.at(-1)?.kind !== 'delete' && change.past !== undefined;
  return goesOn ? ELSEWHERE : null;
}

async function baseOf(file: FileStatus, isRead: boolean, facts: FileFacts): Promise<RecordedBase> {
  return { ...recordedIdentity(file), ...(isRead ? { checksum: await facts.checksum() } : {}) };
}
