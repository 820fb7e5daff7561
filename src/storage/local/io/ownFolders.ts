/**
 * The folders that are made for side files keep themselves out of version control: each gets a `.gitignore` with `*` when it
 * is made, since what is kept in them has the keys that were in the configuration.
 *
 * It is no more than a courtesy: one that is there already stays, where none can be written nothing fails, and one that a kill
 * has cut off is empty. So it is written under its name, and leaves nothing to be swept.
 */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { PersistenceError } from '../../../errors/PersistenceError.js';
import { isSystemError } from '../../../errors/StorageError.js';
import type { FileOperations } from './FileOperations.js';
import { CREATE_EXCLUSIVE, writeCompletely } from './files.js';

const { IGNORE_FILE, IGNORE_TEXT } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

/** @param folders full paths of folders that hold nothing but side files. */
export function ignoringFolders(base: FileOperations, folders: readonly string[], fileMode: number): FileOperations {
  const own = new Set(folders);
  return {
    ...base,
    async mkdir(path, mode) {
      await base.mkdir(path, mode);
      if (own.has(path)) await ignoreAllIn(path, base, fileMode);
    },
  };
}

async function ignoreAllIn(folder: string, io: FileOperations, fileMode: number): Promise<void> {
  try {
    const descriptor = await io.open(join(folder, IGNORE_FILE), CREATE_EXCLUSIVE, fileMode);
    try {
      await writeCompletely(io, descriptor, Buffer.from(IGNORE_TEXT), 'start');
    } finally {
      await io.close(descriptor);
    }
  } catch (error) {
    if (!isSystemError(error) && !(error instanceof PersistenceError)) throw error;
  }
}
