/** Whoever lost its lock: the next holder sweeps what it finds unfinished, so that a late rename or link finds nothing. */
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { FileOperations } from './FileOperations.js';

/** The error of a writer whose unfinished file is gone. */
export function overtaken(cause?: unknown): Error {
  const reason = 'another holder took over and cleared this change; nothing was changed. Load it again and repeat';
  return persistenceError('ERR_LOCK_LOST', reason, { cause });
}

/** Gives an unfinished file of this writer its name. @throws PersistenceError `ERR_LOCK_LOST` where it is gone. */
export async function renameOwn(io: FileOperations, from: string, to: string): Promise<void> {
  try {
    await io.rename(from, to);
  } catch (error) {
    throw hasSystemCode(error, 'ENOENT') ? overtaken(error) : error;
  }
}
