/**
 * Runs operations: each with its time limit, a bounded number working at once, every failure with its operation and file.
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
    const operation = new Operation(context, context.options.timeout ?? this.#settings.timeoutMs, this.#semaphore);
    try {
      operation.checkpoint();
      const result = await body(operation);
      this.#report(operation);
      return result;
    } catch (error) {
      const { filePath: given } = operation;
      const { operationType } = context;
      // Some operations are about an id, and the file is known only when they have found it.
      const filePath = given === '' ? undefined : given;
      const wrapped = operation.isCallersOwn(error) ? error : storageError(error, { filePath, operationType });
      this.#report(operation, wrapped as Error);
      throw wrapped;
    } finally {
      operation.end();
    }
  }

  #report(operation: Operation, error?: Error): void {
    const { filePath } = operation;
    const { operationType } = operation.context;
    const end = { operationType, filePath, durationMs: operation.durationMs };
    this.#settings.onEnd(error === undefined ? end : { ...end, error });
  }
}
