/** Finds the snapshots of configurations: by path, by key and by id. */
import { PersistenceError, persistenceError } from '../errors/PersistenceError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotSet } from '../storage/port/Snapshot.js';
import { assertOngoing, type Work } from '../storage/port/Work.js';

export interface FoundSnapshot {
  readonly snapshot: Snapshot;
  readonly set: SnapshotSet;
}

export class BackupSets {
  readonly #store: ConfigStore;

  constructor(store: ConfigStore) {
    this.#store = store;
  }

  /** The set of one configuration, or those of all that have backups. */
  async of(filePath: string | undefined, work: Work): Promise<readonly SnapshotSet[]> {
    const { snapshots } = this.#store;
    if (filePath !== undefined) return [snapshots.setOf(await this.#store.resolve(filePath, work))];
    const sets: SnapshotSet[] = [];
    for (const key of await snapshots.keys(work)) {
      assertOngoing(work);
      sets.push(await this.#ofKey(key, work));
    }
    return sets;
  }

  /** The name of the configuration that a backup is of, where this instance has met it. Looks at nothing. */
  knownNameOf(backupId: unknown): string | undefined {
    const { snapshots } = this.#store;
    const key = snapshots.keyOf(backupId);
    return key === undefined ? undefined : snapshots.knownNameOf(key);
  }

  /** In the archive too. @throws PersistenceError `ERR_BACKUP_NOT_FOUND`, also for what is no id at all. */
  async find(backupId: unknown, work: Work): Promise<FoundSnapshot> {
    const { snapshots } = this.#store;
    const key = snapshots.keyOf(backupId);
    if (key === undefined) throw persistenceError('ERR_BACKUP_NOT_FOUND', 'it is no id that listBackups gives');
    const set = await this.#ofKey(key, work);
    const isIt = ({ id }: Snapshot): boolean => id === backupId;
    const snapshot =
      (await snapshots.list(set, work)).find(isIt) ?? (await snapshots.listArchived(set, work)).find(isIt);
    if (snapshot !== undefined) return { snapshot, set };
    throw persistenceError('ERR_BACKUP_NOT_FOUND', 'it was removed, or is in another folder; list the backups again');
  }

  /** Without its location where nothing tells it, or it may not be touched. */
  async #ofKey(key: string, work: Work): Promise<SnapshotSet> {
    const name = await this.#store.snapshots.nameOf(key, work);
    if (name === undefined) return { key };
    try {
      return { key, location: await this.#store.resolve(name, work) };
    } catch (error) {
      if (error instanceof PersistenceError) return { key };
      throw error;
    }
  }
}
