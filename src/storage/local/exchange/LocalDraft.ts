/** A file on its way to its name: written aside, flushed, read back, and only then named. */
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { fileExists } from '../../port/conditions.js';
import type { ExchangeDraft, PublishedFile } from '../../port/ExchangeFiles.js';
import type { FileOperations } from '../io/FileOperations.js';
import { removeQuietly, renameOwn, writeCompletely } from '../io/files.js';
import { syncFolder } from '../io/folders.js';
import { linkOwn } from '../io/publish.js';
import { readAt } from './exchangeFile.js';

const { ATOMIC_OPERATIONS, INTEGRITY_CHECKING } = CONFIG_PERSISTENCE_CONSTANTS;

export interface DraftFile {
  readonly path: string;
  /** Where it stands until it has its name. */
  readonly staged: string;
  readonly descriptor: number;
  readonly isReplacing: boolean;
}

export class LocalDraft implements ExchangeDraft {
  readonly #io: FileOperations;
  readonly #file: DraftFile;
  readonly #written = createHash(INTEGRITY_CHECKING.CHECKSUM_ALGORITHM);
  #sizeBytes = 0;
  #isOpen = true;
  #isNamed = false;

  constructor(io: FileOperations, file: DraftFile) {
    this.#io = io;
    this.#file = file;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#written.update(bytes);
    await writeCompletely(this.#io, this.#file.descriptor, bytes, 'append');
    this.#sizeBytes += bytes.length;
  }

  read(position: number, length: number): Promise<Uint8Array> {
    return readAt(this.#io, this.#file.descriptor, position, length);
  }

  async publish(): Promise<PublishedFile> {
    const { descriptor, staged, path, isReplacing } = this.#file;
    await this.#io.fsync(descriptor);
    const checksum = await this.#verify();
    await this.#close();
    if (isReplacing) {
      await renameOwn(this.#io, staged, path);
      this.#isNamed = true;
    } else if (!(await linkOwn(this.#io, staged, path))) throw fileExists(path);
    const flushFailure = await this.#flush(dirname(path));
    await this.discard();
    return { sizeBytes: this.#sizeBytes, checksum, ...(flushFailure === undefined ? {} : { flushFailure }) };
  }

  async discard(): Promise<void> {
    try {
      await this.#close();
    } catch {
      // What is thrown away need not be closed well.
    }
    // A link leaves the other name behind, as a failure does.
    if (!this.#isNamed) await removeQuietly(this.#io, this.#file.staged);
    this.#isNamed = true;
  }

  /** It has its name by now, so a failure must not look as if it had not. */
  async #flush(folder: string): Promise<Error | undefined> {
    try {
      await syncFolder(this.#io, folder);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  /** @returns the checksum of what the disk returns. */
  async #verify(): Promise<string> {
    const found = createHash(INTEGRITY_CHECKING.CHECKSUM_ALGORITHM);
    for (let position = 0; position < this.#sizeBytes;) {
      const piece = await this.read(position, Math.min(ATOMIC_OPERATIONS.CHUNK_BYTES, this.#sizeBytes - position));
      if (piece.length === 0) break;
      found.update(piece);
      position += piece.length;
    }
    const checksum = found.digest('hex');
    if (checksum === this.#written.digest('hex')) return checksum;
    throw persistenceError('ERR_WRITE_VERIFICATION', 'the disk returned other bytes than were written; check it');
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#io.close(this.#file.descriptor);
  }
}
