/** From what single checks came to to the health of the whole. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { HealthStatus, IssueSeverity } from '../../interfaces/enums.js';
import type { HealthCheck, HealthCheckResult, HealthIssue } from '../../interfaces/health.js';
import type { FoundIssue } from './Check.js';

const { NEXT_CHECK_MS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

/** The worst last; what is unknown makes nothing worse. */
const STATUSES = [HealthStatus.UNKNOWN, HealthStatus.HEALTHY, HealthStatus.WARNING, HealthStatus.CRITICAL];
/** The most serious first. */
const SEVERITIES: readonly IssueSeverity[] = Object.values(IssueSeverity);

export function statusOf(issues: readonly Pick<FoundIssue, 'severity'>[]): HealthStatus {
  if (issues.some(({ severity }) => severity === IssueSeverity.CRITICAL)) return HealthStatus.CRITICAL;
  return issues.some(({ severity }) => severity !== IssueSeverity.INFO) ? HealthStatus.WARNING : HealthStatus.HEALTHY;
}

export function resultOfChecks(checks: HealthCheck[], found: readonly FoundIssue[], now: number): HealthCheckResult {
  const bySeverity = [...found].sort(
    (left, right) => SEVERITIES.indexOf(left.severity) - SEVERITIES.indexOf(right.severity),
  );
  const issues = bySeverity.map(issueOf);
  const worst = Math.max(0, ...checks.map(({ status }) => STATUSES.indexOf(status)));
  const overallHealth = STATUSES[worst] ?? HealthStatus.UNKNOWN;
  return {
    overallHealth,
    checks,
    recommendations: [...new Set(issues.map(({ recommendation }) => recommendation))],
    criticalIssues: issues.filter(({ severity }) => severity === IssueSeverity.CRITICAL),
    warnings: issues.filter(({ severity }) => severity !== IssueSeverity.CRITICAL),
    timestamp: now,
    nextCheckRecommended: now + NEXT_CHECK_MS[overallHealth],
  };
}

function issueOf({ type, severity, description, affectedFiles, recommendation, repairs }: FoundIssue): HealthIssue {
  return {
    type,
    severity,
    description,
    ...(affectedFiles === undefined ? {} : { affectedFiles: [...affectedFiles] }),
    recommendation,
    autoFixable: repairs !== undefined,
  };
}
