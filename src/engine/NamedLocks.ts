/** Locks that callers take and release by name. */
import { LockType, PersistenceOperationType } from '../../interfaces/enums.js';
import type { FileLockOptions, FileLockResult, HeldFileLock, LockStatus } from '../../interfaces/locks.js';
import type { OperationOptions } from '../../interfaces/options.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { composeMessage, hasErrorCode, persistenceError } from '../errors/PersistenceError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { Lease } from '../storage/port/LockStore.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Operation } from './Operation.js';
import type { Operations } from './Operations.js';

const { ERROR_MESSAGES, PERFORMANCE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

export interface NamedLocksParts {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly operations: Operations;
  readonly moduleId: string;
  readonly lockTimeoutMs: number;
}

export class NamedLocks {
  readonly #parts: NamedLocksParts;

  constructor(parts: NamedLocksParts) {
    this.#parts = parts;
  }

  /** Resolves with `success: false` where the waiting was in vain; throws for everything else that goes wrong. */
  acquire(filePath: string, timeout: number | undefined): Promise<FileLockResult> {
    const { moduleId, lockTimeoutMs } = this.#parts;
    const timeoutMs = timeout ?? lockTimeoutMs;
    return this.#run(PersistenceOperationType.LOCK, filePath, limitsFor(timeoutMs), async (operation) => {
      try {
        const lease = await this.#take(filePath, timeoutMs, operation);
        return {
          success: true,
          lockId: lease.guard.lockId,
          filePath,
          lockedAt: lease.acquiredAt,
          expiresAt: lease.expiresAt,
          owner: moduleId,
          timeout: timeoutMs,
        };
      } catch (error) {
        if (!hasErrorCode(error, 'ERR_LOCK_TIMEOUT')) throw error;
        const errors = [error.message];
        return { success: false, lockId: '', filePath, lockedAt: 0, owner: moduleId, timeout: timeoutMs, errors };
      }
    });
  }

  /**
   * Runs `work` under the lock, and gives that back however it ends.
   *
   * @throws PersistenceError `ERR_LOCK_TIMEOUT`; `ERR_LOCK_LOST` where the lock ended before the work; what `work` throws.
   */
  async hold<R>(filePath: string, work: (lock: HeldFileLock) => R | Promise<R>, options: FileLockOptions): Promise<R> {
    const { signal } = options;
    const timeoutMs = options.lockTimeout ?? options.timeout ?? this.#parts.lockTimeoutMs;
    const limits = { ...limitsFor(timeoutMs), ...(signal === undefined ? {} : { signal }) };
    const { guard, acquiredAt, expiresAt } = await this.#run(
      PersistenceOperationType.LOCK,
      filePath,
      limits,
      (operation) => this.#take(filePath, timeoutMs, operation),
    );
    const { lockId } = guard;
    let result: R;
    try {
      result = await work({ lockId, filePath, lockedAt: acquiredAt, expiresAt });
    } catch (error) {
      await this.release(lockId);
      throw error;
    }
    const { success, errors = [] } = await this.release(lockId);
    if (success) return result;
    throw persistenceError('ERR_LOCK_LOST', `${errors.join('; ')}; others may have changed the file meanwhile`, {
      filePath,
    });
  }

  /** Resolves with `success: false` for an id that this module does not hold, or does not hold any more. */
  release(lockId: string): Promise<PersistenceResult> {
    const { locks } = this.#parts;
    const named = locks.named(lockId);
    const filePath = named?.location.given ?? '';
    return this.#run(PersistenceOperationType.UNLOCK, filePath, {}, async () => {
      const outcome = named === undefined ? undefined : await locks.release(named);
      const isReleased = outcome === true;
      const reason = outcome === undefined ? ERROR_MESSAGES.LOCK_NOT_FOUND : ERROR_MESSAGES.LOCK_EXPIRED;
      return {
        success: isReleased,
        filePath,
        operationType: PersistenceOperationType.UNLOCK,
        timestamp: Date.now(),
        ...(isReleased
          ? {}
          : { errors: [composeMessage(ERROR_MESSAGES.LOCK_NOT_RELEASED, reason, named?.location.given)] }),
      };
    });
  }

  status(filePath: string): Promise<LockStatus> {
    const { store } = this.#parts;
    return this.#run(PersistenceOperationType.LOCK, filePath, {}, async (operation) => {
      const location = await store.resolve(filePath, operation);
      const state = await store.locks.status(location, operation);
      const { isLocked, lockId, acquiredAt, expiresAt, holder, canBeTaken } = state;
      return {
        isLocked,
        filePath,
        canBreakLock: canBeTaken,
        ...(lockId === undefined ? {} : { lockId }),
        ...(acquiredAt === undefined ? {} : { lockedAt: acquiredAt }),
        ...(expiresAt === undefined ? {} : { expiresAt }),
        ...(holder === undefined ? {} : { lockedBy: holder }),
        ...(isLocked ? { lockType: LockType.EXCLUSIVE } : {}),
      };
    });
  }

  async #take(filePath: string, timeoutMs: number, operation: Operation): Promise<Lease> {
    const { store, locks } = this.#parts;
    const location = await store.resolve(filePath, operation);
    const { lease } = await locks.acquire(location, { timeoutMs, signal: operation.signal });
    return lease;
  }

  #run<T>(
    operationType: PersistenceOperationType,
    filePath: string,
    options: OperationOptions,
    body: (operation: Operation) => Promise<T>,
  ): Promise<T> {
    return this.#parts.operations.wait({ operationType, filePath, options }, body);
  }
}

/** Its own timeout is the limit; what else it does may take as long as any operation. */
function limitsFor(timeoutMs: number): OperationOptions {
  return { timeout: timeoutMs + PERFORMANCE_LIMITS.MAX_OPERATION_TIME_MS };
}
