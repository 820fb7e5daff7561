/**
 * Locks of configurations through one folder of the local file system.
 *
 * Owns `<locks>/owners/` with one record for each living module instance, and decides when a lock may be taken over: the
 * holder's process is gone; or its lease is over by the host's monotonic clock; or, where the holder cannot be judged
 * (another host or container, an unreadable owner record), the lock has not changed during the whole lease as measured by
 * this observer's own clock. A living holder on this host is never robbed before its lease ends.
 */
import { randomUUID } from 'node:crypto';
import { basename, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import {
  createFlushed,
  openExisting,
  READ_EXISTING,
  readToEnd,
  removeIfPresent,
  temporarySibling,
} from '../io/durableFile.js';
import { listNames, makeFolder, syncFolder } from '../io/durableFolder.js';
import type { LockLease, LockSighting } from '../../port/ConfigStore.js';
import { PersistenceError, persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode, isSystemError } from '../../../errors/StorageError.js';
import { identityOf, lastModifiedMs } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { TRANSIENT_NAME } from '../journal/JournalRecord.js';
import { canBeFollowed, freeBaton, heldBaton, nextGeneration, type Baton, type Holding } from './Baton.js';
import { LockFolder, type LockFolderModes } from './LockFolder.js';
import { currentOwner, livenessOf, parseOwner, type LockOwner } from './ProcessIdentity.js';

const { FILE_LOCKING, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;
const { OWNER_FOLDER, OWNER_EXTENSION, MAX_OWNER_BYTES } = FILE_LOCKING;
const NANOSECONDS_PER_MS = 1_000_000n;

export interface LocalLocksSettings extends LockFolderModes {
  readonly folder: string;
  readonly moduleId: string;
}

export class LocalLocks {
  readonly #io: FileOperations;
  readonly #settings: LocalLocksSettings;
  readonly #self: LockOwner;
  /** When this observer first saw a baton whose holder it cannot judge, by its own clock. */
  readonly #firstSeen = new Map<string, { name: string; clockMs: number }>();
  /** Records that were read. An id belongs to one instance only, so what its record says never changes. */
  readonly #owners = new LRUCache<string, LockOwner>({ max: FILE_LOCKING.MAX_CACHED_OWNERS });
  #publishing: Promise<void> | undefined;
  #isPublished = false;

  constructor(io: FileOperations, settings: LocalLocksSettings) {
    this.#io = io;
    this.#settings = settings;
    this.#self = currentOwner(settings.moduleId);
  }

  /** The lock `key`, where it is free or may be taken over; otherwise what stands in the way. */
  async tryLock(key: string, leaseMs: number): Promise<LockLease | LockSighting> {
    await this.#publishOnce();
    const folder = this.#folder(key);
    const baton = (await folder.look(this.#io)) ?? (await this.#firstBaton(folder));
    const sighting = await this.#judge(key, baton);
    if (sighting.isLocked && !sighting.canBeTaken) return sighting;
    if (!canBeFollowed(baton)) {
      // Out of the way, to a name that counts for nothing: the next try starts from what else lies there.
      await folder.pass(this.#io, baton, freeBaton(nextGeneration(baton), true));
      return { isLocked: true, canBeTaken: false };
    }
    const holding: Holding = {
      lockId: randomUUID(),
      ownerId: this.#self.id,
      acquiredAt: Date.now(),
      acquiredClockMs: clockMs(),
      leaseMs,
    };
    const held = heldBaton(nextGeneration(baton), holding);
    if (!(await folder.pass(this.#io, baton, held))) return { isLocked: true, canBeTaken: false };
    this.#firstSeen.delete(key);
    return this.#lease(folder, held, holding, sighting.isLocked || baton.isUnswept);
  }

  async status(key: string): Promise<LockSighting> {
    const baton = await this.#folder(key).look(this.#io);
    return baton === undefined ? { isLocked: false, canBeTaken: true } : this.#judge(key, baton);
  }

  /**
   * Removes records of owners that are long gone, and what a process was making when it was killed. Young ones stay: a
   * lock may still name the owner, and what is being made is there for moments only. What cannot be removed stays too:
   * others may be sweeping at the same time, and tidiness is no reason to refuse to start.
   */
  async sweep(): Promise<void> {
    const { folder } = this.#settings;
    const owners = join(folder, OWNER_FOLDER);
    await ignoringSystem(this.#sweepEach(folder, (name) => this.#sweepStagedFolder(join(folder, name))));
    await ignoringSystem(this.#sweepEach(owners, (name) => this.#sweepOwner(join(owners, name))));
  }

  async #sweepEach(folder: string, sweepOne: (name: string) => Promise<void>): Promise<void> {
    for (const name of await listNames(this.#io, folder)) await ignoringSystem(sweepOne(name));
  }

  async #sweepStagedFolder(path: string): Promise<void> {
    if (!TRANSIENT_NAME.test(basename(path)) || !this.#isOld(path)) return;
    for (const name of await listNames(this.#io, path)) await removeIfPresent(this.#io, join(path, name));
    await this.#io.rmdir(path);
  }

  async #sweepOwner(path: string): Promise<void> {
    if (!this.#isOld(path)) return;
    const owner = path.endsWith(OWNER_EXTENSION) ? await this.#readOwner(basename(path)) : undefined;
    const isGone = owner !== undefined && livenessOf(owner, this.#self) === 'dead';
    if (isGone || TRANSIENT_NAME.test(basename(path))) await removeIfPresent(this.#io, path);
  }

  #isOld(path: string): boolean {
    const stats = this.#io.lstatNow(path);
    return stats !== undefined && Date.now() - lastModifiedMs(identityOf(stats)) > FILE_LOCKING.DEAD_OWNER_KEPT_MS;
  }

  /** Takes this instance's own record away. Its locks must have been released. */
  async close(): Promise<void> {
    if (!this.#isPublished) return;
    await removeIfPresent(this.#io, this.#ownPath);
    this.#isPublished = false;
  }

  #lease(folder: LockFolder, held: Baton, holding: Holding, needsSweep: boolean): LockLease {
    let isUnswept = needsSweep;
    const free = (mayHaveLeft: boolean): Baton => freeBaton(nextGeneration(held), mayHaveLeft);
    return {
      lockId: holding.lockId,
      acquiredAt: holding.acquiredAt,
      expiresAt: holding.acquiredAt + holding.leaseMs,
      needsSweep: () => isUnswept,
      setNeedsSweep: (needed) => {
        isUnswept = needed;
      },
      isHeld: () => folder.isAt(this.#io, held),
      release: () => folder.pass(this.#io, held, free(isUnswept)),
      releaseNow: () => {
        // An operation may be cut off in the middle.
        folder.passNow(this.#io, held, free(true));
      },
    };
  }

  async #firstBaton(folder: LockFolder): Promise<Baton> {
    await folder.create(this.#io);
    return (await folder.look(this.#io)) ?? freeBaton(0);
  }

  async #judge(key: string, baton: Baton): Promise<LockSighting> {
    const { holding } = baton;
    if (holding === undefined) {
      this.#firstSeen.delete(key);
      return { isLocked: false, canBeTaken: true };
    }
    const owner = await this.#ownerOf(holding);
    return {
      isLocked: true,
      lockId: holding.lockId,
      acquiredAt: holding.acquiredAt,
      expiresAt: holding.acquiredAt + holding.leaseMs,
      holder: owner === undefined ? `unknown owner ${holding.ownerId}` : describeOwner(owner),
      canBeTaken: this.#canBeTaken(key, baton.name, holding, owner),
    };
  }

  #canBeTaken(key: string, name: string, holding: Holding, owner: LockOwner | undefined): boolean {
    const liveness = owner === undefined ? 'foreign' : livenessOf(owner, this.#self);
    if (liveness === 'dead') return true;
    const leaseMs = Math.min(holding.leaseMs, FILE_LOCKING.MAX_STALE_LOCK_THRESHOLD_MS);
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

  async #publishOnce(): Promise<void> {
    // Somebody may have cleared the whole folder away.
    if (this.#isPublished && this.#io.lstatNow(this.#ownPath) !== undefined) return;
    try {
      await (this.#publishing ??= this.#publishOwner());
      this.#isPublished = true;
    } finally {
      // After a failure the next lock tries again.
      this.#publishing = undefined;
    }
  }

  /** Complete and durable under its name, so that a holder can be judged after a power cut too. */
  async #publishOwner(): Promise<void> {
    const folder = join(this.#settings.folder, OWNER_FOLDER);
    await makeFolder(this.#io, folder, this.#settings.folderMode);
    const path = this.#ownPath;
    const staged = temporarySibling(path, FILE_SYSTEM.TEMP_EXTENSION);
    try {
      await createFlushed(this.#io, staged, Buffer.from(`${JSON.stringify(this.#self, null, 2)}\n`), this.#settings);
      await this.#io.rename(staged, path);
    } catch (error) {
      if (hasSystemCode(error, 'ENOENT')) throw clearedAway(error);
      await removeIfPresent(this.#io, staged);
      throw error;
    }
    await syncFolder(this.#io, folder);
  }

  async #ownerOf({ ownerId }: Holding): Promise<LockOwner | undefined> {
    const known = this.#owners.get(ownerId);
    if (known !== undefined) return known;
    const owner = await this.#readOwner(`${ownerId}${OWNER_EXTENSION}`);
    if (owner !== undefined) this.#owners.set(ownerId, owner);
    return owner;
  }

  /** Undefined for a record that is missing, not a regular file, too large, not readable or not whole. */
  async #readOwner(name: string): Promise<LockOwner | undefined> {
    try {
      const descriptor = await openExisting(this.#io, this.#ownerPath(name), READ_EXISTING);
      if (descriptor === undefined) return undefined;
      try {
        const range = { start: 0, expectedEnd: MAX_OWNER_BYTES, maxBytes: MAX_OWNER_BYTES };
        return parseOwner(Buffer.from(await readToEnd(this.#io, descriptor, range)).toString());
      } finally {
        await this.#io.close(descriptor);
      }
    } catch (error) {
      // Whoever cannot be judged counts as unknown, which is the careful answer; programming errors are not hidden.
      if (isSystemError(error) || error instanceof PersistenceError) return undefined;
      throw error;
    }
  }

  /** Where this instance's own record lies. */
  get #ownPath(): string {
    return this.#ownerPath(`${this.#self.id}${OWNER_EXTENSION}`);
  }

  #ownerPath(name: string): string {
    return join(this.#settings.folder, OWNER_FOLDER, name);
  }

  #folder(key: string): LockFolder {
    return new LockFolder(join(this.#settings.folder, key), this.#settings);
  }
}

/** What others find unfinished after an hour they take for the work of a process that was killed. */
function clearedAway(cause: unknown): Error {
  const reason = 'the record of its owner was cleared away while it was being made; nothing was changed. Try again';
  return persistenceError('ERR_LOCK_LOST', reason, { cause });
}

async function ignoringSystem(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** CLOCK_MONOTONIC: one clock for all processes of a host, which nobody sets. */
function clockMs(): number {
  return Number(process.hrtime.bigint() / NANOSECONDS_PER_MS);
}

function describeOwner(owner: LockOwner): string {
  return `process ${owner.pid} of ${owner.user}@${owner.host} (module ${owner.module})`;
}
