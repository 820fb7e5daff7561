/** Prunes the snapshots of one configuration, and never more than that: gathers the facts for the plan, and applies it. */
import type { BackupRetentionPolicy } from '../../interfaces/backups.js';
import type { Clock } from '../engine/Clock.js';
import type { ConfigurationReader } from '../engine/ConfigurationReader.js';
import type { Operation } from '../engine/Operation.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Snapshot, SnapshotManifest, SnapshotSet } from '../storage/port/Snapshot.js';
import type { Guard, Location, Work } from '../storage/port/Work.js';
import { planCleanup, type CleanupFacts, type CleanupPlan } from './planCleanup.js';
import type { SnapshotReader } from './SnapshotReader.js';

export interface CleanupParts {
  readonly store: ConfigStore;
  readonly reader: ConfigurationReader;
  readonly snapshots: SnapshotReader;
  readonly clock: Clock;
  /** False where the history tells of versions without their contents. */
  readonly keepsVersions: boolean;
}

export interface CleanupRequest {
  readonly policy: BackupRetentionPolicy;
  /** As in `RetentionSettings`. */
  readonly mergeWindowMs: number;
  /** False where a user asked for it. */
  readonly isAutomatic: boolean;
  /** Manifests of snapshots that were verified just now, and are not written down yet. */
  readonly known?: ReadonlyMap<string, SnapshotManifest>;
}

export class BackupCleanup {
  readonly #parts: CleanupParts;

  constructor(parts: CleanupParts) {
    this.#parts = parts;
  }

  /** Decides; changes nothing. */
  async plan(location: Location, request: CleanupRequest, operation: Operation): Promise<CleanupPlan> {
    const facts = await this.#factsOf(location, request, operation);
    const unreadable = new Set<string>();
    const readable = new Set(request.known?.keys());
    for (;;) {
      const plan = planCleanup({ ...facts, unreadable });
      // A manifest tells only of the past, so what others go for is opened once more.
      const relied = facts.snapshots.filter(({ id }) => plan.reliedOn.has(id) && !readable.has(id));
      const failed = await this.#findUnreadable(relied, readable, operation);
      if (failed === undefined) return plan;
      unreadable.add(failed.id);
    }
  }

  /** For the holder of the lock. Returns the bytes that are free now. */
  async apply({ removed, demoted, archived }: CleanupPlan, guard: Guard, work: Work): Promise<number> {
    const { snapshots } = this.#parts.store;
    for (const snapshot of archived) await snapshots.archive(snapshot, guard, work);
    if (demoted.length > 0) await snapshots.changeRole(demoted, 'version', guard, work);
    if (removed.length > 0) await snapshots.remove(removed, guard, work);
    const moved = new Set(archived.map(({ id }) => id));
    return removed.reduce((sum, { id, storedBytes }) => sum + (moved.has(id) ? 0 : storedBytes), 0);
  }

  async #factsOf(
    location: Location,
    request: CleanupRequest,
    operation: Operation,
  ): Promise<Omit<CleanupFacts, 'unreadable'>> {
    const { store, reader, clock, keepsVersions } = this.#parts;
    const set = store.snapshots.setOf(location);
    const snapshots = await store.snapshots.list(set, operation);
    const { changes, isComplete, completeSince = Infinity } = await store.history(location, operation);
    return {
      snapshots,
      backups: await this.#manifestsOf(set, snapshots, request, operation),
      versions: keepsVersions ? changes.flatMap((change) => (change.kind === 'save' ? [change.checksum] : [])) : [],
      recordsLostUntil: isComplete || !keepsVersions ? -Infinity : completeSince,
      policy: request.policy,
      mergeWindowMs: request.mergeWindowMs,
      presentSequence: Math.max(0, ...changes.map(({ kind, sequence }) => (kind === 'save' ? sequence : 0))),
      isLiveHealthy: await reader.isHealthy(location, operation),
      isAutomatic: request.isAutomatic,
      now: clock.now(),
    };
  }

  async #manifestsOf(
    set: SnapshotSet,
    snapshots: readonly Snapshot[],
    { isAutomatic, known }: CleanupRequest,
    operation: Operation,
  ): Promise<Map<string, SnapshotManifest | undefined>> {
    const { store, snapshots: reader } = this.#parts;
    const manifests = new Map<string, SnapshotManifest | undefined>();
    const described = await store.snapshots.describedIds(set, operation);
    for (const snapshot of snapshots) {
      const { id, role } = snapshot;
      if (role !== 'backup') continue;
      let manifest = known?.get(id);
      if (manifest === undefined && isAutomatic && described.has(id)) {
        manifest = await store.snapshots.manifest(snapshot, operation);
      } else if (manifest === undefined && !isAutomatic) {
        manifest = await reader.manifestOf(snapshot, set, operation);
      }
      // A cleanup that nobody has asked for decides nothing about a backup that has not been verified.
      if (manifest !== undefined || !isAutomatic) manifests.set(id, manifest);
    }
    return manifests;
  }

  /** The first that cannot be opened; the others are put into `readable`. */
  async #findUnreadable(
    snapshots: readonly Snapshot[],
    readable: Set<string>,
    operation: Operation,
  ): Promise<Snapshot | undefined> {
    for (const snapshot of snapshots) {
      if ((await this.#parts.snapshots.openIfGood(snapshot, operation)) === undefined) return snapshot;
      readable.add(snapshot.id);
    }
    return undefined;
  }
}
