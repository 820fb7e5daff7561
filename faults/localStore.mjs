// @ts-check
// The local store without the module around it: for scenarios that steer two writers of one process step by step, which
// the module's waiting line would keep apart.
import { hostname } from 'node:os';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../dist/constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../dist/interfaces/enums.js';
import { nodeFileOperations } from '../dist/src/storage/local/io/FileOperations.js';
import { LocalConfigStore } from '../dist/src/storage/local/LocalConfigStore.js';
import { PathGuard } from '../dist/src/storage/local/paths/PathGuard.js';
import { checksumOf } from '../dist/src/value/checksum.js';
import { contentOf } from './content.mjs';
import { placeIn } from './fileKinds.mjs';
import { configurationIn } from './store.mjs';

/** @import { ChangeFields } from '../dist/src/storage/port/ConfigStore.js' */
/** @import { Lease } from '../dist/src/storage/port/LockStore.js' */
/** @import { Location, Work } from '../dist/src/storage/port/Work.js' */
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
  const store = new LocalConfigStore(plain(io), {
    metadataDirectory: placeIn(folder, 'metadata'),
    lockDirectory: placeIn(folder, 'locks'),
    backupDirectory: placeIn(folder, 'backups'),
    archiveDirectory: placeIn(folder, 'archive'),
    pathGuard: new PathGuard([folder]),
    modes: MODES,
    maxBytes: PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES,
    keptVersions,
    mayWriteInPlace: false,
    probe: () => true,
    process: { pid: process.pid, host: hostname(), module: `store-${instances}` },
  });
  await store.open();
  const location = await store.resolve(configurationIn(folder), newWork());
  return { store, location };
}

/** The methods of an instance as an object that can be spread, as the module gives them to its store. @param {FileOperations} io */
function plain(io) {
  const names = /** @type {(keyof FileOperations)[]} */ (Object.keys(nodeFileOperations));
  return /** @type {FileOperations} */ (
    Object.fromEntries(names.map((name) => [name, /** @type {Function} */ (io[name]).bind(io)]))
  );
}

/** Work without a limit. @returns {Work} */
function newWork() {
  return {
    diskIO: { bytesRead: 0, bytesWritten: 0, readOperations: 0, writeOperations: 0, fsyncOperations: 0 },
    signal: new AbortController().signal,
    deadline: Infinity,
  };
}

/** Where the configuration stands, all links followed. @param {OpenStore} on */
export function realPathOf({ location }) {
  return location.id;
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

/** @param {OpenStore} on @param {Lease} lease @param {number} count @param {About} [about] */
export async function commit({ store, location }, lease, count, about) {
  const bytes = bytesOf(count);
  const content = { bytes, checksum: checksumOf(bytes), format: ConfigurationFormat.JSON };
  const change = /** @type {const} */ ({ kind: 'save', ...content, operation: 'save', time: Date.now(), ...about });
  await store.commit(location, change, lease.guard, newWork());
}

/** @param {OpenStore} on @param {Lease} lease @param {string} [expectedChecksum] */
export async function remove({ store, location }, lease, expectedChecksum) {
  await store.commit(location, { kind: 'delete', ...changeFrom(expectedChecksum) }, lease.guard, newWork());
}

/** @param {OpenStore} on @param {Lease} lease @param {string} description @param {string} [expectedChecksum] */
export async function annotate({ store, location }, lease, description, expectedChecksum) {
  const change = /** @type {const} */ ({ kind: 'metadata', ...changeFrom(expectedChecksum), fields: { description } });
  await store.commit(location, change, lease.guard, newWork());
}

/** @param {OpenStore} on */
export async function closeStore({ store }) {
  await store.close();
}

/**
 * The lock, as soon as the lease of whoever holds it is over.
 *
 * @param {OpenStore} on
 * @param {{ leaseMs?: number, waitMs?: number }} [times] 0 tries once
 * @returns {Promise<Lease>}
 */
export function lockOf({ store, location }, { leaseMs = LONG_LEASE_MS, waitMs = 1000 } = {}) {
  const { signal } = newWork();
  return store.locks.acquire(location, { leaseMs, deadline: performance.now() + waitMs, signal });
}

/** @param {Lease} lease */
export async function release(lease) {
  await lease.release();
}

/** @param {number} count */
function bytesOf(count) {
  return Buffer.from(`${JSON.stringify(contentOf(count))}\n`);
}

/** @param {string | undefined} expectedChecksum @returns {ChangeFields} */
function changeFrom(expectedChecksum) {
  return { time: Date.now(), ...(expectedChecksum === undefined ? {} : { expectedChecksum }) };
}
