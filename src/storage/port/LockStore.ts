/** The port to the locks of configurations. How a lock is kept, and how one waits for it, is the store's business. */
import { persistenceError } from '../../errors/PersistenceError.js';
import type { Guard, Location, Work } from './Work.js';

/** A lock that is held until it is released, expires or is taken over. */
export interface Lease {
  /** For the changes that are made under it. `lockId` is a UUID. */
  readonly guard: Guard;
  /** Epoch milliseconds. */
  readonly acquiredAt: number;
  readonly expiresAt: number;
  /** Whether it is still this holder's, as far as that can be told at once. What counts is the comparison in a commit. */
  isHeld(): boolean;
  /** Gives it back; false where it was lost before. Never frees somebody else's lock. */
  release(): Promise<boolean>;
  /** The same at the end of the process, where nothing can be awaited and whatever runs under it is cut off. */
  releaseNow?(): void;
}

export interface AcquireRequest {
  /** How long a holder may keep the lock without anybody taking it over, in milliseconds. */
  readonly leaseMs: number;
  /** Until when to wait, by `performance.now()`. One that has passed already still tries once. */
  readonly deadline: number;
  /** Ends the waiting with its reason. */
  readonly signal: AbortSignal;
}

/** What can be seen of a lock. */
export interface LockState {
  readonly isLocked: boolean;
  readonly lockId?: string;
  readonly acquiredAt?: number;
  readonly expiresAt?: number;
  /** Process, host, user and module of the holder, for people. */
  readonly holder?: string;
  /** Whether the next who asks may take it: the holder is dead, or its lease is over. */
  readonly canBeTaken: boolean;
}

export interface LockStore {
  /**
   * Waits for the lock and takes it, or takes it over from a holder that is dead or whose lease is over.
   *
   * @throws PersistenceError `ERR_LOCK_TIMEOUT` that names the holder; the signal's reason.
   */
  acquire(location: Location, request: AcquireRequest): Promise<Lease>;
  /** Changes nothing. */
  status(location: Location, work: Work): Promise<LockState>;
}

/** The error of a waiter whose time is over. @param holder as in `LockState`, where it is known. */
export function lockTimedOut(holder: string | undefined, waitedMs: number): Error {
  const by = holder === undefined ? '' : ` by ${holder}`;
  return persistenceError(
    'ERR_LOCK_TIMEOUT',
    `held${by}; waited ${Math.round(waitedMs)} ms. Wait longer (lockTimeout) or end the holder`,
  );
}

/** The error of a holder whose lock is not its own any more, before its commit point. */
export function lockLost(): Error {
  const reason = 'its lease ended and another holder took it; nothing was changed. Load it again and repeat the change';
  return persistenceError('ERR_LOCK_LOST', reason);
}
