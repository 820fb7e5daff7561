/** The time as the module sees it: handed in, so that a test can let a day pass at once. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds of a clock that nobody sets; only differences mean anything. */
  monotonicMs(): number;
  /** Calls once, later, without keeping the process alive. @returns what `clear` takes. */
  setTimer(call: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (call, delayMs) => setTimeout(call, delayMs).unref(),
  clearTimer: (timer) => {
    clearTimeout(timer as NodeJS.Timeout | undefined);
  },
};
