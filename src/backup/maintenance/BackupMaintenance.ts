/**
 * Looks after the snapshots of one configuration: verifies them, describes them, prunes them, compresses and encrypts the
 * rest.
 *
 * All of this is off the save's path; `MaintenanceSchedule` says when. Each step is complete by itself: after a crash the
 * next maintenance goes on with what it finds.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { IssueSeverity, RetentionStrategy } from '../../../interfaces/enums.js';
import type { PersistenceAlert } from '../../../interfaces/messages.js';
import type { Operation } from '../../engine/Operation.js';
import { hasErrorCode } from '../../errors/PersistenceError.js';
import type { ConfigStore } from '../../storage/port/ConfigStore.js';
import type { DescribedSnapshot, Snapshot, SnapshotSet } from '../../storage/port/Snapshot.js';
import type { Location } from '../../storage/port/Work.js';
import type { BackupCleanup } from '../BackupCleanup.js';
import type { BackupMaker, PreparedSnapshot } from '../BackupMaker.js';
import { partOf } from '../planCleanup.js';
import { isOfStrategy } from '../retention/strategies.js';
import type { RetentionSettings } from '../RetentionSettings.js';
import type { SnapshotReader } from '../SnapshotReader.js';
import type { BackupPacker, WantedPacking } from './BackupPacker.js';

const { MAINTENANCE_LOCK_TIMEOUT_MS, PRUNED_AT_ONCE, PRUNED_SHARE, PRUNING_PAUSE_MS } =
  CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;

const DAMAGE = ['ERR_BACKUP_DAMAGED', 'ERR_BACKUP_MISMATCH', 'ERR_NOT_ENCRYPTED'] as const;

export interface BackupMaintenanceParts {
  readonly store: ConfigStore;
  readonly snapshots: SnapshotReader;
  readonly cleanup: BackupCleanup;
  readonly packer: BackupPacker;
  readonly maker: BackupMaker;
  /** Whether the present content is copied for the history. */
  readonly keepsPresent: boolean;
  readonly retention: () => RetentionSettings;
  readonly alert: (alert: PersistenceAlert) => void;
}

/** What has been prepared without the lock. */
interface Prepared {
  readonly set: SnapshotSet;
  readonly location: Location;
  readonly verified: readonly DescribedSnapshot[];
  readonly present: PreparedSnapshot | undefined;
}

export class BackupMaintenance {
  readonly #parts: BackupMaintenanceParts;
  /** Ids of damaged backups, each of which is told of once. */
  readonly #told = new Set<string>();

  constructor(parts: BackupMaintenanceParts) {
    this.#parts = parts;
  }

  async run(location: Location, operation: Operation): Promise<void> {
    const { store, packer, maker, snapshots, keepsPresent } = this.#parts;
    const { policy, isCompressing } = this.#parts.retention();
    const set = store.snapshots.setOf(location);
    const packing = { isCompressing, isEncrypting: snapshots.isEncrypting };
    const packAll = async (compressed: ReadonlySet<string>): Promise<void> => {
      const wanted = packingOf(packing, compressed);
      await packer.packAll({ location, wanted, lockTimeoutMs: MAINTENANCE_LOCK_TIMEOUT_MS }, operation);
    };
    // Before anything is archived as it lies there, or judged by its size.
    const isSizeOfUse = isOfStrategy(policy, RetentionStrategy.SIZE_BASED, RetentionStrategy.PRIORITY_BASED);
    if (snapshots.isEncrypting || isSizeOfUse) await packAll(new Set());
    const { verified, unreadable } = await snapshots.verifyAll(set, operation);
    for (const { snapshot, error } of unreadable) this.#tellOf(snapshot, error, location);
    const present = keepsPresent ? await maker.draftPresent(set, location, operation) : undefined;
    await packAll(await this.#prune({ set, location, verified, present }, operation));
  }

  /**
   * Writes down what was verified, and applies the policy. Holds the lock for a part at a time, each by a plan of its own,
   * since others may change everything in between. Returns the ids of those that are to be compressed.
   */
  async #prune({ set, location, verified, present }: Prepared, operation: Operation): Promise<ReadonlySet<string>> {
    const { cleanup, store, snapshots } = this.#parts;
    const { policy, mergeWindowMs } = this.#parts.retention();
    const known = new Map(verified.map(({ snapshot, manifest }) => [snapshot.id, manifest]));
    let unrecorded = verified;
    let added = present;
    for (;;) {
      const { plan, isWhole } = await operation.underLock(
        location,
        async (guard) => {
          await store.snapshots.sweep(set, guard, operation);
          const whole = await cleanup.plan(location, { policy, mergeWindowMs, isAutomatic: true, known }, operation);
          const atOnce = Math.max(PRUNED_AT_ONCE, Math.ceil(whole.removed.length * PRUNED_SHARE));
          const part = partOf(whole, atOnce);
          // Archived ones go with their manifests; those that are removed need none.
          const archived = new Set(part.archived.map(({ id }) => id));
          const removed = new Set(whole.removed.map(({ id }) => id));
          const isStaying = ({ snapshot: { id } }: DescribedSnapshot): boolean => archived.has(id) || !removed.has(id);
          await snapshots.record(set, unrecorded.filter(isStaying), guard, operation);
          await cleanup.apply(part, guard, operation);
          const gone = new Set(part.removed.map(({ id }) => id));
          unrecorded = unrecorded.filter((one) => !isStaying(one) && !gone.has(one.snapshot.id));
          if (added !== undefined) await store.snapshots.add(set, added, guard, operation);
          added = undefined;
          return { plan: part, isWhole: part === whole };
        },
        MAINTENANCE_LOCK_TIMEOUT_MS,
      );
      if (isWhole) return plan.compressed;
      await delay(PRUNING_PAUSE_MS);
    }
  }

  #tellOf({ id }: Snapshot, error: Error, location: Location): void {
    // Another process may have another key; and what was removed meanwhile is no damage.
    if (!DAMAGE.some((code) => hasErrorCode(error, code)) || this.#told.has(id)) return;
    this.#told.add(id);
    const { message: description } = error;
    const severity = IssueSeverity.HIGH;
    const filePath = location.name;
    this.#parts.alert({ type: 'backup-failure', severity, filePath, description, backupId: id, timestamp: Date.now() });
  }
}

/** What is packed already is never unpacked, and what is encrypted stays under its key until the rotation. */
function packingOf(
  { isCompressing, isEncrypting }: { isCompressing: boolean; isEncrypting: boolean },
  compressed: ReadonlySet<string>,
): WantedPacking {
  return (snapshot) => {
    const isCompressed = snapshot.isCompressed || isCompressing || compressed.has(snapshot.id);
    const isRight = snapshot.isEncrypted || (isCompressed === snapshot.isCompressed && !isEncrypting);
    return isRight ? undefined : { isCompressed, isEncrypted: isEncrypting };
  };
}
