/** Writes one segment of the operation log. */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import type { LogSegmentWriter } from '../../port/LogSegments.js';
import type { FileOperations } from '../io/FileOperations.js';
import { writeCompletely } from '../io/files.js';
import { syncFolder } from '../io/folders.js';

const { EXTENSION } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG;

export interface LocalLogFile {
  readonly id: string;
  readonly path: string;
  readonly folder: string;
  readonly descriptor: number;
}

export class LocalLogWriter implements LogSegmentWriter {
  readonly id: string;
  readonly #io: FileOperations;
  readonly #file: LocalLogFile;
  readonly #inode: bigint;
  #isOpen = true;
  /** Whether its name is durable. */
  #isNamed = false;

  private constructor(io: FileOperations, file: LocalLogFile, inode: bigint) {
    this.id = file.id;
    this.#io = io;
    this.#file = file;
    this.#inode = inode;
  }

  /** Takes the descriptor over, also where it fails. */
  static async of(io: FileOperations, file: LocalLogFile): Promise<LocalLogWriter> {
    try {
      return new LocalLogWriter(io, file, (await io.fstat(file.descriptor)).ino);
    } catch (error) {
      await io.close(file.descriptor).catch(() => undefined);
      throw error;
    }
  }

  /** A segment that somebody has removed or renamed would take what nobody finds again. */
  async append(bytes: Uint8Array): Promise<void> {
    const { descriptor, path } = this.#file;
    if (this.#io.lstatNow(path)?.ino !== this.#inode) {
      throw persistenceError('ERR_CONFLICT', 'somebody has moved the file of the operation log', { filePath: path });
    }
    await writeCompletely(this.#io, descriptor, bytes, 'append');
  }

  async flush(): Promise<void> {
    await this.#io.fsync(this.#file.descriptor);
    if (!this.#isNamed) await syncFolder(this.#io, this.#file.folder);
    this.#isNamed = true;
  }

  async end(mark: string): Promise<void> {
    const { path, folder, id } = this.#file;
    try {
      // A power cut that takes the new name back leaves a segment whose writer is gone, and every entry in it.
      await this.#io.rename(path, join(folder, `${id}.${mark}${EXTENSION}`));
    } finally {
      await this.abandon();
    }
  }

  async abandon(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#io.close(this.#file.descriptor).catch(() => undefined);
  }
}
