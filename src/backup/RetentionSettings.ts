/** What is kept of backups and how, as far as it may change while the module runs. */
import type { BackupRetentionPolicy } from '../../interfaces/backups.js';
import { COUNTED_RULES } from './retention/keepRules.js';

export interface RetentionSettings {
  readonly policy: BackupRetentionPolicy;
  readonly isCompressing: boolean;
  /** Option `backupMergeWindow`: within so many milliseconds automatic backups count as one. */
  readonly mergeWindowMs: number;
}

/** For a count that somebody asks for now: it decides, and neither the keep rules nor the bursts that hold otherwise. */
export function retentionForCount(
  { policy }: Pick<RetentionSettings, 'policy'>,
  maxCount: number,
): Pick<RetentionSettings, 'policy' | 'mergeWindowMs'> {
  const keepRules: readonly string[] = [...COUNTED_RULES, 'keepWithin', 'keepTags'];
  const others = Object.fromEntries(Object.entries(policy).filter(([key]) => !keepRules.includes(key)));
  return { policy: { ...others, maxCount }, mergeWindowMs: 0 };
}
