/** Finds where the backups of configurations are, by path, by key and by id. */
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import type { ConfigStore, Work } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotPlace } from '../storage/port/SnapshotStore.js';

export interface FoundSnapshot {
  readonly snapshot: Snapshot;
  readonly place: SnapshotPlace;
}

export class BackupPlaces {
  readonly #store: ConfigStore;

  constructor(store: ConfigStore) {
    this.#store = store;
  }

  /** The place of one configuration, or of all that have backups. */
  async of(filePath: string | undefined, work: Work): Promise<readonly SnapshotPlace[]> {
    const { snapshots } = this.#store;
    if (filePath !== undefined) return [snapshots.placeOf(await this.#store.locate(filePath, work))];
    const places: SnapshotPlace[] = [];
    for (const key of await snapshots.keys(work)) {
      work.checkpoint();
      places.push(await this.#ofKey(key, work));
    }
    return places;
  }

  /** The file that a backup is of, where this instance has met it. Looks at nothing. */
  knownPathOf(backupId: unknown): string | undefined {
    const { snapshots } = this.#store;
    const key = snapshots.keyOf(backupId);
    return key === undefined ? undefined : snapshots.knownPathOf(key);
  }

  /** In the archive too. @throws PersistenceError `ERR_BACKUP_NOT_FOUND`, also for what is no id at all. */
  async find(backupId: unknown, work: Work): Promise<FoundSnapshot> {
    const { snapshots } = this.#store;
    const key = snapshots.keyOf(backupId);
    if (key === undefined) throw persistenceError('ERR_BACKUP_NOT_FOUND', 'it is no id that listBackups gives');
    const place = await this.#ofKey(key, work);
    const isIt = ({ id }: Snapshot): boolean => id === backupId;
    const snapshot =
      (await snapshots.list(place, work)).find(isIt) ?? (await snapshots.listArchived(place, work)).find(isIt);
    if (snapshot !== undefined) return { snapshot, place };
    throw persistenceError('ERR_BACKUP_NOT_FOUND', 'it was removed, or is in another folder; list the backups again');
  }

  /** Without its location where nothing tells it, or it may not be touched. */
  async #ofKey(key: string, work: Work): Promise<SnapshotPlace> {
    const path = await this.#store.snapshots.pathOf(key, work);
    if (path === undefined) return { key };
    try {
      return { key, location: await this.#store.locate(path, work) };
    } catch (error) {
      if (error instanceof PersistenceError) return { key };
      throw error;
    }
  }
}
