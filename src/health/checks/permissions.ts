/** Modes and owners of every folder and file of the storage, and folders that cannot be looked at. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { StoreInspection } from '../../storage/port/StoreInspection.js';
import type { Check, FoundIssue } from '../Check.js';
import { type FoundList } from '../FoundList.js';
import { issueAbout } from '../findings.js';
import type { WrongMode } from '../survey/Survey.js';

const { HEALTH_FINDINGS, HEALTH_REPAIRS } = CONFIG_PERSISTENCE_CONSTANTS;
const type = HealthIssueType.PERMISSION_ISSUE;

export const permissions: Check = {
  name: 'permissions',
  description: 'Modes and owners of folders and files',
  types: [type],
  run: async ({ inspection, survey }) => {
    if (inspection === undefined) return { issues: [], leftOut: HEALTH_FINDINGS.NO_INSPECTION };
    const { excessModes, missingModes, foreignOwners, unreadable } = await survey();
    return {
      issues: [
        ...wrongModes('EXCESS_MODE', excessModes, inspection),
        ...wrongModes('MISSING_MODE', missingModes, inspection),
        ...issueAbout(foreignOwners, { finding: 'FOREIGN_OWNER', type, severity: IssueSeverity.MEDIUM }),
        ...issueAbout(
          { items: unreadable.items.map(({ path }) => path), count: unreadable.count },
          { finding: 'UNREADABLE_FOLDER', type, severity: IssueSeverity.CRITICAL },
        ),
      ],
      metrics: {
        excessModes: excessModes.count,
        missingModes: missingModes.count,
        foreignOwners: foreignOwners.count,
        unreadableFolders: unreadable.count,
      },
    };
  },
};

function wrongModes(
  finding: 'EXCESS_MODE' | 'MISSING_MODE',
  { items, count }: FoundList<WrongMode>,
  inspection: StoreInspection,
): FoundIssue[] {
  const byPath = new Map(items.map((one) => [one.path, one]));
  return issueAbout(
    { items: [...byPath.keys()], count },
    {
      finding,
      type,
      severity: IssueSeverity.MEDIUM,
      repair: (path) => ({
        filePath: path,
        action: HEALTH_REPAIRS.SET_MODE,
        run: async (operation) => {
          const wrong = byPath.get(path);
          return wrong !== undefined && inspection.repair({ kind: 'mode', ...wrong }, operation);
        },
      }),
    },
  );
}
