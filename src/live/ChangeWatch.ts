/** One watching: hands the changes of a file to its listener and to those who iterate it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationChange, ConfigurationListener, ConfigurationWatch } from '../../interfaces/live.js';

const { MAX_BUFFERED_CHANGES } = CONFIG_PERSISTENCE_CONSTANTS.LIVE;
const { MAX_TIMER_MS } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

/** What one iteration has not taken yet. */
interface Reader {
  readonly changes: ConfigurationChange[];
  wake: (() => void) | undefined;
}

export interface ChangeWatchParts {
  readonly filePath: string;
  readonly listener: ConfigurationListener | undefined;
  readonly isPersistent: boolean;
  readonly signal: AbortSignal | undefined;
  /** Calls the listener so that nothing it does comes back. */
  readonly call: (work: () => unknown) => void;
  readonly onClose: () => void;
}

/** Somebody waits for this, so the process stays. */
async function waitedFor(begin: (wake: () => void) => void): Promise<void> {
  const keepAlive = setInterval(() => undefined, MAX_TIMER_MS);
  await new Promise<void>(begin);
  clearInterval(keepAlive);
}

export class ChangeWatch implements ConfigurationWatch {
  readonly filePath: string;
  readonly #parts: ChangeWatchParts;
  readonly #readers = new Set<Reader>();
  readonly #keepAlive: NodeJS.Timeout | undefined;
  #first: Reader | undefined;
  #isClosed = false;

  constructor(parts: ChangeWatchParts) {
    this.filePath = parts.filePath;
    this.#parts = parts;
    if (parts.isPersistent) this.#keepAlive = setInterval(() => undefined, MAX_TIMER_MS);
    parts.signal?.addEventListener('abort', this.#onAbort, { once: true });
    // What is told before anybody iterates is kept for whoever does first.
    if (parts.listener === undefined) this.#first = this.#newReader();
  }

  tell(change: ConfigurationChange): void {
    if (this.#isClosed) return;
    for (const reader of this.#readers) {
      reader.changes.push(change);
      if (reader.changes.length > MAX_BUFFERED_CHANGES) reader.changes.shift();
      reader.wake?.();
    }
    const { listener, call } = this.#parts;
    if (listener !== undefined) call(() => listener(change));
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<ConfigurationChange> {
    const reader = this.#first ?? this.#newReader();
    this.#first = undefined;
    return {
      next: async () => {
        while (reader.changes.length === 0 && !this.#isClosed && this.#readers.has(reader)) {
          await waitedFor((wake) => (reader.wake = wake));
        }
        const value = reader.changes.shift();
        return value === undefined ? { done: true, value: undefined } : { done: false, value };
      },
      return: () => {
        this.#readers.delete(reader);
        reader.changes.length = 0;
        reader.wake?.();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #newReader(): Reader {
    const reader: Reader = { changes: [], wake: undefined };
    this.#readers.add(reader);
    return reader;
  }

  readonly #onAbort = (): void => {
    this.#end();
  };

  #end(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#keepAlive);
    this.#parts.signal?.removeEventListener('abort', this.#onAbort);
    for (const { wake } of this.#readers) wake?.();
    this.#parts.onClose();
  }
}
