/** How much of damaged contents is kept: evidence must not fill the disk. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { Snapshot } from '../storage/port/SnapshotStore.js';

const { MAX_QUARANTINED } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

/** Those in quarantine that are too many; `snapshots` are newest first. */
export function surplusQuarantine(snapshots: readonly Snapshot[]): Snapshot[] {
  return snapshots.filter(({ role }) => role === 'quarantine').slice(MAX_QUARANTINED);
}
