/**
 * The files of one journal: `<metadata>/<key>/journal.<segment>.meta`, its segments.
 *
 * A segment appears complete, by linking a flushed file to its name, and its name is never given to another file. The one
 * with the highest number counts. One that a late writer has linked again after its time has a successor from its first
 * moment on; it is taken for what it is by everybody who lists the folder, and removed again.
 */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { identityOf, lastChangeMs } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { removeIfPresent } from '../io/files.js';
import { ensureFolder, listFewNames, listNames, syncFolder } from '../io/folders.js';
import { newToken, TRANSIENT_NAME } from '../io/names.js';
import { publish } from '../io/publish.js';
import { formatLine, type HeaderRecord, type RevisionRecord } from './JournalRecord.js';

const { JOURNAL, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;
const FILE_NAME = new RegExp(`^journal\\.(\\d{${JOURNAL.GENERATION_DIGITS}})\\${FILE_SYSTEM.METADATA_EXTENSION}`, 'u');

/** Where a journal lies and how it is made. */
export interface JournalFolder {
  readonly path: string;
  /** The configuration's path relative to the folder. */
  readonly configuration: string;
  readonly fileMode: number;
  readonly folderMode: number;
}

export class JournalFiles {
  readonly #folder: JournalFolder;

  constructor(folder: JournalFolder) {
    this.#folder = folder;
  }

  get folder(): string {
    return this.#folder.path;
  }

  pathOf(segment: number): string {
    return join(this.#folder.path, segmentName(segment));
  }

  /** The numbers of the segment that counts, and of the highest that was ever seen, set aside or not; 0 for none. */
  async segments(io: FileOperations): Promise<{ current: number; highest: number }> {
    let current = 0;
    let highest = 0;
    for (const name of await listFewNames(io, this.#folder.path)) {
      const segment = Number(FILE_NAME.exec(name)?.[1] ?? 0);
      highest = Math.max(highest, segment);
      if (name === segmentName(segment)) current = Math.max(current, segment);
    }
    return { current, highest };
  }

  /** Makes a segment that begins with these records, unless it is there already. */
  async create(
    io: FileOperations,
    segment: number,
    records: readonly RevisionRecord[],
    replacesDamaged?: string,
  ): Promise<void> {
    const { path: folder, configuration, folderMode, fileMode } = this.#folder;
    const lines = records.map(formatLine).join('');
    const header: HeaderRecord = {
      record: 'journal',
      format: JOURNAL.FORMAT_VERSION,
      generation: segment,
      carriedBytes: Buffer.byteLength(lines),
      configuration,
      ...(replacesDamaged === undefined ? {} : { replacesDamaged }),
    };
    const bytes = Buffer.from(formatLine(header) + lines);
    await ensureFolder(io, folder, folderMode);
    const isOwn = await publish(io, this.pathOf(segment), bytes, { fileMode, isExclusive: true });
    if (isOwn && (await this.segments(io)).current > segment) {
      // Whoever sleeps before the link for longer than its lease comes after a compaction by others.
      await removeIfPresent(io, this.pathOf(segment));
    }
    await syncFolder(io, folder);
  }

  /**
   * Keeps a damaged segment under another name, once its successor stands, so that no moment has neither.
   *
   * @returns that name.
   */
  async setAside(io: FileOperations, segment: number): Promise<string> {
    const { highest } = await this.segments(io);
    const damaged = `${this.pathOf(segment)}.${newToken()}${JOURNAL.DAMAGED_EXTENSION}`;
    await this.create(io, highest + 1, [], damaged);
    await io.rename(this.pathOf(segment), damaged);
    await syncFolder(io, this.#folder.path);
    return damaged;
  }

  /** When a damaged segment was set aside, as epoch milliseconds, for as long as it lies there. */
  async setAsideAt(io: FileOperations): Promise<number | undefined> {
    let latest: number | undefined;
    for (const name of await listFewNames(io, this.#folder.path)) {
      if (!name.endsWith(JOURNAL.DAMAGED_EXTENSION)) continue;
      const stats = io.lstatNow(join(this.#folder.path, name));
      if (stats !== undefined) latest = Math.max(latest ?? 0, lastChangeMs(identityOf(stats)));
    }
    return latest;
  }

  /**
   * Removes files that a killed process was still writing, and segments that have a successor. For the holder of the lock
   * only.
   */
  async sweep(io: FileOperations): Promise<void> {
    const { current } = await this.segments(io);
    for (const name of await listNames(io, this.#folder.path)) {
      const segment = Number(FILE_NAME.exec(name)?.[1] ?? current);
      const isOver = name === segmentName(segment) && segment < current;
      if (isOver || TRANSIENT_NAME.test(name)) await removeIfPresent(io, join(this.#folder.path, name));
    }
  }
}

function segmentName(segment: number): string {
  const digits = String(segment).padStart(JOURNAL.GENERATION_DIGITS, '0');
  return `${JOURNAL.FILE_PREFIX}${digits}${FILE_SYSTEM.METADATA_EXTENSION}`;
}
