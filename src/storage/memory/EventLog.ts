/**
 * The committed changes of all configurations, in the order in which they came.
 *
 * Watchers read it each at their own speed, so nothing is queued for them. It is bounded; one that would miss something by
 * that is told so instead.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { StoreEvent, WatchRequest } from '../port/ConfigStore.js';
import type { Revision } from '../port/RecordedChange.js';

const { MAX_EVENTS } = CONFIG_PERSISTENCE_CONSTANTS.MEMORY_STORE;

type CommittedEvent = StoreEvent & { readonly revision: Revision };

export class EventLog {
  readonly #events: CommittedEvent[] = [];
  readonly #waiting = new Set<() => void>();
  /** Events that are not kept any more: as many, and the highest revision among them. */
  #droppedCount = 0;
  #droppedRevision = 0;

  append(event: CommittedEvent): void {
    this.#events.push(event);
    if (this.#events.length > 2 * MAX_EVENTS) {
      const dropped = this.#events.splice(0, MAX_EVENTS);
      this.#droppedCount += dropped.length;
      for (const { revision } of dropped) this.#droppedRevision = Math.max(this.#droppedRevision, revision);
    }
    for (const wake of this.#waiting) wake();
  }

  /**
   * Events from the moment of this call on, or those after a revision; ends with the signal.
   *
   * @throws PersistenceError `ERR_INVALID_REQUEST` while it is iterated, where some are not kept any more.
   */
  watch({ after, signal }: WatchRequest): AsyncIterable<StoreEvent> {
    if (after === undefined) return this.#follow(this.#droppedCount + this.#events.length, 0, signal);
    const isWhole = after >= this.#droppedRevision;
    return this.#follow(isWhole ? this.#droppedCount : -1, after, signal);
  }

  async *#follow(start: number, after: Revision, signal: AbortSignal): AsyncGenerator<StoreEvent> {
    let position = start;
    while (!signal.aborted) {
      if (position < this.#droppedCount) throw missed();
      const event = this.#events[position - this.#droppedCount];
      if (event === undefined) {
        await this.#nextEvent(signal);
        continue;
      }
      position += 1;
      if (event.revision > after) yield { ...event, location: { ...event.location } };
    }
  }

  #nextEvent(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

function missed(): Error {
  const reason = 'the changes after that revision are not kept any more; read the configurations again and watch anew';
  return persistenceError('ERR_INVALID_REQUEST', reason);
}
