/** What is committed of one configuration, and what a change makes of it. A state is never altered, only replaced. */
import { persistenceError } from '../../errors/PersistenceError.js';
import { hasRecords } from '../port/conditions.js';
import type { Change, ChangeFields, SaveChange } from '../port/ConfigStore.js';
import type { Past, RecordedChange, RecordedSave, Revision, UserMetadata } from '../port/RecordedChange.js';

export interface CommittedContent {
  readonly bytes: Uint8Array;
  readonly checksum: string;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
}

export interface CommittedState {
  readonly revision: Revision;
  readonly sequence: number;
  readonly content?: CommittedContent;
  /** Of that content. */
  readonly saved?: RecordedSave;
  readonly userMetadata?: UserMetadata;
  /** Newest first. */
  readonly changes: readonly RecordedChange[];
}

export const NOTHING_COMMITTED: CommittedState = { revision: 0, sequence: 0, changes: [] };

/** @throws PersistenceError `ERR_CONFLICT`, `ERR_FILE_NOT_FOUND` where a change is none of this state. */
export function assertApplicable(state: CommittedState, change: Change): void {
  assertExpected(state, change);
  if (change.kind === 'save' && change.past !== undefined && state.revision > 0) throw hasRecords();
  if (change.kind === 'save' || state.content !== undefined) return;
  throw persistenceError('ERR_FILE_NOT_FOUND', 'there is no configuration of this name; save one first');
}

/**
 * The state after a change, whose bytes and fields become a part of it.
 *
 * @param keptVersions how many saves stay in the records, with what came after the oldest of them. What is in force is a
 *   part of the state itself.
 */
export function stateAfter(
  state: CommittedState,
  change: Change,
  revision: Revision,
  keptVersions: number,
): CommittedState {
  const past = change.kind === 'save' ? change.past : undefined;
  if (past !== undefined) return stateAfterPast(past, change as SaveChange, revision, keptVersions);
  const sequence = state.sequence + 1;
  const recorded = {
    revision,
    sequence,
    time: change.time,
    ...(change.user === undefined ? {} : { user: change.user }),
  };
  const { content, saved, userMetadata } = state;
  const metadata = userMetadata === undefined ? {} : { userMetadata };
  const following = (record: RecordedChange) => ({
    revision,
    sequence,
    changes: changesOver([record, ...state.changes], keptVersions),
  });
  switch (change.kind) {
    case 'save': {
      const record = { ...recorded, kind: change.kind, ...savedFields(state, change) };
      const { bytes, checksum, time } = change;
      return { ...following(record), content: { bytes, checksum, modifiedAt: time }, saved: record, ...metadata };
    }
    case 'delete':
      return following({ ...recorded, kind: change.kind });
    case 'metadata':
      return {
        ...following({ ...recorded, kind: change.kind, fields: change.fields }),
        ...(content === undefined ? {} : { content }),
        ...(saved === undefined ? {} : { saved }),
        userMetadata: change.fields,
      };
  }
}

/** The state of a save that goes on from what happened in another store. */
function stateAfterPast(
  { changes, sequence }: Past,
  { past, ...change }: SaveChange,
  revision: Revision,
  keptVersions: number,
): CommittedState {
  const newestFirst = [...changes].reverse();
  const since = newestFirst.slice(0, newestFirst.findIndex(({ kind }) => kind === 'delete') >>> 0);
  const saved = since.find((record) => record.kind === 'save');
  const metadata = since.find((record) => record.kind === 'metadata');
  const before: CommittedState = {
    revision: 0,
    sequence: sequence - 1,
    changes: newestFirst,
    ...(saved === undefined ? {} : { saved }),
    ...(metadata === undefined ? {} : { userMetadata: metadata.fields }),
  };
  return stateAfter(before, change, revision, keptVersions);
}

/** The newest changes, over as many saves as are asked for. */
export function changesOver(changes: readonly RecordedChange[], maxVersions: number): RecordedChange[] {
  const found: RecordedChange[] = [];
  let versions = 0;
  for (const change of changes) {
    if (change.kind === 'save') versions += 1;
    if (versions > maxVersions) break;
    found.push(change);
  }
  return found;
}

function assertExpected(state: CommittedState, { expectedChecksum, expectedRevision }: ChangeFields): void {
  const actual = state.content?.checksum ?? null;
  const hasChecksum = expectedChecksum === undefined || expectedChecksum === actual;
  const hasRevision = expectedRevision === undefined || expectedRevision === state.revision;
  if (hasChecksum && hasRevision) return;
  const found = hasChecksum ? 'the newest change has another revision' : 'the content is another';
  throw persistenceError('ERR_CONFLICT', `${found} than expected; load it again and repeat the change`);
}

function savedFields(state: CommittedState, change: SaveChange) {
  const { operation, source, checksum, bytes, format, description, tags } = change;
  const createdBy = state.saved === undefined ? change.user : state.saved.createdBy;
  return {
    operation,
    ...(source === undefined ? {} : { source }),
    checksum,
    size: bytes.length,
    format,
    createdAt: state.saved?.createdAt ?? change.time,
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    isFirst: state.content === undefined && state.saved === undefined,
  };
}
