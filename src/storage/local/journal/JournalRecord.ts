/**
 * The records of a journal and their form on disk.
 *
 * One line is one record: a check value, a blank, and the record as JSON. A line whose check value does not fit is a torn
 * append and counts as absent. Every record that changes something has a revision number; of several with one number the
 * first line wins, which is what makes the journal the fence between writers.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { RecordedChange, RecordedSave, UserMetadata } from '../../port/RecordedChange.js';
import { checkedLine, parseCheckedLine } from '../../../value/checkedLine.js';
import type { RecordedIdentity } from '../io/FileIdentity.js';
import { TRANSIENT_NAME } from '../io/names.js';

const { JOURNAL } = CONFIG_PERSISTENCE_CONSTANTS;

/** The process that wrote a record. */
export interface RecordedProcess {
  readonly pid: number;
  readonly host: string;
  readonly module: string;
}

/** The file that a change is about to replace or remove. */
export interface RecordedBase extends RecordedIdentity {
  /** Of its bytes, where they had to be read. */
  readonly checksum?: string;
}

interface ChangeRecord {
  /** Counts up by one with every change of this configuration. */
  readonly revision: number;
  /** The committed revision before this one; 0 where there is none. The changes between did not happen. */
  readonly parent: number;
  /** Random, so that a writer recognises its own record when it reads the journal back. */
  readonly token: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly user?: string;
  readonly process: RecordedProcess;
}

/** A new content. Committed when its temporary file has been renamed over the configuration. */
export interface SaveRecord extends ChangeRecord, Omit<RecordedSave, 'kind' | 'sequence' | 'isFirst'> {
  readonly record: 'save';
  /** Base name of the temporary file, beside the configuration. */
  readonly temporary: string;
  /** What the temporary file is, and the configuration once it is committed. */
  readonly file: RecordedIdentity;
  /** The append of this record was the commit point; the temporary file is the redo copy of a file that cannot be replaced. */
  readonly inPlace?: true;
  /** Null where there was no file. */
  readonly base: RecordedBase | null;
}

/** A removal. Committed when the file has been renamed to its tombstone. */
export interface DeleteRecord extends ChangeRecord {
  readonly record: 'delete';
  /** Base name of the tombstone: what the file is called before it goes. The word on the disk is older than this one. */
  readonly claimed: string;
  readonly base: RecordedBase;
}

/** Metadata set by the user; it replaces what an earlier record set. Committed by the append itself. */
export interface MetadataRecord extends ChangeRecord {
  readonly record: 'metadata';
  readonly fields: UserMetadata;
}

/** Aborts the change before it: it did not happen, and nobody has to find that out from the files again. */
export interface AbortRecord extends ChangeRecord {
  readonly record: 'cancel';
}

/** First line of every journal. */
export interface HeaderRecord {
  readonly record: 'journal';
  readonly format: number;
  readonly generation: number;
  /** The configuration, relative to the journal's folder, for people who look at it. */
  readonly configuration: string;
  /** Bytes of the records that were carried over, so that a journal that must be long is not compacted in vain. */
  readonly carriedBytes?: number;
  /** Base name of a damaged journal that this one replaces. */
  readonly replacesDamaged?: string;
}

/** Last line that counts: it closes the segment, and the next one goes on from here. Lines behind it are void. */
export interface ClosingRecord {
  readonly record: 'sealed';
  readonly token: string;
}

export type RevisionRecord = SaveRecord | DeleteRecord | MetadataRecord | AbortRecord;
export type JournalRecord = HeaderRecord | RevisionRecord | ClosingRecord;

/** What a record tells in the words of the port; undefined for one that tells nothing to anybody else. */
export function recordedChangeOf(record: RevisionRecord): RecordedChange | undefined {
  const { revision, time, user } = record;
  // Both count up by one with each change of a configuration, so here they are the same number.
  const common = { revision, sequence: revision, time, ...(user === undefined ? {} : { user }) };
  switch (record.record) {
    case 'save':
      return recordedSaveOf(record);
    case 'delete':
      return { kind: 'delete', ...common };
    case 'metadata':
      return { kind: 'metadata', ...common, fields: record.fields };
    case 'cancel':
      return undefined;
  }
}

export function recordedSaveOf(record: SaveRecord): RecordedSave {
  const { revision, time, user, operation, source, checksum, size, format, createdAt, createdBy } = record;
  const { description, tags } = record;
  return {
    kind: 'save',
    revision,
    sequence: revision,
    time,
    ...(user === undefined ? {} : { user }),
    operation,
    ...(source === undefined ? {} : { source }),
    checksum,
    size,
    format,
    createdAt,
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(description === undefined ? {} : { description }),
    ...(tags === undefined ? {} : { tags }),
    isFirst: record.base === null,
  };
}

/** The line of a record, with its line feed. */
export function formatLine(record: JournalRecord): string {
  return checkedLine(JSON.stringify(record));
}

/** The record of a line without its line feed; undefined for a damaged one. */
export function parseLine(line: string): JournalRecord | undefined {
  const record = parseCheckedLine(line);
  return isRecord(record) ? record : undefined;
}

/** The check value tells torn lines; this tells a line that a person has written with a right check value. */
function isRecord(value: unknown): value is JournalRecord {
  if (typeof value !== 'object' || value === null || !('record' in value)) return false;
  const fields = value as Record<string, unknown>;
  switch (fields.record) {
    case 'journal':
      return isCount(fields.format) && isCount(fields.generation) && isCount(fields.carriedBytes ?? 0);
    case 'sealed':
      return typeof fields.token === 'string';
    case 'save':
      return isChange(fields) && isName(fields.temporary) && isIdentity(fields.file) && isSaved(fields);
    case 'delete':
      return isChange(fields) && isName(fields.claimed) && isIdentity(fields.base);
    case 'metadata':
      return isChange(fields) && isUserMetadata(fields.fields);
    case 'cancel':
      return isChange(fields);
    default:
      return false;
  }
}

function isChange(fields: Record<string, unknown>): boolean {
  return (
    isCount(fields.revision) &&
    isCount(fields.parent) &&
    fields.parent < fields.revision &&
    typeof fields.token === 'string' &&
    typeof fields.time === 'number'
  );
}

function isUserMetadata(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { tags, customFields, ...texts } = value as Record<string, unknown>;
  const hasTags = tags === undefined || (Array.isArray(tags) && tags.every((tag) => typeof tag === 'string'));
  const hasCustomFields = customFields === undefined || (typeof customFields === 'object' && customFields !== null);
  return hasTags && hasCustomFields && Object.values(texts).every((text) => typeof text === 'string');
}

function isSaved(fields: Record<string, unknown>): boolean {
  return (
    typeof fields.checksum === 'string' &&
    typeof fields.size === 'number' &&
    typeof fields.format === 'string' &&
    typeof fields.createdAt === 'number' &&
    (fields.base === null || isIdentity(fields.base))
  );
}

/** A name that only the module gives, so that a forged record cannot make it remove anything else. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && TRANSIENT_NAME.test(value);
}

function isIdentity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  return typeof fields.inode === 'string' && typeof fields.modifiedNs === 'string';
}

function isCount(value: unknown): value is number {
  // A forged number near the end of the range would leave no number for the next change.
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= JOURNAL.MAX_REVISION;
}
