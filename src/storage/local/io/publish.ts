/**
 * How a file of the store's own gets its name: complete, flushed and read back, in one step.
 *
 * The unfinished file may vanish: whoever takes the lock over sweeps what it finds, so that a late rename or link of the
 * former holder finds nothing.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { FileOperations } from './FileOperations.js';
import { CREATE_EXCLUSIVE, overtaken, removeQuietly, renameOwn, verifyWritten, writeCompletely } from './files.js';
import { transientSibling } from './names.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

/** How a file is published. */
export interface PublishSettings {
  readonly fileMode: number;
  /** Whether a file that has the name already stays. Default: it is replaced. */
  readonly isExclusive?: boolean;
}

/**
 * Writes a file aside, flushes it, reads it back and gives it its name, so that whoever sees the name sees all of it. Its
 * folder is not flushed.
 *
 * @returns false where `isExclusive` and the name is there already.
 * @throws PersistenceError `ERR_LOCK_LOST` where another holder has cleared it away meanwhile.
 */
export async function publish(
  io: FileOperations,
  path: string,
  bytes: Uint8Array,
  { fileMode, isExclusive = false }: PublishSettings,
): Promise<boolean> {
  const staged = transientSibling(path, FILE_SYSTEM.TEMP_EXTENSION);
  let isRenamed = false;
  try {
    await createFlushed(io, staged, bytes, fileMode);
    if (isExclusive) return await linkOwn(io, staged, path);
    await renameOwn(io, staged, path);
    isRenamed = true;
    return true;
  } finally {
    // A link leaves the other name behind, as a failure does. What cannot be removed now is swept later.
    if (!isRenamed) await removeQuietly(io, staged);
  }
}

/** A new file with these bytes: flushed, read back, and closed. */
async function createFlushed(io: FileOperations, path: string, bytes: Uint8Array, fileMode: number): Promise<void> {
  const descriptor = await io.open(path, CREATE_EXCLUSIVE, fileMode);
  try {
    await writeCompletely(io, descriptor, bytes, 'start');
    await io.fsync(descriptor);
    await verifyWritten(io, descriptor, bytes);
  } finally {
    await io.close(descriptor);
  }
}

/** Gives an unfinished file of this writer a name that must be free; false where it is taken. */
export async function linkOwn(io: FileOperations, from: string, to: string): Promise<boolean> {
  try {
    await io.link(from, to);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'EEXIST')) return false;
    if (hasSystemCode(error, 'ENOENT')) throw overtaken(error);
    // The lock then has to keep two writers from publishing at once.
    if (!isWithoutHardLinks(error)) throw error;
  }
  await renameOwn(io, from, to);
  return true;
}

/** Whether a link failed because file system or rights allow none, or no more of them, so that another way must do. */
export function isWithoutHardLinks(error: unknown): boolean {
  return hasSystemCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK');
}
