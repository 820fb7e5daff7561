/**
 * Whether each configuration has a verified backup that was made with its last change or since. So a configuration that
 * nobody changes may have old ones.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { FoundList } from '../FoundList.js';
import { issueAbout } from '../findings.js';

const { HEALTH_FINDINGS, HEALTH_MONITORING, HEALTH_REPAIRS } = CONFIG_PERSISTENCE_CONSTANTS;

export const backupAge: Check = {
  name: 'backup-age',
  description: 'Age of the newest verified backup of each configuration',
  types: [HealthIssueType.BACKUP_FAILURE],
  run: async ({ survey, verification, clock, keepsBackups, mend }) => {
    if (!keepsBackups) return { issues: [], leftOut: HEALTH_FINDINGS.NO_BACKUPS_WANTED };
    const { sets, present } = await survey();
    const { changedAt, snapshots } = await verification();
    const newest = new Map(sets.map(({ configuration = '', newestGoodAt }) => [configuration, newestGoodAt]));
    const now = clock.now();
    const overdue = new FoundList<string>();
    let newestAt = 0;
    for (const [name, changed] of changedAt) {
      const verifiedAt = newest.get(name) ?? 0;
      newestAt = Math.max(newestAt, verifiedAt);
      // What was not verified yet may be good.
      const isLate = verifiedAt < changed && snapshots.remaining === 0;
      if (isLate && present.has(name) && now - changed > HEALTH_MONITORING.BACKUP_OVERDUE_MS) overdue.add(() => name);
    }
    const issues = issueAbout(overdue, {
      finding: 'BACKUP_OVERDUE',
      type: HealthIssueType.BACKUP_FAILURE,
      severity: IssueSeverity.HIGH,
      repair: (path) => ({
        filePath: path,
        action: HEALTH_REPAIRS.BACK_UP,
        run: (operation) => mend.backUp(path, operation),
      }),
    });
    const metrics = { overdue: overdue.count, ...(newestAt === 0 ? {} : { newestAgeMs: Math.max(0, now - newestAt) }) };
    return { issues, metrics };
  },
};
