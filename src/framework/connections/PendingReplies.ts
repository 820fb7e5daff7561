/** The requests over connections that wait for their replies, each until its reply, its time, or the end of the module. */
import type { DataTransfer } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';

interface PendingReply {
  readonly resolve: (reply: DataTransfer) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

export class PendingReplies {
  readonly #pending = new Map<string, PendingReply>();

  /**
   * Somebody waits for this promise, so its timer holds the process.
   *
   * @throws PersistenceError (as a rejection) `ERR_TIMEOUT`, `ERR_DESTROYED`.
   */
  wait(requestId: string, kind: string, timeoutMs: number): Promise<DataTransfer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(requestId);
        reject(persistenceError('ERR_TIMEOUT', `no reply to ${kind} came within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#pending.set(requestId, { resolve, reject, timer });
    });
  }

  /** Gives a transfer to whoever waits for it. Whether anybody does. */
  settle(transfer: DataTransfer): boolean {
    if (this.#pending.size === 0) return false;
    const pending = requestIdsIn(transfer)
      .map((id) => this.#take(id))
      .find((one) => one !== undefined);
    pending?.resolve(transfer);
    return pending !== undefined;
  }

  /** Gives up one request. */
  fail(requestId: string, error: Error): void {
    this.#take(requestId)?.reject(error);
  }

  /** Gives up all of them. */
  failAll(): void {
    const error = persistenceError('ERR_DESTROYED', 'the module was destroyed before the reply came');
    for (const requestId of [...this.#pending.keys()]) this.fail(requestId, error);
  }

  #take(requestId: string): PendingReply | undefined {
    const pending = this.#pending.get(requestId);
    if (pending === undefined) return undefined;
    this.#pending.delete(requestId);
    clearTimeout(pending.timer);
    return pending;
  }
}

/** Where replies of different hosts say which request they answer. A part that throws when it is read says nothing. */
function requestIdsIn({ data, metadata }: DataTransfer): string[] {
  const places = [metadata, data].filter((place) => typeof place === 'object' && place !== null);
  try {
    return places
      .flatMap((place) => [(place as Ids).requestId, (place as Ids).correlationId])
      .filter((id) => typeof id === 'string');
  } catch {
    return [];
  }
}

interface Ids {
  readonly requestId?: unknown;
  readonly correlationId?: unknown;
}
