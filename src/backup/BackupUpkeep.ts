/** The upkeep of backups that a user asks for: applying the retention policy, and bringing them under another key. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { CleanupResult, RotationResult } from '../../interfaces/backups.js';
import { PersistenceOperationType, RetentionAction } from '../../interfaces/enums.js';
import type { CleanupOptions, MutationOptions } from '../../interfaces/options.js';
import type { Operation } from '../engine/Operation.js';
import type { Operations } from '../engine/Operations.js';
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import { storageError } from '../errors/StorageError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotPacking, SnapshotSet } from '../storage/port/Snapshot.js';
import type { BackupCleanup } from './BackupCleanup.js';
import type { BackupSets } from './BackupSets.js';
import type { BackupPacker } from './maintenance/BackupPacker.js';
import type { CleanupPlan } from './planCleanup.js';
import { policyProblem } from './retention/checkPolicy.js';
import { retentionForCount, type RetentionSettings } from './RetentionSettings.js';
import type { SnapshotReader } from './SnapshotReader.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface BackupUpkeepParts {
  readonly store: ConfigStore;
  readonly operations: Operations;
  readonly sets: BackupSets;
  readonly snapshots: SnapshotReader;
  readonly cleanup: BackupCleanup;
  readonly packer: BackupPacker;
  readonly retention: () => RetentionSettings;
}

interface Outcome {
  success: boolean;
  errors?: string[];
}

export class BackupUpkeep {
  readonly #parts: BackupUpkeepParts;

  constructor(parts: BackupUpkeepParts) {
    this.#parts = parts;
  }

  /**
   * Prunes each configuration's backups by themselves. A failure with one of several is told in `errors` and keeps the
   * others from nothing.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` for a count that is none.
   */
  async cleanUp(retentionCount: number | undefined, options: CleanupOptions): Promise<CleanupResult> {
    const problem = retentionCount === undefined ? undefined : policyProblem({ maxCount: retentionCount });
    if (problem !== undefined) throw persistenceError('ERR_INVALID_OPTION', `the retention count: ${problem}`);
    const { operations, sets, retention } = this.#parts;
    const { filePath } = options;
    const inForce = retention();
    const settings = retentionCount === undefined ? inForce : retentionForCount(inForce, retentionCount);
    const context = { operationType: PersistenceOperationType.CLEANUP, filePath: filePath ?? '', options };
    return operations.query(context, async (operation) => {
      const result = emptyCleanup();
      for (const set of await sets.of(filePath, operation)) {
        operation.checkpoint();
        try {
          await operation.enterSlot();
          await this.#cleanUpOne(set, settings, options, result, operation);
        } catch (error) {
          const wrapped = storageError(error, { filePath: set.location?.given ?? set.key });
          if (filePath !== undefined || !(wrapped instanceof PersistenceError)) throw wrapped;
          addError(result, wrapped.message);
        }
      }
      return result;
    });
  }

  /**
   * Brings backups under the current key; those that are plain or in the archive too. Going on after a crash is calling it again.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` where no key is configured.
   */
  async rotate(filePath: string | undefined, options: MutationOptions): Promise<RotationResult> {
    const { operations, sets, packer, snapshots } = this.#parts;
    if (!snapshots.isEncrypting) {
      const reason = 'encryption is not configured, so there is no key to bring the backups under';
      throw persistenceError('ERR_INVALID_OPTION', reason);
    }
    const context = { operationType: PersistenceOperationType.BACKUP, filePath: filePath ?? '', options };
    return operations.query(context, async (operation) => {
      const result: RotationResult = { success: true, rotated: [], unchanged: [] };
      const wanted = async (snapshot: Snapshot): Promise<SnapshotPacking | undefined> => {
        const packing = { isCompressed: snapshot.isCompressed, isEncrypted: true };
        return (await snapshots.isPackedAs(snapshot, packing, operation)) ? undefined : packing;
      };
      for (const set of await sets.of(filePath, operation)) {
        const { location } = set;
        if (location === undefined) {
          await this.#addOrphans(set, result, operation);
          continue;
        }
        const request = { location, wanted, includesArchived: true };
        const { packed, unchanged, failed } = await packer.packAll(request, operation);
        result.rotated.push(...packed.map(({ id }) => id));
        result.unchanged.push(...unchanged.map(({ id }) => id));
        for (const { snapshot, error } of failed) addError(result, `${snapshot.id}: ${error.message}`);
      }
      return result;
    });
  }

  /** Whose file nobody knows any more; a folder of somebody else that only has a name like ours holds none. */
  async #addOrphans(set: SnapshotSet, result: Outcome, operation: Operation): Promise<void> {
    const orphans = await this.#parts.store.snapshots.list(set, operation);
    if (orphans.length > 0) addError(result, `${set.key}: ${WARNING_MESSAGES.ORPHANED_BACKUPS}`);
  }

  async #cleanUpOne(
    set: SnapshotSet,
    { policy, mergeWindowMs }: Pick<RetentionSettings, 'policy' | 'mergeWindowMs'>,
    options: CleanupOptions,
    result: CleanupResult,
    operation: Operation,
  ): Promise<void> {
    const { store, cleanup, snapshots, packer, retention } = this.#parts;
    const { isCompressing } = retention();
    const { location } = set;
    const request = { policy, mergeWindowMs, isAutomatic: false };
    if (location === undefined) return this.#addOrphans(set, result, operation);
    if (options.dryRun === true) {
      addPlan(result, await cleanup.plan(location, request, operation), 0);
      return;
    }
    const encrypted = (snapshot: Snapshot): SnapshotPacking | undefined =>
      snapshot.isEncrypted ? undefined : { isCompressed: snapshot.isCompressed || isCompressing, isEncrypted: true };
    // Before anything is archived as it lies there.
    if (snapshots.isEncrypting) await packer.packAll({ location, wanted: encrypted }, operation);
    const compressed = await operation.underLock(location, async (guard) => {
      await store.snapshots.sweep(set, guard, operation);
      const { verified } = await snapshots.verifyAll(set, operation);
      await snapshots.record(set, verified, guard, operation);
      const known = new Map(verified.map(({ snapshot, manifest }) => [snapshot.id, manifest]));
      const plan = await cleanup.plan(location, { ...request, known }, operation);
      addPlan(result, plan, await cleanup.apply(plan, guard, operation));
      return plan.compressed;
    });
    const wanted = ({ id, isCompressed, isEncrypted }: Snapshot): SnapshotPacking | undefined =>
      compressed.has(id) && !isCompressed && !isEncrypted ? { isCompressed: true, isEncrypted } : undefined;
    if (compressed.size > 0) await packer.packAll({ location, wanted }, operation);
  }
}

function emptyCleanup(): CleanupResult {
  return {
    success: true,
    deletedBackupsCount: 0,
    reclaimedSpaceBytes: 0,
    retainedBackupsCount: 0,
    deletedBackups: [],
    archivedBackups: [],
    retainedBackups: [],
    decisions: [],
  };
}

function addPlan(result: CleanupResult, { decisions }: CleanupPlan, reclaimed: number): void {
  for (const decision of decisions) {
    result.decisions.push(decision);
    if (decision.action === RetentionAction.DELETE) result.deletedBackups.push(decision.backupId);
    else if (decision.action === RetentionAction.ARCHIVE) result.archivedBackups.push(decision.backupId);
    else result.retainedBackups.push(decision.backupId);
  }
  result.deletedBackupsCount = result.deletedBackups.length;
  result.retainedBackupsCount = result.retainedBackups.length;
  result.reclaimedSpaceBytes += reclaimed;
}

function addError(result: Outcome, message: string): void {
  result.success = false;
  result.errors = [...(result.errors ?? []), message];
}
