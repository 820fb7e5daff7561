/**
 * Runs operations: a bounded number at once, each with its time limit, every failure with its operation and file.
 */
import type { PersistenceOperationType } from '../../interfaces/enums.js';
import { storageError } from '../errors/StorageError.js';
import { Operation, type OperationContext } from './Operation.js';
import { Semaphore } from './Semaphore.js';

/** How an operation ended, for logs: never a value of a configuration. */
export interface OperationEnd {
  readonly operationType: PersistenceOperationType;
  readonly filePath: string;
  readonly durationMs: number;
  readonly error?: Error;
}

export interface RunnerSettings {
  readonly maxConcurrent: number;
  readonly timeoutMs: number;
  readonly onEnd: (end: OperationEnd) => void;
}

export class OperationRunner {
  readonly #settings: RunnerSettings;
  readonly #semaphore: Semaphore;
  readonly #running = new Set<Promise<unknown>>();

  constructor(settings: RunnerSettings) {
    this.#settings = settings;
    this.#semaphore = new Semaphore(settings.maxConcurrent);
  }

  run<T>(context: OperationContext, body: (operation: Operation) => Promise<T>): Promise<T> {
    const running = this.#run(context, body);
    this.#running.add(running);
    const forget = (): void => {
      this.#running.delete(running);
    };
    running.then(forget, forget);
    return running;
  }

  /** Resolves when nothing runs any more. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #run<T>(context: OperationContext, body: (operation: Operation) => Promise<T>): Promise<T> {
    const operation = new Operation(context, context.options.timeout ?? this.#settings.timeoutMs);
    try {
      const result = await this.#withPlace(operation, body);
      this.#report(operation);
      return result;
    } catch (error) {
      const { filePath, operationType } = context;
      const wrapped = storageError(error, { filePath, operationType });
      this.#report(operation, wrapped);
      throw wrapped;
    } finally {
      operation.end();
    }
  }

  async #withPlace<T>(operation: Operation, body: (operation: Operation) => Promise<T>): Promise<T> {
    operation.checkpoint();
    if (!this.#semaphore.tryEnter()) await this.#semaphore.enter(operation.signal);
    try {
      return await body(operation);
    } finally {
      this.#semaphore.leave();
    }
  }

  #report(operation: Operation, error?: Error): void {
    const { operationType, filePath } = operation.context;
    const end = { operationType, filePath, durationMs: operation.durationMs };
    this.#settings.onEnd(error === undefined ? end : { ...end, error });
  }
}
