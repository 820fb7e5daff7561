/** Whether every kept content can be opened, and is what was kept. */
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { issueAbout } from '../findings.js';

const type = HealthIssueType.BACKUP_FAILURE;

export const backups: Check = {
  name: 'backups',
  description: 'Integrity of backups and of the contents of versions',
  types: [type],
  run: async ({ verification }) => {
    const { damagedBackups, lockedBackups, snapshots: counts } = await verification();
    const damaged = { items: damagedBackups.items.map(({ path }) => path), count: damagedBackups.count };
    return {
      issues: [
        ...issueAbout(damaged, { finding: 'BACKUP_DAMAGED', type, severity: IssueSeverity.HIGH }),
        ...issueAbout(lockedBackups, { finding: 'BACKUP_LOCKED', type, severity: IssueSeverity.MEDIUM }),
      ],
      metrics: { ...counts },
      details: { isComplete: counts.remaining === 0, damaged: damagedBackups.items },
    };
  },
};
