/**
 * When the snapshots of a configuration are looked after: once it has been left alone for a moment, so that a burst of
 * saves is one maintenance, and never later than a limit of time, changes and bytes.
 *
 * Failures are reported, never thrown: the change that they follow has long been committed.
 */
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { PersistenceOperationType } from '../../../interfaces/enums.js';
import type { Clock } from '../../engine/Clock.js';
import type { Operation } from '../../engine/Operation.js';
import type { Operations } from '../../engine/Operations.js';
import { Semaphore } from '../../engine/Semaphore.js';
import { hasErrorCode } from '../../errors/PersistenceError.js';
import type { Snapshot } from '../../storage/port/Snapshot.js';
import type { Location } from '../../storage/port/Work.js';
import type { RetentionSettings } from '../RetentionSettings.js';
import type { SnapshotReader } from '../SnapshotReader.js';
import { addDueWork, removeDueWork } from './beforeExit.js';
import type { BackupMaintenance } from './BackupMaintenance.js';

const {
  MAINTENANCE_DELAY_MS,
  MAX_MAINTENANCE_DELAY_MS,
  MAX_UNMAINTAINED,
  MAX_UNMAINTAINED_BYTES,
  BACKLOG_DELAY_MS,
  MAX_BACKLOG,
  MAX_MAINTAINED_AT_ONCE,
} = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_SETTINGS;
const { MAX_CACHED_KEYS } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;
const NEVER_ABORTED = new AbortController().signal;

export interface MaintenanceScheduleParts {
  readonly operations: Operations;
  readonly snapshots: SnapshotReader;
  readonly maintenance: BackupMaintenance;
  readonly clock: Clock;
  readonly retention: () => RetentionSettings;
  readonly onFailure: (location: Location, error: Error) => void;
}

/** What has been changed since the last maintenance. */
interface Pending {
  readonly changes: number;
  /** Of all changes together. */
  readonly bytes: number;
  /** When the first one came, by the clock's `monotonicMs`. */
  readonly since: number;
}

interface Scheduled extends Pending {
  readonly location: Location;
  readonly timer: unknown;
}

export class MaintenanceSchedule {
  readonly #parts: MaintenanceScheduleParts;
  readonly #scheduled = new Map<string, Scheduled>();
  readonly #running = new Map<string, Promise<void>>();
  /** Each may hold a whole content in memory, and a module that ends may have hundreds scheduled. */
  readonly #atOnce = new Semaphore(MAX_MAINTAINED_AT_ONCE);
  /** Configurations that were looked at for plain backups, or will be. */
  readonly #read = new LRUCache<string, true>({ max: MAX_CACHED_KEYS });
  /** Those that were looked at for what killed processes have left. */
  readonly #changed = new LRUCache<string, true>({ max: MAX_CACHED_KEYS });
  readonly #looks = new Set<unknown>();
  #isSettling = false;
  /** From the moment when the process has nothing else to do any more; a time of `performance.now()`. */
  #exitDeadlineMs: number | undefined;

  constructor(parts: MaintenanceScheduleParts) {
    this.#parts = parts;
  }

  /** Something new was kept of this configuration. Returns at once; the timer does not keep the process alive. */
  afterChange(location: Location, sizeBytes = 0): void {
    this.#schedule(location, { changes: 1, bytes: sizeBytes, since: this.#parts.clock.monotonicMs() });
    this.#lookOnce(location, this.#changed, BACKLOG_DELAY_MS, (all) => {
      const { maxCount = Infinity } = this.#parts.retention().policy;
      return all.length > maxCount + MAX_BACKLOG;
    });
  }

  /**
   * The configuration is used by this process. Where backups are to be encrypted, it is looked once, and after a while,
   * whether a process that ended early has left plain ones: they must not lie there until the next change.
   */
  afterRead(location: Location): void {
    if (!this.#parts.snapshots.isEncrypting) return;
    this.#lookOnce(location, this.#read, MAINTENANCE_DELAY_MS, (all) => all.some(({ isEncrypted }) => !isEncrypted));
  }

  /** Does at once what is scheduled. Resolves when nothing runs any more. */
  async settle(): Promise<void> {
    this.#isSettling = true;
    removeDueWork(this.#atExit);
    for (const timer of this.#looks) this.#parts.clock.clearTimer(timer);
    this.#looks.clear();
    for (const scheduled of [...this.#scheduled.values()]) this.#start(scheduled);
    await Promise.all(this.#running.values());
  }

  /** What is not done by the deadline stays for whoever changes the configuration next. */
  readonly #atExit = async (deadlineMs: number): Promise<void> => {
    this.#exitDeadlineMs = deadlineMs;
    try {
      for (const scheduled of [...this.#scheduled.values()]) this.#start(scheduled);
      await Promise.all(this.#running.values());
    } finally {
      this.#exitDeadlineMs = undefined;
    }
  };

  #lookOnce(
    location: Location,
    looked: LRUCache<string, true>,
    delayMs: number,
    isNeeded: (all: readonly Snapshot[]) => boolean,
  ): void {
    const { id } = location;
    if (looked.has(id)) return;
    looked.set(id, true);
    const timer = this.#parts.clock.setTimer(() => {
      this.#looks.delete(timer);
      this.#follow(id, () =>
        this.#quietly(location, async (operation) => {
          const { snapshots, maintenance } = this.#parts;
          if (isNeeded(await snapshots.kept(location, operation))) await maintenance.run(location, operation);
        }),
      );
    }, delayMs);
    this.#looks.add(timer);
  }

  #schedule(location: Location, pending: Pending): void {
    const { clock } = this.#parts;
    const earlier = this.#scheduled.get(location.id);
    clock.clearTimer(earlier?.timer);
    const all = earlier === undefined ? pending : together(earlier, pending);
    const timer = clock.setTimer(
      () => {
        this.#start({ ...all, location, timer });
      },
      Math.min(MAINTENANCE_DELAY_MS, this.#remainingMs(all)),
    );
    this.#scheduled.set(location.id, { ...all, location, timer });
    // The timer does not keep the process alive.
    addDueWork(this.#atExit);
  }

  #start(scheduled: Scheduled): void {
    const { location, timer } = scheduled;
    this.#parts.clock.clearTimer(timer);
    this.#scheduled.delete(location.id);
    if (this.#scheduled.size === 0) removeDueWork(this.#atExit);
    this.#follow(location.id, () => this.#maintain(scheduled));
  }

  /** After what runs for this configuration. */
  #follow(id: string, work: () => Promise<void>): void {
    const before = this.#running.get(id) ?? Promise.resolve();
    const running = before.then(work);
    this.#running.set(id, running);
    void running.then(() => {
      if (this.#running.get(id) === running) this.#running.delete(id);
    });
  }

  #maintain({ location, ...pending }: Scheduled): Promise<void> {
    return this.#quietly(location, async (operation) => {
      const mayWait = !this.#isEnding && this.#remainingMs(pending) > 0;
      if (mayWait && (await this.#isInUse(location, operation))) this.#schedule(location, pending);
      else await this.#parts.maintenance.run(location, operation);
    });
  }

  /** Whether somebody, in whatever process, has changed it just now: maintenance holds the lock that the next change needs. */
  async #isInUse(location: Location, operation: Operation): Promise<boolean> {
    const { snapshots, clock } = this.#parts;
    const [newest] = await snapshots.kept(location, operation);
    const ageMs = newest === undefined ? Infinity : clock.now() - newest.createdAt;
    return ageMs >= 0 && ageMs < MAINTENANCE_DELAY_MS;
  }

  async #quietly(location: Location, work: (operation: Operation) => Promise<void>): Promise<void> {
    const { operations, onFailure } = this.#parts;
    const operationType = PersistenceOperationType.CLEANUP;
    if (!this.#atOnce.tryEnter()) await this.#atOnce.enter(NEVER_ABORTED);
    const remainingMs = this.#exitDeadlineMs === undefined ? undefined : this.#exitDeadlineMs - performance.now();
    const options = remainingMs === undefined ? {} : { timeout: remainingMs };
    try {
      if (remainingMs !== undefined && remainingMs <= 0) return;
      await operations.query({ operationType, filePath: location.given, options, origin: 'upkeep' }, work);
    } catch (error) {
      if (remainingMs !== undefined && hasErrorCode(error, 'ERR_TIMEOUT')) return;
      onFailure(location, error as Error);
      // Somebody held the lock for long; whatever the reason, what was to be encrypted must not be forgotten.
      if (hasErrorCode(error, 'ERR_LOCK_TIMEOUT') && !this.#isEnding) this.afterChange(location);
    } finally {
      this.#atOnce.leave();
    }
  }

  get #isEnding(): boolean {
    return this.#isSettling || this.#exitDeadlineMs !== undefined;
  }

  /** How long maintenance may be put off yet; 0 where it has come to much. */
  #remainingMs({ changes, bytes, since }: Pending): number {
    const isMuch = changes > MAX_UNMAINTAINED || bytes > MAX_UNMAINTAINED_BYTES;
    return isMuch ? 0 : Math.max(0, since + MAX_MAINTENANCE_DELAY_MS - this.#parts.clock.monotonicMs());
  }
}

function together(earlier: Pending, later: Pending): Pending {
  return {
    changes: earlier.changes + later.changes,
    bytes: earlier.bytes + later.bytes,
    since: Math.min(earlier.since, later.since),
  };
}
