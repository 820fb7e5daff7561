/** How long an operation waits for a lock: as its caller says, and never longer than it may take altogether. */
import type { MutationOptions } from '../../interfaces/options.js';
import type { LockPatience } from '../lock/LockManager.js';
import type { Operation } from './Operation.js';

export function lockPatience(
  { lockTimeout }: Pick<MutationOptions, 'lockTimeout'>,
  operation: Operation,
  standardMs: number,
): LockPatience {
  return { timeoutMs: Math.min(lockTimeout ?? standardMs, operation.remainingMs), signal: operation.signal };
}
