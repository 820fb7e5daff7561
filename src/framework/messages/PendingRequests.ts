/**
 * The requests that wait for an answer. Each is settled exactly once - by its answer, its time running out, or the end
 * of a module that takes part - and then leaves nothing behind: no entry and no timer.
 */
import type { Message, MessageResponse } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';

/** How one request is settled; a second call has no effect. */
export interface PendingRequest {
  readonly message: Message;
  readonly resolve: (response: MessageResponse) => void;
  readonly reject: (error: Error) => void;
}

export class PendingRequests {
  readonly #requests = new Set<PendingRequest>();
  #answeredCount = 0;
  #totalResponseMs = 0;

  get count(): number {
    return this.#requests.size;
  }

  /** False once it is settled. */
  has(request: PendingRequest): boolean {
    return this.#requests.has(request);
  }

  /** From sending to answer, over all requests that were answered; 0 before the first. */
  get averageResponseMs(): number {
    return this.#answeredCount === 0 ? 0 : this.#totalResponseMs / this.#answeredCount;
  }

  /**
   * Opens a request and hands the way to settle it to `begin`.
   *
   * @param options `keepsProcessAlive` is false where nobody waits for the answer in line: the timer lets the process end.
   * @throws ERR_TIMEOUT (as a rejection) when no answer came within `timeoutMs`, and what `reject` is given.
   */
  open(
    message: Message,
    { timeoutMs, keepsProcessAlive }: { readonly timeoutMs: number; readonly keepsProcessAlive: boolean },
    begin: (request: PendingRequest) => void,
  ): Promise<MessageResponse> {
    return new Promise((resolve, reject) => {
      const startedAtMs = performance.now();
      const close = (): boolean => {
        clearTimeout(timer);
        return this.#requests.delete(request);
      };
      const request: PendingRequest = {
        message,
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
      const timer = setTimeout(() => request.reject(timeoutError(message, timeoutMs)), timeoutMs);
      if (!keepsProcessAlive) timer.unref();
      this.#requests.add(request);
      begin(request);
    });
  }

  /** Rejects every request from or to the module. */
  abandon(moduleId: string): void {
    for (const { message, reject } of this.#requests) {
      if (message.source !== moduleId && message.target !== moduleId) continue;
      reject(persistenceError('ERR_ABORTED', `module ${JSON.stringify(moduleId)} was unregistered`));
    }
  }
}

function timeoutError(message: Message, timeoutMs: number): Error {
  const request = `request ${JSON.stringify(message.type)} to ${JSON.stringify(message.target)}`;
  return persistenceError('ERR_TIMEOUT', `${request} had no answer within ${timeoutMs} ms`);
}
