/** What is kept of backups and how, as far as it may change while the module runs. */
import type { BackupRetentionPolicy } from '../../interfaces/backups.js';
import { COUNTED_RULES } from './retention/keepRules.js';

export interface RetentionSettings {
  readonly policy: BackupRetentionPolicy;
  readonly isCompressing: boolean;
}

/** The policy for a count that somebody asks for now: it decides, and not the keep rules that hold otherwise. */
export function policyForCount(policy: BackupRetentionPolicy, maxCount: number): BackupRetentionPolicy {
  const keepRules: readonly string[] = [...COUNTED_RULES, 'keepWithin', 'keepTags'];
  return { ...Object.fromEntries(Object.entries(policy).filter(([key]) => !keepRules.includes(key))), maxCount };
}
