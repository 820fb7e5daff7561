/**
 * The lock of one configuration in memory: who has it, and the line of those who wait.
 *
 * Whoever comes first is served first. A release hands the lock over at once, and while somebody waits a timer looks after
 * the end of the lease; nobody polls. A lease that is over stays its holder's until the next one takes it.
 */
import { randomUUID } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

import { lockLost, lockTimedOut, type AcquireRequest } from '../port/LockStore.js';
import type { Guard } from '../port/Work.js';

const { MAX_TIMER_MS } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

/** Who asks, beside how long. */
export interface LockRequest extends AcquireRequest {
  /** Tells the instance from all others. */
  readonly owner: object;
  /** For people. */
  readonly holder: string;
}

export interface HeldLock {
  readonly guard: Guard;
  readonly owner: object;
  readonly holder: string;
  /** Epoch milliseconds. */
  readonly acquiredAt: number;
  readonly leaseMs: number;
  /** By `performance.now()`. */
  readonly endsAt: number;
}

interface Waiter {
  readonly request: LockRequest;
  serve(held: HeldLock): void;
  fail(reason: Error): void;
}

export class MemoryLock {
  readonly #nextToken: () => number;
  #held: HeldLock | undefined;
  #line: Waiter[] = [];
  #stopWatchingLease: (() => void) | undefined;

  /** @param nextToken a number that is larger with every call. */
  constructor(nextToken: () => number) {
    this.#nextToken = nextToken;
  }

  get held(): HeldLock | undefined {
    return this.#held;
  }

  /** Whether the next who asks gets it. */
  get canBeTaken(): boolean {
    return this.#held === undefined || performance.now() >= this.#held.endsAt;
  }

  /** @throws PersistenceError `ERR_LOCK_LOST` where the lock is not held under this guard any more. */
  assertHeldUnder({ lockId, token }: Guard): void {
    const present = this.#held?.guard;
    if (present?.lockId === lockId && present.token === token) return;
    throw lockLost();
  }

  /** @throws PersistenceError `ERR_LOCK_TIMEOUT`; the signal's reason. */
  async obtain(request: LockRequest): Promise<HeldLock> {
    request.signal.throwIfAborted();
    // The timer of a lease that is over may be late; whoever waits comes first.
    this.#serveLine();
    if (this.canBeTaken) return this.#take(request);
    if (performance.now() >= request.deadline) throw lockTimedOut(this.#held?.holder, 0);
    return this.#standInLine(request);
  }

  /** False where it was lost before. */
  release(held: HeldLock): boolean {
    if (this.#held !== held) return false;
    this.#held = undefined;
    this.#serveLine();
    return true;
  }

  /** For an instance that ends: what it holds is free, and what it waits for fails. */
  drop(owner: object, reason: Error): void {
    for (const waiter of this.#line.filter(({ request }) => request.owner === owner)) waiter.fail(reason);
    if (this.#held?.owner === owner) this.release(this.#held);
  }

  #take({ owner, holder, leaseMs }: LockRequest): HeldLock {
    const guard = { lockId: randomUUID(), token: this.#nextToken() };
    const endsAt = performance.now() + leaseMs;
    this.#held = { guard, owner, holder, acquiredAt: Date.now(), leaseMs, endsAt };
    return this.#held;
  }

  #standInLine(request: LockRequest): Promise<HeldLock> {
    const { deadline, signal } = request;
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        stopWatchingDeadline();
        signal.removeEventListener('abort', giveUp);
        this.#line = this.#line.filter((other) => other !== waiter);
      };
      const waiter: Waiter = {
        request,
        serve: (held) => {
          leave();
          resolve(held);
        },
        fail: (reason) => {
          leave();
          this.#watchLease();
          reject(reason);
        },
      };
      const giveUp = (): void => {
        waiter.fail(signal.reason as Error);
      };
      const stopWatchingDeadline = callAt(deadline, () => {
        waiter.fail(lockTimedOut(this.#held?.holder, performance.now() - startedAt));
      });
      signal.addEventListener('abort', giveUp, { once: true });
      this.#line.push(waiter);
      this.#watchLease();
    });
  }

  #serveLine(): void {
    for (let first = this.#line[0]; first !== undefined && this.canBeTaken; first = this.#line[0]) {
      first.serve(this.#take(first.request));
    }
    this.#watchLease();
  }

  /** Only while somebody waits: a timer keeps the process alive. */
  #watchLease(): void {
    this.#stopWatchingLease?.();
    this.#stopWatchingLease = undefined;
    if (this.#held === undefined || this.#line.length === 0) return;
    this.#stopWatchingLease = callAt(this.#held.endsAt, () => {
      this.#serveLine();
    });
  }
}

/** Calls `action` once, not before `time` by `performance.now()`. @returns calls it off. */
function callAt(time: number, action: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    // Timers may come a little early, and take no longer delays than this.
    const remainingMs = Math.ceil(Math.max(time - performance.now(), 0));
    timer = setTimeout(fire, Math.min(remainingMs, MAX_TIMER_MS));
  };
  const fire = (): void => {
    if (performance.now() >= time) action();
    else arm();
  };
  arm();
  return () => {
    clearTimeout(timer);
  };
}
