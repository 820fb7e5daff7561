/** Complete reads at a position. */
import type { FileOperations } from '../io/FileOperations.js';

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
