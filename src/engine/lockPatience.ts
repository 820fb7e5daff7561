/**
 * How long an operation waits for a lock: as its caller says, and never longer than it may take altogether. Which of the
 * two times ended the waiting is told by the error: the lock's by `ERR_LOCK_TIMEOUT`, the operation's by its signal.
 */
import type { MutationOptions } from '../../interfaces/options.js';
import type { LockPatience } from '../lock/LockManager.js';
import type { Operation } from './Operation.js';

export function lockPatience(
  { lockTimeout }: Pick<MutationOptions, 'lockTimeout'>,
  operation: Operation,
  standardMs: number,
): LockPatience {
  return { timeoutMs: lockTimeout ?? standardMs, signal: operation.signal };
}
