/**
 * The segments of the operation log as files: `<id>.audit.open` while one has a writer, `<id>.<mark>.audit` afterwards.
 *
 * The name is the claim: whoever renames an ended segment to its open name is its writer, and only one can. No name is ever
 * taken from another segment.
 */
import { randomBytes } from 'node:crypto';
import { constants as flags } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { LogSegment, LogSegments, LogSegmentWriter } from '../../port/LogSegments.js';
import type { FileOperations } from '../io/FileOperations.js';
import { APPEND_EXISTING, CREATE_EXCLUSIVE, openExisting, READ_EXISTING, removeIfPresent } from '../io/files.js';
import { listNames, makeFolder } from '../io/folders.js';
import { LocalLogWriter } from './LocalLogWriter.js';

const { EXTENSION, OPEN_EXTENSION, ID_BYTES, ID_TIME_DIGITS, FILE_NAME } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG;

export interface LocalLogSettings {
  readonly folder: string;
  readonly fileMode: number;
  readonly folderMode: number;
}

export class LocalLogSegments implements LogSegments {
  readonly #io: FileOperations;
  readonly #settings: LocalLogSettings;

  constructor(io: FileOperations, settings: LocalLogSettings) {
    this.#io = io;
    this.#settings = settings;
  }

  list(): Promise<readonly LogSegment[]> {
    return this.#list(() => true);
  }

  async read(segment: LogSegment, offset: number, length: number): Promise<Uint8Array> {
    const descriptor = await this.#openToRead(segment);
    if (descriptor === undefined) return new Uint8Array();
    try {
      const bytes = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const count = await this.#io.read(descriptor, bytes, filled, length - filled, offset + filled);
        if (count === 0) break;
        filled += count;
      }
      return bytes.subarray(0, filled);
    } finally {
      await this.#io.close(descriptor);
    }
  }

  async create(beganAt: number): Promise<LogSegmentWriter> {
    const { folder, folderMode, fileMode } = this.#settings;
    await makeFolder(this.#io, folder, folderMode);
    const id = `${String(beganAt).padStart(ID_TIME_DIGITS, '0')}-${randomBytes(ID_BYTES).toString('hex')}`;
    const path = this.#openPath(id);
    const descriptor = await this.#io.open(path, CREATE_EXCLUSIVE | flags.O_APPEND, fileMode);
    return LocalLogWriter.of(this.#io, { id, path, folder, descriptor });
  }

  async resume({ id, path }: LogSegment): Promise<LogSegmentWriter | undefined> {
    const openPath = this.#openPath(id);
    try {
      await this.#io.rename(path, openPath);
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT')) return undefined;
      throw error;
    }
    const descriptor = await openExisting(this.#io, openPath, APPEND_EXISTING);
    if (descriptor === undefined) return undefined;
    return LocalLogWriter.of(this.#io, { id, path: openPath, folder: this.#settings.folder, descriptor });
  }

  async remove({ path }: LogSegment): Promise<void> {
    await removeIfPresent(this.#io, path);
  }

  async #list(isWanted: (id: string) => boolean): Promise<LogSegment[]> {
    const { folder } = this.#settings;
    const segments: LogSegment[] = [];
    for (const name of await listNames(this.#io, folder)) {
      const [, id, endMark, open] = new RegExp(FILE_NAME, 'u').exec(name) ?? [];
      if (id === undefined || (endMark === undefined) !== (open !== undefined) || !isWanted(id)) continue;
      const path = join(folder, name);
      const stats = this.#io.lstatNow(path);
      if (stats?.isFile() !== true) continue;
      segments.push({ id, path, sizeBytes: Number(stats.size), modifiedAt: Number(stats.mtimeMs), endMark });
    }
    return segments.sort((left, right) => (left.id < right.id ? -1 : 1));
  }

  /** By the name that it has now, if its writer has ended it meanwhile, or another one goes on with it. */
  async #openToRead({ id, path }: LogSegment): Promise<number | undefined> {
    const descriptor = await openExisting(this.#io, path, READ_EXISTING);
    if (descriptor !== undefined) return descriptor;
    const [now] = await this.#list((other) => other === id);
    return now === undefined ? undefined : openExisting(this.#io, now.path, READ_EXISTING);
  }

  #openPath(id: string): string {
    return join(this.#settings.folder, `${id}${EXTENSION}${OPEN_EXTENSION}`);
  }
}
