/** Whether every configuration can be loaded, and its journal read. What another program has edited is no damage. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { FoundList } from '../FoundList.js';
import { issueAbout } from '../findings.js';

const { HEALTH_REPAIRS } = CONFIG_PERSISTENCE_CONSTANTS;
const type = HealthIssueType.FILE_CORRUPTION;

export const configurations: Check = {
  name: 'configurations',
  description: 'Integrity of configurations and their journals',
  types: [type, HealthIssueType.PERMISSION_ISSUE, HealthIssueType.ORPHANED_DATA],
  run: async ({ verification, survey, mend }) => {
    const { damaged, unreadable, missing, journals, configurations: counts } = await verification();
    const { namelessRecords, sets } = await survey();
    const backedUp = new Set(sets.filter(({ newestGoodAt }) => newestGoodAt > 0).map((set) => set.configuration));
    const restorable = new FoundList(damaged.items.filter((path) => backedUp.has(path)));
    const lost = new FoundList(damaged.items.filter((path) => !backedUp.has(path)));
    const unreadablePaths = { items: unreadable.items.map(({ path }) => path), count: unreadable.count };
    return {
      issues: [
        ...issueAbout(restorable, {
          finding: 'CONFIGURATION_DAMAGED',
          type,
          severity: IssueSeverity.CRITICAL,
          repair: (path) => ({
            filePath: path,
            action: HEALTH_REPAIRS.RESTORE,
            run: (operation) => mend.restore(path, operation),
          }),
        }),
        ...issueAbout(lost, { finding: 'CONFIGURATION_LOST', type, severity: IssueSeverity.CRITICAL }),
        ...issueAbout(unreadablePaths, {
          finding: 'CONFIGURATION_UNREADABLE',
          type: HealthIssueType.PERMISSION_ISSUE,
          severity: IssueSeverity.CRITICAL,
        }),
        ...issueAbout(missing, {
          finding: 'CONFIGURATION_MISSING',
          type: HealthIssueType.ORPHANED_DATA,
          severity: IssueSeverity.HIGH,
        }),
        ...issueAbout(journals, { finding: 'JOURNAL_DAMAGED', type, severity: IssueSeverity.HIGH }),
        ...issueAbout(namelessRecords, { finding: 'ORPHANED_RECORDS', type, severity: IssueSeverity.HIGH }),
      ],
      metrics: { ...counts },
      details: { isComplete: counts.remaining === 0, unreadable: unreadable.items },
    };
  },
};
