/** Locks that nobody may hold any more, and records of holders that are gone. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { FoundList } from '../FoundList.js';
import { issueAbout } from '../findings.js';

const { HEALTH_FINDINGS, HEALTH_REPAIRS } = CONFIG_PERSISTENCE_CONSTANTS;
const type = HealthIssueType.ORPHANED_DATA;

export const locks: Check = {
  name: 'locks',
  description: 'Stale locks, and records of holders that are gone',
  types: [type],
  run: async ({ inspection, operation, leaseMs }) => {
    if (inspection === undefined) return { issues: [], leftOut: HEALTH_FINDINGS.NO_INSPECTION };
    const stale = await inspection.staleLocks(operation);
    const keys = new Map(stale.map(({ path, key }) => [path, key]));
    const owners = await inspection.deadOwners(operation);
    return {
      issues: [
        ...issueAbout(new FoundList(keys.keys()), {
          finding: 'STALE_LOCK',
          type,
          severity: IssueSeverity.MEDIUM,
          repair: (path) => ({
            filePath: path,
            action: HEALTH_REPAIRS.FREE_LOCK,
            run: (repairing) =>
              inspection.repair({ kind: 'stale-lock', key: keys.get(path) ?? '', leaseMs }, repairing),
          }),
        }),
        // Behind the locks that may name them.
        ...issueAbout(new FoundList(owners), {
          finding: 'DEAD_OWNER',
          type,
          severity: IssueSeverity.LOW,
          repair: (path) => ({
            filePath: path,
            action: HEALTH_REPAIRS.REMOVE_OWNER,
            run: (repairing) => inspection.repair({ kind: 'dead-owner', path }, repairing),
          }),
        }),
      ],
      metrics: { staleLocks: stale.length, deadOwners: owners.length },
    };
  },
};
