/**
 * When the state of a check is worth an alert: at once where it is critical, otherwise when it stays; once for as long as it
 * lasts, and not again for a while where it comes and goes. What was told has an end that is told too, once.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { HealthStatus } from '../../interfaces/enums.js';
import type { Clock } from '../engine/Clock.js';

const { RUNS_UNTIL_RAISED, RUNS_UNTIL_RESOLVED, ALERT_REPEAT_MS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export interface CheckState {
  readonly name: string;
  readonly status: HealthStatus;
}

export interface AlertDecision {
  readonly check: string;
  readonly change: 'raised' | 'resolved';
  /** What the check is now. */
  readonly status: HealthStatus;
}

interface Watched {
  badRuns: number;
  goodRuns: number;
  /** What was told and has not been resolved. */
  raised: HealthStatus | undefined;
  /** When something was told last, and what, by `monotonicMs`. */
  told: { readonly status: HealthStatus; readonly atMs: number } | undefined;
}

export class AlertRules {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #watched = new Map<string, Watched>();

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** What is to be told after a run. A check that did not run, or knows nothing, stays as it was. */
  observe(states: readonly CheckState[]): AlertDecision[] {
    return states.flatMap(({ name, status }) => {
      if (status === HealthStatus.UNKNOWN) return [];
      const watched = this.#watched.get(name) ?? { badRuns: 0, goodRuns: 0, raised: undefined, told: undefined };
      this.#watched.set(name, watched);
      const change = status === HealthStatus.HEALTHY ? this.#afterGood(watched) : this.#afterBad(watched, status);
      return change === undefined ? [] : [{ check: name, change, status }];
    });
  }

  #afterGood(watched: Watched): 'resolved' | undefined {
    watched.badRuns = 0;
    watched.goodRuns += 1;
    if (watched.raised === undefined || watched.goodRuns < RUNS_UNTIL_RESOLVED) return undefined;
    watched.raised = undefined;
    return 'resolved';
  }

  #afterBad(watched: Watched, status: HealthStatus): 'raised' | undefined {
    watched.goodRuns = 0;
    watched.badRuns += 1;
    const isCritical = status === HealthStatus.CRITICAL;
    if (!isCritical && watched.badRuns < RUNS_UNTIL_RAISED) return undefined;
    const { told } = watched;
    const isWorse = isCritical && told?.status !== HealthStatus.CRITICAL;
    const isDue = told === undefined || this.#clock.monotonicMs() - told.atMs >= ALERT_REPEAT_MS;
    if (!isWorse && !isDue) return undefined;
    watched.raised = status;
    watched.told = { status, atMs: this.#clock.monotonicMs() };
    return 'raised';
  }
}
