// @ts-check
// Looks at the files below the folder of backups, by their names and bytes and not through the module: what must not be
// there once everything has been tended.
import { lstat, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  identityOfManifest,
  isEncryptedFile,
  isOnlyCompressed,
  nameInKey,
  placeIn,
  snapshotNamed,
} from './fileKinds.mjs';
import { namesIn } from './names.mjs';

/** @import { Place } from './fileKinds.mjs' */

const GZIP_START = Buffer.from([0x1f, 0x8b]);

/**
 * @typedef {object} SnapshotFile
 * @property {string} path
 * @property {string} shown its path as it is told
 * @property {string} identity
 * @property {string} role
 * @property {string} packing such as `.gz.enc`
 */

/** Half-made files, and parts of a snapshot that nobody needs any more. @param {string} folder @returns {Promise<string[]>} */
export async function backupLeftoversIn(folder) {
  const found = [];
  for (const key of await namesIn(placeIn(folder, 'backups'))) {
    const names = await namesIn(placeIn(folder, 'backups', key));
    const snapshots = snapshotsAmong(folder, key, names);
    const identities = snapshots.map(({ identity }) => identity);
    for (const name of names) {
      const identity = identityOfManifest(name);
      const isOfNothing = identity !== undefined && !identities.includes(identity);
      const isUnknown = identity === undefined && snapshotNamed(name) === undefined;
      if (isOfNothing || isUnknown) found.push(`backups/${key}/${name}`);
    }
    for (const [index, { identity, shown }] of snapshots.entries()) {
      if (identities.indexOf(identity) !== index) found.push(`${shown}, a second file of one backup`);
    }
    found.push(...(await sharersOf(join(folder, nameInKey(key)), snapshots)));
  }
  return found;
}

/**
 * What the tending should have done and has not: every snapshot described, and packed as wanted.
 *
 * @param {string} folder
 * @param {boolean} isEncrypted
 * @returns {Promise<string[]>}
 */
export async function untendedIn(folder, isEncrypted) {
  const found = [];
  for (const key of await namesIn(placeIn(folder, 'backups'))) {
    const names = await namesIn(placeIn(folder, 'backups', key));
    const described = names.map((name) => identityOfManifest(name));
    for (const { path, shown, identity, packing } of snapshotsAmong(folder, key, names)) {
      if (!described.includes(identity)) found.push(`${shown} has no manifest`);
      if (packing === '') found.push(`${shown} is not packed`);
      if (isEncrypted && (!isEncryptedFile(packing) || isPlain(await readFile(path)))) found.push(`${shown} is plain`);
    }
  }
  return found;
}

/** Whether a damaged content was kept as evidence; only for plain backups. @param {string} folder @param {string} damaged */
export async function isInQuarantine(folder, damaged) {
  for (const { path, role, packing } of await snapshotsOf(folder, 'backups')) {
    if (role !== 'corrupt' || isEncryptedFile(packing)) continue;
    const bytes = await readFile(path);
    if ((isOnlyCompressed(packing) ? gunzipSync(bytes) : bytes).toString() === damaged) return true;
  }
  return false;
}

/**
 * The counts of the contents that were moved to the archive; only for plain backups.
 *
 * @param {string} folder
 * @returns {Promise<{ counts: number[], problems: string[] }>}
 */
export async function archivedIn(folder) {
  const counts = [];
  const problems = [];
  for (const { path, shown, packing } of await snapshotsOf(folder, 'archive')) {
    const bytes = await readFile(path);
    try {
      counts.push(Number(JSON.parse((isOnlyCompressed(packing) ? gunzipSync(bytes) : bytes).toString()).count));
    } catch {
      problems.push(`${shown} cannot be opened`);
    }
  }
  return { counts, problems };
}

/** @param {string} folder @param {Place} place */
async function snapshotsOf(folder, place) {
  const keys = await namesIn(placeIn(folder, place));
  const all = keys.map(async (key) => snapshotsAmong(folder, key, await namesIn(placeIn(folder, place, key)), place));
  return (await Promise.all(all)).flat();
}

/** @param {string} folder @param {string} key @param {readonly string[]} names @param {Place} [place] @returns {SnapshotFile[]} */
function snapshotsAmong(folder, key, names, place = 'backups') {
  return names.flatMap((name) => {
    const told = snapshotNamed(name);
    return told === undefined
      ? []
      : { path: join(placeIn(folder, place, key), name), shown: `${place}/${key}/${name}`, ...told };
  });
}

/** @param {string} livePath @param {readonly SnapshotFile[]} snapshots */
async function sharersOf(livePath, snapshots) {
  const live = await stat(livePath).catch(() => undefined);
  const found = [];
  for (const { path, shown } of snapshots) {
    if ((await lstat(path)).ino === live?.ino) found.push(`${shown} shares the live file`);
  }
  return found;
}

/** Neither the text of a configuration nor a compressed one. @param {Buffer} bytes */
function isPlain(bytes) {
  return bytes.subarray(0, GZIP_START.length).equals(GZIP_START) || bytes.includes('"count"');
}
