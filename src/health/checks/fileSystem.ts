/** Whether the file system was seen to break its promises: it returned other bytes than were written, or lost them. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { adviceOf } from '../findings.js';

const { HEALTH_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS;

export const fileSystem: Check = {
  name: 'file-system',
  description: 'Failures that a file system must not have, since the start',
  types: [HealthIssueType.FILE_CORRUPTION],
  run: ({ activity }) => {
    const failures = Object.fromEntries(activity.brokenPromises);
    const codes = Object.keys(failures);
    const issue = {
      type: HealthIssueType.FILE_CORRUPTION,
      severity: IssueSeverity.CRITICAL,
      description: `${HEALTH_FINDINGS.BROKEN_PROMISE}: ${codes.join(', ')}`,
      recommendation: adviceOf('BROKEN_PROMISE'),
    };
    return { issues: codes.length > 0 ? [issue] : [], details: { failures } };
  },
};
