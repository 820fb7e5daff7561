/** Whether the time of day can be relied on: it was not set back, and nothing is dated in the future. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HealthIssueType, IssueSeverity } from '../../../interfaces/enums.js';
import type { Check } from '../Check.js';

const { HEALTH_FINDINGS } = CONFIG_PERSISTENCE_CONSTANTS;
const type = HealthIssueType.PERFORMANCE_DEGRADATION;

export const clock: Check = {
  name: 'clock',
  description: 'The time of day against the monotonic clock and the times of files',
  types: [type],
  run: async ({ clockWatch, survey }) => {
    const setBackMs = clockWatch.setBackMs();
    const { futureFiles } = await survey();
    const recommendation = HEALTH_FINDINGS.CLOCK_ADVICE;
    const setBack = {
      type,
      severity: IssueSeverity.HIGH,
      description: `${HEALTH_FINDINGS.CLOCK_BACK}: by ${Math.round(setBackMs)} ms`,
      recommendation,
    };
    const inFuture = {
      type,
      severity: IssueSeverity.MEDIUM,
      description: `${HEALTH_FINDINGS.FUTURE_TIMES}: ${futureFiles.count}`,
      recommendation,
      affectedFiles: futureFiles.items,
    };
    return {
      issues: [...(setBackMs > 0 ? [setBack] : []), ...(futureFiles.count > 0 ? [inFuture] : [])],
      metrics: { setBackMs, futureFiles: futureFiles.count },
    };
  },
};
