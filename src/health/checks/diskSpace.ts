/** Whether there is room for the next change: bytes and files, on every file system that the storage lies on. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Volume } from '../../storage/port/StoreInspection.js';
import type { Check, FoundIssue } from '../Check.js';
import { adviceOf } from '../findings.js';

const { HEALTH_FINDINGS, HEALTH_MONITORING } = CONFIG_PERSISTENCE_CONSTANTS;
const { DISK_USAGE_WARNING_THRESHOLD, DISK_USAGE_CRITICAL_THRESHOLD } = HEALTH_MONITORING;
const PERCENT = 100;

export const diskSpace: Check = {
  name: 'disk-space',
  description: 'Free bytes and files of the file systems',
  types: [HealthIssueType.DISK_SPACE],
  run: async ({ inspection, operation }) => {
    if (inspection === undefined) return { issues: [], leftOut: HEALTH_FINDINGS.NO_INSPECTION };
    const volumes = await inspection.volumes(operation);
    return {
      issues: volumes.flatMap((volume) => [
        ...fullness('DISK_SPACE', volume.usedShare, volume),
        ...fullness('INODES', usedFiles(volume), volume),
      ]),
      metrics: {
        usedShare: Math.max(...volumes.map(({ usedShare }) => usedShare)),
        usedFilesShare: Math.max(...volumes.map(usedFiles)),
        freeBytes: Math.min(...volumes.map(({ freeBytes }) => freeBytes)),
      },
      details: { volumes },
    };
  },
};

function fullness(finding: 'DISK_SPACE' | 'INODES', share: number, { path }: Volume): FoundIssue[] {
  if (share < DISK_USAGE_WARNING_THRESHOLD) return [];
  const isCritical = share >= DISK_USAGE_CRITICAL_THRESHOLD;
  return [
    {
      type: HealthIssueType.DISK_SPACE,
      severity: isCritical ? IssueSeverity.CRITICAL : IssueSeverity.HIGH,
      description: `${HEALTH_FINDINGS[finding]}: ${Math.floor(share * PERCENT)} % are used`,
      recommendation: adviceOf(finding),
      affectedFiles: [path],
    },
  ];
}

function usedFiles({ totalFiles, freeFiles }: Volume): number {
  return totalFiles === 0 ? 0 : (totalFiles - freeFiles) / totalFiles;
}
