/**
 * The names of snapshot files, which say what and when.
 *
 * `app.json.20261124T101530123Z.r12.<16 hex digits>.auto.backup` is the content of version 12 of `app.json`, kept
 * automatically at that time (UTC); the digits begin its checksum. `manual`, or `manual.<name>`, are those of
 * `createBackup`; `.version` and `.corrupt` instead of `.backup` tell other reasons; `.gz` and `.enc` the packing.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import type { SnapshotFacts, SnapshotRole } from '../../port/Snapshot.js';

const { BACKUP_SETTINGS, FILE_SYSTEM, JOURNAL, REGEX_PATTERNS } = CONFIG_PERSISTENCE_CONSTANTS;

const ROLE_ENDINGS: Readonly<Record<SnapshotRole, string>> = {
  backup: FILE_SYSTEM.BACKUP_EXTENSION,
  version: BACKUP_SETTINGS.VERSION_EXTENSION,
  quarantine: BACKUP_SETTINGS.QUARANTINE_EXTENSION,
};
const IDENTITY = String.raw`(\d{8}T\d{9}Z)\.r(\d{1,16})\.([0-9a-f]{16})`;
const NAME = new RegExp(
  String.raw`^\.${IDENTITY}\.(auto|manual)(?:\.([^/\\]+))?\.(backup|version|corrupt)(\.gz)?(\.enc)?$`,
  'u',
);
/** Without a group for each part, which costs most of the time. */
const IDENTITY_OF_NAME = new RegExp(
  String.raw`^\.(${IDENTITY.replaceAll(/[()]/gu, '')})\.(?:auto|manual)\.(?:.+\.)?(?:backup|version|corrupt)(?:\.gz)?(?:\.enc)?$`,
  'u',
);
const MANIFEST_NAME = new RegExp(String.raw`^\.${IDENTITY}\.meta$`, 'u');
const ID = new RegExp(String.raw`^([^/\\\p{Cc}]+-[0-9a-f]{16})\.${IDENTITY}$`, 'u');
const DATE = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})(\d{3})Z$/u;

/** The part of a name that identifies a content: the same for the snapshot's file, its manifest and its id. */
export function identityText({ createdAt, sequence, checksumStart }: SnapshotIdentity): string {
  const time = new Date(createdAt).toISOString().replaceAll(/[-:.]/gu, '');
  return `${time}.r${sequence}.${checksumStart}`;
}

export type SnapshotIdentity = Pick<SnapshotFacts, 'createdAt' | 'sequence' | 'checksumStart'>;

/** The name of a snapshot's file; `stem` is the configuration's readable name. */
export function snapshotFileName(stem: string, facts: SnapshotFacts): string {
  const { isAutomatic, label, role, isCompressed, isEncrypted } = facts;
  const kind = isAutomatic ? 'auto' : 'manual';
  const name = label === undefined ? '' : `.${label}`;
  const packing = `${isCompressed ? FILE_SYSTEM.COMPRESSED_EXTENSION : ''}${isEncrypted ? BACKUP_SETTINGS.ENCRYPTED_EXTENSION : ''}`;
  return `${stem}.${identityText(facts)}.${kind}${name}${ROLE_ENDINGS[role]}${packing}`;
}

export function manifestFileName(stem: string, identity: SnapshotIdentity): string {
  return `${stem}.${identityText(identity)}${FILE_SYSTEM.METADATA_EXTENSION}`;
}

/** What a file's name tells; undefined for a name that is none of ours. Other people's files may look alike. */
export function parseSnapshotFileName(stem: string, name: string): SnapshotFacts | undefined {
  const match = name.startsWith(stem) ? NAME.exec(name.slice(stem.length)) : null;
  if (match === null) return undefined;
  const [, time = '', sequence = '', checksumStart = '', kind, label, ending, compressed, encrypted] = match;
  const createdAt = parseTime(time);
  if (createdAt === undefined || Number(sequence) > JOURNAL.MAX_REVISION) return undefined;
  return {
    createdAt,
    sequence: Number(sequence),
    checksumStart,
    isAutomatic: kind === 'auto',
    ...(label === undefined ? {} : { label }),
    role: roleOf(`.${ending ?? ''}`),
    isCompressed: compressed !== undefined,
    isEncrypted: encrypted !== undefined,
  };
}

/**
 * The identity in what looks like the name of a snapshot's file; undefined for any other name. Costs less than to parse it,
 * which matters where thousands lie there.
 */
export function identityInName(stem: string, name: string): string | undefined {
  return name.startsWith(stem) ? IDENTITY_OF_NAME.exec(name.slice(stem.length))?.[1] : undefined;
}

/** The identity in the name of a manifest; undefined for a name that is none. */
export function parseManifestFileName(stem: string, name: string): string | undefined {
  const match = name.startsWith(stem) ? MANIFEST_NAME.exec(name.slice(stem.length)) : null;
  return match === null ? undefined : match[0].slice(1, -FILE_SYSTEM.METADATA_EXTENSION.length);
}

export function snapshotId(key: string, identity: SnapshotIdentity): string {
  return `${key}.${identityText(identity)}`;
}

/** The key in an id; undefined for what is no id. Never a path: it has no separator and is no dots. */
export function keyOfSnapshotId(id: unknown): string | undefined {
  const isText = typeof id === 'string' && Buffer.byteLength(id) <= FILE_SYSTEM.MAX_FILENAME_BYTES;
  return isText ? ID.exec(id)?.[1] : undefined;
}

/** @throws PersistenceError `ERR_INVALID_BACKUP_NAME` for what cannot be a part of a file's name everywhere. */
export function checkLabel(label: unknown): void {
  // Nothing that means something to a file system or a shell, on any platform.
  const isRight =
    typeof label === 'string' &&
    Buffer.byteLength(label) <= BACKUP_SETTINGS.MAX_NAME_BYTES &&
    REGEX_PATTERNS.BACKUP_NAME.test(label);
  if (isRight) return;
  throw persistenceError(
    'ERR_INVALID_BACKUP_NAME',
    `a name has 1 to ${BACKUP_SETTINGS.MAX_NAME_BYTES} bytes of letters, digits, spaces and . _ + @ -, starts with a ` +
      'letter or digit, has no two dots together and ends in neither a dot nor a space',
  );
}

function roleOf(ending: string): SnapshotRole {
  if (ending === ROLE_ENDINGS.version) return 'version';
  return ending === ROLE_ENDINGS.quarantine ? 'quarantine' : 'backup';
}

function parseTime(text: string): number | undefined {
  const iso = text.replace(DATE, '$1-$2-$3T$4:$5:$6.$7Z');
  const time = Date.parse(iso);
  return Number.isNaN(time) ? undefined : time;
}
