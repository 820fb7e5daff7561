/** One running operation: its limits, its costs, and the words for how it ended. */
import { getHeapStatistics } from 'node:v8';
import type { PersistenceOperationType } from '../../interfaces/enums.js';
import type { MutationOptions, OperationOptions } from '../../interfaces/options.js';
import type { PerformanceMetrics } from '../../interfaces/results.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { runCallback } from '../lock/callbacks.js';
import type { LockManager, LockWait, TakenLock } from '../lock/LockManager.js';
import type { Leave } from '../lock/WaitingLine.js';
import type { RecordedChange } from '../storage/port/RecordedChange.js';
import { assertOngoing, timedOut, type Guard, type Location, type Work } from '../storage/port/Work.js';
import { onAbort } from './onAbort.js';
import type { Semaphore } from './Semaphore.js';

const MICROSECONDS_PER_MS = 1000;

/** Asked for by a caller, or by the module itself to look after its files. */
export type OperationOrigin = 'caller' | 'upkeep';

/** What is known of an operation before it starts. */
export interface OperationContext {
  readonly operationType: PersistenceOperationType;
  /** As the caller gave it. */
  readonly filePath: string;
  readonly options: OperationOptions & Pick<MutationOptions, 'lockTimeout' | 'user'>;
  /** Default: a caller. */
  readonly origin?: OperationOrigin;
  /** False for what would only tell that the history was asked for. Default: true. */
  readonly isRecorded?: boolean;
  /** Whether its result tells what it has cost. */
  readonly isMeasured?: boolean;
}

/** A change that an operation has committed; never a value. */
export interface CommittedChange {
  readonly location: Location;
  /** What made it, such as `save`, `update` or `delete`. */
  readonly kind: string;
  readonly sequence: number;
  /** Checksum of the content before; null where there was none, undefined where nobody had to read it. */
  readonly before: string | null | undefined;
  /** Of the content after; null where it was removed, undefined where it stays as it was. */
  readonly after: string | null | undefined;
  /** The newest changes before it, newest first. */
  readonly earlier: readonly RecordedChange[];
}

/** What all operations of a module share. */
export interface Lane {
  readonly slots: Semaphore;
  readonly locks: LockManager;
  /** Where the options of an operation say nothing else, in milliseconds. */
  readonly timeoutMs: number;
  readonly lockTimeoutMs: number;
}

/** Of nearly all operations that only look. */
const NO_COMMITS: CommittedChange[] = [];

interface ResourceUsage {
  readonly cpu: NodeJS.CpuUsage;
  readonly heapBytes: number;
}

export class Operation implements Work {
  readonly context: OperationContext;
  readonly diskIO = { bytesRead: 0, bytesWritten: 0, readOperations: 0, writeOperations: 0, fsyncOperations: 0 };
  /** Epoch milliseconds. */
  readonly startedAt = Date.now();
  readonly deadline: number;
  readonly #lane: Lane;
  #isInSlot = false;
  /** How long it has waited for the changes of its file that were asked for before. */
  #waitedForTurnMs = 0;
  #lockWaitMs: number | undefined;
  #subject: string | undefined;
  #commits: CommittedChange[] = NO_COMMITS;
  readonly #startedClockMs = performance.now();
  readonly #before: ResourceUsage | undefined;
  readonly #callerSignal: AbortSignal | undefined;
  #signal: AbortSignal | undefined;
  #callersOwn: unknown;
  #forgetSignal: (() => void) | undefined;

  constructor(context: OperationContext, lane: Lane) {
    this.context = context;
    this.#lane = lane;
    this.deadline = this.#startedClockMs + (context.options.timeout ?? lane.timeoutMs);
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

  /** Told of each change that it has committed. */
  noteCommit(change: CommittedChange): void {
    this.#commits = [...this.#commits, change];
  }

  /** In their order. */
  get commits(): readonly CommittedChange[] {
    return this.#commits;
  }

  /** Aborted when the caller gives up or the time is over; its reason is the error to throw. */
  get signal(): AbortSignal {
    this.#signal ??= this.#makeSignal();
    return this.#signal;
  }

  /** Lets go of the timer and of the caller's signal, which may live much longer than the operation. */
  end(): void {
    this.#forgetSignal?.();
  }

  /** @throws PersistenceError `ERR_ABORTED` or `ERR_TIMEOUT` */
  checkpoint(): void {
    assertOngoing(this);
  }

  /** @param name of the file whose changes it comes after. @throws as `LockManager.takeTurn`. */
  async takeTurn(name: string): Promise<Leave> {
    const startedMs = performance.now();
    try {
      return await this.#lane.locks.takeTurn(name, this.#lockWait());
    } finally {
      this.#waitedForTurnMs = performance.now() - startedMs;
      this.#addLockWait(this.#waitedForTurnMs);
    }
  }

  /** Takes a slot, as soon as one is free; none more where it has one. */
  async enterSlot(): Promise<void> {
    if (this.#isInSlot) return;
    const { slots } = this.#lane;
    if (!slots.tryEnter()) await slots.enter(this.signal);
    this.#isInSlot = true;
    this.checkpoint();
  }

  leaveSlot(): void {
    if (!this.#isInSlot) return;
    this.#isInSlot = false;
    this.#lane.slots.leave();
  }

  /**
   * The lock of a configuration. While it waits for it, the operation is in no slot; afterwards it is in one.
   *
   * @param lockTimeoutMs how long to wait. Default: as the options of the operation say.
   * @throws as `LockManager.take`.
   */
  async lock(location: Location, lockTimeoutMs?: number): Promise<TakenLock> {
    const wait = this.#lockWait(lockTimeoutMs);
    this.leaveSlot();
    const lock = await this.#takeLock(location, wait);
    try {
      await this.enterSlot();
      return lock;
    } catch (error) {
      await lock.giveBack();
      throw error;
    }
  }

  /** Works under the lock of a configuration. @throws as `lock`, and what `work` throws. */
  async underLock<T>(location: Location, work: (guard: Guard) => Promise<T>, lockTimeoutMs?: number): Promise<T> {
    const lock = await this.lock(location, lockTimeoutMs);
    try {
      return await work(lock.guard);
    } finally {
      await lock.giveBack();
    }
  }

  /** Runs a function of the caller, in no slot; what it throws is passed on as it is. */
  async callback<T>(location: Location, call: () => T | Promise<T>): Promise<T> {
    this.leaveSlot();
    let value: T;
    try {
      value = await this.#race(runCallback(location, call));
    } catch (error) {
      if (error !== this.#signal?.reason) this.#callersOwn = error;
      throw error;
    }
    await this.enterSlot();
    return value;
  }

  /** How long it waits for locks, the wait for its turn in this module included. */
  #lockWait(lockTimeoutMs = this.context.options.lockTimeout ?? this.#lane.lockTimeoutMs): LockWait {
    return { timeoutMs: Math.max(0, lockTimeoutMs - this.#waitedForTurnMs), signal: this.signal };
  }

  async #takeLock(location: Location, wait: LockWait): Promise<TakenLock> {
    const startedMs = performance.now();
    try {
      return await this.#lane.locks.take(location, wait);
    } finally {
      this.#addLockWait(performance.now() - startedMs);
    }
  }

  #addLockWait(waitedMs: number): void {
    this.#lockWaitMs = (this.#lockWaitMs ?? 0) + waitedMs;
  }

  /** How long it has waited for its turn and for locks, taking them included; undefined where it needed none. */
  get lockWaitMs(): number | undefined {
    return this.#lockWaitMs;
  }

  isCallersOwn(error: unknown): boolean {
    return error !== undefined && error === this.#callersOwn;
  }

  /** The promise's outcome, or the end of the operation before that. */
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
    return performance.now() - this.#startedClockMs;
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
    const timer = setTimeout(
      () => {
        controller.abort(timedOut());
      },
      Math.ceil(Math.max(0, this.deadline - performance.now())),
    );
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
}

function resourceUsage(): ResourceUsage {
  return { cpu: process.cpuUsage(), heapBytes: usedHeapBytes() };
}

/** `process.memoryUsage()` would also ask the system for the resident size, which costs a file read. */
function usedHeapBytes(): number {
  return getHeapStatistics().used_heap_size;
}
