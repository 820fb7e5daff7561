/**
 * The state of one lock, which is nothing but the name of one file.
 *
 * `<token>.free`, `<token>.unswept.free` or `<token>.<lock id>.<owner id>.<acquired>.<clock>.<lease>.lock`. Taking, taking
 * over and releasing are each one rename to the next name, and a rename from a name succeeds for one process only. Because
 * names never come back (the fencing token counts up and the lock id is random), a late rename by somebody who was
 * overtaken finds nothing and can free or take nobody else's lock. A name with the highest token has no next one; only a
 * forged one can have it, so it counts for nothing.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';

const { FILE_LOCKING, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;
const { LOCK_EXTENSION } = FILE_SYSTEM;
const { MAX_GENERATION: MAX_TOKEN } = FILE_LOCKING;

const FREE_EXTENSION = '.free';
const UNSWEPT = '.unswept';
const FREE_NAME = /^(\d{1,15})(\.unswept)?\.free$/u;
const HELD_NAME = /^(\d{1,15})\.([0-9a-f-]{36})\.([0-9a-f]{16})\.(\d{1,15})\.(\d{1,15})\.(\d{1,15})\.lock$/u;

/** Who holds a lock since when. */
export interface Holding {
  /** UUID. */
  readonly lockId: string;
  readonly ownerId: string;
  /** Epoch milliseconds, for people. */
  readonly acquiredAt: number;
  /** The host's monotonic clock in milliseconds, for the lease: setting the time of day has no effect on it. */
  readonly acquiredClockMs: number;
  readonly leaseMs: number;
}

/** One state of a lock. */
export interface LockFile {
  readonly name: string;
  /** Counts up with every state. */
  readonly token: number;
  /** Absent while the lock is free. */
  readonly holding?: Holding;
  /** True where a holder died and nobody has looked yet for what it left behind. */
  readonly isUnswept: boolean;
}

/** The state that a file name tells; undefined for any other file. */
export function parseLockFile(name: string): LockFile | undefined {
  const free = FREE_NAME.exec(name);
  if (free !== null) return valid({ name, token: Number(free[1]), isUnswept: free[2] !== undefined });
  const held = HELD_NAME.exec(name);
  if (held === null) return undefined;
  const [, token, lockId = '', ownerId = '', acquiredAt, acquiredClockMs, leaseMs] = held;
  return valid({
    name,
    token: Number(token),
    isUnswept: false,
    holding: {
      lockId,
      ownerId,
      acquiredAt: Number(acquiredAt),
      acquiredClockMs: Number(acquiredClockMs),
      leaseMs: Number(leaseMs),
    },
  });
}

function valid(file: LockFile): LockFile | undefined {
  return file.token < MAX_TOKEN ? file : undefined;
}

/** The token of the next state. */
export function nextToken({ token }: LockFile): number {
  return token + 1;
}

/** Whether a lock of this state can be taken: a holder whose state has the highest token would be seen by nobody. */
export function canBeFollowed(file: LockFile): boolean {
  return nextToken(file) < MAX_TOKEN;
}

/** The newest state among a folder's file names. */
export function newestLockFile(names: readonly string[]): LockFile | undefined {
  let newest: LockFile | undefined;
  for (const name of names) {
    const file = parseLockFile(name);
    if (file === undefined) continue;
    const isNewer = newest === undefined || file.token > newest.token;
    const isHeldTwin = file.token === newest?.token && newest.holding === undefined;
    if (isNewer || isHeldTwin) newest = file;
  }
  return newest;
}

export function freeLockFile(token: number, isUnswept = false): LockFile {
  return { name: `${token}${isUnswept ? UNSWEPT : ''}${FREE_EXTENSION}`, token, isUnswept };
}

export function heldLockFile(token: number, holding: Holding): LockFile {
  const { lockId, ownerId, acquiredAt, acquiredClockMs, leaseMs } = holding;
  const fields = [token, lockId, ownerId, acquiredAt, acquiredClockMs, leaseMs];
  return { name: `${fields.join('.')}${LOCK_EXTENSION}`, token, holding, isUnswept: false };
}
