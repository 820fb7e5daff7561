/**
 * The lock of one configuration on disk: a folder with one file in it, whose name is the state.
 *
 * Owns the folder `<locks>/<key>/`. Reads and renames only; waiting is `LocalLocks`' business. After a power
 * cut the folder may show any earlier state; its holder is of an earlier boot then and counts as dead.
 */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode, isSystemError } from '../../../errors/StorageError.js';
import type { FileOperations } from '../io/FileOperations.js';
import { CREATE_EXCLUSIVE, removeIfPresent } from '../io/files.js';
import { listFewNames, makeFolder } from '../io/folders.js';
import { transientSibling } from '../io/names.js';
import { freeLockFile, newestLockFile, type LockFile } from './LockFile.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

export interface LockFolderModes {
  readonly fileMode: number;
  readonly folderMode: number;
}

export class LockFolder {
  readonly #folder: string;
  readonly #modes: LockFolderModes;

  constructor(folder: string, modes: LockFolderModes) {
    this.#folder = folder;
    this.#modes = modes;
  }

  /**
   * The state now; undefined where nobody has ever locked this configuration. Every waiter asks for it again and again, and
   * must not take the processor from the holder.
   */
  async look(io: FileOperations): Promise<LockFile | undefined> {
    return newestLockFile(await listFewNames(io, this.#folder));
  }

  /**
   * Makes the first state, a free one. The folder appears with the file in it, so that two makers cannot both succeed.
   * Where it was cleared away while it was being made, there is none yet.
   */
  async create(io: FileOperations): Promise<void> {
    const parent = join(this.#folder, '..');
    await makeFolder(io, parent, this.#modes.folderMode);
    const staged = transientSibling(this.#folder, FILE_SYSTEM.TEMP_EXTENSION);
    const file = join(staged, freeLockFile(0).name);
    await io.mkdir(staged, this.#modes.folderMode);
    try {
      await io.close(await io.open(file, CREATE_EXCLUSIVE, this.#modes.fileMode));
      if (await isRenamed(io, staged, this.#folder)) return;
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT')) return;
      await removeStaged(io, staged, file);
      throw error;
    }
    await removeStaged(io, staged, file);
    if ((await this.look(io)) === undefined) await this.#createInside(io);
  }

  /**
   * Takes the lock from one state to another; false where somebody else was faster.
   *
   * The target's name is unique, so where the system reports a failure although it renamed (NFS sends a request again
   * when an answer is lost), the target being there decides.
   */
  async transfer(io: FileOperations, from: LockFile, to: LockFile): Promise<boolean> {
    try {
      await io.rename(join(this.#folder, from.name), join(this.#folder, to.name));
      return true;
    } catch (error) {
      if (!hasSystemCode(error, 'ENOENT')) throw error;
      return this.isAt(io, to);
    }
  }

  /** `transfer` at the exit of the process. @throws where the lock is in another state by now. */
  transferNow(io: FileOperations, from: LockFile, to: LockFile): void {
    io.renameNow(join(this.#folder, from.name), join(this.#folder, to.name));
  }

  /** Whether the lock is still in this state. Synchronous: it is asked right before a commit. */
  isAt(io: FileOperations, state: LockFile): boolean {
    return io.lstatNow(join(this.#folder, state.name)) !== undefined;
  }

  /** For a folder that holds other things than the state of a lock. */
  async #createInside(io: FileOperations): Promise<void> {
    try {
      const path = join(this.#folder, freeLockFile(0).name);
      await io.close(await io.open(path, CREATE_EXCLUSIVE, this.#modes.fileMode));
    } catch (error) {
      if (!hasSystemCode(error, 'EEXIST')) throw error;
    }
  }
}

/** False where a folder that is not empty stands there already; Windows says so with EPERM or EACCES. */
async function isRenamed(io: FileOperations, staged: string, folder: string): Promise<boolean> {
  try {
    await io.rename(staged, folder);
    return true;
  } catch (error) {
    const isInTheWay = hasSystemCode(error, 'ENOTEMPTY', 'EEXIST', 'EPERM', 'EACCES');
    if (isInTheWay && io.lstatNow(folder)?.isDirectory() === true) return false;
    throw error;
  }
}

/** A failing clean-up must not hide why the rest failed; a later start sweeps. */
async function removeStaged(io: FileOperations, staged: string, file: string): Promise<void> {
  try {
    await removeIfPresent(io, file);
    await io.rmdir(staged);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
