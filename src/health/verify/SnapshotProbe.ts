/** Opens kept contents to see whether they are what was kept. */
import type { SnapshotReader } from '../../backup/SnapshotReader.js';
import { PersistenceError, hasErrorCode } from '../../errors/PersistenceError.js';
import { isSystemError } from '../../errors/StorageError.js';
import type { ConfigStore } from '../../storage/port/ConfigStore.js';
import type { SnapshotSet } from '../../storage/port/Snapshot.js';
import type { InspectedEntry } from '../../storage/port/StoreInspection.js';
import { assertOngoing, type Work } from '../../storage/port/Work.js';
import type { SurveyedSet } from '../survey/Survey.js';

export interface OpenedOutcome {
  readonly contentBytes: number;
  readonly problem?: { readonly code: string; readonly message: string };
}

/** Undefined where it is gone. */
export type Open = (entry: InspectedEntry, work: Work) => Promise<OpenedOutcome | undefined>;

export class SnapshotProbe {
  readonly #store: ConfigStore;
  readonly #snapshots: SnapshotReader;

  constructor(store: ConfigStore, snapshots: SnapshotReader) {
    this.#store = store;
    this.#snapshots = snapshots;
  }

  /** For the contents of one configuration, which are listed once. */
  async opener({ key, area }: SurveyedSet, work: Work): Promise<Open> {
    const { snapshots } = this.#store;
    const set: SnapshotSet = { key };
    const all = await (area === 'archive' ? snapshots.listArchived(set, work) : snapshots.list(set, work));
    const byPath = new Map(all.map((snapshot) => [snapshot.path, snapshot]));
    return async ({ path }) => {
      const snapshot = byPath.get(path);
      if (snapshot === undefined) return undefined;
      try {
        return { contentBytes: (await this.#snapshots.open(snapshot, work)).content.length };
      } catch (error) {
        assertOngoing(work);
        if (hasErrorCode(error, 'ERR_BACKUP_NOT_FOUND')) return undefined;
        if (error instanceof PersistenceError || isSystemError(error)) {
          return { contentBytes: 0, problem: { code: error.code, message: error.message } };
        }
        throw error;
      }
    };
  }
}
