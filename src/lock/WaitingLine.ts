/**
 * First come, first served among everybody in this process who waits for the same lock.
 *
 * Between processes the lock's file decides, which is fair only by chance; within one it is this line. One instance is
 * shared by all modules of the process.
 */

/** Gives the turn to the next in line; further calls do nothing. */
export type Leave = () => void;

export class WaitingLine {
  readonly #lines = new Map<string, (() => void)[]>();

  /** The turn, where nobody is in line. */
  tryEnter(key: string): Leave | undefined {
    if (this.#lines.has(key)) return undefined;
    this.#lines.set(key, []);
    return this.#leaveOf(key);
  }

  /**
   * Resolves when everybody who came before has left. A caller that gives up through `signal` is passed over.
   *
   * @throws the signal's reason.
   */
  async enter(key: string, signal: AbortSignal): Promise<Leave> {
    signal.throwIfAborted();
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, []);
    else await waitForTurn(line, signal);
    return this.#leaveOf(key);
  }

  #leaveOf(key: string): Leave {
    let isInside = true;
    return () => {
      if (isInside) this.#next(key);
      isInside = false;
    };
  }

  #next(key: string): void {
    const callNext = this.#lines.get(key)?.shift();
    if (callNext === undefined) this.#lines.delete(key);
    else callNext();
  }
}

function waitForTurn(line: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      line.splice(line.indexOf(callIn), 1);
      reject(signal.reason as Error);
    };
    const callIn = (): void => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    };
    signal.addEventListener('abort', giveUp, { once: true });
    line.push(callIn);
  });
}

/** The line of this process. */
export const processWaitingLine = new WaitingLine();
