/**
 * Who in this module holds which lock, and how the others wait.
 *
 * Owns the order within the process (first come, first served) and the locks that callers acquired by name; how a lock is
 * kept and waited for between processes is the store's. An operation of a module that holds the lock of its file works
 * under that lock.
 */
import { persistenceError } from '../errors/PersistenceError.js';
import { lockTimedOut, type Lease, type LockStore } from '../storage/port/LockStore.js';
import type { Guard, Location } from '../storage/port/Work.js';
import { refuseReentry } from './callbacks.js';
import { dropLease, holdLease } from './heldLeases.js';
import { WaitingLine, type Leave } from './WaitingLine.js';

/** How long to wait. */
export interface LockWait {
  /** Milliseconds; 0 tries once. */
  readonly timeoutMs: number;
  /** Ends the waiting with its reason. */
  readonly signal: AbortSignal;
}

/** A lock that a caller acquired by name. */
export interface NamedLock {
  readonly location: Location;
  readonly lease: Lease;
}

/** A lock for one operation. */
export interface TakenLock {
  readonly guard: Guard;
  /** Must be called once, whatever has become of the operation. Does not throw. */
  giveBack(): Promise<void>;
}

export class LockManager {
  readonly #store: LockStore;
  readonly #line: WaitingLine;
  readonly #callOrder = new WaitingLine();
  readonly #ownLine = new WaitingLine();
  readonly #leaseMs: number;
  /** Leases whose release failed. They are still this module's, so its own operations need not wait for them. */
  readonly #unreleased = new Map<string, Lease>();
  readonly #named = new Map<string, NamedLock>();

  constructor(store: LockStore, line: WaitingLine, leaseMs: number) {
    this.#store = store;
    this.#line = line;
    this.#leaseMs = leaseMs;
  }

  /**
   * The turn among the changes of one file in this module, in the order of the calls: whoever saves twice without waiting
   * means the second value.
   *
   * @param name as far as it is known at the call; what two spellings of it have to do with each other the lock knows.
   * @throws PersistenceError `ERR_INVALID_REQUEST` from inside a callback, and as `take`.
   */
  async takeTurn(name: string, wait: LockWait): Promise<Leave> {
    refuseReentry(name);
    return standInLine(this.#callOrder, name, wait, deadlineOf(wait));
  }

  /**
   * The lock of a configuration for one operation; the one that the module holds by name, where it does.
   *
   * Operations of one module on one configuration run one after the other in either case.
   *
   * @throws PersistenceError `ERR_LOCK_TIMEOUT`; `ERR_LOCK_LOST` where the module holds it by name and has lost it;
   *   `ERR_INVALID_REQUEST` from inside a callback; the reason of the signal.
   */
  async take(location: Location, wait: LockWait): Promise<TakenLock> {
    refuseReentry(location.id);
    const deadline = deadlineOf(wait);
    const leaveOwn = await standInLine(this.#ownLine, location.id, wait, deadline);
    let leave: Leave | undefined;
    const leaveBoth = (): void => {
      leave?.();
      leaveOwn();
    };
    try {
      if (this.#namedFor(location) === undefined) leave = await standInLine(this.#line, location.id, wait, deadline);
      // Whoever was before it in the line may have taken the lock by name.
      const named = this.#namedFor(location);
      const lease =
        named === undefined ? await this.#obtainOrReuse(location, deadline, wait.signal) : requireHeld(named);
      const giveBack = async (): Promise<void> => {
        if (named === undefined) await this.#releaseQuietly(location, lease);
        leaveBoth();
      };
      return { guard: lease.guard, giveBack };
    } catch (error) {
      leaveBoth();
      throw error;
    }
  }

  /**
   * The lock until it is released by its id.
   *
   * @throws PersistenceError `ERR_LOCK_TIMEOUT`; `ERR_INVALID_REQUEST` from inside a callback.
   */
  async acquire(location: Location, wait: LockWait): Promise<NamedLock> {
    refuseReentry(location.id);
    const deadline = deadlineOf(wait);
    const leave = await standInLine(this.#line, location.id, wait, deadline);
    try {
      // Leaving the line at once lets the next in it watch the lock, which may end by its lease.
      const lease = (await this.#retryUnreleased(location)) ?? (await this.#obtain(location, deadline, wait.signal));
      const named = { location, lease };
      this.#named.set(lease.guard.lockId, named);
      return named;
    } finally {
      leave();
    }
  }

  /** The named lock of this id, or undefined where this module does not hold it (any more). */
  named(lockId: string): NamedLock | undefined {
    return this.#named.get(lockId);
  }

  /**
   * Gives a named lock back when the module's running operation on its configuration has ended. False where it had been
   * lost before, undefined where somebody else has given it back meanwhile.
   *
   * @throws PersistenceError `ERR_INVALID_REQUEST` from inside a callback.
   */
  async release(named: NamedLock): Promise<boolean | undefined> {
    refuseReentry(named.location.id);
    const leave = await this.#ownLine.enter(named.location.id, new AbortController().signal);
    try {
      if (this.#named.get(named.lease.guard.lockId) !== named) return undefined;
      const isReleased = await giveBack(named.lease);
      // Only now: a lock that could not be given back is still this module's, and the next try may succeed.
      this.#named.delete(named.lease.guard.lockId);
      return isReleased;
    } finally {
      leave();
    }
  }

  /** Gives back every named lock, all of them even if one fails. */
  async releaseAll(): Promise<void> {
    const unreleased = [...this.#unreleased.values()].map(giveBack);
    this.#unreleased.clear();
    const named = [...this.#named.values()].map((lock) => this.release(lock));
    const released = await Promise.allSettled([...named, ...unreleased]);
    const failed = released.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #obtainOrReuse(location: Location, deadline: number, signal: AbortSignal): Promise<Lease> {
    return this.#takeUnreleased(location) ?? (await this.#obtain(location, deadline, signal));
  }

  /** What was done under the lock stands, whatever becomes of the lock; the next operation tries to release it again. */
  async #releaseQuietly(location: Location, lease: Lease): Promise<void> {
    try {
      await giveBack(lease);
    } catch {
      this.#unreleased.set(location.id, lease);
    }
  }

  #takeUnreleased(location: Location): Lease | undefined {
    const lease = this.#unreleased.get(location.id);
    this.#unreleased.delete(location.id);
    if (lease?.isHeld() === true) return lease;
    if (lease !== undefined) dropLease(lease);
    return undefined;
  }

  /** For a caller who wants a whole lease: one whose release fails again is still better than waiting for it to end. */
  async #retryUnreleased(location: Location): Promise<Lease | undefined> {
    const lease = this.#takeUnreleased(location);
    if (lease !== undefined) await this.#releaseQuietly(location, lease);
    return this.#takeUnreleased(location);
  }

  #namedFor(location: Location): NamedLock | undefined {
    const held = [...this.#named.values()].filter((named) => named.location.id === location.id);
    // One that was lost still counts, so that its holder is told; but not against one that was acquired again.
    return held.find(({ lease }) => lease.isHeld()) ?? held[0];
  }

  async #obtain(location: Location, deadline: number, signal: AbortSignal): Promise<Lease> {
    const lease = await this.#store.acquire(location, { leaseMs: this.#leaseMs, deadline, signal });
    holdLease(lease);
    return lease;
  }
}

function deadlineOf({ timeoutMs }: LockWait): number {
  return performance.now() + timeoutMs;
}

async function standInLine(
  line: WaitingLine,
  key: string,
  { timeoutMs, signal }: LockWait,
  deadline: number,
): Promise<Leave> {
  const leave = line.tryEnter(key);
  if (leave !== undefined) return leave;
  const ending = new AbortController();
  const giveUp = (): void => {
    ending.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    ending.abort(lockTimedOut('another operation of this process', timeoutMs));
  }, deadline - performance.now());
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    return await line.enter(key, ending.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

async function giveBack(lease: Lease): Promise<boolean> {
  const isReleased = await lease.release();
  dropLease(lease);
  return isReleased;
}

/** @throws PersistenceError `ERR_LOCK_LOST` */
function requireHeld({ lease }: NamedLock): Lease {
  if (lease.isHeld()) return lease;
  const reason = 'its lease ended or was taken away; nothing was changed. Release it and acquire it again';
  throw persistenceError('ERR_LOCK_LOST', reason);
}
