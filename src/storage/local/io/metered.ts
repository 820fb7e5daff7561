/** File operations that count what one operation does, for its performance metrics. */
import type { DiskCounters } from '../../port/Work.js';
import type { FileOperations } from './FileOperations.js';

/** Adds to `diskIO` what passes through. */
export function meteredFileOperations(base: FileOperations, diskIO: DiskCounters): FileOperations {
  return {
    ...base,
    async read(...parameters) {
      const count = await base.read(...parameters);
      diskIO.readOperations += 1;
      diskIO.bytesRead += count;
      return count;
    },
    async write(...parameters) {
      const count = await base.write(...parameters);
      diskIO.writeOperations += 1;
      diskIO.bytesWritten += count;
      return count;
    },
    fsync(descriptor) {
      diskIO.fsyncOperations += 1;
      return base.fsync(descriptor);
    },
  };
}
