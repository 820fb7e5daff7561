/**
 * The folder of one configuration's snapshots: `<backups>/<key>/`.
 *
 * Whatever else lies there is left alone. A name appears only when everything behind it is flushed, and every change of
 * names is flushed before it is reported.
 */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode, storageError } from '../../../errors/StorageError.js';
import {
  createFlushed,
  openExisting,
  READ_EXISTING,
  readToEnd,
  removeQuietly,
  temporarySibling,
} from '../io/durableFile.js';
import { listNames, makeFolder, syncFolder } from '../io/durableFolder.js';
import { stemOf } from '../paths/ConfigurationKeys.js';
import type { FileOperations } from '../io/FileOperations.js';
import { renameOwn } from '../io/overtaken.js';
import type { Snapshot, SnapshotFacts } from '../../port/SnapshotStore.js';
import { parseSnapshotFileName, snapshotFileName, snapshotId } from './SnapshotName.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

export interface SnapshotFolderModes {
  readonly fileMode: number;
  readonly folderMode: number;
}

export interface NewFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

export class SnapshotFolder {
  readonly path: string;
  readonly key: string;
  readonly #modes: SnapshotFolderModes;

  constructor(parent: string, key: string, modes: SnapshotFolderModes) {
    this.path = join(parent, key);
    this.key = key;
    this.#modes = modes;
  }

  /** The configuration's readable name, as it starts the names of its snapshots. */
  get stem(): string {
    return stemOf(this.key);
  }

  fileOf(facts: SnapshotFacts): string {
    return join(this.path, snapshotFileName(this.stem, facts));
  }

  /** Newest first. Of two files with one id, the one that is packed further stands for both. */
  async list(io: FileOperations): Promise<Snapshot[]> {
    const files = this.filesOf(io, await this.names(io));
    // The last one of an id is packed furthest.
    return [...new Map(files.map((file) => [file.id, file])).values()].sort(newestFirst);
  }

  /**
   * Those of these names that are snapshots, least packed first. More than one of an id are there only after a kill in the
   * middle of a repacking.
   */
  filesOf(io: FileOperations, names: readonly string[]): Snapshot[] {
    const files = names.map((name) => this.#snapshotAt(io, name)).filter((file) => file !== undefined);
    return files.sort((left, right) => packingDepth(left) - packingDepth(right));
  }

  /** All names in it; none where there is no folder. */
  async names(io: FileOperations): Promise<string[]> {
    return this.#exists(io) ? listNames(io, this.path) : [];
  }

  /** A file's bytes; undefined where it is not there. Links are not followed. */
  async read(io: FileOperations, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const descriptor = await openExisting(io, path, READ_EXISTING);
    if (descriptor === undefined) return undefined;
    try {
      const stats = await io.fstat(descriptor);
      if (!stats.isFile()) throw persistenceError('ERR_NOT_A_FILE', 'no regular file stands here', { filePath: path });
      return await readToEnd(io, descriptor, { start: 0, expectedEnd: Number(stats.size), maxBytes });
    } finally {
      await io.close(descriptor);
    }
  }

  /** A complete, flushed file under a name that did not exist or is replaced as a whole. Its folder is flushed too. */
  async write(io: FileOperations, path: string, bytes: Uint8Array): Promise<void> {
    await this.writeAll(io, [{ path, bytes }]);
  }

  /** The same for several beside each other, so that they share their flushes. All have ended before a failure is thrown. */
  async writeAll(io: FileOperations, files: readonly NewFile[]): Promise<void> {
    await this.make(io);
    const writing = files.map((file) => this.#writeUnsynced(io, file));
    await Promise.allSettled(writing);
    await Promise.all(writing);
    await syncFolder(io, this.path);
  }

  async #writeUnsynced(io: FileOperations, { path, bytes }: NewFile): Promise<void> {
    const staged = temporarySibling(path, FILE_SYSTEM.TEMP_EXTENSION);
    try {
      await createFlushed(io, staged, bytes, this.#modes);
      await renameOwn(io, staged, path);
    } catch (error) {
      await removeQuietly(io, staged);
      throw error;
    }
  }

  async sync(io: FileOperations): Promise<void> {
    await syncFolder(io, this.path);
  }

  /** @throws StorageError, PersistenceError that name this folder, not the configuration. */
  async make(io: FileOperations): Promise<void> {
    if (this.#exists(io)) return;
    try {
      await makeFolder(io, this.path, this.#modes.folderMode);
    } catch (error) {
      throw storageError(error, { filePath: this.path });
    }
  }

  #snapshotAt(io: FileOperations, name: string): Snapshot | undefined {
    const facts = parseSnapshotFileName(this.stem, name);
    if (facts === undefined || snapshotFileName(this.stem, facts) !== name) return undefined;
    const path = join(this.path, name);
    const stats = io.lstatNow(path);
    if (stats?.isFile() !== true) return undefined;
    return { ...facts, id: snapshotId(this.key, facts), path, storedBytes: Number(stats.size) };
  }

  #exists(io: FileOperations): boolean {
    try {
      const stats = io.lstatNow(this.path);
      if (stats === undefined) return false;
      if (stats.isDirectory()) return true;
    } catch (error) {
      // A file stands where a folder above it is needed.
      if (!hasSystemCode(error, 'ENOTDIR')) throw storageError(error, { filePath: this.path });
    }
    throw notAFolder(this.path);
  }
}

/** The error for a path in whose place a file or link stands. */
export function notAFolder(path: string): Error {
  const reason = 'a file or link stands where the folder for backups is needed; move it away';
  return persistenceError('ERR_NOT_A_FILE', reason, { filePath: path });
}

function newestFirst(left: Snapshot, right: Snapshot): number {
  return right.createdAt - left.createdAt || right.revision - left.revision || (left.id < right.id ? 1 : -1);
}

function packingDepth({ isCompressed, isEncrypted }: Snapshot): number {
  return Number(isCompressed) + 2 * Number(isEncrypted);
}
