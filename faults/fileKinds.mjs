// @ts-check
// What the names on disk say. Everything that the suite knows of them stands here, so that a change of names is one of this
// file. It is kept apart from the store's own knowledge on purpose: a mistake there must not be made here, too.
import { basename, dirname, join } from 'node:path';

/** How a snapshot is packed: compressed, encrypted, or both. */
const PACKING = String.raw`(?:\.gz)?(?:\.enc)?`;
/** Of a snapshot: when, which version, and the start of its checksum. */
const IDENTITY = String.raw`\d{8}T\d{9}Z\.r\d+\.[0-9a-f]{16}`;
const IDENTITY_PARTS = 3;
const SNAPSHOT = new RegExp(
  String.raw`\.(${IDENTITY})\.(?:auto|manual)(?:\.[^/\\]+)?\.(backup|version|corrupt)(${PACKING})$`,
  'u',
);
const MANIFEST = new RegExp(String.raw`\.(${IDENTITY})\.meta$`, 'u');
const JOURNAL = /^journal\.\d+\.meta$/u;
const LOCK_STATE = /\.(?:free|lock)$/u;
/** At the end of the key of a configuration: the hash of the way to it. */
const KEY_HASH = /-[0-9a-f]{16}$/u;
/** Names that are another one each time. */
const RANDOM = /\b[0-9a-f]{16,}\b/gu;
const JOURNAL_NUMBER = /journal\.\d+/gu;

const OWNERS = 'owners';
const RECORD = '.owner';
const STAGED = '.tmp';
const CLAIMED = '.deleted';
const SET_ASIDE = '.damaged';
const ENCRYPTED = '.enc';
const COMPRESSED = '.gz';

/** The folders beside a configuration. */
export const PLACES = /** @type {const} */ (['metadata', 'locks', 'backups', 'archive']);

/** @typedef {typeof PLACES[number]} Place */

/** @param {string} folder @param {Place} place @param {string} [key] of one configuration */
export function placeIn(folder, place, key) {
  return key === undefined ? join(folder, place) : join(folder, place, key);
}

/** The folder of the records of all that hold locks. @param {string} folder */
export function ownersIn(folder) {
  return join(folder, 'locks', OWNERS);
}

/** @param {string} id of an owner */
export function ownerRecord(id) {
  return `${id}${RECORD}`;
}

/** A name that something has while it is made. @param {string} name its final name @param {string} random */
export function stagedName(name, random) {
  return `.${name}.${random}${STAGED}`;
}

/** @param {number} generation */
export function freeLock(generation) {
  return `${generation}.free`;
}

/** @param {{ generation: number, lockId: string, owner: string, acquiredAt: number, clock: number, lease: number }} state */
export function heldLock({ generation, lockId, owner, acquiredAt, clock, lease }) {
  return [generation, lockId, owner, acquiredAt, clock, lease, 'lock'].join('.');
}

/** Whether it belongs to the history of operations. @param {string} path */
export function isOfHistory(path) {
  return /\/metadata\/operations(?:\/|$)/u.test(path);
}

/** Whether it is in the making or about to go; nothing that stays has such a name. @param {string} name */
export function isPassing(name) {
  return name.startsWith('.') && !isIgnoreFile(name);
}

/** Whether it keeps a folder out of version control; it stays as long as the folder. @param {string} name */
export function isIgnoreFile(name) {
  return name === '.gitignore';
}

/** Whether a delete has put a content aside under this name. @param {string} path */
export function isClaimedFile(path) {
  return path.endsWith(CLAIMED);
}

/** Whether something damaged was put aside under this name. @param {string} path */
export function isSetAside(path) {
  return path.endsWith(SET_ASIDE);
}

/** @param {string} path */
export function isJournal(path) {
  return JOURNAL.test(basename(path));
}

/** @param {string} path */
export function isOwnerRecord(path) {
  return path.endsWith(RECORD);
}

/** Among what lies in the folder of all locks. @param {string} name */
export function isOwnersFolder(name) {
  return name === OWNERS;
}

/** @param {string} path */
export function isManifest(path) {
  return MANIFEST.test(path);
}

/** What one snapshot and its manifest have in common. @param {string} path @returns {string | undefined} */
export function identityOfManifest(path) {
  return MANIFEST.exec(path)?.[1];
}

/** The same of the id of a backup. @param {string} id */
export function identityOfId(id) {
  return id.split('.').slice(-IDENTITY_PARTS).join('.');
}

/**
 * What the name of a snapshot says; undefined for other names.
 *
 * @param {string} path
 * @returns {{ identity: string, role: string, packing: string } | undefined} the packing such as `.gz.enc`
 */
export function snapshotNamed(path) {
  const [, identity, role, packing] = SNAPSHOT.exec(path) ?? [];
  if (identity === undefined || role === undefined || packing === undefined) return undefined;
  return { identity, role, packing };
}

/** Whether a snapshot with this packing is encrypted. @param {string} packing or a whole name */
export function isEncryptedFile(packing) {
  return packing.endsWith(ENCRYPTED);
}

/** Whether it is compressed and no more. @param {string} packing */
export function isOnlyCompressed(packing) {
  return packing === COMPRESSED;
}

/** The name of a snapshot as it is before it is packed. @param {string} path */
export function unpackedName(path) {
  return path.replace(new RegExp(`${PACKING}$`, 'u'), '');
}

/** The configuration's name in the name of the folder for its records, lock or backups. @param {string} key */
export function nameInKey(key) {
  return key.replace(KEY_HASH, '');
}

/** A text without what is another name each time. @param {string} text */
export function withoutChance(text) {
  return text.replaceAll(RANDOM, '#').replaceAll(JOURNAL_NUMBER, 'journal.N');
}

/** The last two names of a path, for messages. @param {string} path */
export function shortened(path) {
  return path.split('/').slice(-2).join('/');
}

/**
 * What kind of file stands at a path. Two files of one kind are treated alike by the store, as far as a fault is concerned.
 *
 * @param {string} path
 * @returns {string}
 */
export function kindOfFile(path) {
  const [name, parent, grandparent] = [path, dirname(path), dirname(dirname(path))].map((part) => basename(part));
  if (name === undefined || isPlace(name)) return `folder of all ${name}`;
  const stage = name.endsWith(STAGED) ? 'staged ' : '';
  if (isPlace(grandparent)) return `${stage}${kindInPlace(name, parent, grandparent)}`;
  if (isPlace(parent) && isIgnoreFile(name)) return 'ignore file';
  if (isPlace(parent)) return isOwnersFolder(name) ? 'folder of owner records' : `${stage}folder of one in ${parent}`;
  if (stage !== '') return 'staged configuration';
  if (isClaimedFile(name)) return 'claimed configuration';
  return name.endsWith('.json') ? 'configuration' : FOLDER_OF_CONFIGURATIONS;
}

/** The kind of the folder in which the configurations themselves are. */
export const FOLDER_OF_CONFIGURATIONS = 'folder of configurations';

/** @param {string} name @param {string | undefined} parent @param {Place} place */
function kindInPlace(name, parent, place) {
  if (parent === OWNERS) return 'owner record';
  if (place === 'metadata') return isSetAside(name) ? 'journal that was set aside' : 'journal';
  if (place === 'locks') return LOCK_STATE.exec(name)?.[0] ?? 'unknown file among the locks';
  const snapshot = snapshotNamed(name);
  if (snapshot !== undefined) return `${snapshot.role}${snapshot.packing} in ${place}`;
  return /\.meta\b/u.test(name) ? `manifest in ${place}` : `snapshot in ${place}`;
}

/** @param {string | undefined} name @returns {name is Place} */
function isPlace(name) {
  return PLACES.some((place) => place === name);
}
