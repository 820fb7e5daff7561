/**
 * How long an operation waits for a lock: as its caller says, the wait for its turn in this module included. Which of two
 * times ended the waiting is told by the error: the lock's by `ERR_LOCK_TIMEOUT`, the operation's by its signal.
 */
import type { MutationOptions } from '../../interfaces/options.js';
import type { LockPatience } from '../lock/LockManager.js';
import type { Operation } from './Operation.js';

export function lockPatience(
  { lockTimeout }: Pick<MutationOptions, 'lockTimeout'>,
  operation: Operation,
  standardMs: number,
): LockPatience {
  return {
    timeoutMs: Math.max(0, (lockTimeout ?? standardMs) - operation.waitedForTurnMs),
    signal: operation.signal,
    waited: (ms) => {
      operation.waitedForTurnMs += ms;
    },
  };
}
