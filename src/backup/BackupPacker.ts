/**
 * Compresses and encrypts snapshots that lie there otherwise.
 *
 * The work is done without the lock; only the exchange of the files is under it. A crash in between leaves the unpacked
 * snapshot, or both, of which the packed one counts.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { lockPatience } from '../engine/lockPatience.js';
import type { Operation } from '../engine/Operation.js';
import { underLease } from '../engine/underLease.js';
import { hasErrorCode, PersistenceError } from '../errors/PersistenceError.js';
import { storageError } from '../errors/StorageError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { ConfigStore, Location } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotPacking } from '../storage/port/SnapshotStore.js';
import type { SnapshotVault } from './SnapshotVault.js';

const { TENDING_LOCK_TIMEOUT_MS } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

export interface PackerParts {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly vault: SnapshotVault;
}

export interface PackingOutcome {
  readonly packed: readonly Snapshot[];
  readonly unchanged: readonly Snapshot[];
  readonly failed: readonly { readonly snapshot: Snapshot; readonly error: Error }[];
}

/** How a snapshot should be packed; undefined where it should stay as it is. */
export type WantedPacking = (snapshot: Snapshot) => SnapshotPacking | undefined | Promise<SnapshotPacking | undefined>;

export interface PackingRequest {
  readonly location: Location;
  readonly wanted: WantedPacking;
  /** Those in the archive too. Default: no. */
  readonly includesArchived?: boolean;
  /** How long each exchange may wait for the lock. Default: as long as background work does. */
  readonly lockTimeout?: number;
}

export class BackupPacker {
  readonly #parts: PackerParts;

  constructor(parts: PackerParts) {
    this.#parts = parts;
  }

  /** All snapshots of a configuration; one that cannot be opened stays as it is and keeps the others from nothing. */
  async packAll(request: PackingRequest, operation: Operation): Promise<PackingOutcome> {
    const packed: Snapshot[] = [];
    const unchanged: Snapshot[] = [];
    const failed: { snapshot: Snapshot; error: Error }[] = [];
    for (const snapshot of await this.#subjects(request, operation)) {
      operation.checkpoint();
      try {
        const packing = await request.wanted(snapshot);
        const isPacked = packing !== undefined && (await this.#repack(snapshot, packing, request, operation));
        (isPacked ? packed : unchanged).push(snapshot);
      } catch (error) {
        operation.checkpoint();
        const failure = storageError(error, { filePath: snapshot.path });
        if (!(failure instanceof PersistenceError)) throw failure;
        // Pruned or packed by another process meanwhile: nothing is left to do.
        if (hasErrorCode(failure, 'ERR_BACKUP_NOT_FOUND')) continue;
        failed.push({ snapshot, error: failure });
        // The others would only wait for the same lock.
        if (hasErrorCode(failure, 'ERR_LOCK_TIMEOUT')) break;
      }
    }
    return { packed, unchanged, failed };
  }

  async #subjects({ location, includesArchived }: PackingRequest, operation: Operation): Promise<Snapshot[]> {
    const { snapshots } = this.#parts.store;
    const place = snapshots.placeOf(location);
    const archived = includesArchived === true ? await snapshots.listArchived(place, operation) : [];
    return [...(await snapshots.list(place, operation)), ...archived];
  }

  async #repack(
    snapshot: Snapshot,
    packing: SnapshotPacking,
    { location, lockTimeout }: PackingRequest,
    operation: Operation,
  ): Promise<boolean> {
    const { store, vault, locks } = this.#parts;
    const { content } = await vault.open(snapshot, operation);
    const bytes = await vault.pack(content, packing, snapshot.id);
    const patience = lockPatience({}, operation, lockTimeout ?? TENDING_LOCK_TIMEOUT_MS);
    const repacked = await locks.withLock(location, patience, (lease) =>
      store.snapshots.repack(snapshot, bytes, packing, underLease(lease, operation)),
    );
    return repacked !== undefined;
  }
}
