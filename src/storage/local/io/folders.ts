/** The durable primitives for a folder: it is flushed before anything relies on a name in it. */
import { constants as flags } from 'node:fs';
import { dirname } from 'node:path';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import { closeInBackground } from './files.js';
import type { FileOperations } from './FileOperations.js';

/**
 * Makes the names in a folder durable. Does nothing on Windows and on file systems that know no such flush.
 */
export async function syncFolder(io: FileOperations, folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const descriptor = await io.open(folder, flags.O_RDONLY);
  try {
    await io.fsync(descriptor);
  } catch (error) {
    if (!hasSystemCode(error, 'EINVAL', 'ENOTSUP')) throw error;
  } finally {
    closeInBackground(io, descriptor);
  }
}

/** Makes a folder where it is missing, at the cost of one look where the folder is there, as it nearly always is. */
export async function ensureFolder(io: FileOperations, folder: string, mode: number): Promise<void> {
  if (io.statNow(folder)?.isDirectory() !== true) await makeFolder(io, folder, mode);
}

/**
 * Makes a folder and its missing parents, each durable in its own parent before the next is made.
 */
export async function makeFolder(io: FileOperations, folder: string, mode: number): Promise<void> {
  try {
    await io.mkdir(folder, mode);
  } catch (error) {
    if (hasSystemCode(error, 'EEXIST')) {
      if ((await io.stat(folder)).isDirectory()) return;
      throw persistenceError('ERR_NOT_A_FILE', 'a file stands where a folder is needed', { cause: error });
    }
    if (!hasSystemCode(error, 'ENOENT')) throw error;
    await makeFolder(io, dirname(folder), mode);
    await makeFolder(io, folder, mode);
    return;
  }
  await syncFolder(io, dirname(folder));
}

/** The names in a folder; none where it does not exist. */
export async function listNames(io: FileOperations, folder: string): Promise<string[]> {
  try {
    return await io.readdir(folder);
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** The names in a folder of a few files: without a round trip through the thread pool, where nothing is in the way. */
export async function listFewNames(io: FileOperations, folder: string): Promise<string[]> {
  try {
    return io.readdirNow(folder);
  } catch (error) {
    // The other call is tried again where the system is short of something for a moment.
    return hasSystemCode(error, 'ENOENT') ? [] : listNames(io, folder);
  }
}
