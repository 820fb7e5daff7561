/** From a name of the store's to what stands there now, held against what it should be. */
import type { BigIntStats } from 'node:fs';
import { isSystemError } from '../../../errors/StorageError.js';
import type { InspectedEntry, InspectedFolder } from '../../port/StoreInspection.js';
import type { FileOperations } from '../io/FileOperations.js';
import type { OwnName } from './ownNames.js';

const FOLDER = { kind: 'folder' } as const;
const OWNER_OF_FILE = 0o600;
/** A configuration that its owner must not write to can be replaced by a rename all the same. */
const READ_BY_OWNER = 0o400;
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
  own: Pick<OwnName, 'kind' | 'snapshot'>,
  expected: Expected,
): InspectedEntry | undefined {
  const stats = io.lstatNow(path);
  return stats?.isFile() === true ? entryOf(path, stats, own, expected) : undefined;
}

export function folderEntry(path: string, stats: BigIntStats, expected: Expected): InspectedEntry {
  return entryOf(path, stats, FOLDER, expected);
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

/** In one piece: there may be hundreds of thousands of them. */
function entryOf(
  path: string,
  stats: BigIntStats,
  { kind, snapshot }: Pick<OwnName, 'kind' | 'snapshot'>,
  { mode, owners, alsoAllowed = 0 }: Expected,
): InspectedEntry {
  const isFolder = kind === 'folder';
  const neededByOwner = isFolder ? OWNER_OF_FOLDER : kind === 'configuration' ? READ_BY_OWNER : OWNER_OF_FILE;
  const entry = {
    path,
    kind,
    sizeBytes: isFolder ? 0 : Number(stats.size),
    modifiedAt: Number(stats.mtimeMs),
    mode: Number(stats.mode) & ANY_MODE,
    allowedMode: hasOwners ? mode | alsoAllowed : ANY_MODE,
    neededMode: hasOwners ? mode & neededByOwner : 0,
    isForeign: owners !== undefined && !owners.has(stats.uid),
  };
  return snapshot === undefined ? { ...entry, mark: '' } : { ...entry, mark: markOf(stats), snapshot };
}

function markOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino}.${size}.${mtimeNs}.${ctimeNs}`;
}
