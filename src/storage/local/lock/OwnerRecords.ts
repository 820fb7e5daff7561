/**
 * Who the holders of locks are: `<locks>/owners/<instance>.owner`, one record for each living module instance.
 *
 * A record is complete and durable before the instance takes its first lock, so that a holder can be judged after a power
 * cut too. What cannot be read tells nothing: its holder is unknown, which is the careful answer.
 */
import { basename, join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { PersistenceError, persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode, isSystemError } from '../../../errors/StorageError.js';
import { identityOf, lastModifiedMs } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { readSmall, removeIfPresent } from '../io/files.js';
import { listNames, makeFolder, syncFolder } from '../io/folders.js';
import { TRANSIENT_NAME } from '../io/names.js';
import { publish } from '../io/publish.js';
import { removeAtExit } from './recordsAtExit.js';
import { ownerIdOf, ownerName, ownerNames } from './ownerNames.js';
import { currentOwner, livenessOf, parseOwner, type Liveness, type LockOwner } from './ProcessIdentity.js';

const { OWNER_FOLDER, MAX_OWNER_BYTES, MAX_CACHED_OWNERS, DEAD_OWNER_KEPT_MS } =
  CONFIG_PERSISTENCE_CONSTANTS.FILE_LOCKING;

export interface OwnerRecordsSettings {
  /** The folder of all locks. */
  readonly folder: string;
  readonly moduleId: string;
  readonly fileMode: number;
  readonly folderMode: number;
  /** Whether the instance holds a lock. */
  readonly isHolding: () => boolean;
}

export class OwnerRecords {
  readonly #io: FileOperations;
  readonly #settings: OwnerRecordsSettings;
  readonly #self: LockOwner;
  /** Records that were read. An id belongs to one instance only, so what its record says never changes. */
  readonly #known = new LRUCache<string, LockOwner>({ max: MAX_CACHED_OWNERS });
  #publishing: Promise<void> | undefined;
  #isPublished = false;
  #forgetExit: (() => void) | undefined;

  constructor(io: FileOperations, settings: OwnerRecordsSettings) {
    this.#io = io;
    this.#settings = settings;
    this.#self = currentOwner(settings.moduleId);
  }

  /** Of this instance. */
  get ownId(): string {
    return this.#self.id;
  }

  /** Undefined for a record that is missing, not a regular file, too large, not readable or not whole. */
  async find(ownerId: string): Promise<LockOwner | undefined> {
    const known = this.#known.get(ownerId);
    if (known !== undefined) return known;
    for (const name of ownerNames(ownerId)) {
      const owner = await this.#read(name);
      if (owner === undefined) continue;
      this.#known.set(ownerId, owner);
      return owner;
    }
    return undefined;
  }

  livenessOf(owner: LockOwner | undefined): Liveness {
    return owner === undefined ? 'foreign' : livenessOf(owner, this.#self);
  }

  /** Names of the records whose owners are known to be gone. */
  async dead(): Promise<string[]> {
    const names = await listNames(this.#io, join(this.#settings.folder, OWNER_FOLDER));
    const dead: string[] = [];
    for (const name of names) {
      const id = ownerIdOf(name);
      const owner = id === undefined ? undefined : await this.find(id);
      if (owner !== undefined && livenessOf(owner, this.#self) === 'dead') dead.push(name);
    }
    return dead;
  }

  /** Makes this instance's own record, where it is not there (any more). */
  async publishOwn(): Promise<void> {
    // Somebody may have cleared the whole folder away.
    if (this.#isPublished && this.#io.lstatNow(this.#ownPath) !== undefined) return;
    try {
      await (this.#publishing ??= this.#publish());
      this.#isPublished = true;
      this.#forgetExit ??= removeAtExit(() => {
        // With the last lock, where one is held: a holder without a record could not be judged.
        if (!this.#settings.isHolding()) this.removeOwnNow();
      });
    } finally {
      // After a failure the next lock tries again.
      this.#publishing = undefined;
    }
  }

  /** Takes it away again. */
  async removeOwn(): Promise<void> {
    if (!this.#isPublished) return;
    await removeIfPresent(this.#io, this.#ownPath);
    this.#isGone();
  }

  /** The same at the exit of the process. */
  removeOwnNow(): void {
    if (!this.#isPublished) return;
    this.#isGone();
    this.#io.unlinkNow(this.#ownPath);
  }

  /**
   * Removes records of owners that are long gone, and what a process was making when it was killed. Young ones stay: a
   * lock may still name the owner, and what is being made is there for moments only. What cannot be removed stays too:
   * others may be sweeping at the same time, and tidiness is no reason to refuse to start.
   */
  async sweep(): Promise<void> {
    const { folder } = this.#settings;
    const owners = join(folder, OWNER_FOLDER);
    await ignoringSystem(this.#sweepEach(folder, (path) => this.#sweepStagedFolder(path)));
    await ignoringSystem(this.#sweepEach(owners, (path) => this.#sweepOwner(path)));
  }

  async #sweepEach(folder: string, sweepOne: (path: string) => Promise<void>): Promise<void> {
    for (const name of await listNames(this.#io, folder)) await ignoringSystem(sweepOne(join(folder, name)));
  }

  async #sweepStagedFolder(path: string): Promise<void> {
    if (!TRANSIENT_NAME.test(basename(path)) || !this.#isOld(path)) return;
    for (const name of await listNames(this.#io, path)) await removeIfPresent(this.#io, join(path, name));
    await this.#io.rmdir(path);
  }

  async #sweepOwner(path: string): Promise<void> {
    if (!this.#isOld(path)) return;
    const owner = ownerIdOf(basename(path)) !== undefined ? await this.#read(basename(path)) : undefined;
    const isGone = owner !== undefined && livenessOf(owner, this.#self) === 'dead';
    if (isGone || TRANSIENT_NAME.test(basename(path))) await removeIfPresent(this.#io, path);
  }

  #isOld(path: string): boolean {
    const stats = this.#io.lstatNow(path);
    return stats !== undefined && Date.now() - lastModifiedMs(identityOf(stats)) > DEAD_OWNER_KEPT_MS;
  }

  #isGone(): void {
    this.#isPublished = false;
    this.#forgetExit?.();
    this.#forgetExit = undefined;
  }

  async #publish(): Promise<void> {
    const folder = join(this.#settings.folder, OWNER_FOLDER);
    await makeFolder(this.#io, folder, this.#settings.folderMode);
    const bytes = Buffer.from(`${JSON.stringify(this.#self, null, 2)}\n`);
    try {
      await publish(this.#io, this.#ownPath, bytes, this.#settings);
    } catch (error) {
      throw hasSystemCode(error, 'ENOENT') ? clearedAway(error) : error;
    }
    await syncFolder(this.#io, folder);
  }

  async #read(name: string): Promise<LockOwner | undefined> {
    try {
      const bytes = await readSmall(this.#io, this.#pathOf(name), MAX_OWNER_BYTES);
      return bytes === undefined ? undefined : parseOwner(Buffer.from(bytes).toString());
    } catch (error) {
      // Programming errors are not hidden.
      if (isSystemError(error) || error instanceof PersistenceError) return undefined;
      throw error;
    }
  }

  get #ownPath(): string {
    return this.#pathOf(ownerName(this.#self.id));
  }

  #pathOf(name: string): string {
    return join(this.#settings.folder, OWNER_FOLDER, name);
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
