/** Time that stands still until a test lets it pass. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Clock } from '../../src/engine/Clock.js';

const { OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

interface Timer {
  readonly call: () => void;
  readonly dueMs: number;
  readonly delayMs: number;
}

export class ManualClock implements Clock {
  readonly #startedAt = Date.now();
  readonly #timers = new Set<Timer>();
  #passedMs = 0;

  now(): number {
    return this.#startedAt + this.#passedMs;
  }

  monotonicMs(): number {
    return this.#passedMs;
  }

  setTimer(call: () => void, delayMs: number): unknown {
    const timer = { call, delayMs, dueMs: this.#passedMs + Math.max(1, delayMs) };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** How many timers have neither been called nor cleared; those of the history of operations, which always run, left out. */
  get timerCount(): number {
    return [...this.#timers].filter(({ delayMs }) => delayMs !== OPERATION_LOG.WRITE_AFTER_MS).length;
  }

  /** Lets time pass and calls what becomes due, each at its time. What the calls begin may go on afterwards. */
  advance(ms: number): void {
    const endMs = this.#passedMs + ms;
    for (let next = this.#nextUntil(endMs); next !== undefined; next = this.#nextUntil(endMs)) {
      this.#timers.delete(next);
      this.#passedMs = next.dueMs;
      next.call();
    }
    this.#passedMs = endMs;
  }

  #nextUntil(endMs: number): Timer | undefined {
    const [first] = [...this.#timers].sort((left, right) => left.dueMs - right.dueMs);
    return first !== undefined && first.dueMs <= endMs ? first : undefined;
  }
}
