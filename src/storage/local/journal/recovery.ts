/**
 * What is committed: told from a journal and the file that lies beside it.
 *
 * A record is written before its change, so the newest one may be the intent of a change that never happened: it is in doubt.
 * Every older record was settled by the author of the next one, who named its parent. Whether the newest change happened is
 * told by the rules below, so that a crash at any instant leaves the old or the new state, and neither looks like somebody
 * else's edit. They go by inode and modification time, which survive a rename; what does not survive is a copy of the
 * folder, so the next change records for good what they have found.
 */
import { dirname, join } from 'node:path';
import { checksumOf } from '../../../value/checksum.js';
import type { UserMetadata } from '../../port/RecordedChange.js';
import { isRecordedFile, type FileIdentity } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { readFileContent, statusOf, type FileContent } from '../io/files.js';
import type { JournalContent } from './JournalContent.js';
import type { DeleteRecord, RevisionRecord, SaveRecord } from './JournalRecord.js';

/** What is known of the configuration's file; the two questions cost a read of the file and a look at the folder. */
export interface FileFacts {
  /** Undefined where there is no file. */
  readonly identity: FileIdentity | undefined;
  checksum(): Promise<string>;
  temporaryExists(name: string): Promise<boolean>;
}

/** The committed state. */
export interface CommittedState {
  /** Newest committed record, which may be the abort of a change. */
  readonly head: RevisionRecord | undefined;
  /** Of the newest committed change; 0 where there is none. */
  readonly revision: number;
  /** The save that the content should come from; undefined where the newest content record is a delete or none. */
  readonly saved: SaveRecord | undefined;
  readonly userMetadata: UserMetadata | undefined;
  /** The newest record, where its change did not happen: its temporary file may still lie about. */
  readonly unfinished: SaveRecord | DeleteRecord | undefined;
  /** Highest revision in the journal, committed or not. */
  readonly highestRevision: number;
}

interface Rule {
  /** Whether the rule applies. The first one that does decides. */
  readonly applies: (record: SaveRecord, file: FileFacts) => boolean | Promise<boolean>;
  readonly hasHappened: boolean;
}

const always = (): boolean => true;
const lacksFile = (_record: SaveRecord, { identity }: FileFacts): boolean => identity === undefined;
const isTheFile = ({ file }: SaveRecord, { identity }: FileFacts): boolean =>
  identity !== undefined && isRecordedFile(identity, file);
const isStillTheOld = ({ base }: SaveRecord, { identity }: FileFacts): boolean =>
  identity !== undefined && base !== null && isRecordedFile(identity, base);
const hasTheContent = async ({ checksum }: SaveRecord, file: FileFacts): Promise<boolean> =>
  (await file.checksum()) === checksum;
const leftTemporary = ({ temporary }: SaveRecord, file: FileFacts): Promise<boolean> => file.temporaryExists(temporary);
const leftTemporaryAlone = async (record: SaveRecord, file: FileFacts): Promise<boolean> =>
  lacksFile(record, file) && (await leftTemporary(record, file));

/** Whether the save of the newest record has happened. */
const SAVE_RULES: readonly Rule[] = [
  // The record itself was the commit point: the file is being rewritten, and the temporary one is its redo copy.
  { applies: ({ inPlace }) => inPlace === true, hasHappened: true },
  // Not renamed yet, where there was no file before.
  { applies: leftTemporaryAlone, hasHappened: false },
  // Renamed, and removed by somebody else since.
  { applies: lacksFile, hasHappened: true },
  { applies: isTheFile, hasHappened: true },
  { applies: isStillTheOld, hasHappened: false },
  // Copied with its folder, or written again by somebody else.
  { applies: hasTheContent, hasHappened: true },
  // Neither the old file nor the new one: edited before the rename, where the temporary file is left, or after it.
  { applies: leftTemporary, hasHappened: false },
  { applies: always, hasHappened: true },
];

const NOTHING_COMMITTED: CommittedState = {
  head: undefined,
  revision: 0,
  saved: undefined,
  userMetadata: undefined,
  unfinished: undefined,
  highestRevision: 0,
};

/** What is committed, going by a journal and the facts about its file. */
export async function committedState(content: JournalContent | undefined, file: FileFacts): Promise<CommittedState> {
  const newest = content?.newest;
  if (content === undefined || newest === undefined) {
    return NOTHING_COMMITTED;
  }
  const isInDoubt = newest.record === 'save' || newest.record === 'delete';
  const unfinished = isInDoubt && !(await hasHappened(newest, file)) ? newest : undefined;
  const head = unfinished === undefined ? newest : content.records.get(newest.parent);
  return { head, ...stateInForce(content, head), unfinished, highestRevision: newest.revision };
}

async function hasHappened(record: SaveRecord | DeleteRecord, file: FileFacts): Promise<boolean> {
  // A delete renames its file away, so it has happened as soon as that file does not stand there any more.
  if (record.record === 'delete') return file.identity === undefined || !isRecordedFile(file.identity, record.base);
  for (const rule of SAVE_RULES) if (await rule.applies(record, file)) return rule.hasHappened;
  return true;
}

/** Committed records from the head backwards. */
export function* committedChain(
  content: JournalContent,
  head: RevisionRecord | undefined,
): Generator<RevisionRecord, void> {
  for (let record = head; record !== undefined; record = content.records.get(record.parent)) yield record;
}

/** Whether a change is one that the others have gone on from. */
export function isInChain({ token }: RevisionRecord, content: JournalContent, { head }: CommittedState): boolean {
  for (const record of committedChain(content, head)) if (record.token === token) return true;
  return false;
}

/** The facts about a file whose content is at hand. */
export function factsOfContent(io: FileOperations, path: string, file: FileContent | undefined): FileFacts {
  return {
    identity: file?.identity,
    checksum: () => Promise.resolve(file?.checksum ?? checksumOf(new Uint8Array())),
    temporaryExists: (name) => exists(io, path, name),
  };
}

/** The facts about a file that is read only where a question cannot be answered without; at most once. */
export function factsOfFile(
  io: FileOperations,
  path: string,
  identity: FileIdentity | undefined,
  maxBytes: number,
): FileFacts {
  let checksum: Promise<string> | undefined;
  return {
    identity,
    checksum: () => (checksum ??= readChecksum(io, path, maxBytes)),
    temporaryExists: (name) => exists(io, path, name),
  };
}

function stateInForce(
  content: JournalContent,
  head: RevisionRecord | undefined,
): Pick<CommittedState, 'revision' | 'saved' | 'userMetadata'> {
  let revision = 0;
  let saved: SaveRecord | undefined;
  let userMetadata: UserMetadata | undefined;
  for (const record of committedChain(content, head)) {
    if (record.record !== 'cancel') revision ||= record.revision;
    if (record.record === 'delete') break;
    if (record.record === 'save') saved ??= record;
    if (record.record === 'metadata') userMetadata ??= record.fields;
    if (saved !== undefined && userMetadata !== undefined) break;
  }
  return { revision, saved, userMetadata };
}

async function readChecksum(io: FileOperations, path: string, maxBytes: number): Promise<string> {
  return (await readFileContent(io, path, maxBytes))?.checksum ?? checksumOf(new Uint8Array());
}

async function exists(io: FileOperations, path: string, name: string): Promise<boolean> {
  return (await statusOf(io, join(dirname(path), name))) !== undefined;
}
