/**
 * Removes what is kept of one configuration, such as after a key has leaked: backups, the contents of versions, damaged files
 * in quarantine, what killed writers have left. The configuration itself stays, and so do its records, which hold no values.
 *
 * It removes under the lock, once, and reads back what is left: whatever could not be removed is told with its path.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ForgetHistoryResult, UnreachedContent } from '../../interfaces/backups.js';
import { PersistenceOperationType } from '../../interfaces/enums.js';
import type { ForgetHistoryOptions } from '../../interfaces/options.js';
import type { ConfigurationReader } from '../engine/ConfigurationReader.js';
import { resultOf } from '../engine/ContentCommitter.js';
import type { Operation } from '../engine/Operation.js';
import type { Operations } from '../engine/Operations.js';
import { persistenceError, PersistenceError } from '../errors/PersistenceError.js';
import { isSystemError } from '../errors/StorageError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotRole, SnapshotSet } from '../storage/port/Snapshot.js';
import type { Guard, Location } from '../storage/port/Work.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface HistoryEraserParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly reader: ConfigurationReader;
  /** Exports of this configuration that lie in the archive folder: their makers, and not this, know who needs them. */
  readonly exportsOf: (location: Location) => readonly string[];
  /** Told when something has changed, so that the present content is kept anew where the options say so. */
  readonly onForgotten: (location: Location) => void;
}

export class HistoryEraser {
  readonly #parts: HistoryEraserParts;

  constructor(parts: HistoryEraserParts) {
    this.#parts = parts;
  }

  /** @throws PersistenceError `ERR_INTEGRITY` where the file is damaged or gone; what is kept may be all that is left then. */
  forget(filePath: string, options: ForgetHistoryOptions): Promise<ForgetHistoryResult> {
    const { store, operations, onForgotten } = this.#parts;
    return operations.change(
      { operationType: PersistenceOperationType.CLEANUP, filePath, options },
      store.nameOf(filePath),
      async (operation) => ({ location: await store.resolve(filePath, operation) }),
      async ({ location }, guard, operation) => {
        const result = await this.#forgetOne(location, options.before ?? Infinity, guard, operation);
        onForgotten(location);
        return result;
      },
    );
  }

  async #forgetOne(
    location: Location,
    before: number,
    guard: Guard,
    operation: Operation,
  ): Promise<ForgetHistoryResult> {
    const { store, exportsOf } = this.#parts;
    const set = store.snapshots.setOf(location);
    await store.snapshots.sweep(set, guard, operation);
    const meant = (await this.#all(set, operation)).filter(({ createdAt }) => createdAt < before);
    if (meant.length > 0) await this.#assertHealthy(location, operation);
    await store.inspection?.clearLeftovers(location, guard, operation);
    const reason = await reasonOf(() => store.snapshots.remove(meant, guard, operation));
    const left = new Set((await this.#all(set, operation)).map(({ path }) => path));
    const isGone = ({ path }: Snapshot): boolean => !left.has(path);
    const removed = meant.filter(isGone);
    const unreached: UnreachedContent[] = [
      ...meant
        .filter((one) => !isGone(one))
        .map(({ path }) => ({ path, reason: reason ?? WARNING_MESSAGES.STILL_THERE })),
      ...exportsOf(location).map((path) => ({ path, reason: WARNING_MESSAGES.EXPORT_STAYS })),
    ];
    const idsOf = (role: SnapshotRole): string[] => removed.filter((one) => one.role === role).map(({ id }) => id);
    return {
      ...resultOf(operation, { warnings: [WARNING_MESSAGES.BEYOND_REACH] }, { success: reason === undefined }),
      removedBackups: idsOf('backup'),
      removedVersions: idsOf('version'),
      removedDamaged: idsOf('quarantine'),
      reclaimedSpaceBytes: removed.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
      unreached,
    };
  }

  async #all(set: SnapshotSet, operation: Operation): Promise<readonly Snapshot[]> {
    const { snapshots } = this.#parts.store;
    return [...(await snapshots.list(set, operation)), ...(await snapshots.listArchived(set, operation))];
  }

  async #assertHealthy(location: Location, operation: Operation): Promise<void> {
    if (await this.#parts.reader.isHealthy(location, operation)) return;
    const reason =
      'the file is damaged or gone, so what is kept may be all that is left; restore it or delete it first';
    throw persistenceError('ERR_INTEGRITY', reason);
  }
}

/** Why it could not be done to its end; undefined where it was. */
async function reasonOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    // A holder that lost its lock, or whose caller gave up, has nothing more to tell of.
    if (error instanceof PersistenceError || !isSystemError(error)) throw error;
    return error.code;
  }
}
