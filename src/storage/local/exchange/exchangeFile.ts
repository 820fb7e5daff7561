/** What drafts and sources share: the refusal of a name that is taken, and complete reads at a position. */
import { persistenceError } from '../../../errors/PersistenceError.js';
import type { FileOperations } from '../io/FileOperations.js';

/** The error for a name that is taken. */
export function fileExists(path: string): Error {
  const reason = 'a file stands at this path; choose another one, or replace it with overwrite: true';
  return persistenceError('ERR_FILE_EXISTS', reason, { filePath: path });
}

/** Fewer bytes than asked for only at the end of the file. */
export async function readAt(
  io: FileOperations,
  descriptor: number,
  position: number,
  length: number,
): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const count = await io.read(descriptor, buffer, filled, length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
