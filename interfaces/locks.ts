/** What the lock methods resolve to. */
import type { LockType } from './enums.js';

/** The answer of `acquireFileLock`. */
export interface FileLockResult {
  success: boolean;
  /** UUID, for `releaseFileLock`; empty where the lock was not acquired. */
  lockId: string;
  filePath: string;
  lockedAt: number;
  /** When the lease ends; afterwards others may take the lock over. */
  expiresAt?: number;
  /** The module that holds it. */
  owner: string;
  /** Milliseconds that were allowed for waiting. */
  timeout?: number;
  errors?: string[];
}

/** Options of `withFileLock`. */
export interface FileLockOptions {
  /** Milliseconds to wait for the lock, 0 to 300,000; 0 tries once. Default: the option `lockTimeout` of the module. */
  lockTimeout?: number;
  /** The same, from 1, as `acquireFileLock` calls it. */
  timeout?: number;
  /** Ends the waiting with `ERR_ABORTED`. */
  signal?: AbortSignal;
}

/** What the work of `withFileLock` is given. */
export interface HeldFileLock {
  lockId: string;
  filePath: string;
  lockedAt: number;
  /** When the lease ends; afterwards others may take the lock over. */
  expiresAt: number;
}

/** The answer of `checkFileLock`. */
export interface LockStatus {
  isLocked: boolean;
  lockId?: string;
  filePath: string;
  lockedAt?: number;
  /** Process, user, host and module of the holder. */
  lockedBy?: string;
  expiresAt?: number;
  /** True where the next to ask would get the lock: it is free, its holder is dead, or its lease is over. */
  canBreakLock: boolean;
  lockType?: LockType;
}
