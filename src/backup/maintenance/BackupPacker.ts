/**
 * Compresses and encrypts snapshots that lie there otherwise.
 *
 * The work is done without the lock; only the exchange of the files is under it. A crash in between leaves the unpacked
 * snapshot, or both, of which the packed one counts.
 */
import type { Operation } from '../../engine/Operation.js';
import { hasErrorCode, PersistenceError } from '../../errors/PersistenceError.js';
import { storageError } from '../../errors/StorageError.js';
import type { ConfigStore } from '../../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotPacking } from '../../storage/port/Snapshot.js';
import type { Location } from '../../storage/port/Work.js';
import type { SnapshotReader } from '../SnapshotReader.js';

export interface PackerParts {
  readonly store: ConfigStore;
  readonly snapshots: SnapshotReader;
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
  /** How long each exchange may wait for the lock, in milliseconds. Default: as the operation says. */
  readonly lockTimeoutMs?: number;
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
        await operation.enterSlot();
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
    const set = snapshots.setOf(location);
    const archived = includesArchived === true ? await snapshots.listArchived(set, operation) : [];
    return [...(await snapshots.list(set, operation)), ...archived];
  }

  async #repack(
    snapshot: Snapshot,
    packing: SnapshotPacking,
    { location, lockTimeoutMs }: PackingRequest,
    operation: Operation,
  ): Promise<boolean> {
    const { store, snapshots } = this.#parts;
    const { content } = await snapshots.open(snapshot, operation);
    const bytes = await snapshots.pack(content, packing, snapshot.id);
    const repacked = await operation.underLock(
      location,
      (guard) => store.snapshots.repack(snapshot, { bytes, packing }, guard, operation),
      lockTimeoutMs,
    );
    return repacked !== undefined;
  }
}
