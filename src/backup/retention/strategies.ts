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

/** Default: fifo, or priority-based where the policy has rules. */
export function strategyNameOf({ retentionStrategy, priorityRules }: BackupRetentionPolicy): `${RetentionStrategy}` {
  return retentionStrategy ?? (priorityRules === undefined ? RetentionStrategy.FIFO : RetentionStrategy.PRIORITY_BASED);
}

/** Whether a policy is carried out by one of these strategies. */
export function isOfStrategy(policy: BackupRetentionPolicy, ...names: readonly string[]): boolean {
  return names.includes(strategyNameOf(policy));
}

/** The strategy of a policy. Strategies have no state and are shared. */
export function strategyOf(policy: BackupRetentionPolicy): Strategy {
  return STRATEGIES[strategyNameOf(policy)];
}
