/** The retention strategies: one line of registration each. */
import type { BackupRetentionPolicy } from '../../../interfaces/backups.js';
import { RetentionStrategy } from '../../../interfaces/enums.js';
import { ageBased } from './strategies/ageBased.js';
import { fifo } from './strategies/fifo.js';
import { lifo } from './strategies/lifo.js';
import { priorityBased } from './strategies/priorityBased.js';
import { sizeBased } from './strategies/sizeBased.js';
import type { Strategy } from './strategies/Strategy.js';

const STRATEGIES: Readonly<Record<`${RetentionStrategy}`, Strategy>> = {
  [RetentionStrategy.FIFO]: fifo,
  [RetentionStrategy.LIFO]: lifo,
  [RetentionStrategy.AGE_BASED]: ageBased,
  [RetentionStrategy.SIZE_BASED]: sizeBased,
  [RetentionStrategy.PRIORITY_BASED]: priorityBased,
};

/** The strategy of a policy. Strategies have no state and are shared. Default: fifo. */
export function strategyOf(policy: BackupRetentionPolicy): Strategy {
  return STRATEGIES[policy.retentionStrategy ?? RetentionStrategy.FIFO];
}
