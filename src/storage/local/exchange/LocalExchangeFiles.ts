/**
 * Files of this machine that are no configurations: exports, imports, and what is staged on the way.
 *
 * They pass the same path guard as configurations. A draft that a killed process has left is removed by the next one that
 * makes a draft in the same folder, once nobody has written to it for a while.
 */
import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import { fileExists } from '../../port/conditions.js';
import type { ExchangeDraft, ExchangeFiles, ExchangeSource } from '../../port/ExchangeFiles.js';
import { assertOngoing, type Work } from '../../port/Work.js';
import { lastModifiedMs, identityOf } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { CREATE_EXCLUSIVE, openExisting, READ_EXISTING, removeIfPresent, removeQuietly } from '../io/files.js';
import { ensureFolder, listNames } from '../io/folders.js';
import { meteredFileOperations } from '../io/metered.js';
import { TRANSIENT_NAME, transientSibling } from '../io/names.js';
import type { PathGuard } from '../paths/PathGuard.js';
import { readAt } from './exchangeFile.js';
import { LocalDraft } from './LocalDraft.js';

const { FILE_SYSTEM, EXCHANGE } = CONFIG_PERSISTENCE_CONSTANTS;

export interface LocalExchangeSettings {
  readonly pathGuard: PathGuard;
  /** Of every file that is made, whatever it is: exports hold secrets. */
  readonly fileMode: number;
  readonly folderMode: number;
}

export class LocalExchangeFiles implements ExchangeFiles {
  readonly #io: FileOperations;
  readonly #settings: LocalExchangeSettings;

  constructor(io: FileOperations, settings: LocalExchangeSettings) {
    this.#io = io;
    this.#settings = settings;
  }

  async resolve(given: unknown, work: Work): Promise<string> {
    return (await this.#settings.pathGuard.resolve(given, this.#metered(work))).id;
  }

  exists(path: string): boolean {
    return this.#io.lstatNow(path) !== undefined;
  }

  async open(path: string, maxBytes: number, work: Work): Promise<ExchangeSource> {
    const io = this.#metered(work);
    const descriptor = await openExisting(io, path, READ_EXISTING);
    if (descriptor === undefined) {
      throw persistenceError('ERR_FILE_NOT_FOUND', 'there is no file to import at this path', { filePath: path });
    }
    try {
      const stats = await io.fstat(descriptor);
      if (!stats.isFile()) throw persistenceError('ERR_NOT_A_FILE', 'no regular file stands here', { filePath: path });
      const sizeBytes = Number(stats.size);
      if (sizeBytes > maxBytes) {
        const reason = `${sizeBytes} bytes, at most ${maxBytes} are imported`;
        throw persistenceError('ERR_FILE_TOO_LARGE', reason, { filePath: path });
      }
      return sourceOf(io, descriptor, path, sizeBytes);
    } catch (error) {
      await io.close(descriptor);
      throw error;
    }
  }

  async create(path: string, isReplacing: boolean, work: Work): Promise<ExchangeDraft> {
    if (!isReplacing && this.exists(path)) throw fileExists(path);
    const io = this.#metered(work);
    const folder = dirname(path);
    await ensureFolder(io, folder, this.#settings.folderMode);
    await this.#removeAbandoned(folder, io);
    const staged = transientSibling(path, FILE_SYSTEM.TEMP_EXTENSION);
    const descriptor = await io.open(staged, CREATE_EXCLUSIVE, this.#settings.fileMode);
    return new LocalDraft(io, { path, staged, descriptor, isReplacing });
  }

  remove(path: string, work: Work): Promise<boolean> {
    return removeIfPresent(this.#metered(work), path);
  }

  namesNow(folder: string): readonly string[] {
    try {
      return this.#io.readdirNow(folder);
    } catch {
      return [];
    }
  }

  async *filesBelow(folder: string, work: Work): AsyncIterable<string> {
    let entries;
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (error) {
      // What is no folder, or went away meanwhile, holds nothing.
      if (hasSystemCode(error, 'ENOENT', 'ENOTDIR')) return;
      throw error;
    }
    entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    for (const entry of entries) {
      assertOngoing(work);
      const path = join(folder, entry.name);
      if (entry.isFile()) yield path;
      else if (entry.isDirectory()) yield* this.filesBelow(path, work);
    }
  }

  /** Drafts that nobody has written to for so long belong to processes that are gone. */
  async #removeAbandoned(folder: string, io: FileOperations): Promise<void> {
    const names = (await listNames(io, folder)).filter((name) => TRANSIENT_NAME.test(name) && name.endsWith('.tmp'));
    for (const name of names) {
      const path = resolve(folder, name);
      const stats = io.lstatNow(path);
      const isOld =
        stats?.isFile() === true && Date.now() - lastModifiedMs(identityOf(stats)) > EXCHANGE.ABANDONED_AFTER_MS;
      if (isOld) await removeQuietly(io, path);
    }
  }

  #metered(work: Work): FileOperations {
    return meteredFileOperations(this.#io, work.diskIO);
  }
}

function sourceOf(io: FileOperations, descriptor: number, path: string, sizeBytes: number): ExchangeSource {
  return {
    path,
    sizeBytes,
    read: (position, length) => readAt(io, descriptor, position, length),
    close: () => io.close(descriptor),
  };
}
