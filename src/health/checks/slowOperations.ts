/** How many of the operations of the last hour were slow, the waiting for locks included. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { adviceOf } from '../findings.js';

const { HEALTH_FINDINGS, HEALTH_MONITORING } = CONFIG_PERSISTENCE_CONSTANTS;
const { MIN_JUDGED_OPERATIONS, SLOW_RATE_WARNING_THRESHOLD } = HEALTH_MONITORING;

export const slowOperations: Check = {
  name: 'slow-operations',
  description: 'Operations of the last hour that were slow',
  types: [HealthIssueType.PERFORMANCE_DEGRADATION],
  run: ({ activity }) => {
    const { operations, slow, averageMs, slowestMs } = activity.recent();
    if (operations < MIN_JUDGED_OPERATIONS) return { issues: [], leftOut: HEALTH_FINDINGS.TOO_FEW_OPERATIONS };
    const issue = {
      type: HealthIssueType.PERFORMANCE_DEGRADATION,
      severity: IssueSeverity.MEDIUM,
      description: `${HEALTH_FINDINGS.SLOW_OPERATIONS}: ${slow} of ${operations}`,
      recommendation: adviceOf('SLOW_OPERATIONS'),
    };
    return {
      issues: slow / operations >= SLOW_RATE_WARNING_THRESHOLD ? [issue] : [],
      metrics: { operations, slow, averageMs, slowestMs },
    };
  },
};
