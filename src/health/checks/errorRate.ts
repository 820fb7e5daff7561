/** How many of the operations of the last hour the storage has failed. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';
import { adviceOf } from '../findings.js';

const { HEALTH_FINDINGS, HEALTH_MONITORING } = CONFIG_PERSISTENCE_CONSTANTS;
const { ERROR_RATE_WARNING_THRESHOLD, ERROR_RATE_CRITICAL_THRESHOLD, MIN_JUDGED_OPERATIONS } = HEALTH_MONITORING;

export const errorRate: Check = {
  name: 'error-rate',
  description: 'Operations of the last hour that the storage has failed',
  types: [HealthIssueType.PERFORMANCE_DEGRADATION],
  run: ({ activity }) => {
    const { operations, failed, failures } = activity.recent();
    if (operations < MIN_JUDGED_OPERATIONS) return { issues: [], leftOut: HEALTH_FINDINGS.TOO_FEW_OPERATIONS };
    const rate = failed / operations;
    const isCritical = rate >= ERROR_RATE_CRITICAL_THRESHOLD;
    const issue = {
      type: HealthIssueType.PERFORMANCE_DEGRADATION,
      severity: isCritical ? IssueSeverity.CRITICAL : IssueSeverity.HIGH,
      description: `${HEALTH_FINDINGS.ERROR_RATE}: ${failed} of ${operations}`,
      recommendation: adviceOf('ERROR_RATE'),
    };
    return {
      issues: rate >= ERROR_RATE_WARNING_THRESHOLD ? [issue] : [],
      metrics: { operations, failed, rate },
      details: { failures },
    };
  },
};
