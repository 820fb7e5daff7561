/** What an operation moves into the memory store and out of it, counted as other stores count their files. */
import type { Work } from '../port/Work.js';

export function countRead({ diskIO }: Work, bytes: Uint8Array): void {
  diskIO.readOperations += 1;
  diskIO.bytesRead += bytes.length;
}

export function countWrite({ diskIO }: Work, bytes: Uint8Array): void {
  diskIO.writeOperations += 1;
  diskIO.bytesWritten += bytes.length;
}
