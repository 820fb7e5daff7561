/** What a journal file says: its valid records, read piece by piece as the file grows. */
import type { BigIntStats } from 'node:fs';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { parseLine, type HeaderRecord, type RevisionRecord } from './JournalRecord.js';

const { JOURNAL } = CONFIG_PERSISTENCE_CONSTANTS;
const LINE_FEED = 0x0a;

/** An immutable state; `extend` gives the next one. */
export class JournalContent {
  readonly segment: number;
  readonly inode: bigint;
  /** Bytes up to the end of the last complete line. */
  readonly consumed: number;
  /** Bytes of the file when it was read. */
  readonly size: number;
  /** The winning record of each revision number, in the order of the file. */
  readonly records: ReadonlyMap<number, RevisionRecord>;
  /** When the file was last written to, as far as this state knows. */
  readonly modifiedNs: bigint;
  /** The last bytes up to `consumed`: where others stand there now, somebody else has written the file anew. */
  readonly tail: Uint8Array;
  /** What the segment began with. */
  readonly carriedBytes: number;
  /** The configuration that the journal is about, relative to its folder; undefined before its header was read. */
  readonly configuration: string | undefined;
  /** True where its closing record stands in it: the next segment goes on. */
  readonly isClosed: boolean;
  /** True where a complete line is not whole. */
  readonly hasDamage: boolean;
  /** True where at least one line is whole. */
  readonly isReadable: boolean;

  private constructor(fields: Omit<JournalContent, 'newest' | 'endsInsideLine' | 'extend' | 'isUnchanged'>) {
    this.segment = fields.segment;
    this.inode = fields.inode;
    this.consumed = fields.consumed;
    this.size = fields.size;
    this.records = fields.records;
    this.modifiedNs = fields.modifiedNs;
    this.tail = fields.tail;
    this.carriedBytes = fields.carriedBytes;
    this.configuration = fields.configuration;
    this.isClosed = fields.isClosed;
    this.isReadable = fields.isReadable;
    this.hasDamage = fields.hasDamage;
  }

  /** Before anything of the file was read. */
  static empty(segment: number, inode: bigint): JournalContent {
    return new JournalContent({
      segment,
      inode,
      consumed: 0,
      size: 0,
      records: new Map(),
      modifiedNs: 0n,
      tail: new Uint8Array(),
      carriedBytes: 0,
      configuration: undefined,
      isClosed: false,
      isReadable: false,
      hasDamage: false,
    });
  }

  /** Whether its file is as it was when it was read. */
  isUnchanged(stats: BigIntStats): boolean {
    return this.inode === stats.ino && stats.size === BigInt(this.size) && this.modifiedNs === stats.mtimeNs;
  }

  /** The record with the highest revision number. */
  get newest(): RevisionRecord | undefined {
    let newest: RevisionRecord | undefined;
    for (const record of this.records.values()) {
      if (newest === undefined || record.revision > newest.revision) newest = record;
    }
    return newest;
  }

  /** True where the file ends in a torn line, which the next append must close first. */
  get endsInsideLine(): boolean {
    return this.size > this.consumed;
  }

  /**
   * The state after the bytes that follow `consumed`, in a file that was last written to at `modifiedNs`.
   *
   * @throws PersistenceError `ERR_JOURNAL_DAMAGED` where a newer release wrote the journal.
   */
  extend(bytes: Uint8Array, modifiedNs: bigint): JournalContent {
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    const records = new Map(this.records);
    let { isClosed, isReadable, hasDamage, carriedBytes, configuration } = this;
    for (const line of Buffer.from(bytes.subarray(0, end)).toString().split('\n')) {
      const record = line === '' ? undefined : parseLine(line);
      if (record === undefined) {
        hasDamage ||= line !== '';
        continue;
      }
      isReadable = true;
      if (isClosed) break;
      if (record.record === 'sealed') isClosed = true;
      else if (record.record === 'journal') {
        carriedBytes = carriedBytesOf(record);
        ({ configuration } = record);
      } else if (!records.has(record.revision)) records.set(record.revision, record);
    }
    return new JournalContent({
      segment: this.segment,
      inode: this.inode,
      consumed: this.consumed + end,
      size: this.consumed + bytes.length,
      records,
      modifiedNs,
      tail: Buffer.concat([this.tail, bytes.subarray(0, end)]).subarray(-JOURNAL.COMPARED_TAIL_BYTES),
      carriedBytes,
      configuration,
      isClosed,
      isReadable,
      hasDamage,
    });
  }
}

function carriedBytesOf({ format, carriedBytes }: HeaderRecord): number {
  if (format <= JOURNAL.FORMAT_VERSION) return carriedBytes ?? 0;
  throw persistenceError(
    'ERR_JOURNAL_DAMAGED',
    `a newer release wrote it in form ${format}; this one reads ${JOURNAL.FORMAT_VERSION}. Update the package`,
  );
}
