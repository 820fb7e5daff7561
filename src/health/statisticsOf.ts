/** The statistics of the storage from what one run has found, with their score. */
import type { StorageStatistics } from '../../interfaces/health.js';
import type { Volume } from '../storage/port/StoreInspection.js';
import { scoreOf } from './scoreOf.js';
import type { Survey } from './survey/Survey.js';
import type { Verification } from './verify/Verifier.js';

export function statisticsOf(
  survey: Survey,
  verification: Verification,
  volumes: readonly Volume[],
): StorageStatistics {
  const { totals } = survey;
  const { damaged, journals, damagedBackups, packed } = verification;
  const corruptedFiles = damaged.count + journals.count + survey.namelessRecords.count + damagedBackups.count;
  const orphanedBackups = survey.orphanedBackups.count;
  return {
    totalConfigurationFiles: totals.configurations,
    totalBackupFiles: totals.backups,
    totalStorageUsed: totals.bytes,
    ...totals.extremes,
    compressionRatio: packed.contentBytes === 0 ? 1 : packed.storedBytes / packed.contentBytes,
    corruptedFiles,
    orphanedBackups,
    storageHealth: scoreOf({
      damagedConfigurations: damaged.count,
      corruptedFiles,
      totalFiles: totals.configurations + totals.snapshots,
      orphanedBackups,
      usedShare: Math.max(0, ...volumes.map(({ usedShare }) => usedShare)),
    }),
  };
}
