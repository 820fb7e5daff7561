/**
 * The requests that wait for an answer. Each is settled exactly once - by its answer, its time running out, or the end
 * of a module that takes part - and then leaves nothing behind: no entry and no timer.
 */
import type { Message, MessageResponse } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { Outbox } from './Outbox.js';

interface PendingRequest {
  readonly message: Message;
  readonly reject: (error: Error) => void;
}

export class PendingRequests {
  readonly #outbox: Outbox;
  readonly #requests = new Set<PendingRequest>();
  #answeredCount = 0;
  #totalResponseMs = 0;
  #shortestResponseMs = Infinity;
  #longestResponseMs = 0;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  get count(): number {
    return this.#requests.size;
  }

  /** From sending to answer, over all requests that were answered; 0 before the first. */
  get averageResponseMs(): number {
    return this.#answeredCount === 0 ? 0 : this.#totalResponseMs / this.#answeredCount;
  }

  /** Over all requests that were answered; zeros before the first. */
  get responseTimes(): {
    readonly count: number;
    readonly average: number;
    readonly min: number;
    readonly max: number;
  } {
    const count = this.#answeredCount;
    const min = count === 0 ? 0 : this.#shortestResponseMs;
    return { count, average: this.averageResponseMs, min, max: this.#longestResponseMs };
  }

  /** Forgets the times of the requests that were answered. */
  resetTimes(): void {
    this.#answeredCount = 0;
    this.#totalResponseMs = 0;
    this.#shortestResponseMs = Infinity;
    this.#longestResponseMs = 0;
  }

  /**
   * Opens a request, which `deliver` answers in a later turn.
   *
   * @param options `keepsProcessAlive` is false where nobody waits for the answer in line: the timer lets the process end.
   * @throws ERR_TIMEOUT (as a rejection) when no answer came within `timeoutMs`, and what `deliver` throws.
   */
  open(
    message: Message,
    { timeoutMs, keepsProcessAlive }: { readonly timeoutMs: number; readonly keepsProcessAlive: boolean },
    deliver: () => Promise<MessageResponse>,
  ): Promise<MessageResponse> {
    return new Promise((resolve, reject) => {
      const startedAtMs = performance.now();
      const close = (): boolean => {
        clearTimeout(timer);
        return this.#requests.delete(request);
      };
      const answer = (response: MessageResponse): void => {
        if (!close()) return;
        this.#note(performance.now() - startedAtMs);
        resolve(response);
      };
      const request: PendingRequest = {
        message,
        reject: (error) => {
          close();
          reject(error);
        },
      };
      const timer = setTimeout(() => request.reject(timeoutError(message, timeoutMs)), timeoutMs);
      if (!keepsProcessAlive) timer.unref();
      this.#requests.add(request);
      this.#outbox.post(() => {
        // The module may have been unregistered between sending and this turn.
        if (this.#requests.has(request)) deliver().then(answer, request.reject);
      }, message.priority);
    });
  }

  /** Rejects every request from or to the module. */
  abandon(moduleId: string): void {
    for (const { message, reject } of this.#requests) {
      if (message.source !== moduleId && message.target !== moduleId) continue;
      reject(persistenceError('ERR_ABORTED', `module ${JSON.stringify(moduleId)} was unregistered`));
    }
  }

  /** Rejects every request. */
  abandonAll(): void {
    for (const { reject } of this.#requests)
      reject(persistenceError('ERR_ABORTED', 'the message center was destroyed'));
  }

  #note(responseMs: number): void {
    this.#answeredCount += 1;
    this.#totalResponseMs += responseMs;
    this.#shortestResponseMs = Math.min(this.#shortestResponseMs, responseMs);
    this.#longestResponseMs = Math.max(this.#longestResponseMs, responseMs);
  }
}

function timeoutError(message: Message, timeoutMs: number): Error {
  const request = `request ${JSON.stringify(message.type)} to ${JSON.stringify(message.target)}`;
  return persistenceError('ERR_TIMEOUT', `${request} had no answer within ${timeoutMs} ms`);
}
