/**
 * What an archive of the kind `backup` says of one configuration, and of itself.
 *
 * Its entries are `<n>/content`, `<n>/snapshots/<m>` and `<n>/record.json` for each configuration, and at the end
 * `manifest.json` with the checksum of each entry before it. Read from elsewhere, everything in it is checked before it is
 * believed.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import { userMetadataOf } from '../../engine/metadata.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { RecordedChange, UserMetadata } from '../../storage/port/RecordedChange.js';
import type { SnapshotRole } from '../../storage/port/Snapshot.js';

const { BACKUP_ARCHIVE } = CONFIG_PERSISTENCE_CONSTANTS;

/** One kept content. */
export interface ArchivedSnapshot {
  readonly createdAt: number;
  readonly sequence: number;
  readonly checksum: string;
  readonly isAutomatic: boolean;
  readonly role: SnapshotRole;
  readonly label?: string;
  readonly user?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
}

export interface BackupRecord {
  /** Of the configuration, relative to what the archive was made of. */
  readonly name: string;
  readonly format: ConfigurationFormat;
  /** Of the content. */
  readonly checksum: string;
  /** Oldest first. */
  readonly changes: readonly RecordedChange[];
  readonly userMetadata?: UserMetadata;
  readonly snapshots: readonly ArchivedSnapshot[];
}

/** Name and content of one entry. */
export interface ListedEntry {
  readonly name: string;
  readonly size: number;
  readonly checksum: string;
}

export interface BackupManifest {
  readonly kind: typeof BACKUP_ARCHIVE.KIND;
  readonly format: number;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly entries: readonly ListedEntry[];
}

const CHECKSUM = /^[0-9a-f]{64}$/u;
const ROLES: readonly unknown[] = ['backup', 'version', 'quarantine'] satisfies SnapshotRole[];

/** @throws PersistenceError `ERR_ARCHIVE_REFUSED` */
export function parseRecord(bytes: Uint8Array): BackupRecord {
  const fields = parseObject(bytes, 'a record');
  const { name, format, checksum, changes, userMetadata, snapshots } = fields;
  const isRight =
    isText(name) &&
    isFormat(format) &&
    isChecksum(checksum) &&
    isList(changes, isChange) &&
    isInOrder(changes as RecordedChange[]) &&
    isList(snapshots, isSnapshot);
  if (!isRight) throw refused('a record in it lacks what it must tell');
  return {
    name,
    format,
    checksum,
    changes: changes as RecordedChange[],
    ...(userMetadata === undefined ? {} : { userMetadata: userMetadataOf(userMetadata) }),
    snapshots: snapshots as ArchivedSnapshot[],
  };
}

/** @throws PersistenceError `ERR_ARCHIVE_REFUSED` */
export function parseManifest(bytes: Uint8Array): BackupManifest {
  const fields = parseObject(bytes, 'its manifest');
  if (fields.kind !== BACKUP_ARCHIVE.KIND) throw refused('its manifest is not one of a backup of this module');
  if (typeof fields.format === 'number' && fields.format > BACKUP_ARCHIVE.FORMAT_VERSION) {
    throw refused('a newer release made it; update this package');
  }
  const isRight = typeof fields.createdAt === 'number' && isList(fields.entries, isListed);
  if (!isRight) throw refused('its manifest lacks what it must tell');
  return fields as unknown as BackupManifest;
}

export function refused(reason: string): Error {
  return persistenceError('ERR_ARCHIVE_REFUSED', reason);
}

function parseObject(bytes: Uint8Array, what: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // Without a cause: the words of the parser quote it.
    throw refused(`${what} is no JSON`);
  }
  if (isObject(parsed)) return parsed;
  throw refused(`${what} is no object`);
}

function isChange(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { kind, sequence, time, user } = value;
  if (!isCount(sequence) || sequence === 0 || !isTime(time) || !isOptionalText(user)) return false;
  if (kind === 'delete') return true;
  if (kind === 'metadata') return isUserMetadata(value.fields);
  return kind === 'save' && isSave(value);
}

function isSave(value: Record<string, unknown>): boolean {
  const { operation, checksum, size, format, createdAt, isFirst } = value;
  return (
    isText(operation) &&
    isChecksum(checksum) &&
    isCount(size) &&
    isFormat(format) &&
    isTime(createdAt) &&
    typeof isFirst === 'boolean' &&
    isTold(value) &&
    isOptionalText(value.createdBy) &&
    isOptionalText(value.source)
  );
}

function isSnapshot(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { createdAt, sequence, checksum, isAutomatic, role, label } = value;
  return (
    isTime(createdAt) &&
    isCount(sequence) &&
    isChecksum(checksum) &&
    typeof isAutomatic === 'boolean' &&
    ROLES.includes(role) &&
    isOptionalText(label) &&
    isOptionalText(value.user) &&
    isTold(value)
  );
}

function isTold({ description, tags }: Record<string, unknown>): boolean {
  return isOptionalText(description) && (tags === undefined || isList(tags, isText));
}

function isListed(value: unknown): boolean {
  return isObject(value) && isText(value.name) && isCount(value.size) && isChecksum(value.checksum);
}

function isUserMetadata(value: unknown): boolean {
  try {
    userMetadataOf(value);
    return true;
  } catch {
    return false;
  }
}

/** Numbers that grow are what the ids of versions rely on. */
function isInOrder(changes: readonly RecordedChange[]): boolean {
  return changes.every(({ sequence }, index) => sequence > (changes[index - 1]?.sequence ?? 0));
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= BACKUP_ARCHIVE.MAX_LISTED && value.every(isItem);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && value.length <= BACKUP_ARCHIVE.MAX_TEXT_LENGTH;
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value);
}

function isChecksum(value: unknown): value is string {
  return typeof value === 'string' && CHECKSUM.test(value);
}

function isFormat(value: unknown): value is ConfigurationFormat {
  return (Object.values(ConfigurationFormat) as unknown[]).includes(value);
}

/** As the journal counts: a number near the end of the range would leave none for the next change. */
function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= BACKUP_ARCHIVE.MAX_COUNT;
}

function isTime(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= BACKUP_ARCHIVE.MAX_TIME_MS;
}
