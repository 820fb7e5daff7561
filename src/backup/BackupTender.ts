/**
 * Looks after snapshots in the background: proves them, describes them, prunes them, compresses and encrypts the rest.
 *
 * All of this is off the save's path and waits until a configuration has been left alone for a moment, so that a burst of
 * saves is tended once. Each step is complete by itself: after a crash the next tending goes on with what it finds.
 * Failures are reported, never thrown: the change that they follow has long been committed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { IssueSeverity, PersistenceOperationType, RetentionStrategy } from '../../interfaces/enums.js';
import type { PersistenceAlert } from '../../interfaces/messages.js';
import type { Operation } from '../engine/Operation.js';
import { Semaphore } from '../engine/Semaphore.js';
import { underLease } from '../engine/underLease.js';
import type { OperationRunner } from '../engine/OperationRunner.js';
import { hasErrorCode } from '../errors/PersistenceError.js';
import type { LockManager } from '../lock/LockManager.js';
import type { ConfigStore, Location } from '../storage/port/ConfigStore.js';
import type { DescribedSnapshot, Snapshot, SnapshotPlace } from '../storage/port/SnapshotStore.js';
import type { BackupCleanup } from './BackupCleanup.js';
import type { BackupMaker, PreparedSnapshot } from './BackupMaker.js';
import type { BackupPacker, WantedPacking } from './BackupPacker.js';
import { isOfStrategy } from './retention/strategies.js';
import type { RetentionSettings } from './RetentionSettings.js';
import type { SnapshotVault } from './SnapshotVault.js';

const {
  TENDING_DELAY_MS,
  MAX_TENDING_DELAY_MS,
  TENDING_LOCK_TIMEOUT_MS,
  MAX_UNTENDED,
  MAX_UNTENDED_BYTES,
  BACKLOG_DELAY_MS,
  MAX_BACKLOG,
  PRUNED_AT_ONCE,
  PRUNED_SHARE,
  PRUNING_PAUSE_MS,
  MAX_TENDED_AT_ONCE,
} = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;
const { MAX_CACHED_KEYS } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;
const NEVER_ABORTED = new AbortController().signal;

const DAMAGE = ['ERR_BACKUP_DAMAGED', 'ERR_BACKUP_MISMATCH', 'ERR_NOT_ENCRYPTED'] as const;

export interface TenderParts {
  readonly store: ConfigStore;
  readonly locks: LockManager;
  readonly runner: OperationRunner;
  readonly vault: SnapshotVault;
  readonly cleanup: BackupCleanup;
  readonly packer: BackupPacker;
  readonly maker: BackupMaker;
  /** Whether the present content is copied for the history. */
  readonly keepsPresent: boolean;
  readonly retention: () => RetentionSettings;
  readonly onFailure: (location: Location, error: Error) => void;
  readonly alert: (alert: PersistenceAlert) => void;
}

/** What has been changed since the last tending. */
interface Untended {
  readonly changes: number;
  /** Of all changes together. */
  readonly bytes: number;
  /** When the first one came, by `performance.now()`. */
  readonly since: number;
}

/** What a tending has prepared without the lock. */
interface Tended {
  readonly place: SnapshotPlace;
  readonly location: Location;
  readonly proven: readonly DescribedSnapshot[];
  readonly present: PreparedSnapshot | undefined;
}

interface Waiting extends Untended {
  readonly location: Location;
  readonly timer: NodeJS.Timeout;
}

export class BackupTender {
  readonly #parts: TenderParts;
  readonly #waiting = new Map<string, Waiting>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #places = new Semaphore(MAX_TENDED_AT_ONCE);
  /** Configurations that were looked at for plain backups, or will be. */
  readonly #noticed = new LRUCache<string, true>({ max: MAX_CACHED_KEYS });
  /** The same for what killed processes have left untended. */
  readonly #changed = new LRUCache<string, true>({ max: MAX_CACHED_KEYS });
  readonly #looks = new Set<NodeJS.Timeout>();
  #isSettling = false;
  /** Ids of damaged backups, each of which is told of once. */
  readonly #told = new Set<string>();

  constructor(parts: TenderParts) {
    this.#parts = parts;
  }

  /** Something new was kept of this configuration. Returns at once; the timer does not keep the process alive. */
  schedule(location: Location, sizeBytes = 0): void {
    this.#await(location, { changes: 1, bytes: sizeBytes, since: performance.now() });
    this.#lookOnce(location, this.#changed, BACKLOG_DELAY_MS, (all) => {
      const { maxCount = Infinity } = this.#parts.retention().policy;
      return all.length > maxCount + MAX_BACKLOG;
    });
  }

  /**
   * The configuration is used by this process. Where backups are to be encrypted, it is looked once, and after a while,
   * whether a process that ended early has left plain ones: they must not lie there until the next change.
   */
  notice(location: Location): void {
    if (!this.#parts.vault.isEncrypting) return;
    this.#lookOnce(location, this.#noticed, TENDING_DELAY_MS, (all) => all.some(({ isEncrypted }) => !isEncrypted));
  }

  /** Does at once what is waiting. Resolves when nothing runs any more. */
  async settle(): Promise<void> {
    this.#isSettling = true;
    for (const timer of this.#looks) clearTimeout(timer);
    this.#looks.clear();
    for (const waiting of [...this.#waiting.values()]) this.#start(waiting);
    await Promise.all(this.#running.values());
  }

  #lookOnce(
    location: Location,
    looked: LRUCache<string, true>,
    delayMs: number,
    isToBeTended: (all: readonly Snapshot[]) => boolean,
  ): void {
    const { real } = location;
    if (looked.has(real)) return;
    looked.set(real, true);
    const timer = setTimeout(() => {
      this.#looks.delete(timer);
      this.#follow(real, () => this.#lookQuietly(location, isToBeTended));
    }, delayMs).unref();
    this.#looks.add(timer);
  }

  #await(location: Location, untended: Untended): void {
    const waiting = this.#waiting.get(location.real);
    clearTimeout(waiting?.timer);
    const all = waiting === undefined ? untended : together(waiting, untended);
    const delayMs = Math.min(TENDING_DELAY_MS, patienceMs(all));
    const timer = setTimeout(() => {
      this.#start({ location, timer, ...all });
    }, delayMs).unref();
    this.#waiting.set(location.real, { location, timer, ...all });
  }

  #start(waiting: Waiting): void {
    const { location, timer } = waiting;
    clearTimeout(timer);
    this.#waiting.delete(location.real);
    this.#follow(location.real, () => this.#tendQuietly(waiting));
  }

  /** After what runs for this configuration. */
  #follow(real: string, work: () => Promise<void>): void {
    const before = this.#running.get(real) ?? Promise.resolve();
    const running = before.then(work);
    this.#running.set(real, running);
    void running.then(() => {
      if (this.#running.get(real) === running) this.#running.delete(real);
    });
  }

  #tendQuietly({ location, ...untended }: Waiting): Promise<void> {
    return this.#quietly(location, async (operation) => {
      const mayWait = !this.#isSettling && patienceMs(untended) > 0;
      if (mayWait && (await this.#isInUse(location, operation))) this.#await(location, untended);
      else await this.#tend(location, operation);
    });
  }

  /** Whether somebody, in whatever process, has changed it just now: tending holds the lock that the next change needs. */
  async #isInUse(location: Location, operation: Operation): Promise<boolean> {
    const { snapshots } = this.#parts.store;
    const [newest] = await snapshots.list(snapshots.placeOf(location), operation);
    const ageMs = newest === undefined ? Infinity : Date.now() - newest.createdAt;
    return ageMs >= 0 && ageMs < TENDING_DELAY_MS;
  }

  #lookQuietly(location: Location, isToBeTended: (all: readonly Snapshot[]) => boolean): Promise<void> {
    return this.#quietly(location, async (operation) => {
      const { snapshots } = this.#parts.store;
      const all = await snapshots.list(snapshots.placeOf(location), operation);
      if (isToBeTended(all)) await this.#tend(location, operation);
    });
  }

  /** A few at a time: each may hold a whole content in memory, and a module that ends may have hundreds waiting. */
  async #quietly(location: Location, work: (operation: Operation) => Promise<void>): Promise<void> {
    const context = { operationType: PersistenceOperationType.CLEANUP, filePath: location.given, options: {} };
    if (!this.#places.tryEnter()) await this.#places.enter(NEVER_ABORTED);
    try {
      await this.#parts.runner.run(context, work);
    } catch (error) {
      this.#parts.onFailure(location, error as Error);
      // Somebody held the lock for long; whatever the reason, what was to be encrypted must not be forgotten.
      if (hasErrorCode(error, 'ERR_LOCK_TIMEOUT') && !this.#isSettling) this.schedule(location);
    } finally {
      this.#places.leave();
    }
  }

  #tellOf({ id }: Snapshot, error: Error, location: Location): void {
    // Another process may have another key; and what was removed meanwhile is no damage.
    if (!DAMAGE.some((code) => hasErrorCode(error, code)) || this.#told.has(id)) return;
    this.#told.add(id);
    const { message: description } = error;
    const severity = IssueSeverity.HIGH;
    const filePath = location.absolute;
    this.#parts.alert({ type: 'backup-failure', severity, filePath, description, backupId: id, timestamp: Date.now() });
  }

  async #tend(location: Location, operation: Operation): Promise<void> {
    const { store, packer, maker, vault, keepsPresent } = this.#parts;
    const { policy, isCompressing } = this.#parts.retention();
    const place = store.snapshots.placeOf(location);
    const packing = { isCompressing, isEncrypting: vault.isEncrypting };
    // Before anything is archived as it lies there, or judged by its size.
    const isSizeOfUse = isOfStrategy(policy, RetentionStrategy.SIZE_BASED, RetentionStrategy.PRIORITY_BASED);
    if (vault.isEncrypting || isSizeOfUse)
      await packer.packAll({ location, wanted: packingOf(packing, new Set()) }, operation);
    const { proven, unproven } = await vault.proveAll(place, operation);
    for (const { snapshot, error } of unproven) this.#tellOf(snapshot, error, location);
    const present = keepsPresent ? await maker.draftPresent(place, location, operation) : undefined;
    const compressed = await this.#prune({ place, location, proven, present }, operation);
    await packer.packAll({ location, wanted: packingOf(packing, compressed) }, operation);
  }

  /**
   * Writes down what was proven, and applies the policy. Holds the lock for a part at a time, each by a plan of its own, since
   * others may change everything in between. Returns the ids of those that are to be compressed.
   */
  async #prune({ place, location, proven, present }: Tended, operation: Operation): Promise<ReadonlySet<string>> {
    const { cleanup, store, locks, vault } = this.#parts;
    const { policy } = this.#parts.retention();
    const known = new Map(proven.map(({ snapshot, manifest }) => [snapshot.id, manifest]));
    const patience = { timeoutMs: TENDING_LOCK_TIMEOUT_MS, signal: operation.signal };
    let unrecorded = proven;
    let added = present;
    for (;;) {
      const { plan, isWhole } = await locks.withLock(location, patience, async (lease) => {
        const work = underLease(lease, operation);
        await store.snapshots.sweep(place, work);
        const whole = await cleanup.plan(location, { policy, isAutomatic: true, known }, operation);
        const atOnce = Math.max(PRUNED_AT_ONCE, Math.ceil(whole.removed.length * PRUNED_SHARE));
        const part = cleanup.partOf(whole, atOnce);
        // Archived ones go with their manifests; those that are removed need none.
        const archived = new Set(part.archived.map(({ id }) => id));
        const removed = new Set(whole.removed.map(({ id }) => id));
        const isStaying = ({ snapshot: { id } }: DescribedSnapshot): boolean => archived.has(id) || !removed.has(id);
        await vault.record(place, unrecorded.filter(isStaying), work);
        await cleanup.apply(part, work);
        const gone = new Set(part.removed.map(({ id }) => id));
        unrecorded = unrecorded.filter((one) => !isStaying(one) && !gone.has(one.snapshot.id));
        if (added !== undefined) await store.snapshots.add(place, added.draft, added.bytes, added.manifest, work);
        added = undefined;
        return { plan: part, isWhole: part === whole };
      });
      if (isWhole) return plan.compressed;
      await delay(PRUNING_PAUSE_MS);
    }
  }
}

function together(earlier: Untended, later: Untended): Untended {
  return {
    changes: earlier.changes + later.changes,
    bytes: earlier.bytes + later.bytes,
    since: Math.min(earlier.since, later.since),
  };
}

/** How long tending may be put off yet; 0 where it has come to much. */
function patienceMs({ changes, bytes, since }: Untended): number {
  const isMuch = changes > MAX_UNTENDED || bytes > MAX_UNTENDED_BYTES;
  return isMuch ? 0 : Math.max(0, since + MAX_TENDING_DELAY_MS - performance.now());
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
