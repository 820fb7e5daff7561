/**
 * Which of a journal's records are committed, told from the file that lies beside them.
 *
 * A record is written before its rename, so the newest one may describe a change that never happened. Every older record
 * was judged by the author of the next one, who named its `parent`; only the newest is open. The rules use the inode and
 * modification time of the file that the change was to replace, so that a crash at any instant is told from an edit that
 * somebody else made.
 */
import { isRecordedFile, type FileIdentity } from '../io/FileIdentity.js';
import type { JournalContent } from './JournalContent.js';
import type { DeleteRecord, RevisionRecord, SaveRecord, UserMetadata } from './JournalRecord.js';

/** What is known of the file; the two probes cost a read of the file and a look at the folder, and are rarely needed. */
export interface FileEvidence {
  readonly identity: FileIdentity | undefined;
  checksum(): Promise<string>;
  temporaryExists(name: string): Promise<boolean>;
}

/** The committed state that the journal tells. */
export interface Judgement {
  /** Newest committed record. */
  readonly head: RevisionRecord | undefined;
  /** The save that the content should come from; undefined where the newest content record is a delete or none. */
  readonly saved: SaveRecord | undefined;
  readonly userMetadata: UserMetadata | undefined;
  /** A newest record that was not committed: its temporary file may still lie about. */
  readonly abandoned: SaveRecord | DeleteRecord | undefined;
  /** Highest number in the journal, committed or not. */
  readonly highestRevision: number;
}

/** Judges the newest record and follows the chain of parents from there. */
export async function judge(content: JournalContent | undefined, evidence: FileEvidence): Promise<Judgement> {
  const newest = content?.newest;
  if (content === undefined || newest === undefined) {
    return { head: undefined, saved: undefined, userMetadata: undefined, abandoned: undefined, highestRevision: 0 };
  }
  const isOpen = (newest.record === 'save' || newest.record === 'delete') && !(await isCommitted(newest, evidence));
  const head = isOpen ? content.records.get(newest.parent) : newest;
  return {
    head,
    ...stateInForce(content, head),
    abandoned: isOpen ? newest : undefined,
    highestRevision: newest.revision,
  };
}

/** Committed records from the head backwards. */
export function* committedChain(
  content: JournalContent,
  head: RevisionRecord | undefined,
): Generator<RevisionRecord, void> {
  for (let record = head; record !== undefined; record = content.records.get(record.parent)) yield record;
}

function stateInForce(
  content: JournalContent,
  head: RevisionRecord | undefined,
): Pick<Judgement, 'saved' | 'userMetadata'> {
  let userMetadata: UserMetadata | undefined;
  for (const record of committedChain(content, head)) {
    if (record.record === 'save')
      return { saved: record, userMetadata: userMetadata ?? olderMetadata(content, record) };
    if (record.record === 'delete') break;
    if (record.record === 'metadata') userMetadata ??= record.fields;
  }
  return { saved: undefined, userMetadata };
}

function olderMetadata(content: JournalContent, from: SaveRecord): UserMetadata | undefined {
  for (const record of committedChain(content, from)) {
    if (record.record === 'delete') return undefined;
    if (record.record === 'metadata') return record.fields;
  }
  return undefined;
}

function isCommitted(record: SaveRecord | DeleteRecord, evidence: FileEvidence): Promise<boolean> {
  return record.record === 'save'
    ? isSaveCommitted(record, evidence)
    : Promise.resolve(isDeleteCommitted(record, evidence));
}

async function isSaveCommitted(record: SaveRecord, evidence: FileEvidence): Promise<boolean> {
  const { identity } = evidence;
  if (record.inPlace === true) return true;
  if (identity === undefined) return !(await evidence.temporaryExists(record.temporary));
  if (isRecordedFile(identity, record.file)) return true;
  if (record.base !== null && isRecordedFile(identity, record.base)) return false;
  if ((await evidence.checksum()) === record.checksum) return true;
  return !(await evidence.temporaryExists(record.temporary));
}

function isDeleteCommitted(record: DeleteRecord, { identity }: FileEvidence): boolean {
  return identity === undefined || !isRecordedFile(identity, record.base);
}
