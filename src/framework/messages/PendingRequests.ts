/**
 * The requests that wait for an answer. Each is settled exactly once - by its answer, its time running out, or the end
 * of a module that takes part - and then leaves nothing behind: no entry and no timer.
 */
import type { Message, MessageResponse } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';

/** How one request is settled; a second call has no effect. */
export interface PendingRequest {
  readonly isSettled: boolean;
  readonly resolve: (response: MessageResponse) => void;
  readonly reject: (error: Error) => void;
}

interface Entry {
  readonly message: Message;
  readonly request: PendingRequest;
}

/** What a new request brings. */
export interface RequestOptions {
  timeoutMs: number;
  /** False where nobody waits for the answer in line, so that the timer must not hold the process. */
  keepsProcessAlive: boolean;
}

export class PendingRequests {
  readonly #entries = new Set<Entry>();
  #answeredCount = 0;
  #totalResponseMs = 0;

  get count(): number {
    return this.#entries.size;
  }

  /** From sending to answer, over all requests that were answered; 0 before the first. */
  get averageResponseMs(): number {
    return this.#answeredCount === 0 ? 0 : this.#totalResponseMs / this.#answeredCount;
  }

  /**
   * Opens a request and hands the way to settle it to `begin`.
   *
   * @throws ERR_TIMEOUT (as a rejection) when no answer came within `timeoutMs`, and what `reject` is given.
   */
  open(message: Message, options: RequestOptions, begin: (request: PendingRequest) => void): Promise<MessageResponse> {
    return new Promise((resolve, reject) => {
      const startedAtMs = performance.now();
      const entries = this.#entries;
      const close = (): boolean => {
        clearTimeout(timer);
        return entries.delete(entry);
      };
      const request: PendingRequest = {
        get isSettled() {
          return !entries.has(entry);
        },
        resolve: (response) => {
          if (!close()) return;
          this.#answeredCount += 1;
          this.#totalResponseMs += performance.now() - startedAtMs;
          resolve(response);
        },
        reject: (error) => {
          close();
          reject(error);
        },
      };
      const entry: Entry = { message, request };
      const timer = setTimeout(() => request.reject(timeoutError(message, options.timeoutMs)), options.timeoutMs);
      if (!options.keepsProcessAlive) timer.unref();
      entries.add(entry);
      begin(request);
    });
  }

  /** Rejects every request from or to the module. */
  abandon(moduleId: string): void {
    for (const { message, request } of this.#entries) {
      if (message.source !== moduleId && message.target !== moduleId) continue;
      request.reject(persistenceError('ERR_ABORTED', `module ${JSON.stringify(moduleId)} was unregistered`));
    }
  }
}

function timeoutError(message: Message, timeoutMs: number): Error {
  const request = `request ${JSON.stringify(message.type)} to ${JSON.stringify(message.target)}`;
  return persistenceError('ERR_TIMEOUT', `${request} had no answer within ${timeoutMs} ms`);
}
