/**
 * The state of one lock, which is nothing but the name of one file.
 *
 * `<generation>.free`, `<generation>.unswept.free` or
 * `<generation>.<lock id>.<owner id>.<acquired>.<clock>.<lease>.lock`. Taking, taking over and releasing are each one
 * rename to the next name, and a rename from a name succeeds for one process only. Because names never come back (the
 * generation counts up and the lock id is random), a late rename by somebody who was overtaken finds nothing and can free
 * or take nobody else's lock. A name with the highest number has no next one; only a forged one can have it, so it counts
 * for nothing.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';

const { FILE_LOCKING, FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;
const { LOCK_EXTENSION } = FILE_SYSTEM;
const { MAX_GENERATION } = FILE_LOCKING;

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
export interface Baton {
  readonly name: string;
  readonly generation: number;
  /** Absent while the lock is free. */
  readonly holding?: Holding;
  /** True where a holder died and nobody has looked yet for what it left behind. */
  readonly isUnswept: boolean;
}

/** The state that a file name tells; undefined for any other file. */
export function parseBaton(name: string): Baton | undefined {
  const free = FREE_NAME.exec(name);
  if (free !== null) return valid({ name, generation: Number(free[1]), isUnswept: free[2] !== undefined });
  const held = HELD_NAME.exec(name);
  if (held === null) return undefined;
  const [, generation, lockId = '', ownerId = '', acquiredAt, acquiredClockMs, leaseMs] = held;
  return valid({
    name,
    generation: Number(generation),
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

function valid(baton: Baton): Baton | undefined {
  return baton.generation < MAX_GENERATION ? baton : undefined;
}

/** The number of the next state. */
export function nextGeneration({ generation }: Baton): number {
  return generation + 1;
}

/** Whether a lock of this state can be held: a holder whose state has the highest number would be seen by nobody. */
export function canBeFollowed(baton: Baton): boolean {
  return nextGeneration(baton) < MAX_GENERATION;
}

/** The newest state among a folder's file names. */
export function newestBaton(names: readonly string[]): Baton | undefined {
  let newest: Baton | undefined;
  for (const name of names) {
    const baton = parseBaton(name);
    if (baton === undefined) continue;
    const isNewer = newest === undefined || baton.generation > newest.generation;
    const isHeldTwin = baton.generation === newest?.generation && newest.holding === undefined;
    if (isNewer || isHeldTwin) newest = baton;
  }
  return newest;
}

export function freeBaton(generation: number, isUnswept = false): Baton {
  return { name: `${generation}${isUnswept ? UNSWEPT : ''}${FREE_EXTENSION}`, generation, isUnswept };
}

export function heldBaton(generation: number, holding: Holding): Baton {
  const { lockId, ownerId, acquiredAt, acquiredClockMs, leaseMs } = holding;
  const fields = [generation, lockId, ownerId, acquiredAt, acquiredClockMs, leaseMs];
  return { name: `${fields.join('.')}${LOCK_EXTENSION}`, generation, holding, isUnswept: false };
}
