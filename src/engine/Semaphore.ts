/** Lets a bounded number of operations run at once; the others wait in the order they came. */

import { onAbort } from './onAbort.js';

export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(size: number) {
    this.#free = size;
  }

  /** Takes a place where one is free. */
  tryEnter(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** Resolves with a place, for a caller that has found none free. @throws the signal's reason, where it ends the waiting. */
  enter(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(callIn), 1);
        reject(signal.reason as Error);
      };
      const callIn = (): void => {
        forget();
        resolve();
      };
      if (signal.aborted) return reject(signal.reason as Error);
      const forget = onAbort(signal, giveUp);
      this.#waiting.push(callIn);
    });
  }

  leave(): void {
    const callIn = this.#waiting.shift();
    if (callIn === undefined) this.#free += 1;
    else callIn();
  }
}
