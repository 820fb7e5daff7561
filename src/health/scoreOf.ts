/**
 * One word for the state of the storage: the worst of these that holds.
 *
 * critical: a configuration is damaged, or a disk is at least 95 % full. poor: more than one file of a hundred is damaged.
 * fair: a file is damaged, or a disk is at least 85 % full. good: there are backups without a configuration. Else excellent.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { StorageHealthScore } from '../../interfaces/enums.js';

const { DISK_USAGE_CRITICAL_THRESHOLD, DISK_USAGE_WARNING_THRESHOLD, POOR_DAMAGE_SHARE } =
  CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export interface ScoredFacts {
  readonly damagedConfigurations: number;
  readonly corruptedFiles: number;
  /** Configurations and kept contents. */
  readonly totalFiles: number;
  readonly orphanedBackups: number;
  /** Of the fullest disk, 0 to 1. */
  readonly usedShare: number;
}

export function scoreOf(facts: ScoredFacts): StorageHealthScore {
  const { damagedConfigurations, corruptedFiles, totalFiles, orphanedBackups, usedShare } = facts;
  if (damagedConfigurations > 0 || usedShare >= DISK_USAGE_CRITICAL_THRESHOLD) return StorageHealthScore.CRITICAL;
  if (corruptedFiles > totalFiles * POOR_DAMAGE_SHARE) return StorageHealthScore.POOR;
  if (corruptedFiles > 0 || usedShare >= DISK_USAGE_WARNING_THRESHOLD) return StorageHealthScore.FAIR;
  return orphanedBackups > 0 ? StorageHealthScore.GOOD : StorageHealthScore.EXCELLENT;
}
