/** From a name of the store's to what stands there now, held against what it should be. */
import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../../../errors/StorageError.js';
import type { InspectedEntry, InspectedFolder } from '../../port/StoreInspection.js';
import { identityOf, lastModifiedMs } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { PERMISSION_BITS } from '../io/files.js';
import type { OwnName } from './ownNames.js';

const OWNER_OF_FILE = 0o600;
const OWNER_OF_FOLDER = 0o700;
const ANY_MODE = 0o7777;
/** Windows tells no modes and no owners. */
const hasOwners = process.platform !== 'win32';

/** What the files of a folder should be. */
export interface Expected {
  readonly mode: number;
  /** User ids that may own them; undefined where any may. */
  readonly owners: ReadonlySet<bigint> | undefined;
  /** Bits that they may have beside their mode. */
  readonly alsoAllowed?: number;
}

/** Undefined for what is gone, and for a link or anything else that is no regular file. */
export function fileEntry(
  io: FileOperations,
  path: string,
  { kind, snapshot }: Pick<OwnName, 'kind' | 'snapshot'>,
  expected: Expected,
): InspectedEntry | undefined {
  const stats = io.lstatNow(path);
  if (stats?.isFile() !== true) return undefined;
  const entry = entryOf(path, stats, expected, OWNER_OF_FILE);
  if (snapshot === undefined) return { ...entry, kind };
  return { ...entry, kind, snapshot, mark: markOf(stats) };
}

export function folderEntry(path: string, stats: BigIntStats, expected: Expected): InspectedEntry {
  return { ...entryOf(path, stats, expected, OWNER_OF_FOLDER), kind: 'folder', sizeBytes: 0 };
}

/** The ids that may own what serves a folder or file of these owners. */
export function ownersWith(...stats: readonly (BigIntStats | undefined)[]): ReadonlySet<bigint> | undefined {
  const own = process.getuid?.();
  if (own === undefined) return undefined;
  return new Set([BigInt(own), ...stats.filter((one) => one !== undefined).map(({ uid }) => uid)]);
}

/** Why a folder cannot be looked at. @throws anything but the system's errors. */
export function problemOf(error: unknown): NonNullable<InspectedFolder['problem']> {
  if (!isSystemError(error)) throw error;
  return { code: error.code, message: error.message };
}

function entryOf(
  path: string,
  stats: BigIntStats,
  { mode, owners, alsoAllowed = 0 }: Expected,
  owner: number,
): Omit<InspectedEntry, 'kind'> {
  return {
    path,
    sizeBytes: Number(stats.size),
    modifiedAt: lastModifiedMs(identityOf(stats)),
    mode: Number(stats.mode & PERMISSION_BITS),
    allowedMode: hasOwners ? mode | alsoAllowed : ANY_MODE,
    neededMode: hasOwners ? mode & owner : 0,
    isForeign: owners !== undefined && !owners.has(stats.uid),
    mark: '',
  };
}

function markOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino}.${size}.${mtimeNs}.${ctimeNs}`;
}
