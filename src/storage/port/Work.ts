/** What every call of a store works for, and on: an operation, a configuration, the right to change it. Plain data. */
import type { PerformanceMetrics } from '../../../interfaces/results.js';
import { persistenceError } from '../../errors/PersistenceError.js';

/** What one operation has made its store do. */
export type DiskCounters = Required<PerformanceMetrics['diskIO']>;

/** One running operation. */
export interface Work {
  /** Aborted when the caller gives up or the time is over; its reason is the error to throw. */
  readonly signal: AbortSignal;
  /** When the time is over, by `performance.now()`: a timer that aborts the signal may come later than that. */
  readonly deadline: number;
  /** The store adds to these. */
  readonly diskIO: DiskCounters;
}

/**
 * For the steps of a store between which an operation may end; never after a commit point.
 *
 * @throws the signal's reason; PersistenceError `ERR_TIMEOUT`
 */
export function assertOngoing({ signal, deadline }: Pick<Work, 'signal' | 'deadline'>): void {
  signal.throwIfAborted();
  if (performance.now() >= deadline) throw timedOut();
}

/** The error of an operation whose time is over before its commit point. */
export function timedOut(): Error {
  const reason = 'not committed in its time; nothing was changed. Allow more time (operationTimeout, timeout)';
  return persistenceError('ERR_TIMEOUT', reason);
}

/** A configuration that the store has found acceptable to work on. */
export interface Location {
  /** As the caller gave it. */
  readonly given: string;
  /** Its full name, for reports and for the extension that tells its format; of a file the absolute path. */
  readonly name: string;
  /** The configuration's identity: equal for all names that lead to it. */
  readonly id: string;
}

/**
 * The right to make a change: the lock under which it is made. The store compares it in the commit itself, so that a
 * holder whose lock was taken over changes nothing, whatever it believes. It counts for the configuration that the lock is
 * of, and in the instance of the store that gave the lease.
 */
export interface Guard {
  readonly lockId: string;
  /** Grows with every holder of the lock (a fencing token). */
  readonly token: number;
}
