// @ts-check
// Lock files as nobody should find them: empty, garbage, from the future, links, folders and pipes in each other's place.
// The module must neither crash nor hang nor touch what the links lead to; it works, or says with a code why not.
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { contentOf } from '../content.mjs';
import { codeOf, describe } from '../errors.mjs';
import {
  freeLock,
  heldLock,
  isIgnoreFile,
  isOwnersFolder,
  ownerRecord,
  ownersIn,
  placeIn,
  stagedName,
} from '../fileKinds.mjs';
import { judgeFolder, leftoversIn } from '../judge.mjs';
import { discard, folderInMemory } from '../scratch.mjs';
import { configurationIn, openModule, withModule } from '../store.mjs';

/** @import { Report } from '../Report.mjs' */

const LOCK_ID = '00000000-0000-4000-8000-000000000000';
const UNKNOWN_OWNER = '00000000deadbeef';
const LONG_LEASE_MS = 600_000;
const FAR = 10 ** 14;
const OUTSIDE_TEXT = 'nothing of the module';
const MODULES_AT_ONCE = 6;
const HANGING_AFTER_MS = 10_000;

/**
 * @typedef {object} Place
 * @property {string} folder
 * @property {string} locks the folder of all locks
 * @property {string} lock the folder of the configuration's lock
 * @property {string} baton the one file in it
 * @property {string} owners
 * @property {string} outside a folder that nobody may touch, with one file in it
 */

/** How each is spoiled, and what may become of the next save. @type {Record<string, { spoil: (place: Place) => Promise<unknown>, allowed: readonly string[] }>} */
const CASES = {
  'other files beside the baton': {
    spoil: async ({ lock }) => {
      for (const name of ['', '.lock', '-1.free', '1e3.free', '0x5.free', 'garbage', 'é\u202e.lock'].filter(Boolean)) {
        await writeFile(join(lock, name), 'garbage');
      }
    },
    allowed: ['success'],
  },
  'no baton': { spoil: ({ baton }) => rm(baton), allowed: ['success'] },
  'no lock folder': { spoil: ({ lock }) => rm(lock, { recursive: true }), allowed: ['success'] },
  'a baton with content': { spoil: ({ baton }) => writeFile(baton, Buffer.alloc(100_000, 7)), allowed: ['success'] },
  'a free baton that is a folder': {
    spoil: async ({ baton }) => replace(baton, (path) => mkdir(path)),
    allowed: ['success'],
  },
  'a free baton that is a link': {
    spoil: async ({ baton, outside }) => replace(baton, (path) => symlink(join(outside, 'file'), path)),
    allowed: ['success'],
  },
  'a free baton that is a pipe': {
    spoil: async ({ baton }) => replace(baton, makePipe),
    allowed: ['success'],
  },
  'held by an owner without a record': { spoil: (place) => hold(place, {}), allowed: ['ERR_LOCK_TIMEOUT'] },
  'held from the future by an unknown owner': {
    spoil: (place) => hold(place, { acquiredAt: FAR, clock: FAR }),
    allowed: ['ERR_LOCK_TIMEOUT'],
  },
  'held for ever from the future': {
    spoil: (place) => hold(place, { acquiredAt: FAR, clock: FAR, lease: FAR, generation: FAR }),
    allowed: ['ERR_LOCK_TIMEOUT'],
  },
  'a held baton that is a folder': {
    spoil: async (place) => replace(await hold(place, {}), (path) => mkdir(path)),
    allowed: ['ERR_LOCK_TIMEOUT'],
  },
  ...Object.fromEntries(
    Object.entries({
      'an empty owner record': (/** @type {string} */ path) => writeFile(path, ''),
      'a garbage owner record': (/** @type {string} */ path) => writeFile(path, Buffer.from([0, 255, 123, 34])),
      'an owner record with odd values': (/** @type {string} */ path) => writeFile(path, ODD_OWNER),
      'a huge owner record': (/** @type {string} */ path) => writeFile(path, Buffer.alloc(50_000_000, '{')),
      'an owner record that is a folder': (/** @type {string} */ path) => mkdir(path),
      'an owner record that is a pipe': makePipe,
    }).map(([name, make]) => [
      `held, with ${name}`,
      {
        spoil: async (/** @type {Place} */ place) => {
          await hold(place, {});
          await make(join(place.owners, ownerRecord(UNKNOWN_OWNER)));
        },
        allowed: ['ERR_LOCK_TIMEOUT'],
      },
    ]),
  ),
  'held, with an owner record that is a link': {
    spoil: async (place) => {
      await hold(place, {});
      await symlink(join(place.outside, 'file'), join(place.owners, ownerRecord(UNKNOWN_OWNER)));
    },
    allowed: ['ERR_LOCK_TIMEOUT'],
  },
  'a lock folder that is a file': {
    spoil: async ({ lock }) => replace(lock, (path) => writeFile(path, '')),
    allowed: ['ENOTDIR', 'ERR_NOT_A_FILE', 'EEXIST'],
  },
  'a lock folder that is a dangling link': {
    spoil: async ({ lock, outside }) => replace(lock, (path) => symlink(join(outside, 'nowhere'), path)),
    allowed: ['ENOTDIR', 'ENOENT', 'ERR_NOT_A_FILE'],
  },
  'a folder for owners that is a file': {
    spoil: async ({ owners }) => replace(owners, (path) => writeFile(path, '')),
    allowed: ['ENOTDIR', 'ERR_NOT_A_FILE', 'EEXIST'],
  },
  'a folder for locks that is a file': {
    spoil: async ({ locks }) => replace(locks, (path) => writeFile(path, '')),
    allowed: ['ENOTDIR', 'ERR_NOT_A_FILE', 'EEXIST'],
  },
  'a folder for locks that is a dangling link': {
    spoil: async ({ locks, outside }) => replace(locks, (path) => symlink(join(outside, 'nowhere'), path)),
    allowed: ['ENOTDIR', 'ENOENT', 'ERR_NOT_A_FILE', 'EEXIST'],
  },
};

const ODD_OWNER = JSON.stringify({
  id: UNKNOWN_OWNER,
  pid: -1,
  processStart: {},
  bootId: 5,
  pidNamespace: [],
  host: 'h',
  user: 'u',
  module: 'm',
});

/** @param {Report} report */
export async function badLockFiles(report) {
  for (const [name, { spoil, allowed }] of Object.entries(CASES)) {
    const folder = await folderInMemory();
    const outside = await folderInMemory();
    await writeFile(join(outside, 'file'), OUTSIDE_TEXT);
    const problems = [];
    const place = await prepare(folder, outside);
    await spoil(place);
    const outcome = await Promise.race([saveOn(folder), hangs()]);
    report.count('cases');
    report.count(outcome === 'success' ? 'saves that work all the same' : 'saves refused with a code');
    if (!allowed.includes(outcome))
      problems.push(`the save ends with ${outcome}, expected was ${allowed.join(' or ')}`);
    const isUntouched = (await readFile(join(outside, 'file'), 'utf8')) === OUTSIDE_TEXT;
    if (!isUntouched || (await readdir(outside)).length !== 1) problems.push('something outside was changed');
    // With the bad files gone everything works, and shows what the outcome promised.
    await rm(place.locks, { recursive: true, force: true });
    const verdict = await judgeFolder(folder, [{ count: outcome === 'success' ? 2 : 1 }]);
    problems.push(...verdict.problems);
    for (const problem of problems) report.fail(problem, name);
    await discard(folder);
    await discard(outside);
  }
  await openTogether(report);
}

/** Everybody who opens wants to clear away what a killed process was making; that must hinder nobody. @param {Report} report */
async function openTogether(report) {
  const folder = await folderInMemory();
  const { locks, lock, owners } = await prepare(folder, folder);
  const staged = join(locks, stagedName(basename(lock), UNKNOWN_OWNER));
  await mkdir(staged);
  await writeFile(join(staged, freeLock(0)), '');
  const stagedRecord = join(owners, stagedName(ownerRecord(UNKNOWN_OWNER), UNKNOWN_OWNER));
  await writeFile(stagedRecord, '');
  await utimes(staged, 1, 1);
  await utimes(stagedRecord, 1, 1);
  const opened = await Promise.allSettled(Array.from({ length: MODULES_AT_ONCE }, () => openModule(folder)));
  for (const one of opened) {
    report.count('modules opened beside what a killed process was making');
    if (one.status === 'fulfilled') await one.value.destroy();
    else
      report.fail(`a module cannot be opened: ${codeOf(one.reason) ?? describe(one.reason)}`, 'half-made lock folder');
  }
  for (const name of await leftoversIn(folder)) report.fail('what a killed process was making stays', name);
  await discard(folder);
}

/** @param {string} folder @param {string} outside @returns {Promise<Place>} */
async function prepare(folder, outside) {
  await withModule(folder, (module) => module.saveConfiguration(contentOf(1), configurationIn(folder)));
  const locks = placeIn(folder, 'locks');
  const [key = ''] = (await readdir(locks)).filter((name) => !isOwnersFolder(name) && !isIgnoreFile(name));
  const lock = join(locks, key);
  const [baton = ''] = await readdir(lock);
  return { folder, outside, locks, lock, baton: join(lock, baton), owners: ownersIn(folder) };
}

/** @param {string} folder @returns {Promise<string>} */
async function saveOn(folder) {
  try {
    const module = await openModule(folder, { options: { lockTimeout: 100 } });
    try {
      await module.checkFileLock(configurationIn(folder));
      await module.saveConfiguration(contentOf(2), configurationIn(folder));
    } finally {
      await module.destroy();
    }
    return 'success';
  } catch (error) {
    return codeOf(error) ?? describe(error);
  }
}

/** @returns {Promise<string>} */
async function hangs() {
  await delay(HANGING_AFTER_MS, undefined, { ref: false });
  return 'nothing for ten seconds';
}

/** Passes the baton to a holder that does not exist. @param {Place} place @param {{ generation?: number, acquiredAt?: number, clock?: number, lease?: number }} about */
async function hold({ lock, baton }, { generation = 50, acquiredAt = 1, clock = 1, lease = LONG_LEASE_MS }) {
  const held = join(lock, heldLock({ generation, lockId: LOCK_ID, owner: UNKNOWN_OWNER, acquiredAt, clock, lease }));
  await rename(baton, held);
  return held;
}

/** @param {string} path @param {(path: string) => unknown} make */
async function replace(path, make) {
  await rm(path, { recursive: true });
  await make(path);
}

/** @param {string} path */
async function makePipe(path) {
  execFileSync('mkfifo', [path]);
}
