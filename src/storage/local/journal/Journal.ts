/**
 * The journal of one configuration: an append-only log of records, and the fence between its writers.
 *
 * Records are only appended; of several records with one revision the first wins, for everybody who reads; nothing counts
 * behind the record that closes a segment. So one append decides a race without any lock, and a compaction cannot lose an
 * append: one that comes after the closing is seen to be void by its writer, who repeats it in the next segment. The files
 * are `JournalFiles`' business.
 */
import type { BigIntStats } from 'node:fs';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import type { FileOperations } from '../io/FileOperations.js';
import {
  APPEND_EXISTING,
  closeInBackground,
  openExisting,
  READ_EXISTING,
  readToEnd,
  removeIfPresent,
  writeCompletely,
} from '../io/files.js';
import { newToken } from '../io/names.js';
import { JournalContent } from './JournalContent.js';
import { JournalFiles, type JournalFolder } from './JournalFiles.js';
import { formatLine, type ClosingRecord, type RevisionRecord } from './JournalRecord.js';
import { recordsToKeep } from './recordsToKeep.js';

const { JOURNAL } = CONFIG_PERSISTENCE_CONSTANTS;

/** What an append came to. */
export interface AppendOutcome {
  readonly content: JournalContent;
  /** Why the record, which everybody can read now, may not survive a power cut. */
  readonly flushFailure?: Error;
  /** Name of a damaged segment that had to be set aside first. */
  readonly setAside?: string;
}

interface Opened {
  readonly descriptor: number;
  readonly content: JournalContent;
}

export class Journal {
  readonly #files: JournalFiles;
  #content: JournalContent | undefined;

  constructor(folder: JournalFolder) {
    this.#files = new JournalFiles(folder);
  }

  /** A path whose state tells cheaply whether the journal has changed: its newest file, or its folder while it has none. */
  get watchedPath(): string {
    return this.#content === undefined ? this.#files.folder : this.#files.pathOf(this.#content.segment);
  }

  /** The records as they stand now; undefined where there is no journal. Costs one `stat` while nothing changed. */
  async read(io: FileOperations): Promise<JournalContent | undefined> {
    const known = this.#content;
    if (known?.isReadable === true && !known.isClosed) {
      const stats = io.statNow(this.#files.pathOf(known.segment));
      if (stats !== undefined && known.isUnchanged(stats)) return known;
    } else if (io.statNow(this.#files.folder) === undefined) {
      return undefined;
    }
    const opened = await this.#openCurrent(io, READ_EXISTING);
    if (opened === undefined) return undefined;
    closeInBackground(io, opened.descriptor);
    return opened.content;
  }

  /**
   * Makes the record the winner of its revision, and durable unless the outcome says otherwise. The folder and the journal
   * are made where missing; a damaged journal is set aside, never written over.
   *
   * @throws PersistenceError `ERR_CONFLICT` where another writer has that revision; `ERR_INDETERMINATE` where the record
   *   was written and cannot be read back. Whatever else it throws, the record is not in the journal, or torn.
   */
  async append(record: RevisionRecord, io: FileOperations, keepCount: number): Promise<AppendOutcome> {
    let setAside: string | undefined;
    for (let attempt = 0; attempt < JOURNAL.MAX_APPEND_ATTEMPTS; attempt++) {
      const outcome = await this.#appendOnce(io, record);
      const content = outcome?.content;
      const winner = content?.records.get(record.revision);
      const isOvertaken = (content?.newest?.revision ?? 0) >= record.revision;
      if (outcome !== undefined && winner?.token === record.token) {
        return setAside === undefined ? outcome : { ...outcome, setAside };
      }
      if (isOvertaken) break;
      if (content === undefined) await this.#files.create(io, 1, []);
      else if (!content.isReadable) setAside = await this.#files.setAside(io, content.segment);
      else if (content.isClosed) await this.#createSuccessor(io, content, keepCount);
    }
    throw persistenceError('ERR_CONFLICT', 'another writer committed first; load it again and repeat the change');
  }

  /** Begins it with these records; false where there is one already, damaged or not. For the holder of the lock only. */
  async begin(io: FileOperations, records: readonly RevisionRecord[]): Promise<boolean> {
    if ((await this.#files.segments(io)).highest > 0) return false;
    await this.#files.create(io, 1, records);
    return true;
  }

  /**
   * Starts a new segment that holds the newest `keepCount` states, and removes this one. Must be called by the holder of
   * the lock, right after its own commit. A crash in between leaves the closed segment, which reads as before.
   */
  async compact(io: FileOperations, keepCount: number): Promise<void> {
    const content = (await this.#appendOnce(io, { record: 'sealed', token: newToken() }))?.content;
    if (content?.isClosed === true) await this.#createSuccessor(io, content, keepCount);
  }

  /** When a damaged journal was set aside, as epoch milliseconds, for as long as it lies there. */
  setAsideAt(io: FileOperations): Promise<number | undefined> {
    return this.#files.setAsideAt(io);
  }

  /** Removes what killed processes have left. For the holder of the lock only. */
  sweep(io: FileOperations): Promise<void> {
    return this.#files.sweep(io);
  }

  /** The journal's content after one try to append; undefined where there is no journal. */
  async #appendOnce(io: FileOperations, record: RevisionRecord | ClosingRecord): Promise<AppendOutcome | undefined> {
    const opened = await this.#openCurrent(io, APPEND_EXISTING);
    if (opened === undefined) return undefined;
    const { descriptor, content } = opened;
    try {
      const isTaken = record.record !== 'sealed' && record.revision <= (content.newest?.revision ?? 0);
      if (!content.isReadable || content.isClosed || isTaken) return { content };
      const line = Buffer.from(`${content.endsInsideLine ? '\n' : ''}${formatLine(record)}`);
      if (line.length > JOURNAL.MAX_RECORD_BYTES) {
        throw persistenceError('ERR_INVALID_METADATA', `a record of ${line.length} bytes; shorten the custom fields`);
      }
      await writeCompletely(io, descriptor, line, 'append');
      const flushFailure = await failureOf(io.fsync(descriptor));
      const appended = await this.#readBack(io, descriptor, content.segment);
      return flushFailure === undefined ? { content: appended } : { content: appended, flushFailure };
    } finally {
      // What was flushed is safe, and what was not is reported already.
      closeInBackground(io, descriptor);
    }
  }

  /** The record stands in the file now, so one failure to read it back must not make it look as if it did not. */
  async #readBack(io: FileOperations, descriptor: number, segment: number): Promise<JournalContent> {
    try {
      return await this.#refresh(io, descriptor, segment);
    } catch {
      // Tried once more below.
    }
    try {
      return await this.#refresh(io, descriptor, segment);
    } catch (error) {
      const reason = 'its record was written and cannot be read back; look at the present state before trying again';
      throw persistenceError('ERR_INDETERMINATE', reason, { cause: error });
    }
  }

  /** Reads what the file holds beyond what is known of it. */
  async #refresh(io: FileOperations, descriptor: number, segment: number, look?: BigIntStats): Promise<JournalContent> {
    const stats = look ?? (await io.fstat(descriptor));
    if (!stats.isFile()) throw persistenceError('ERR_JOURNAL_DAMAGED', 'no regular file stands in its place');
    const known = this.#content?.segment === segment ? this.#content : undefined;
    if (known?.isUnchanged(stats) === true) return known;
    const size = Number(stats.size);
    const isLonger = known?.inode === stats.ino && size > known.size;
    const content =
      (isLonger ? await continued(io, descriptor, known, stats) : undefined) ??
      JournalContent.empty(segment, stats.ino).extend(await readFrom(io, descriptor, 0, size), stats.mtimeNs);
    this.#content = content;
    return content;
  }

  /** Opens the segment that counts; undefined where there is none. */
  async #openCurrent(io: FileOperations, flags: number): Promise<Opened | undefined> {
    const known = this.#content;
    if (known !== undefined) {
      // A segment gets a successor only when it is closed or damaged, so one that is neither needs no look around.
      const guess = await this.#openSegment(io, known.segment, flags);
      if (guess?.content.isReadable === true && !guess.content.isClosed && isLaterState(known, guess.content))
        return guess;
      if (guess !== undefined) await io.close(guess.descriptor);
    }
    for (let attempt = 0; attempt < JOURNAL.MAX_APPEND_ATTEMPTS; attempt++) {
      const { current } = await this.#files.segments(io);
      if (current === 0) {
        this.#content = undefined;
        return undefined;
      }
      const opened = await this.#openSegment(io, current, flags);
      if (opened !== undefined) return opened;
    }
    throw persistenceError('ERR_CONFLICT', 'the journal was compacted again and again while it was opened; try again');
  }

  async #openSegment(io: FileOperations, segment: number, flags: number): Promise<Opened | undefined> {
    const path = this.#files.pathOf(segment);
    const descriptor = await openExisting(io, path, flags);
    if (descriptor === undefined) return undefined;
    try {
      // For reading, a look at the path does: a segment's name is never given to another file.
      const stats = flags === READ_EXISTING ? io.statNow(path) : undefined;
      return { descriptor, content: await this.#refresh(io, descriptor, segment, stats) };
    } catch (error) {
      await io.close(descriptor);
      throw error;
    }
  }

  async #createSuccessor(io: FileOperations, content: JournalContent, keepCount: number): Promise<void> {
    await this.#files.create(io, content.segment + 1, recordsToKeep(content, keepCount));
    await removeIfPresent(io, this.#files.pathOf(content.segment));
  }
}

/** The state of a journal that has only grown; undefined where somebody has written it anew. */
async function continued(
  io: FileOperations,
  descriptor: number,
  known: JournalContent,
  stats: BigIntStats,
): Promise<JournalContent | undefined> {
  const start = known.consumed - known.tail.length;
  const bytes = await readFrom(io, descriptor, start, Number(stats.size));
  const isSame = Buffer.from(known.tail).equals(bytes.subarray(0, known.tail.length));
  return isSame ? known.extend(bytes.subarray(known.tail.length), stats.mtimeNs) : undefined;
}

function readFrom(io: FileOperations, descriptor: number, start: number, expectedEnd: number): Promise<Uint8Array> {
  return readToEnd(io, descriptor, { start, expectedEnd, maxBytes: JOURNAL.MAX_BYTES });
}

/** Whether a file of the same segment is the one that was read before, and not one that a late writer has made anew. */
function isLaterState(known: JournalContent, now: JournalContent): boolean {
  return now.inode === known.inode && now.consumed >= known.consumed;
}

async function failureOf(work: Promise<unknown>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
