/** What the names in the store's folders say, one function for each kind of folder. Undefined: of another program. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { InspectedKind, InspectedSnapshot } from '../../port/StoreInspection.js';
import { TRANSIENT_NAME } from '../io/names.js';
import { parseLockFile } from '../lock/LockFile.js';
import { ownerIdOf } from '../lock/ownerNames.js';
import { isKey, stemOf } from '../paths/ConfigurationKeys.js';
import { parseManifestFileName, parseSnapshotFileName, snapshotId } from '../snapshots/SnapshotName.js';

const { FILE_SYSTEM, IMPORT_PLAN, JOURNAL, OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

const JOURNAL_NAME = /^journal\.\d{8}\.meta$/u;
const HISTORY_NAME = new RegExp(OPERATION_LOG.FILE_NAME, 'u');
const STAGED_NAME = new RegExp(IMPORT_PLAN.STAGED_NAME, 'u');
const TRANSIENT_STEM = /^\.(.+)\.[0-9a-f]{16}\.(?:tmp|deleted)$/u;

/** One name of the store's. */
export interface OwnName {
  readonly name: string;
  readonly kind: InspectedKind;
  readonly snapshot?: InspectedSnapshot;
  /** True for a lock that somebody holds. */
  readonly isHeld?: boolean;
}

export type Classify = (name: string) => OwnName | undefined;

/** In a folder that has one folder for each configuration. */
export const inParent: Classify = (name) => (isKey(name) ? { name, kind: 'folder' } : inOtherFolder(name));

export const inJournalFolder: Classify = (name) => {
  if (JOURNAL_NAME.test(name)) return { name, kind: 'journal' };
  const isSetAside = name.startsWith(JOURNAL.FILE_PREFIX) && name.endsWith(JOURNAL.DAMAGED_EXTENSION);
  return isSetAside ? { name, kind: 'set-aside' } : inOtherFolder(name);
};

/** In the folder of this key. */
export function inSnapshotFolder(key: string): Classify {
  const stem = stemOf(key);
  return (name) => {
    const facts = parseSnapshotFileName(stem, name);
    if (facts !== undefined) {
      const { role, isCompressed, createdAt } = facts;
      return { name, kind: 'snapshot', snapshot: { id: snapshotId(key, facts), role, isCompressed, createdAt } };
    }
    return parseManifestFileName(stem, name) === undefined ? inOtherFolder(name) : { name, kind: 'manifest' };
  };
}

export const inLockFolder: Classify = (name) => {
  const file = parseLockFile(name);
  return file === undefined ? undefined : { name, kind: 'lock', isHeld: file.holding !== undefined };
};

export const inOwnerFolder: Classify = (name) =>
  ownerIdOf(name) !== undefined ? { name, kind: 'owner' } : inOtherFolder(name);

export const inTemporaryFolder: Classify = (name) => {
  if (name === IMPORT_PLAN.NAME) return { name, kind: 'plan' };
  return STAGED_NAME.test(name) ? { name, kind: 'staged' } : inOtherFolder(name);
};

/** In the folder of the history of operations. */
export const inHistoryFolder: Classify = (name) =>
  HISTORY_NAME.test(name) ? { name, kind: 'history' } : inOtherFolder(name);

/** In a folder of configurations, and anywhere else. */
export const inOtherFolder: Classify = (name) => {
  if (!TRANSIENT_NAME.test(name)) return undefined;
  return { name, kind: name.endsWith(FILE_SYSTEM.DELETED_EXTENSION) ? 'tombstone' : 'temporary' };
};

/** The readable name of the file that a temporary one was to become. */
export function stemOfTransient(name: string): string | undefined {
  return TRANSIENT_STEM.exec(name)?.[1];
}
