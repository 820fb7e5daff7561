/**
 * Who in this module holds which lock, and how the others wait.
 *
 * Owns the waiting (fair within the process, polling between processes) and the locks that callers acquired by name; the
 * protocol on disk is the store's. An operation of a module that holds the lock of its file works under that lock.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { ConfigStore, Location, LockLease, LockSighting } from '../storage/port/ConfigStore.js';
import { callOut, refuseReentry } from './callOuts.js';
import { dropLease, holdLease } from './heldLeases.js';
import { WaitingLine, type Leave } from './WaitingLine.js';

const { LOCK_RETRY_INTERVAL_MS, MAX_LOCK_RETRY_INTERVAL_MS } = CONFIG_PERSISTENCE_CONSTANTS.FILE_LOCKING;
const { BACKOFF_MULTIPLIER } = CONFIG_PERSISTENCE_CONSTANTS.ERROR_HANDLING;

/** How long to wait for a lock. */
export interface LockPatience {
  /** Milliseconds; 0 tries once. */
  readonly timeoutMs: number;
  /** Ends the waiting with its reason. */
  readonly signal: AbortSignal;
  /** Told how long the operation has waited for its turn, which it need not wait once more. */
  readonly waited?: (ms: number) => void;
}

/** A lock that a caller acquired by name. */
export interface NamedLock {
  readonly location: Location;
  readonly lease: LockLease;
}

export class LockManager {
  readonly #store: ConfigStore;
  readonly #line: WaitingLine;
  readonly #callOrder = new WaitingLine();
  readonly #ownLine = new WaitingLine();
  readonly #leaseMs: number;
  /** Leases whose release failed. They are still this module's, so its own operations need not wait for them. */
  readonly #unreleased = new Map<string, LockLease>();
  readonly #named = new Map<string, NamedLock>();

  constructor(store: ConfigStore, line: WaitingLine, leaseMs: number) {
    this.#store = store;
    this.#line = line;
    this.#leaseMs = leaseMs;
  }

  /**
   * Runs the changes of one file one after the other, in the order of the calls: whoever saves twice without waiting means
   * the second value.
   *
   * @param path as far as it is known at the call; what two spellings of it have to do with each other the lock knows. One
   *   that is not known at all only waits for the lock.
   * @throws PersistenceError `ERR_INVALID_REQUEST` from inside `callOut`, and as `withLock`.
   */
  async inOrder<T>(path: string | undefined, patience: LockPatience, work: () => Promise<T>): Promise<T> {
    if (path === undefined) return work();
    refuseReentry(path);
    const startedAt = performance.now();
    const leave = await standInLine(this.#callOrder, path, patience, deadlineOf(patience));
    patience.waited?.(performance.now() - startedAt);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /**
   * Runs `work` under the lock of a configuration and releases it afterwards, unless the module holds it by name.
   *
   * Operations of one module on one configuration run one after the other in either case.
   *
   * @throws PersistenceError `ERR_LOCK_TIMEOUT`; `ERR_LOCK_LOST` where the module holds it by name and has lost it;
   *   `ERR_INVALID_REQUEST` from inside `callOut`; what `work` throws, and the reason of the patience's signal.
   */
  async withLock<T>(location: Location, patience: LockPatience, work: (lease: LockLease) => Promise<T>): Promise<T> {
    refuseReentry(location.real);
    const deadline = deadlineOf(patience);
    const leaveOwn = await standInLine(this.#ownLine, location.real, patience, deadline);
    try {
      const named = this.#heldFor(location);
      if (named?.lease.isHeld() === false) throw lost();
      if (named !== undefined) return await work(named.lease);
      const leave = await standInLine(this.#line, location.real, patience, deadline);
      try {
        return await this.#underLease(location, deadline, patience.signal, work);
      } finally {
        leave();
      }
    } finally {
      leaveOwn();
    }
  }

  /**
   * Runs a function of the caller inside the work that `withLock` was given. What it asks for the same lock is refused
   * until it has ended.
   */
  callOut<T>(location: Location, call: () => T | Promise<T>): Promise<T> {
    return callOut(location, call);
  }

  /**
   * The lock until it is released by its id.
   *
   * @throws PersistenceError `ERR_LOCK_TIMEOUT`; `ERR_INVALID_REQUEST` from inside `callOut`.
   */
  async acquire(location: Location, patience: LockPatience): Promise<NamedLock> {
    refuseReentry(location.real);
    const deadline = deadlineOf(patience);
    const leave = await standInLine(this.#line, location.real, patience, deadline);
    try {
      // Leaving the line at once lets the next in it watch the lock, which may end by its lease.
      const lease =
        (await this.#retryUnreleased(location)) ?? (await this.#obtain(location, deadline, patience.signal, false));
      const named = { location, lease };
      this.#named.set(lease.lockId, named);
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
   * @throws PersistenceError `ERR_INVALID_REQUEST` from inside `callOut`.
   */
  async release(named: NamedLock): Promise<boolean | undefined> {
    refuseReentry(named.location.real);
    const leave = await this.#ownLine.enter(named.location.real, new AbortController().signal);
    try {
      if (this.#named.get(named.lease.lockId) !== named) return undefined;
      const isReleased = await giveBack(named.lease);
      // Only now: a lock that could not be given back is still this module's, and the next try may succeed.
      this.#named.delete(named.lease.lockId);
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

  async #underLease<T>(
    location: Location,
    deadline: number,
    signal: AbortSignal,
    work: (lease: LockLease) => Promise<T>,
  ): Promise<T> {
    const lease = this.#takeUnreleased(location) ?? (await this.#obtain(location, deadline, signal, true));
    try {
      return await work(lease);
    } finally {
      // A lock that the module came to hold by name while this operation waited stays.
      if (!this.#named.has(lease.lockId)) await this.#releaseQuietly(location, lease);
    }
  }

  /** What was done under the lock stands, whatever becomes of the lock; the next operation tries to release it again. */
  async #releaseQuietly(location: Location, lease: LockLease): Promise<void> {
    try {
      await giveBack(lease);
    } catch {
      this.#unreleased.set(location.real, lease);
    }
  }

  #takeUnreleased(location: Location): LockLease | undefined {
    const lease = this.#unreleased.get(location.real);
    this.#unreleased.delete(location.real);
    if (lease?.isHeld() === true) return lease;
    if (lease !== undefined) dropLease(lease);
    return undefined;
  }

  /** For a caller who wants a whole lease: one whose release fails again is still better than waiting for it to end. */
  async #retryUnreleased(location: Location): Promise<LockLease | undefined> {
    const lease = this.#takeUnreleased(location);
    if (lease !== undefined) await this.#releaseQuietly(location, lease);
    return this.#takeUnreleased(location);
  }

  #heldFor(location: Location): NamedLock | undefined {
    const held = [...this.#named.values()].filter((named) => named.location.real === location.real);
    // One that was lost still counts, so that its holder is told; but not against one that was acquired again.
    return held.find(({ lease }) => lease.isHeld()) ?? held[0];
  }

  async #obtain(location: Location, deadline: number, signal: AbortSignal, canUseNamed: boolean): Promise<LockLease> {
    const startedAt = performance.now();
    let intervalMs: number = LOCK_RETRY_INTERVAL_MS;
    for (;;) {
      signal.throwIfAborted();
      const attempt = await this.#store.tryLock(location, this.#leaseMs);
      if (isLease(attempt)) {
        holdLease(attempt);
        return attempt;
      }
      const named = attempt.lockId === undefined ? undefined : this.#named.get(attempt.lockId);
      if (canUseNamed && named !== undefined) return named.lease;
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0) throw timedOut(attempt.holder, performance.now() - startedAt);
      // Waiters that started together must not stay in step.
      await pause(Math.min(intervalMs * (1 + Math.random()), remainingMs), signal);
      intervalMs = Math.min(intervalMs * BACKOFF_MULTIPLIER, MAX_LOCK_RETRY_INTERVAL_MS);
    }
  }
}

function deadlineOf({ timeoutMs }: LockPatience): number {
  return performance.now() + timeoutMs;
}

async function standInLine(
  line: WaitingLine,
  key: string,
  { timeoutMs, signal }: LockPatience,
  deadline: number,
): Promise<Leave> {
  const leave = line.tryEnter(key);
  if (leave !== undefined) return leave;
  const patience = new AbortController();
  const giveUp = (): void => {
    patience.abort(signal.reason);
  };
  const timer = setTimeout(() => {
    patience.abort(timedOut('another operation of this process', timeoutMs));
  }, deadline - performance.now());
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    signal.throwIfAborted();
    return await line.enter(key, patience.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** @throws the signal's reason, not the timer's own error. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

async function giveBack(lease: LockLease): Promise<boolean> {
  const isReleased = await lease.release();
  dropLease(lease);
  return isReleased;
}

function isLease(attempt: LockLease | LockSighting): attempt is LockLease {
  return 'release' in attempt;
}

function lost(): Error {
  const reason = 'its lease ended or was taken away; nothing was changed. Release it and acquire it again';
  return persistenceError('ERR_LOCK_LOST', reason);
}

function timedOut(holder: string | undefined, waitedMs: number): Error {
  const by = holder === undefined ? '' : ` by ${holder}`;
  return persistenceError(
    'ERR_LOCK_TIMEOUT',
    `held${by}; waited ${Math.round(waitedMs)} ms. Wait longer (lockTimeout) or end the holder`,
  );
}
