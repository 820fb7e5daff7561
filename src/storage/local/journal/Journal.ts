/**
 * The journal of one configuration: an append-only file of records, and the fence between its writers.
 *
 * Owns the folder `<metadata>/<key>/` with `journal.<generation>.meta`. The highest generation counts. Invariants: a
 * generation appears complete, by linking a flushed file to its name; records are only appended; of several records with
 * one revision number the first wins, for everybody who reads; nothing behind a seal counts. So one append decides a race
 * without any lock, and a compaction cannot lose an append: one that comes behind the seal is seen to be void by its
 * writer, who repeats it in the next generation. A generation that a late writer has linked again after its time has a
 * successor from its first moment on; it is taken for what it is by everybody who lists the folder, and removed again.
 */
import { randomBytes } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import {
  APPEND_EXISTING,
  closeInBackground,
  createFlushed,
  openExisting,
  READ_EXISTING,
  readToEnd,
  removeIfPresent,
  temporarySibling,
  writeCompletely,
} from '../io/durableFile.js';
import { ensureFolder, listFewNames, listNames, syncFolder } from '../io/durableFolder.js';
import { identityOf, lastChangeMs } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { overtaken } from '../io/overtaken.js';
import { JournalContent } from './JournalContent.js';
import { recordsToKeep } from './recordsToKeep.js';
import {
  formatLine,
  TRANSIENT_NAME,
  type HeaderRecord,
  type RevisionRecord,
  type SealRecord,
} from './JournalRecord.js';

const { JOURNAL, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;
const FILE_NAME = new RegExp(`^journal\\.(\\d{${JOURNAL.GENERATION_DIGITS}})\\${FILE_SYSTEM.METADATA_EXTENSION}`, 'u');

/** Where a journal lies and how it is made. */
export interface JournalPlace {
  readonly folder: string;
  /** The configuration's path relative to `folder`. */
  readonly configuration: string;
  readonly fileMode: number;
  readonly folderMode: number;
}

/** What an append came to. */
export interface AppendOutcome {
  readonly content: JournalContent;
  /** Why the record, which everybody can read now, may not survive a power cut. */
  readonly flushFailure?: Error;
  /** Base name of a damaged journal that had to be set aside first. */
  readonly setAside?: string;
}

interface Opened {
  readonly descriptor: number;
  readonly content: JournalContent;
}

export class Journal {
  readonly #place: JournalPlace;
  #content: JournalContent | undefined;

  constructor(place: JournalPlace) {
    this.#place = place;
  }

  /** A path whose state tells cheaply whether the journal has changed: its newest file, or its folder while it has none. */
  get watchedPath(): string {
    return this.#content === undefined ? this.#place.folder : this.#path(this.#content.generation);
  }

  /** The records as they stand now; undefined where there is no journal. Costs one `stat` while nothing changed. */
  async read(io: FileOperations): Promise<JournalContent | undefined> {
    const known = this.#content;
    if (known?.isReadable === true && !known.isSealed) {
      const stats = io.statNow(this.#path(known.generation));
      if (stats !== undefined && isUnchanged(known, stats)) return known;
    } else if (io.statNow(this.#place.folder) === undefined) {
      return undefined;
    }
    const opened = await this.#openCurrent(io, READ_EXISTING);
    if (opened === undefined) return undefined;
    closeInBackground(io, opened.descriptor);
    return opened.content;
  }

  /**
   * Makes the record the winner of its revision number, and durable unless the outcome says otherwise. The folder and the
   * journal are made where missing; a damaged journal is set aside, never written over.
   *
   * @throws PersistenceError `ERR_CONFLICT` where another writer has that number; `ERR_INDETERMINATE` where the record was
   *   written and cannot be read back. Whatever else it throws, the record is not in the journal, or torn.
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
      if (content === undefined) await this.#createGeneration(io, 1, []);
      else if (!content.isReadable) setAside = await this.#setAside(io, content.generation);
      else if (content.isSealed) await this.#createSuccessor(io, content, keepCount);
    }
    throw persistenceError('ERR_CONFLICT', 'another writer committed first; load it again and repeat the change');
  }

  /**
   * Starts a new generation that holds the newest `keepCount` states, and removes this one. Must be called by the holder
   * of the lock, right after its own commit. A crash in between leaves the sealed generation, which reads as before.
   */
  async compact(io: FileOperations, keepCount: number): Promise<void> {
    const content = (await this.#appendOnce(io, { record: 'sealed', token: newToken() }))?.content;
    if (content?.isSealed === true) await this.#createSuccessor(io, content, keepCount);
  }

  /**
   * Removes files that a killed process was still writing, and generations that have a successor. For the holder of the
   * lock only.
   */
  async sweep(io: FileOperations): Promise<void> {
    const { current } = await this.#listGenerations(io);
    for (const name of await listNames(io, this.#place.folder)) {
      const generation = Number(FILE_NAME.exec(name)?.[1] ?? current);
      const isOver = name === generationName(generation) && generation < current;
      if (isOver || TRANSIENT_NAME.test(name)) await removeIfPresent(io, join(this.#place.folder, name));
    }
  }

  /** The journal's content after one try to append; undefined where there is no journal. */
  async #appendOnce(io: FileOperations, record: RevisionRecord | SealRecord): Promise<AppendOutcome | undefined> {
    const opened = await this.#openCurrent(io, APPEND_EXISTING);
    if (opened === undefined) return undefined;
    const { descriptor, content } = opened;
    try {
      const isTaken = record.record !== 'sealed' && record.revision <= (content.newest?.revision ?? 0);
      if (!content.isReadable || content.isSealed || isTaken) return { content };
      const line = Buffer.from(`${content.endsInsideLine ? '\n' : ''}${formatLine(record)}`);
      if (line.length > JOURNAL.MAX_RECORD_BYTES) {
        throw persistenceError('ERR_INVALID_METADATA', `a record of ${line.length} bytes; shorten the custom fields`);
      }
      await writeCompletely(io, descriptor, line, 'append');
      const flushFailure = await failureOf(io.fsync(descriptor));
      const appended = await this.#readBack(io, descriptor, content.generation);
      return flushFailure === undefined ? { content: appended } : { content: appended, flushFailure };
    } finally {
      // What was flushed is safe, and what was not is reported already.
      closeInBackground(io, descriptor);
    }
  }

  /** The record stands in the file now, so one failure to read it back must not make it look as if it did not. */
  async #readBack(io: FileOperations, descriptor: number, generation: number): Promise<JournalContent> {
    try {
      return await this.#refresh(io, descriptor, generation);
    } catch {
      // Tried once more below.
    }
    try {
      return await this.#refresh(io, descriptor, generation);
    } catch (error) {
      const reason = 'its record was written and cannot be read back; look at the present state before trying again';
      throw persistenceError('ERR_INDETERMINATE', reason, { cause: error });
    }
  }

  /** Reads what the file holds beyond what is known of it. */
  async #refresh(
    io: FileOperations,
    descriptor: number,
    generation: number,
    look?: BigIntStats,
  ): Promise<JournalContent> {
    const stats = look ?? (await io.fstat(descriptor));
    if (!stats.isFile()) throw persistenceError('ERR_JOURNAL_DAMAGED', 'no regular file stands in its place');
    const known = this.#content?.generation === generation ? this.#content : undefined;
    if (known !== undefined && isUnchanged(known, stats)) return known;
    const size = Number(stats.size);
    const isLonger = known?.inode === stats.ino && size > known.size;
    const content =
      (isLonger ? await continued(io, descriptor, known, stats) : undefined) ??
      JournalContent.empty(generation, stats.ino).extend(await readFrom(io, descriptor, 0, size), stats.mtimeNs);
    this.#content = content;
    return content;
  }

  /** When a damaged journal was set aside, as epoch milliseconds, for as long as it lies there. */
  async setAsideAt(io: FileOperations): Promise<number | undefined> {
    let latest: number | undefined;
    for (const name of await listNames(io, this.#place.folder)) {
      if (!name.endsWith(JOURNAL.DAMAGED_EXTENSION)) continue;
      const stats = io.lstatNow(join(this.#place.folder, name));
      if (stats !== undefined) latest = Math.max(latest ?? 0, lastChangeMs(identityOf(stats)));
    }
    return latest;
  }

  /** Opens the generation that counts; undefined where there is none. */
  async #openCurrent(io: FileOperations, flags: number): Promise<Opened | undefined> {
    const known = this.#content;
    if (known !== undefined) {
      // A generation gets a successor only when it is sealed or damaged, so one that is neither needs no look around.
      const guess = await this.#openGeneration(io, known.generation, flags);
      if (guess?.content.isReadable === true && !guess.content.isSealed && isLaterState(known, guess.content))
        return guess;
      if (guess !== undefined) await io.close(guess.descriptor);
    }
    for (let attempt = 0; attempt < JOURNAL.MAX_APPEND_ATTEMPTS; attempt++) {
      const { current } = await this.#listGenerations(io);
      if (current === 0) {
        this.#content = undefined;
        return undefined;
      }
      const opened = await this.#openGeneration(io, current, flags);
      if (opened !== undefined) return opened;
    }
    throw persistenceError('ERR_CONFLICT', 'the journal was compacted again and again while it was opened; try again');
  }

  async #openGeneration(io: FileOperations, generation: number, flags: number): Promise<Opened | undefined> {
    const descriptor = await openExisting(io, this.#path(generation), flags);
    if (descriptor === undefined) return undefined;
    try {
      // For reading, a look at the path does: a generation's name is never given to another file.
      const stats = flags === READ_EXISTING ? io.statNow(this.#path(generation)) : undefined;
      return { descriptor, content: await this.#refresh(io, descriptor, generation, stats) };
    } catch (error) {
      await io.close(descriptor);
      throw error;
    }
  }

  async #createSuccessor(io: FileOperations, content: JournalContent, keepCount: number): Promise<void> {
    const kept = recordsToKeep(content, keepCount);
    await this.#createGeneration(io, content.generation + 1, kept);
    await removeIfPresent(io, this.#path(content.generation));
  }

  /** Keeps a damaged journal under another name, once its successor stands, so that no moment has neither. */
  async #setAside(io: FileOperations, generation: number): Promise<string> {
    const { highest } = await this.#listGenerations(io);
    const damaged = `${this.#path(generation)}.${newToken()}${JOURNAL.DAMAGED_EXTENSION}`;
    await this.#createGeneration(io, highest + 1, [], damaged);
    await io.rename(this.#path(generation), damaged);
    await syncFolder(io, this.#place.folder);
    return damaged;
  }

  async #createGeneration(
    io: FileOperations,
    generation: number,
    records: readonly RevisionRecord[],
    replacesDamaged?: string,
  ): Promise<void> {
    const lines = records.map(formatLine).join('');
    const header: HeaderRecord = {
      record: 'journal',
      format: JOURNAL.FORMAT_VERSION,
      generation,
      carriedBytes: Buffer.byteLength(lines),
      configuration: this.#place.configuration,
      ...(replacesDamaged === undefined ? {} : { replacesDamaged }),
    };
    const bytes = Buffer.from(formatLine(header) + lines);
    await ensureFolder(io, this.#place.folder, this.#place.folderMode);
    const isOwn = await this.#publish(io, this.#path(generation), bytes);
    this.#content = undefined;
    if (isOwn && (await this.#listGenerations(io)).current > generation) {
      // Whoever sleeps before the link for longer than its lease comes after a compaction by others.
      await removeIfPresent(io, this.#path(generation));
    }
    await syncFolder(io, this.#place.folder);
  }

  /**
   * Writes aside, flushes, and links to the name, so that whoever sees the name sees all of it. False where the name was
   * there already.
   *
   * @throws PersistenceError `ERR_LOCK_LOST` where another holder has cleared it away meanwhile.
   */
  async #publish(io: FileOperations, path: string, bytes: Uint8Array): Promise<boolean> {
    const staged = temporarySibling(path, FILE_SYSTEM.TEMP_EXTENSION);
    try {
      await createFlushed(io, staged, bytes, this.#place);
      return await linkOrRename(io, staged, path);
    } finally {
      // What cannot be removed now is swept later; it must not hide why the rest failed.
      await failureOf(removeIfPresent(io, staged));
    }
  }

  async #listGenerations(io: FileOperations): Promise<{ current: number; highest: number }> {
    let current = 0;
    let highest = 0;
    for (const name of await listFewNames(io, this.#place.folder)) {
      const generation = Number(FILE_NAME.exec(name)?.[1] ?? 0);
      highest = Math.max(highest, generation);
      if (name === generationName(generation)) current = Math.max(current, generation);
    }
    return { current, highest };
  }

  #path(generation: number): string {
    return join(this.#place.folder, generationName(generation));
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

/** Whether a file of the same generation is the one that was read before, and not one that a late writer has made anew. */
function isLaterState(known: JournalContent, now: JournalContent): boolean {
  return now.inode === known.inode && now.consumed >= known.consumed;
}

/** Whether a journal's file is as it was when it was read. */
export function isUnchanged(known: JournalContent, stats: BigIntStats): boolean {
  return known.inode === stats.ino && stats.size === BigInt(known.size) && known.modifiedNs === stats.mtimeNs;
}

async function failureOf(work: Promise<unknown>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Random name of a record, by which its writer finds it again. */
export function newToken(): string {
  return randomBytes(FILE_SYSTEM.RANDOM_NAME_BYTES).toString('hex');
}

function generationName(generation: number): string {
  const digits = String(generation).padStart(JOURNAL.GENERATION_DIGITS, '0');
  return `${JOURNAL.FILE_PREFIX}${digits}${FILE_SYSTEM.METADATA_EXTENSION}`;
}

async function linkOrRename(io: FileOperations, staged: string, path: string): Promise<boolean> {
  try {
    await io.link(staged, path);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'EEXIST')) return false;
    if (hasSystemCode(error, 'ENOENT')) throw overtaken(error);
    // File systems without hard links. The lock then has to keep two writers from starting one journal.
    if (!hasSystemCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP')) throw error;
    await io.rename(staged, path);
    return true;
  }
}
