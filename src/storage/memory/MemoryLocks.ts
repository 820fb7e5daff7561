/** The locks of configurations in memory, as one module instance sees them. */
import { persistenceError } from '../../errors/PersistenceError.js';
import type { AcquireRequest, Lease, LockState, LockStore } from '../port/LockStore.js';
import { assertOngoing, type Location, type Work } from '../port/Work.js';
import type { MemoryData } from './MemoryData.js';
import type { HeldLock, MemoryLock } from './MemoryLock.js';

export class MemoryLocks implements LockStore {
  readonly #data: MemoryData;
  readonly #holder: string;

  constructor(data: MemoryData, moduleId: string) {
    this.#data = data;
    this.#holder = `process ${process.pid} (module ${moduleId})`;
  }

  async acquire({ id }: Location, request: AcquireRequest): Promise<Lease> {
    const { lock } = this.#data.at(id);
    return leaseOf(lock, await lock.obtain({ ...request, owner: this, holder: this.#holder }));
  }

  // An async function so that a call that comes too late is a rejected promise.
  // eslint-disable-next-line @typescript-eslint/require-await
  async status({ id }: Location, work: Work): Promise<LockState> {
    assertOngoing(work);
    const lock = this.#data.find(id)?.lock;
    if (lock?.held === undefined) return { isLocked: false, canBeTaken: true };
    const { guard, holder, acquiredAt, leaseMs } = lock.held;
    return {
      isLocked: true,
      lockId: guard.lockId,
      acquiredAt,
      expiresAt: acquiredAt + leaseMs,
      holder,
      canBeTaken: lock.canBeTaken,
    };
  }

  /** Gives back what this instance still holds, and ends what it still waits for with `ERR_DESTROYED`. */
  close(): void {
    const reason = persistenceError('ERR_DESTROYED', 'the store was closed while it waited for a lock');
    for (const { lock } of this.#data.all()) lock.drop(this, reason);
  }
}

/** Without `releaseNow`: where the process ends, its memory does too. */
function leaseOf(lock: MemoryLock, held: HeldLock): Lease {
  return {
    guard: { ...held.guard },
    acquiredAt: held.acquiredAt,
    expiresAt: held.acquiredAt + held.leaseMs,
    isHeld: () => lock.held === held,
    release: () => Promise.resolve(lock.release(held)),
  };
}
