/** Tells what runs came to: alerts by their rules, and the report where somebody wants to see the state. */
import { HealthStatus, IssueSeverity } from '../../interfaces/enums.js';
import type { HealthCheckResult } from '../../interfaces/health.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import { AlertRules, type AlertDecision } from './AlertRules.js';
import type { FoundIssue } from './Check.js';
import { CHECKS } from './checks.js';
import type { AfterRun } from './HealthManager.js';
import type { HealthParts } from './HealthParts.js';

export interface HealthReportsParts extends Pick<HealthParts, 'clock'> {
  readonly alert: (alert: PersistenceAlert) => void;
  /** Told of every periodic result, and of others where the state has changed. */
  readonly report: (result: HealthCheckResult) => void;
  readonly defaultPath: () => string;
}

export class HealthReports {
  readonly #parts: HealthReportsParts;
  readonly #rules: AlertRules;
  #lastHealth: HealthStatus | undefined;

  constructor(parts: HealthReportsParts) {
    this.#parts = parts;
    this.#rules = new AlertRules(parts.clock);
  }

  readonly afterRun: AfterRun = (result, found, origin) => {
    // Before anybody is told: whoever is may ask for another run at once.
    const decisions = this.#rules.observe(result.checks);
    const isWhole = result.checks.length === CHECKS.length;
    const isChanged = isWhole && result.overallHealth !== this.#lastHealth;
    if (isWhole) this.#lastHealth = result.overallHealth;
    for (const decision of decisions) this.#parts.alert(this.#alertOf(decision, found.get(decision.check) ?? []));
    if (isChanged || origin === 'upkeep') this.#parts.report(result);
  };

  #alertOf({ check, change, status }: AlertDecision, issues: readonly FoundIssue[]): PersistenceAlert {
    const what = issues.map(({ description }) => `: ${description}`).join('');
    return {
      type: 'health',
      severity: severityOf(change, status),
      filePath: issues[0]?.affectedFiles?.[0] ?? this.#parts.defaultPath(),
      description: `${check} ${change}${what}`,
      check,
      status: change,
      timestamp: this.#parts.clock.now(),
    };
  }
}

function severityOf(change: AlertDecision['change'], status: HealthStatus): IssueSeverity {
  if (change === 'resolved') return IssueSeverity.INFO;
  return status === HealthStatus.CRITICAL ? IssueSeverity.CRITICAL : IssueSeverity.HIGH;
}
