/**
 * The lock of one configuration on disk: a folder with one baton in it.
 *
 * Owns the folder `<locks>/<key>/`. Reads and renames only; waiting and fairness are the lock manager's. After a power
 * cut the folder may show any earlier state; its holder is of an earlier boot then and counts as dead.
 */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode, isSystemError } from '../../../errors/StorageError.js';
import { CREATE_EXCLUSIVE, removeIfPresent, temporarySibling } from '../io/durableFile.js';
import { listFewNames, makeFolder } from '../io/durableFolder.js';
import type { FileOperations } from '../io/FileOperations.js';
import { freeBaton, newestBaton, type Baton } from './Baton.js';

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
  async look(io: FileOperations): Promise<Baton | undefined> {
    return newestBaton(await listFewNames(io, this.#folder));
  }

  /**
   * Makes the first, free baton. The folder appears with the baton in it, so that two makers cannot both succeed. Where it
   * was cleared away while it was being made, there is none yet.
   */
  async create(io: FileOperations): Promise<void> {
    const parent = join(this.#folder, '..');
    await makeFolder(io, parent, this.#modes.folderMode);
    const staged = temporarySibling(this.#folder, FILE_SYSTEM.TEMP_EXTENSION);
    const baton = join(staged, freeBaton(0).name);
    await io.mkdir(staged, this.#modes.folderMode);
    try {
      await io.close(await io.open(baton, CREATE_EXCLUSIVE, this.#modes.fileMode));
      if (await isRenamed(io, staged, this.#folder)) return;
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT')) return;
      await removeStaged(io, staged, baton);
      throw error;
    }
    await removeStaged(io, staged, baton);
    if ((await this.look(io)) === undefined) await this.#createInside(io);
  }

  /**
   * Passes the baton from one state to another; false where somebody else was faster.
   *
   * The target's name is unique, so where the system reports a failure although it renamed (NFS sends a request again
   * when an answer is lost), the target being there decides.
   */
  async pass(io: FileOperations, from: Baton, to: Baton): Promise<boolean> {
    try {
      await io.rename(join(this.#folder, from.name), join(this.#folder, to.name));
      return true;
    } catch (error) {
      if (!hasSystemCode(error, 'ENOENT')) throw error;
      return this.isAt(io, to);
    }
  }

  /** `pass` at the exit of the process. @throws where the baton has another name by now. */
  passNow(io: FileOperations, from: Baton, to: Baton): void {
    io.renameNow(join(this.#folder, from.name), join(this.#folder, to.name));
  }

  /** Whether the baton still has this name. Synchronous: it is asked right before a commit. */
  isAt(io: FileOperations, baton: Baton): boolean {
    return io.lstatNow(join(this.#folder, baton.name)) !== undefined;
  }

  /** For a folder that holds other things than a baton. */
  async #createInside(io: FileOperations): Promise<void> {
    try {
      const path = join(this.#folder, freeBaton(0).name);
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
async function removeStaged(io: FileOperations, staged: string, baton: string): Promise<void> {
  try {
    await removeIfPresent(io, baton);
    await io.rmdir(staged);
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}
