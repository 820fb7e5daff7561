/** Backups whose configuration is not there any more. They may be the only copy of it, so that nothing removes them. */
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { issueAbout } from '../findings.js';

export const orphans: Check = {
  name: 'orphans',
  description: 'Backups of configurations that are not there any more',
  types: [HealthIssueType.ORPHANED_DATA],
  run: async ({ survey }) => {
    const { orphanedBackups } = await survey();
    return {
      issues: issueAbout(orphanedBackups, {
        finding: 'ORPHANED_BACKUPS',
        type: HealthIssueType.ORPHANED_DATA,
        severity: IssueSeverity.LOW,
      }),
      metrics: { orphanedBackups: orphanedBackups.count },
    };
  },
};
