/** How much of damaged contents is kept: evidence must not fill the disk. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Commit, CommitHandler } from '../engine/ContentCommitter.js';
import { PersistenceError } from '../errors/PersistenceError.js';
import { isSystemError } from '../errors/StorageError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Snapshot } from '../storage/port/Snapshot.js';

const { MAX_QUARANTINED } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

/** Those in quarantine that are too many; `snapshots` are newest first. */
export function surplusQuarantine(snapshots: readonly Snapshot[]): Snapshot[] {
  return snapshots.filter(({ role }) => role === 'quarantine').slice(MAX_QUARANTINED);
}

/** Removes what is too many right after a change: a process that ends early never comes to its maintenance. */
export function boundsQuarantine({ snapshots }: ConfigStore): CommitHandler {
  return async ({ location, receipt, guard, operation }: Commit) => {
    if (receipt.kept?.role !== 'quarantine') return;
    try {
      const surplus = surplusQuarantine(await snapshots.list(snapshots.setOf(location), operation));
      if (surplus.length > 0) await snapshots.remove(surplus, guard, operation);
    } catch (error) {
      // The change is committed; the next maintenance tries again.
      if (!(error instanceof PersistenceError) && !isSystemError(error)) throw error;
    }
  };
}
