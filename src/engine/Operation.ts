/** One running operation: its limits, its costs, and the words for how it ended. */
import { getHeapStatistics } from 'node:v8';
import type { PersistenceOperationType } from '../../interfaces/enums.js';
import type { OperationOptions } from '../../interfaces/options.js';
import type { PerformanceMetrics } from '../../interfaces/results.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { Work } from '../storage/port/ConfigStore.js';
import { onAbort } from './onAbort.js';
import type { Semaphore } from './Semaphore.js';

const MICROSECONDS_PER_MS = 1000;

/** What is known of an operation before it starts. */
export interface OperationContext {
  readonly operationType: PersistenceOperationType;
  /** As the caller gave it. */
  readonly filePath: string;
  readonly options: OperationOptions;
  /** Whether its result tells what it has cost. */
  readonly isMeasured?: boolean;
}

interface ResourceUsage {
  readonly cpu: NodeJS.CpuUsage;
  readonly heapBytes: number;
}

export class Operation implements Work {
  readonly context: OperationContext;
  readonly diskIO = { bytesRead: 0, bytesWritten: 0, readOperations: 0, writeOperations: 0, fsyncOperations: 0 };
  /** How long it has waited for the changes of its file that were asked for before. */
  waitedForTurnMs = 0;
  readonly #timeoutMs: number;
  #subject: string | undefined;
  readonly #semaphore: Semaphore;
  readonly #startedAt = performance.now();
  readonly #before: ResourceUsage | undefined;
  readonly #callerSignal: AbortSignal | undefined;
  #signal: AbortSignal | undefined;
  #callersOwn: unknown;
  #forgetSignal: (() => void) | undefined;

  constructor(context: OperationContext, timeoutMs: number, semaphore: Semaphore) {
    this.context = context;
    this.#timeoutMs = timeoutMs;
    this.#semaphore = semaphore;
    this.#callerSignal = context.options.signal;
    // Asking the system costs more than loading a small file.
    this.#before = context.isMeasured === true ? resourceUsage() : undefined;
  }

  /** The file that it is about, as the caller gave it; of an operation about an id, as soon as that is found. */
  get filePath(): string {
    return this.#subject ?? this.context.filePath;
  }

  /** From now on the operation is known to be about this file, where its caller named none. */
  setSubject(filePath: string): void {
    if (this.context.filePath === '') this.#subject = filePath;
  }

  /** Aborted when the caller gives up or the time is over; its reason is the error to throw. */
  get signal(): AbortSignal {
    this.#signal ??= this.#makeSignal();
    return this.#signal;
  }

  get remainingMs(): number {
    return Math.max(0, this.#timeoutMs - (performance.now() - this.#startedAt));
  }

  /** Lets go of the timer and of the caller's signal, which may live much longer than the operation. */
  end(): void {
    this.#forgetSignal?.();
  }

  /** @throws PersistenceError `ERR_ABORTED` or `ERR_TIMEOUT` */
  checkpoint(): void {
    if (this.#callerSignal?.aborted === true) throw this.#aborted(this.#callerSignal);
    if (this.remainingMs === 0) throw this.#timedOut();
  }

  /**
   * Does a part of the operation's work when there is a place for it. Waiting for a lock and the caller's own functions
   * must stay outside: they may themselves wait for operations that need a place.
   */
  async withPlace<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#semaphore.tryEnter()) await this.#semaphore.enter(this.signal);
    try {
      this.checkpoint();
      return await work();
    } finally {
      this.#semaphore.leave();
    }
  }

  /** Runs a function of the caller; what it throws is passed on as it is. */
  async callOut<T>(call: () => T | Promise<T>): Promise<T> {
    try {
      return await this.#race(Promise.resolve(call()));
    } catch (error) {
      if (error !== this.#signal?.reason) this.#callersOwn = error;
      throw error;
    }
  }

  isCallersOwn(error: unknown): boolean {
    return error !== undefined && error === this.#callersOwn;
  }

  /** The promise's outcome, or the end of the operation's patience with it. */
  async #race<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this;
    let giveUp: (() => void) | undefined;
    const ended = new Promise<never>((_resolve, reject) => {
      giveUp = () => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      if (signal.aborted) giveUp();
    });
    try {
      return await Promise.race([promise, ended]);
    } finally {
      if (giveUp !== undefined) signal.removeEventListener('abort', giveUp);
    }
  }

  get durationMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** What it has cost so far; undefined where it is not measured. */
  metrics(): PerformanceMetrics | undefined {
    if (this.#before === undefined) return undefined;
    const cpu = process.cpuUsage(this.#before.cpu);
    return {
      duration: this.durationMs,
      memoryUsed: usedHeapBytes() - this.#before.heapBytes,
      diskIO: { ...this.diskIO },
      cpuUsage: (cpu.user + cpu.system) / MICROSECONDS_PER_MS,
    };
  }

  #makeSignal(): AbortSignal {
    const controller = new AbortController();
    const caller = this.#callerSignal;
    const timer = setTimeout(() => {
      controller.abort(this.#timedOut());
    }, Math.ceil(this.remainingMs));
    const giveUp = (): void => {
      if (caller !== undefined) controller.abort(this.#aborted(caller));
    };
    if (caller?.aborted === true) giveUp();
    const forget = caller === undefined ? undefined : onAbort(caller, giveUp);
    this.#forgetSignal = () => {
      clearTimeout(timer);
      forget?.();
    };
    return controller.signal;
  }

  #aborted(signal: AbortSignal): Error {
    return persistenceError('ERR_ABORTED', 'the caller ended it; nothing was changed', { cause: signal.reason });
  }

  #timedOut(): Error {
    const reason = `not committed within ${this.#timeoutMs} ms; nothing was changed. Allow more time (operationTimeout)`;
    return persistenceError('ERR_TIMEOUT', reason);
  }
}

function resourceUsage(): ResourceUsage {
  return { cpu: process.cpuUsage(), heapBytes: usedHeapBytes() };
}

/** `process.memoryUsage()` would also ask the system for the resident size, which costs a file read. */
function usedHeapBytes(): number {
  return getHeapStatistics().used_heap_size;
}
