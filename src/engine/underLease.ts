/** Work that must not go on without its lock: whoever was stopped longer than its lease must not remove or rename anything. */
import { persistenceError } from '../errors/PersistenceError.js';
import type { LockLease, Work } from '../storage/port/ConfigStore.js';

/** The same work; its checkpoints also throw `ERR_LOCK_LOST`. */
export function underLease(lease: LockLease, work: Work): Work {
  return {
    diskIO: work.diskIO,
    checkpoint: () => {
      work.checkpoint();
      if (!lease.isHeld()) {
        throw persistenceError(
          'ERR_LOCK_LOST',
          'its lease ended and another holder took it; the rest was left as it is',
        );
      }
    },
  };
}
