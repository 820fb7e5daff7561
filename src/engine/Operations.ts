/**
 * The one lane of every operation: turn, slot, lock, time limit, and what is told when it has ended.
 *
 * A change waits for its turn among the changes of its file, in the order of the calls. Then it works in one of a bounded
 * number of slots, as every query and all maintenance does; it gives the slot back while it waits for a lock and while a
 * function of the caller runs, because these may themselves wait for operations that need a slot.
 */
import type { PersistenceOperationType } from '../../interfaces/enums.js';
import type { PerformanceMetrics } from '../../interfaces/results.js';
import { storageError } from '../errors/StorageError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { DiskCounters, Guard, Location } from '../storage/port/Work.js';
import { Operation, type CommittedChange, type OperationContext, type OperationOrigin } from './Operation.js';
import { Semaphore } from './Semaphore.js';

/** How an operation ended, for logs, metrics and the audit trail: never a value of a configuration. */
export interface OperationEnd {
  readonly operationType: PersistenceOperationType;
  /** As the caller gave it; empty where the operation is about no file, or about those of all configurations. */
  readonly filePath: string;
  /** Asked for by a caller, or by the module itself to look after its files. */
  readonly origin: OperationOrigin;
  /** Who asked for it, where that is known. */
  readonly user?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly error?: Error;
  /** What it has cost, where that was measured. */
  readonly metrics?: PerformanceMetrics;
  /** Whether the history of operations tells of it. */
  readonly isRecorded: boolean;
  /** What it has committed, also where it failed afterwards. */
  readonly commits: readonly CommittedChange[];
  readonly diskIO: Readonly<DiskCounters>;
  /** How long it waited for its turn and for locks, taking them included; absent where it needed none. */
  readonly lockWaitMs?: number;
}

/** Called at the end of every operation, whatever its outcome. */
export type OperationObserver = (end: OperationEnd) => void;

/** Follows one operation while it runs. */
export interface OperationTrace {
  /** Starts the work; settles as that does. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Told how it ended, before the promise of the work settles. */
  readonly ended: OperationObserver;
}

/** The trace of an operation that is about to start; undefined where nobody wants one. */
export type StartTrace = (context: OperationContext, user: string | undefined) => OperationTrace | undefined;

export interface OperationsSettings {
  readonly locks: LockManager;
  /** How many work at once. */
  readonly maxConcurrent: number;
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
  /** The author of changes that name none. */
  readonly user: string | undefined;
  readonly observers: readonly OperationObserver[];
  readonly startTrace: StartTrace;
}

export class Operations {
  readonly #settings: OperationsSettings;
  readonly #slots: Semaphore;
  readonly #running = new Set<Promise<unknown>>();

  constructor(settings: OperationsSettings) {
    this.#settings = settings;
    this.#slots = new Semaphore(settings.maxConcurrent);
  }

  /** Work that changes nothing, or not in the order of the calls. */
  query<T>(context: OperationContext, body: (operation: Operation) => Promise<T>): Promise<T> {
    return this.wait(context, async (operation) => {
      await operation.enterSlot();
      return body(operation);
    });
  }

  /** What mostly waits, and takes a slot itself for what it works. */
  wait<T>(context: OperationContext, body: (operation: Operation) => Promise<T>): Promise<T> {
    const trace = this.#settings.startTrace(context, this.#userOf(context));
    if (trace === undefined) return this.#track(this.#run(context, body));
    return this.#track(trace.run(() => this.#run(context, body, trace)));
  }

  /**
   * A change of one file, after those of this module that were asked for before.
   *
   * @param turn full name of the file; undefined where it is not known yet, and the change only waits for the lock.
   * @param prepare what can be done, and refused, before the lock; it finds out which file the change is of.
   * @param perform what is done under its lock.
   */
  change<P extends { readonly location: Location }, T>(
    context: OperationContext,
    turn: string | undefined,
    prepare: (operation: Operation) => Promise<P>,
    perform: (prepared: P, guard: Guard, operation: Operation) => Promise<T>,
  ): Promise<T> {
    return this.wait({ ...context, isMeasured: true }, async (operation) => {
      const leave = turn === undefined ? undefined : await operation.takeTurn(turn);
      try {
        await operation.enterSlot();
        const prepared = await prepare(operation);
        const lock = await operation.lock(prepared.location);
        try {
          return await perform(prepared, lock.guard, operation);
        } finally {
          await lock.giveBack();
        }
      } finally {
        leave?.();
      }
    });
  }

  /** How many have begun and not ended. */
  get runningCount(): number {
    return this.#running.size;
  }

  /** Resolves when nothing runs any more. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #track<T>(running: Promise<T>): Promise<T> {
    this.#running.add(running);
    const forget = (): void => {
      this.#running.delete(running);
    };
    running.then(forget, forget);
    return running;
  }

  async #run<T>(
    context: OperationContext,
    body: (operation: Operation) => Promise<T>,
    trace?: OperationTrace,
  ): Promise<T> {
    const { locks, timeoutMs, lockTimeoutMs } = this.#settings;
    const lane = { slots: this.#slots, locks, timeoutMs, lockTimeoutMs };
    const operation = new Operation(context, lane);
    try {
      operation.checkpoint();
      const result = await body(operation);
      this.#report(operation, trace);
      return result;
    } catch (error) {
      const { filePath: given } = operation;
      const { operationType } = context;
      // Some operations are about an id, and the file is known only when they have found it.
      const filePath = given === '' ? undefined : given;
      const wrapped = operation.isCallersOwn(error) ? error : storageError(error, { filePath, operationType });
      this.#report(operation, trace, wrapped as Error);
      throw wrapped;
    } finally {
      operation.leaveSlot();
      operation.end();
    }
  }

  #userOf({ options }: OperationContext): string | undefined {
    return options.user ?? this.#settings.user;
  }

  #report(operation: Operation, trace: OperationTrace | undefined, error?: Error): void {
    const { filePath, startedAt, durationMs, context, commits, diskIO, lockWaitMs } = operation;
    const { operationType, origin = 'caller', isRecorded = true } = context;
    const user = this.#userOf(context);
    const metrics = operation.metrics();
    const end: OperationEnd = {
      operationType,
      filePath,
      origin,
      ...(user === undefined ? {} : { user }),
      startedAt,
      durationMs,
      ...(error === undefined ? {} : { error }),
      ...(metrics === undefined ? {} : { metrics }),
      isRecorded,
      commits,
      diskIO,
      ...(lockWaitMs === undefined ? {} : { lockWaitMs }),
    };
    trace?.ended(end);
    for (const observe of this.#settings.observers) {
      try {
        observe(end);
      } catch {
        // Whoever only listens must not change how an operation ends.
      }
    }
  }
}
