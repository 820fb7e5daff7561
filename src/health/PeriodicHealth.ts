/**
 * Checks the storage from time to time, while the module runs: the next check begins one interval after the last one has
 * ended, so that two never overlap. Keeps no process alive.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Clock } from '../engine/Clock.js';
import type { HealthManager } from './HealthManager.js';

const { PERIODIC_VERIFICATION_MS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export interface HealthSchedule {
  readonly isEnabled: boolean;
  readonly intervalMs: number;
}

export interface PeriodicHealthParts {
  readonly health: HealthManager;
  readonly clock: Clock;
  readonly schedule: () => HealthSchedule;
  readonly onFailure: (error: Error) => void;
}

export class PeriodicHealth {
  readonly #parts: PeriodicHealthParts;
  readonly #ending = new AbortController();
  #timer: unknown;
  #running: Promise<void> | undefined;
  #isStarted = false;

  constructor(parts: PeriodicHealthParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#isStarted = true;
    this.retune();
  }

  /** The interval begins anew, with the options that are in force now. */
  retune(): void {
    const { clock, schedule } = this.#parts;
    clock.clearTimer(this.#timer);
    this.#timer = undefined;
    const { isEnabled, intervalMs } = schedule();
    const isWaiting = this.#isStarted && isEnabled && !this.#ending.signal.aborted;
    // A running check arms it when it has ended.
    if (!isWaiting || this.#running !== undefined) return;
    this.#timer = clock.setTimer(() => void this.#begin(), intervalMs);
  }

  /** Cuts a running check short. Resolves when nothing runs any more. */
  async end(): Promise<void> {
    this.#ending.abort();
    this.#parts.clock.clearTimer(this.#timer);
    await this.#running;
  }

  async #begin(): Promise<void> {
    this.#running = this.#check();
    await this.#running;
    this.#running = undefined;
    this.retune();
  }

  async #check(): Promise<void> {
    const { health, onFailure } = this.#parts;
    const { signal } = this.#ending;
    try {
      await health.validate({ signal, maxDurationMs: PERIODIC_VERIFICATION_MS }, 'upkeep');
    } catch (error) {
      if (!signal.aborted) onFailure(error as Error);
    }
  }
}
