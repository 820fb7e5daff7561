/** The changes of a configuration as its records tell them. */
import type { ConfigurationFormat } from '../../../interfaces/enums.js';

/**
 * The place of a change in the order of all changes: only to be compared. Grows with every change of a configuration, by
 * one or by more; 0 where there is none yet.
 */
export type Revision = number;

/** The metadata fields that a user may set. */
export interface UserMetadata {
  readonly version?: string;
  readonly createdBy?: string;
  readonly modifiedBy?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly schema?: string;
  readonly environment?: string;
  readonly customFields?: Readonly<Record<string, unknown>>;
}

interface ChangeRecord {
  readonly revision: Revision;
  /** Of this configuration's changes, for people and in ids: small, growing, never given twice. */
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly user?: string;
}

/** A new content. */
export interface RecordedSave extends ChangeRecord {
  readonly kind: 'save';
  /** What made it, such as `save`, `update` or `restore`. */
  readonly operation: string;
  /** Id of the backup or version that the content was taken from. */
  readonly source?: string;
  /** Of the content, as SHA-256 in hexadecimal. */
  readonly checksum: string;
  /** Bytes of the content. */
  readonly size: number;
  readonly format: ConfigurationFormat;
  /** When the configuration was saved for the first time, and by whom. */
  readonly createdAt: number;
  readonly createdBy?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** True where there was no content before. */
  readonly isFirst: boolean;
}

export interface RecordedDelete extends ChangeRecord {
  readonly kind: 'delete';
}

/** Metadata set by the user; it replaces what was set before. */
export interface RecordedMetadata extends ChangeRecord {
  readonly kind: 'metadata';
  readonly fields: UserMetadata;
}

export type RecordedChange = RecordedSave | RecordedDelete | RecordedMetadata;

/** What happened to a configuration in another store, before it comes into this one. */
export interface Past {
  /** Oldest first, their sequences growing. Revisions mean nothing here, and are given anew. */
  readonly changes: readonly RecordedChange[];
  /** Of the save that goes on from there: larger than all of theirs. */
  readonly sequence: number;
}

/** The committed changes of a configuration. */
export interface History {
  /** Newest first. */
  readonly changes: readonly RecordedChange[];
  /** False where records are lost, or cannot be read. What has left the history because it is old does not count. */
  readonly isComplete: boolean;
  /**
   * Since when there are records, as epoch milliseconds, where older ones are lost: a content that was kept before may be a
   * version that nobody can tell any more. Undefined where none are lost, and where the present ones cannot be read.
   */
  readonly completeSince?: number;
}
