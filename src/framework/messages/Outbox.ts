/**
 * What is to be delivered in the next turn of the event loop: the more urgent first, otherwise in the order in which it was
 * sent.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';

const { DEFAULT_PRIORITY } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

interface Waiting {
  readonly priority: number;
  readonly deliver: () => void;
}

export class Outbox {
  #waiting: Waiting[] = [];

  /** @param deliver must not throw. */
  post(deliver: () => void, priority: number = DEFAULT_PRIORITY): void {
    if (this.#waiting.length === 0) {
      setImmediate(() => {
        this.#deliver();
      });
    }
    this.#waiting.push({ priority, deliver });
  }

  #deliver(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    // Sorting keeps the order of equal ones.
    for (const { deliver } of waiting.sort((one, other) => other.priority - one.priority)) deliver();
  }
}
