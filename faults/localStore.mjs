// @ts-check
// The local store without the module around it: for scenarios that steer two writers of one process step by step, which
// the module's waiting line would keep apart.
import { hostname } from 'node:os';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../dist/constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../dist/interfaces/enums.js';
import { persistenceError } from '../dist/src/errors/PersistenceError.js';
import { checksumOf } from '../dist/src/storage/local/io/durableFile.js';
import { LocalConfigStore } from '../dist/src/storage/local/LocalConfigStore.js';
import { contentOf } from './content.mjs';
import { placeIn } from './fileKinds.mjs';
import { configurationIn } from './store.mjs';

/** @import { ChangeFields, Location, LockLease, LockSighting, Work } from '../dist/src/storage/port/ConfigStore.js' */
/** @import { FileOperations } from '../dist/src/storage/local/io/FileOperations.js' */

/** @typedef {{ store: LocalConfigStore, location: Location }} OpenStore */

const { PERFORMANCE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

/** File and folder modes as the module has them. */
const MODES = {
  configFile: 0o600,
  configDirectory: 0o700,
  metadataFile: 0o600,
  metadataDirectory: 0o700,
  lockFile: 0o600,
  lockDirectory: 0o700,
  backupFile: 0o600,
  backupDirectory: 0o700,
};

const LONG_LEASE_MS = 60_000;

let instances = 0;

/** @param {string} folder @param {FileOperations} io @param {{ keptVersions?: number }} [settings] @returns {Promise<OpenStore>} */
export async function openStore(folder, io, { keptVersions = 2 } = {}) {
  instances += 1;
  const store = new LocalConfigStore(io, {
    metadataDirectory: placeIn(folder, 'metadata'),
    lockDirectory: placeIn(folder, 'locks'),
    backupDirectory: placeIn(folder, 'backups'),
    archiveDirectory: placeIn(folder, 'archive'),
    allowedDirectories: [folder],
    modes: MODES,
    maxBytes: PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES,
    keptVersions,
    mayWriteInPlace: false,
    process: { pid: process.pid, host: hostname(), module: `store-${instances}` },
  });
  await store.open();
  const location = await store.locate(configurationIn(folder), newWork());
  return { store, location };
}

/** Work without a limit. @returns {Work} */
function newWork() {
  return {
    diskIO: { bytesRead: 0, bytesWritten: 0, readOperations: 0, writeOperations: 0, fsyncOperations: 0 },
    checkpoint: () => undefined,
  };
}

/** Where the configuration stands, all links followed. @param {OpenStore} on */
export function realPathOf({ location }) {
  return location.real;
}

/** What the content of a count has for a checksum. @param {number} count */
export function checksumOfCount(count) {
  return checksumOf(bytesOf(count));
}

/** @param {OpenStore} on */
export function read({ store, location }) {
  return store.read(location, newWork());
}

/** What a change says besides what it changes. @typedef {{ expectedChecksum?: string, description?: string }} About */

/** @param {OpenStore} on @param {LockLease} lease @param {number} count @param {About} [about] */
export async function commit({ store, location }, lease, count, about) {
  const bytes = bytesOf(count);
  const content = { bytes, checksum: checksumOf(bytes), format: ConfigurationFormat.JSON };
  const change = /** @type {const} */ ({ ...content, operation: 'save', time: Date.now(), ...about });
  await store.commit(location, change, lease, newWork());
}

/** @param {OpenStore} on @param {LockLease} lease @param {string} [expectedChecksum] */
export async function remove({ store, location }, lease, expectedChecksum) {
  await store.remove(location, changeFrom(expectedChecksum), lease, newWork());
}

/** @param {OpenStore} on @param {LockLease} lease @param {string} description @param {string} [expectedChecksum] */
export async function annotate({ store, location }, lease, description, expectedChecksum) {
  const change = { ...changeFrom(expectedChecksum), fields: { description } };
  await store.annotate(location, change, lease, newWork());
}

/** @param {OpenStore} on */
export async function closeStore({ store }) {
  await store.close();
}

/**
 * The lock, as soon as the lease of whoever holds it is over.
 *
 * @param {OpenStore} on
 * @param {{ leaseMs?: number, attempts?: number }} [patience]
 * @returns {Promise<LockLease>}
 */
export async function lockOf({ store, location }, { leaseMs = LONG_LEASE_MS, attempts = 1000 } = {}) {
  for (let left = attempts; left > 0; left--) {
    const attempt = await store.tryLock(location, leaseMs);
    if (isLease(attempt)) return attempt;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw persistenceError('ERR_LOCK_TIMEOUT', 'the scenario gave it no more time');
}

/** @param {LockLease} lease */
export async function release(lease) {
  await lease.release();
}

/** @param {LockLease | LockSighting} attempt @returns {attempt is LockLease} */
function isLease(attempt) {
  return 'release' in attempt;
}

/** @param {number} count */
function bytesOf(count) {
  return Buffer.from(`${JSON.stringify(contentOf(count))}\n`);
}

/** @param {string | undefined} expectedChecksum @returns {ChangeFields} */
function changeFrom(expectedChecksum) {
  return { time: Date.now(), ...(expectedChecksum === undefined ? {} : { expectedChecksum }) };
}
