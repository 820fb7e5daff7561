/**
 * Changes many configurations as one: all of them, or none.
 *
 * 1. What they will hold, and what they hold now, is staged in one file.
 * 2. The plan is published. From now on the import is finished or undone, by this process or by the next that asks.
 * 3. Each configuration is changed under its own lock, where it still holds what it held.
 * 4. The plan is removed, then the staged file.
 *
 * Where one cannot be changed, the plan is replaced by one that says so, and what was changed goes back. Readers of single
 * configurations may see some of them changed and some not yet in between. All of it happens under a lock of the plan.
 */
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../../interfaces/enums.js';
import type { MutationOptions } from '../../../interfaces/options.js';
import type { Operation } from '../../engine/Operation.js';
import { hasErrorCode, PersistenceError, persistenceError } from '../../errors/PersistenceError.js';
import type { Guard, Location, Work } from '../../storage/port/Work.js';
import { forEachBounded } from '../concurrency.js';
import { readAll } from '../importInput.js';
import type { TransferParts } from '../TransferParts.js';
import { applyChange, takeBack, type Applied, type ReadStaged } from './applyChange.js';
import { formatPlan, isStagedName, parsePlan, type ImportPlan, type PlannedChange } from './ImportPlan.js';
import { publishDurably, withStaged } from './StagedContents.js';

const { IMPORT_PLAN, WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** Told of each configuration that was changed. */
export type OnChanged = (change: PlannedChange, applied: Applied) => void;

export class ImportSet {
  readonly #parts: TransferParts;
  readonly #planPath: string;

  constructor(parts: TransferParts) {
    this.#parts = parts;
    this.#planPath = join(parts.settings.tempDirectory, IMPORT_PLAN.NAME);
  }

  /** Whether an import was interrupted, or runs now. */
  isInterrupted(): boolean {
    const { exchange, settings } = this.#parts;
    const names = exchange.namesNow(settings.tempDirectory);
    return names.some((name) => name === IMPORT_PLAN.NAME || isStagedName(name));
  }

  /** Under the lock that one import at a time has; what was interrupted before is dealt with first, and told as warnings. */
  async exclusively<T>(operation: Operation, work: (warnings: string[]) => Promise<T>): Promise<T> {
    const location = await this.#parts.store.resolve(this.#planPath, operation);
    return operation.underLock(location, async () => {
      const warnings = await this.#recover(operation);
      await this.#sweep(operation);
      return work(warnings);
    });
  }

  /**
   * Makes all changes of a plan whose contents are staged and published.
   *
   * @throws what kept one of them from being made; none is made then. `ERR_IMPORT_INTERRUPTED` where that failed too: the
   *   next import goes on.
   */
  async commit(plan: ImportPlan, options: MutationOptions, operation: Operation, onChanged: OnChanged): Promise<void> {
    await this.#announce(plan, operation);
    try {
      await this.#finish(plan, options, operation, onChanged);
    } catch (error) {
      await this.#undoAfter(error, plan, operation);
      throw error;
    }
    try {
      await this.#end(plan, operation);
    } catch {
      // All of it has happened. The next import finds a plan in which nothing is left to do.
    }
  }

  /** Makes the plan count, durably or not at all. */
  async #announce(plan: ImportPlan, operation: Operation): Promise<void> {
    try {
      await this.#publish(plan, operation);
    } catch (error) {
      try {
        await this.#end(plan, unlimited(operation));
      } catch (cause) {
        throw interrupted(cause);
      }
      throw error;
    }
  }

  async #recover(operation: Operation): Promise<string[]> {
    if (!this.#parts.exchange.exists(this.#planPath)) return [];
    const plan = await this.#readPlan(operation);
    const about = `${plan.importedFrom} (${plan.changes.length} configurations)`;
    if (plan.phase === 'finish') {
      try {
        await this.#finish(plan, {}, operation, () => undefined);
        await this.#end(plan, operation);
        return [`${WARNING_MESSAGES.IMPORT_FINISHED}: ${about}`];
      } catch (error) {
        operation.checkpoint();
        // Somebody is at work with one of the files, and it may go on later; whatever else it is would come again.
        if (hasErrorCode(error, 'ERR_LOCK_TIMEOUT')) throw interrupted(error);
      }
    }
    let left: readonly string[];
    try {
      left = await this.#undo(plan, operation);
    } catch (cause) {
      throw interrupted(cause);
    }
    const others = left.length === 0 ? '' : `; ${left.join(', ')}: ${WARNING_MESSAGES.NOT_UNDONE}`;
    return [`${WARNING_MESSAGES.IMPORT_UNDONE}: ${about}${others}`];
  }

  async #finish(plan: ImportPlan, options: MutationOptions, operation: Operation, onChanged: OnChanged): Promise<void> {
    const { maxConcurrent } = this.#parts.settings;
    await withStaged(this.#parts, plan.staged, operation, async (read) => {
      // Each change takes a slot of its own.
      operation.leaveSlot();
      await forEachBounded(plan.changes, maxConcurrent, async (change) => {
        const applied = await this.#change(change, options, (location, guard, own) =>
          applyChange(this.#parts, location, change, read, guard, own),
        );
        onChanged(change, applied);
      });
      await operation.enterSlot();
    });
  }

  async #undoAfter(failure: unknown, plan: ImportPlan, operation: Operation): Promise<void> {
    try {
      const left = await this.#undo(plan, operation);
      if (left.length > 0 && failure instanceof PersistenceError) {
        failure.message = `${failure.message}. ${left.join(', ')}: ${WARNING_MESSAGES.NOT_UNDONE}`;
      }
    } catch (cause) {
      const reason =
        'it failed half-way, and could not be undone now; the next import, or the next start, goes on with that';
      throw persistenceError('ERR_IMPORT_INTERRUPTED', reason, { cause });
    }
  }

  /** @returns the configurations that somebody else has changed meanwhile. */
  async #undo(plan: ImportPlan, operation: Operation): Promise<string[]> {
    const undoing: ImportPlan = { ...plan, phase: 'undo' };
    const work = unlimited(operation);
    if (plan.phase !== 'undo') await this.#publish(undoing, work);
    const left: string[] = [];
    const run = (read: ReadStaged): Promise<void> =>
      forEachBounded([...plan.changes].reverse(), this.#parts.settings.maxConcurrent, async (change) => {
        const isBack = await this.#change(change, {}, (location, guard, own) =>
          takeBack(this.#parts, location, change, read, guard, own),
        );
        if (!isBack) left.push(change.filePath);
      });
    operation.leaveSlot();
    await withStaged(this.#parts, plan.staged, work, run);
    await this.#end(plan, work);
    return left;
  }

  #change<T>(
    { filePath }: PlannedChange,
    options: MutationOptions,
    work: (location: Location, guard: Guard, operation: Operation) => Promise<T>,
  ): Promise<T> {
    const { operations, store } = this.#parts;
    return operations.change(
      { operationType: PersistenceOperationType.IMPORT, filePath, options },
      store.nameOf(filePath),
      async (operation) => ({ location: await store.resolve(filePath, operation) }),
      ({ location }, guard, operation) => work(location, guard, operation),
    );
  }

  async #publish(plan: ImportPlan, work: Work): Promise<void> {
    const draft = await this.#parts.exchange.create(this.#planPath, plan.phase === 'undo', work);
    try {
      await draft.write(formatPlan(plan));
      await publishDurably(draft);
    } finally {
      await draft.discard();
    }
  }

  async #readPlan(operation: Operation): Promise<ImportPlan> {
    const file = await this.#parts.exchange.open(this.#planPath, IMPORT_PLAN.MAX_BYTES, operation);
    try {
      return parsePlan(await readAll(file, IMPORT_PLAN.MAX_BYTES), this.#planPath);
    } finally {
      await file.close();
    }
  }

  /** The plan first: contents without a plan are swept, a plan without contents would say what nobody can do. */
  async #end({ staged }: ImportPlan, work: Work): Promise<void> {
    const { exchange, settings } = this.#parts;
    await exchange.remove(this.#planPath, work);
    await exchange.remove(join(settings.tempDirectory, staged), work);
  }

  /** Contents whose plan was never published, or is removed. */
  async #sweep(operation: Operation): Promise<void> {
    const { exchange, settings } = this.#parts;
    for (const name of exchange.namesNow(settings.tempDirectory)) {
      if (isStagedName(name)) await exchange.remove(join(settings.tempDirectory, name), operation);
    }
  }
}

/** What undoes a change must not end because the caller has given up, or the time is over. */
function unlimited({ diskIO }: Operation): Work {
  return { signal: new AbortController().signal, deadline: Infinity, diskIO };
}

function interrupted(cause: unknown): Error {
  const reason =
    'it failed half-way, and could not be undone now; the next import, or the next start, goes on with that';
  return persistenceError('ERR_IMPORT_INTERRUPTED', reason, { cause });
}
