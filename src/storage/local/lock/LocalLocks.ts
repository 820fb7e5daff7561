/**
 * Locks of configurations through one folder of the local file system: taking, waiting, taking over, giving back.
 *
 * A lock may be taken over when its holder's process is gone; or its lease is over by the host's monotonic clock; or,
 * where the holder cannot be judged (another host or container, an unreadable owner record), the lock has not changed
 * during the whole lease as measured by this observer's own clock. A living holder on this host is never robbed before its
 * lease ends.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { lockTimedOut, type AcquireRequest, type Lease, type LockState } from '../../port/LockStore.js';
import type { Guard } from '../../port/Work.js';
import type { FileOperations } from '../io/FileOperations.js';
import { ConfigurationKeys } from '../paths/ConfigurationKeys.js';
import { canBeFollowed, freeLockFile, heldLockFile, nextToken, type Holding, type LockFile } from './LockFile.js';
import { LockFolder } from './LockFolder.js';
import { OwnerRecords, type OwnerRecordsSettings } from './OwnerRecords.js';
import type { LockOwner } from './ProcessIdentity.js';

const { LOCK_RETRY_INTERVAL_MS, MAX_LOCK_RETRY_INTERVAL_MS, MAX_STALE_LOCK_THRESHOLD_MS } =
  CONFIG_PERSISTENCE_CONSTANTS.FILE_LOCKING;
const { BACKOFF_MULTIPLIER } = CONFIG_PERSISTENCE_CONSTANTS.ERROR_HANDLING;
const NANOSECONDS_PER_MS = 1_000_000n;

/** A lock of this instance, for the changes that are made under it. */
export interface HeldLock {
  isHeld(): boolean;
  /** Whether something may lie about that a killed or failed change has left, and nobody has cleared away yet. */
  needsSweep: boolean;
}

/** Where the locks are, and whose they are. */
type LocalLocksSettings = Omit<OwnerRecordsSettings, 'isHolding'>;

interface OwnLock extends HeldLock {
  /** Of the configuration, links followed. */
  readonly path: string;
}

const NOT_HELD: HeldLock = { isHeld: () => false, needsSweep: false };

export class LocalLocks {
  readonly #io: FileOperations;
  readonly #settings: LocalLocksSettings;
  readonly #keys: ConfigurationKeys;
  readonly #owners: OwnerRecords;
  readonly #own = new Map<string, OwnLock>();
  /** When this observer first saw a state whose holder it cannot judge, by its own clock. */
  readonly #firstSeen = new Map<string, { name: string; clockMs: number }>();

  constructor(io: FileOperations, settings: LocalLocksSettings) {
    this.#io = io;
    this.#settings = settings;
    this.#keys = new ConfigurationKeys(settings.folder, io);
    this.#owners = new OwnerRecords(io, { ...settings, isHolding: () => this.#own.size > 0 });
  }

  /** @param path of the configuration, links followed. @throws PersistenceError `ERR_LOCK_TIMEOUT`; the signal's reason. */
  async acquire(path: string, { leaseMs, deadline, signal }: AcquireRequest): Promise<Lease> {
    const key = this.#keys.of(path);
    const startedAt = performance.now();
    let intervalMs: number = LOCK_RETRY_INTERVAL_MS;
    for (;;) {
      signal.throwIfAborted();
      const attempt = await this.#tryLock({ path, key }, leaseMs);
      if ('release' in attempt) return attempt;
      const remainingMs = deadline - performance.now();
      if (remainingMs <= 0) throw lockTimedOut(attempt.holder, performance.now() - startedAt);
      // Waiters that started together must not stay in step.
      await pause(Math.min(intervalMs * (1 + Math.random()), remainingMs), signal);
      intervalMs = Math.min(intervalMs * BACKOFF_MULTIPLIER, MAX_LOCK_RETRY_INTERVAL_MS);
    }
  }

  async status(path: string): Promise<LockState> {
    const key = this.#keys.of(path);
    const file = await this.#folder(key).look(this.#io);
    return file === undefined ? { isLocked: false, canBeTaken: true } : this.#stateOf(key, file);
  }

  /** The lock behind a guard; one that is not held where this instance has none of that id for the path (or any path). */
  heldBy({ lockId }: Guard, path?: string): HeldLock {
    const own = this.#own.get(lockId);
    if (own === undefined) return NOT_HELD;
    return path === undefined || path === own.path ? own : NOT_HELD;
  }

  /** The state of a lock by its key, for whoever finds the folder and not the configuration. Changes nothing. */
  async statusOfKey(key: string): Promise<LockState> {
    const file = await this.#folder(key).look(this.#io);
    return file === undefined ? { isLocked: false, canBeTaken: true } : this.#stateOf(key, file);
  }

  /**
   * Takes a lock over that nobody may hold any more, and gives it back; the next change clears up behind the holder. False
   * where it is free already, or held by right.
   */
  async freeStale(key: string, leaseMs: number): Promise<boolean> {
    const { isLocked, canBeTaken } = await this.statusOfKey(key);
    if (!isLocked || !canBeTaken) return false;
    const attempt = await this.#tryLock({ path: '', key }, leaseMs);
    return 'release' in attempt && attempt.release();
  }

  /** Names of the records of owners whose processes are gone. */
  deadOwners(): Promise<string[]> {
    return this.#owners.dead();
  }

  /** Clears away what long dead instances have left. */
  sweep(): Promise<void> {
    return this.#owners.sweep();
  }

  /** All locks must have been released. */
  async close(): Promise<void> {
    this.#own.clear();
    await this.#owners.removeOwn();
  }

  async #tryLock(
    { path, key }: { readonly path: string; readonly key: string },
    leaseMs: number,
  ): Promise<Lease | LockState> {
    await this.#owners.publishOwn();
    const folder = this.#folder(key);
    const file = (await folder.look(this.#io)) ?? (await this.#firstFile(folder));
    const state = await this.#stateOf(key, file);
    if (state.isLocked && !state.canBeTaken) return state;
    if (!canBeFollowed(file)) {
      // Out of the way, to a name that counts for nothing: the next try starts from what else lies there.
      await folder.transfer(this.#io, file, freeLockFile(nextToken(file), true));
      return { isLocked: true, canBeTaken: false };
    }
    const holding: Holding = {
      lockId: randomUUID(),
      ownerId: this.#owners.ownId,
      acquiredAt: Date.now(),
      acquiredClockMs: clockMs(),
      leaseMs,
    };
    const held = heldLockFile(nextToken(file), holding);
    if (!(await folder.transfer(this.#io, file, held))) return { isLocked: true, canBeTaken: false };
    this.#firstSeen.delete(key);
    const own = { path, isHeld: () => folder.isAt(this.#io, held), needsSweep: state.isLocked || file.isUnswept };
    this.#own.set(holding.lockId, own);
    return this.#lease(folder, held, holding, own);
  }

  #lease(folder: LockFolder, held: LockFile, holding: Holding, own: OwnLock): Lease {
    const { lockId, acquiredAt, leaseMs } = holding;
    return {
      guard: { lockId, token: held.token },
      acquiredAt,
      expiresAt: acquiredAt + leaseMs,
      isHeld: () => own.isHeld(),
      release: async () => {
        const isReleased = await folder.transfer(this.#io, held, freeLockFile(nextToken(held), own.needsSweep));
        this.#own.delete(lockId);
        return isReleased;
      },
      releaseNow: () => {
        // An operation may be cut off in the middle.
        folder.transferNow(this.#io, held, freeLockFile(nextToken(held), true));
        this.#own.delete(lockId);
        if (this.#own.size === 0) this.#owners.removeOwnNow();
      },
    };
  }

  async #firstFile(folder: LockFolder): Promise<LockFile> {
    await folder.create(this.#io);
    return (await folder.look(this.#io)) ?? freeLockFile(0);
  }

  async #stateOf(key: string, { name, holding }: LockFile): Promise<LockState> {
    if (holding === undefined) {
      this.#firstSeen.delete(key);
      return { isLocked: false, canBeTaken: true };
    }
    const owner = await this.#owners.find(holding.ownerId);
    return {
      isLocked: true,
      lockId: holding.lockId,
      acquiredAt: holding.acquiredAt,
      expiresAt: holding.acquiredAt + holding.leaseMs,
      holder: owner === undefined ? `unknown owner ${holding.ownerId}` : describeOwner(owner),
      canBeTaken: this.#canBeTaken(key, name, holding, owner),
    };
  }

  #canBeTaken(key: string, name: string, holding: Holding, owner: LockOwner | undefined): boolean {
    const liveness = this.#owners.livenessOf(owner);
    if (liveness === 'dead') return true;
    const leaseMs = Math.min(holding.leaseMs, MAX_STALE_LOCK_THRESHOLD_MS);
    const heldForMs = clockMs() - holding.acquiredClockMs;
    // A lock from the future was not made with this host's clock, whatever its owner record says.
    if (liveness === 'alive' && heldForMs >= 0) return heldForMs >= leaseMs;
    return this.#stoodStillMs(key, name) >= leaseMs;
  }

  #stoodStillMs(key: string, name: string): number {
    const seen = this.#firstSeen.get(key);
    if (seen?.name === name) return clockMs() - seen.clockMs;
    this.#firstSeen.set(key, { name, clockMs: clockMs() });
    return 0;
  }

  #folder(key: string): LockFolder {
    return new LockFolder(join(this.#settings.folder, key), this.#settings);
  }
}

/** @throws the signal's reason, not the timer's own error. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}

/** CLOCK_MONOTONIC: one clock for all processes of a host, which nobody sets. */
function clockMs(): number {
  return Number(process.hrtime.bigint() / NANOSECONDS_PER_MS);
}

function describeOwner(owner: LockOwner): string {
  return `process ${owner.pid} of ${owner.user}@${owner.host} (module ${owner.module})`;
}
