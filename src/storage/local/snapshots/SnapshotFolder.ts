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
import type { Snapshot, SnapshotFacts } from '../../port/Snapshot.js';
import type { FileOperations } from '../io/FileOperations.js';
import { readSmall } from '../io/files.js';
import { listNames, makeFolder, syncFolder } from '../io/folders.js';
import { publish } from '../io/publish.js';
import { stemOf } from '../paths/ConfigurationKeys.js';
import {
  manifestFileName,
  parseSnapshotFileName,
  snapshotFileName,
  snapshotId,
  type SnapshotIdentity,
} from './SnapshotName.js';

const { MAX_MANIFEST_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

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

  manifestOf(identity: SnapshotIdentity): string {
    return join(this.path, manifestFileName(this.stem, identity));
  }

  /** The text of a manifest; empty where there is none. What cannot be read tells nothing, and hurts no snapshot. */
  async manifestText(io: FileOperations, path: string): Promise<string> {
    try {
      const bytes = await readSmall(io, path, MAX_MANIFEST_BYTES);
      return bytes === undefined ? '' : Buffer.from(bytes).toString();
    } catch {
      return '';
    }
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

  /** A complete, flushed file under a name that did not exist or is replaced as a whole. Its folder is flushed too. */
  async write(io: FileOperations, path: string, bytes: Uint8Array): Promise<void> {
    await this.writeAll(io, [{ path, bytes }]);
  }

  /** `write` for several beside each other, so that they share their flushes. All have ended before a failure is thrown. */
  async writeAll(io: FileOperations, files: readonly NewFile[]): Promise<void> {
    await this.make(io);
    const writing = files.map(({ path, bytes }) => publish(io, path, bytes, this.#modes));
    await Promise.allSettled(writing);
    await Promise.all(writing);
    await syncFolder(io, this.path);
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
  return right.createdAt - left.createdAt || right.sequence - left.sequence || (left.id < right.id ? 1 : -1);
}

function packingDepth({ isCompressed, isEncrypted }: Snapshot): number {
  return Number(isCompressed) + 2 * Number(isEncrypted);
}
