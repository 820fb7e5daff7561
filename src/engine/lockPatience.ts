/**
 * How long an operation waits for a lock: as its caller says, the wait for its turn in this module included, and never
 * longer than it may take altogether.
 */
import type { MutationOptions } from '../../interfaces/options.js';
import type { LockPatience } from '../lock/LockManager.js';
import type { Operation } from './Operation.js';

export function lockPatience(
  { lockTimeout }: Pick<MutationOptions, 'lockTimeout'>,
  operation: Operation,
  standardMs: number,
): LockPatience {
  const timeoutMs = Math.max(0, (lockTimeout ?? standardMs) - operation.waitedForTurnMs);
  return {
    timeoutMs: Math.min(timeoutMs, operation.remainingMs),
    signal: operation.signal,
    waited: (ms) => {
      operation.waitedForTurnMs += ms;
    },
  };
}
