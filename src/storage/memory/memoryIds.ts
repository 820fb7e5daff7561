/**
 * The ids of versions and snapshots in memory.
 *
 * `app.json@12-<16 hex digits>` is version 12 of `app.json`; the digits begin its checksum, so that an id never names
 * another content. A snapshot has its time in epoch milliseconds behind that: `app.json@12-<16 hex digits>@1795774530123`.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { VersionReference } from '../port/ConfigStore.js';
import type { RecordedSave } from '../port/RecordedChange.js';
import type { SnapshotFacts } from '../port/Snapshot.js';
import { nameOfKey } from './memoryNames.js';

const { CHECKSUM_DIGITS } = CONFIG_PERSISTENCE_CONSTANTS.MEMORY_STORE;

const CONTENT = String.raw`([^@/\\\s]+)@(0|[1-9]\d{0,15})-([0-9a-f]{${CHECKSUM_DIGITS}})`;
const VERSION_ID = new RegExp(`^${CONTENT}$`, 'u');
const SNAPSHOT_ID = new RegExp(String.raw`^${CONTENT}@\d{1,16}$`, 'u');

export function checksumStartOf(checksum: string): string {
  return checksum.slice(0, CHECKSUM_DIGITS);
}

export function versionIdOf(key: string, { sequence, checksum }: Pick<RecordedSave, 'sequence' | 'checksum'>): string {
  return `${key}@${sequence}-${checksumStartOf(checksum)}`;
}

/** Undefined for what is no id of a version. */
export function parseVersionId(id: unknown): VersionReference | undefined {
  const [, key, sequence, checksumStart] = (typeof id === 'string' ? VERSION_ID.exec(id) : null) ?? [];
  if (key === undefined || checksumStart === undefined || nameOfKey(key) === undefined) return undefined;
  return { key, sequence: Number(sequence), checksumStart };
}

export function snapshotIdOf(
  key: string,
  { createdAt, sequence, checksumStart }: Pick<SnapshotFacts, 'createdAt' | 'sequence' | 'checksumStart'>,
): string {
  return `${key}@${sequence}-${checksumStart}@${createdAt}`;
}

/** The key in the id of a snapshot; undefined for what is none. */
export function keyOfSnapshotId(id: unknown): string | undefined {
  const key = typeof id === 'string' ? SNAPSHOT_ID.exec(id)?.[1] : undefined;
  return key === undefined || nameOfKey(key) === undefined ? undefined : key;
}
