/** Notices that somebody has set the time of day back, which confuses the order and the age of backups. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Clock } from '../engine/Clock.js';

const { CLOCK_JUMP_MS, ACTIVITY_BUCKETS, ACTIVITY_BUCKET_MS } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;

export class ClockWatch {
  readonly #clock: Clock;
  #offsetMs: number;
  #jump: { readonly byMs: number; readonly atMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = this.#offset();
  }

  /**
   * By how much it was set back, for an hour from when that was seen first; 0 where it was not. A machine that has slept looks
   * as if its clock were set forward, so that does not count.
   */
  setBackMs(): number {
    const offsetMs = this.#offset();
    const atMs = this.#clock.monotonicMs();
    const byMs = this.#offsetMs - offsetMs;
    if (byMs > CLOCK_JUMP_MS) this.#jump = { byMs, atMs };
    this.#offsetMs = offsetMs;
    if (this.#jump !== undefined && atMs - this.#jump.atMs > ACTIVITY_BUCKETS * ACTIVITY_BUCKET_MS)
      this.#jump = undefined;
    return this.#jump?.byMs ?? 0;
  }

  #offset(): number {
    return this.#clock.now() - this.#clock.monotonicMs();
  }
}
