// @ts-check
// Judges a folder after a fault: is the content one that may be there, do all parts agree, does the next operation work,
// is anything left over. Every judgement of the suite is made here.
import { readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { backupLeftoversIn } from './backupsFolder.mjs';
import { contentOf, isWhole } from './content.mjs';
import { codeOf, describe } from './errors.mjs';
import {
  isJournal,
  isOfHistory,
  isOwnerRecord,
  isOwnersFolder,
  isPassing,
  ownersIn,
  placeIn,
  withoutChance,
} from './fileKinds.mjs';
import { judgeBackups, judgeTended, judgeVersions, KEEP_ALL } from './judgeBackups.mjs';
import { ARCHIVE_OF_SEVERAL, companionsOf, namesIn } from './names.mjs';
import { configurationIn, openModule, withModule } from './store.mjs';

/** @import { ConfigPersistenceOptions } from '../dist/interfaces/options.js' */
/** @import { BackupExpectation } from './judgeBackups.mjs' */
/** @import { ModuleUnderFault } from './store.mjs' */

/**
 * What a caller can see of the configuration.
 *
 * @typedef {object} Seen
 * @property {number | null} count its content; null where there is no file
 * @property {string} [note] the description in its metadata
 */

/** What the first operation after a fault is. @typedef {'save' | 'lock first' | 'failing update first'} Successor */

/** A count that no other step of the suite writes, so that the next save is told from the state before it. */
export const COUNT_OF_NEXT_SAVE = 1_000_000;
/** Of the save after that one: what is saved twice in the same words is written once. */
export const COUNT_OF_LATER_SAVE = COUNT_OF_NEXT_SAVE + 1;

// Longer than what a process makes can be in the making.
const LONG_AGO_MS = 24 * 3_600_000;
// Shorter than the lease of a lock that nobody gives back.
const LONGEST_UPKEEP_MS = 10_000;
const POLLING_MS = 10;

/**
 * What stands there, with every check that a reader can make.
 *
 * @param {ModuleUnderFault} module
 * @param {string} file
 * @param {{ isInterrupted?: boolean }} [facts] whether an import has said that it ended half-way
 * @returns {Promise<{ seen: Seen | undefined, problems: string[] }>}
 */
export async function look(module, file, { isInterrupted = false } = {}) {
  const besides = (/** @type {number | null} */ count) =>
    isInterrupted ? Promise.resolve([]) : companionProblems(module, file, count);
  try {
    const loaded = await module.loadConfiguration(file);
    const verdict = await module.verifyConfigurationIntegrity(file);
    const problems = [];
    if (!loaded.isValid) problems.push(`load finds it invalid: ${JSON.stringify(loaded.validationResults)}`);
    if (!verdict.isValid) problems.push(`verify finds: ${JSON.stringify(verdict.issues)}`);
    const note = loaded.metadata.description;
    /** @type {{ count: number, filler?: string }} */
    const data = loaded.data;
    if (!isWhole(data)) problems.push('the content is not one that was ever saved');
    problems.push(...(await besides(data.count)));
    return { seen: { count: data.count, ...(note === undefined ? {} : { note }) }, problems };
  } catch (error) {
    if (codeOf(error) === 'ERR_FILE_NOT_FOUND') {
      return { seen: { count: null }, problems: await besides(null) };
    }
    return { seen: undefined, problems: [`load fails: ${describe(error)}`] };
  }
}

/**
 * Whether a part of an import is there and another is not. What the suite itself saves next changes only one of them.
 *
 * @param {ModuleUnderFault} module @param {string} file @param {number | null} count
 * @returns {Promise<string[]>}
 */
async function companionProblems(module, file, count) {
  const isOfSuite = count === COUNT_OF_NEXT_SAVE || count === COUNT_OF_LATER_SAVE;
  if (isOfSuite || !(await hasCompanions(file))) return [];
  const problems = [];
  for (const companion of companionsOf(file)) {
    const found = await module.loadConfiguration(companion).then(
      ({ data }) => Number(data.count),
      (error) => (codeOf(error) === 'ERR_FILE_NOT_FOUND' ? null : describe(error)),
    );
    if (found !== count) problems.push(`an import is there in part: ${count} beside ${found}`);
  }
  return problems;
}

/** @param {string} file */
async function hasCompanions(file) {
  return (await namesIn(dirname(file))).includes(ARCHIVE_OF_SEVERAL);
}

/** Whoever changes them next clears away what is left of them. @param {ModuleUnderFault} module @param {string} file @param {string[]} problems */
async function saveCompanions(module, file, problems) {
  for (const companion of companionsOf(file)) {
    try {
      for (const count of [COUNT_OF_NEXT_SAVE, COUNT_OF_LATER_SAVE]) await saveNext(module, companion, count);
    } catch (error) {
      problems.push(`the next save beside it fails: ${describe(error)}`);
    }
  }
}

/**
 * @typedef {object} Facts
 * @property {boolean} [hasBrokenDisk] whether a clean-up may have failed, so that only a take-over clears it away
 * @property {BackupExpectation} [backups] what is known of the backups
 */

/**
 * Judges a folder whose last user is gone, with a new instance, and works on.
 *
 * @param {string} folder
 * @param {readonly Seen[]} allowed
 * @param {Successor} [successor]
 * @param {Facts} [facts]
 * @returns {Promise<{ problems: string[], seen: Seen | undefined } & SaveTimes>}
 */
export async function judgeFolder(folder, allowed, successor = 'save', { hasBrokenDisk = false, backups } = {}) {
  const file = configurationIn(folder);
  const options = { ...backups?.options, ...KEEP_ALL, lockTimeout: 5000 };
  const module = await openModule(folder, { options });
  const { seen, problems } = await look(module, file);
  if (seen !== undefined && !allowed.some((one) => isSame(one, seen))) {
    problems.push(`shows ${JSON.stringify(seen)}, allowed are ${JSON.stringify(allowed)}`);
  }
  if (backups !== undefined) {
    const added = backups.committed?.count === seen?.count ? (backups.committed?.added ?? []) : [];
    problems.push(...(await judgeBackups(folder, { ...backups, required: [...backups.required, ...added] })));
    // The content of a version may be the damaged one, or in the archive.
    if (backups.damaged === undefined && backups.isArchiving !== true)
      problems.push(...(await judgeVersions(module, file)));
  }
  const times = await goOn(module, file, successor, problems);
  if (await hasCompanions(file)) await saveCompanions(module, file, problems);
  try {
    await backups?.finish?.(module, file);
  } catch (error) {
    problems.push(`a later operation fails: ${describe(error)}`);
  }
  try {
    await module.destroy();
  } catch (error) {
    problems.push(`destroy fails: ${describe(error)}`);
  }
  problems.push(...(await backupLeftoversIn(folder)).map((name) => `left among the backups: ${name}`));
  if (backups !== undefined) {
    const required = [...backups.required, ...(typeof seen?.count === 'number' ? [seen.count] : [])];
    const found = await judgeTended(folder, { ...backups, required });
    problems.push(...found.map((problem) => `after the next tending ${problem}`));
  }
  problems.push(...(await lastingLeftovers(folder, hasBrokenDisk, options)).map((name) => `leftover: ${name}`));
  return { problems, seen, ...times };
}

/**
 * What nobody clears away. Half-made lock files may still be somebody's while they are young, so an opening module
 * removes the old ones; what could not be removed because the disk failed is the next take-over's.
 *
 * @param {string} folder
 * @param {boolean} hasBrokenDisk
 * @param {ConfigPersistenceOptions} options
 */
async function lastingLeftovers(folder, hasBrokenDisk, options) {
  const first = await leftoversIn(folder);
  if (first.length === 0) return first;
  await ageHalfMadeLocks(folder);
  const file = configurationIn(folder);
  const files = (await hasCompanions(file)) ? [file, ...companionsOf(file)] : [file];
  if (hasBrokenDisk) await dieWithTheLocks(folder, files);
  const takeOver = async (/** @type {ModuleUnderFault} */ module) => {
    for (const one of files) await saveNext(module, one);
  };
  await withModule(folder, hasBrokenDisk ? takeOver : () => Promise.resolve(), { options });
  return leftoversIn(folder);
}

/** @param {string} folder */
async function ageHalfMadeLocks(folder) {
  const longAgo = new Date(Date.now() - LONG_AGO_MS);
  for (const place of [placeIn(folder, 'locks'), ownersIn(folder)]) {
    for (const name of await namesIn(place)) {
      if (isPassing(name)) await utimes(join(place, name), longAgo, longAgo);
    }
  }
}

/** @param {string} folder @param {readonly string[]} files */
async function dieWithTheLocks(folder, files) {
  const module = await openModule(folder);
  for (const file of files) await module.acquireFileLock(file);
  await endAllOwners(folder);
}

/** @param {ModuleUnderFault} module @param {string} file @param {number} [count] */
async function saveNext(module, file, count = COUNT_OF_NEXT_SAVE) {
  await module.saveConfiguration(contentOf(count), file);
}

/**
 * What the first save after a fault takes, in milliseconds, and another one right after it, which has nothing to recover.
 *
 * @typedef {{ nextSaveMs: number, laterSaveMs: number }} SaveTimes
 */

/**
 * The next operations of a module, each of which must work. The second save is also there because what replaces nothing
 * keeps nothing, so that only the change after it is followed by a tending.
 *
 * @param {ModuleUnderFault} module
 * @param {string} file
 * @param {Successor} successor
 * @param {string[]} problems
 * @param {{ mayHoldTheLock?: boolean }} [facts] whether the module was asked to hold the lock
 * @returns {Promise<SaveTimes>}
 */
export async function goOn(module, file, successor, problems, { mayHoldTheLock = false } = {}) {
  try {
    if (successor === 'lock first') {
      const lock = await module.acquireFileLock(file);
      if (!lock.success) problems.push(`the lock cannot be taken: ${JSON.stringify(lock.errors)}`);
      else await module.releaseFileLock(lock.lockId);
    }
    if (successor === 'failing update first') await failAnUpdate(module, file, problems);
    const nextSaveMs = await timeOf(() => saveNext(module, file));
    const after = await look(module, file);
    problems.push(...after.problems.map((problem) => `after the next save ${problem}`));
    if (after.seen?.count !== COUNT_OF_NEXT_SAVE) problems.push('the next save is not there');
    if (!mayHoldTheLock && (await staysLocked(module, file))) problems.push('the lock stays held');
    return { nextSaveMs, laterSaveMs: await timeOf(() => saveNext(module, file, COUNT_OF_LATER_SAVE)) };
  } catch (error) {
    problems.push(`the next operation fails: ${describe(error)}`);
    return { nextSaveMs: Number.NaN, laterSaveMs: Number.NaN };
  }
}

/** The upkeep of the module itself may hold the lock for a moment. @param {ModuleUnderFault} module @param {string} file */
async function staysLocked(module, file) {
  const end = performance.now() + LONGEST_UPKEEP_MS;
  do {
    if (!(await module.checkFileLock(file)).isLocked) return false;
    await delay(POLLING_MS);
  } while (performance.now() < end);
  return true;
}

/** @param {() => Promise<void>} work */
async function timeOf(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** @param {ModuleUnderFault} module @param {string} file @param {string[]} problems */
async function failAnUpdate(module, file, problems) {
  const refusal = new Error('the caller gives up');
  /** @returns {never} */
  const giveUp = () => {
    throw refusal;
  };
  try {
    await module.updateConfiguration(giveUp, file, { initial: {} });
    problems.push('an update whose caller gave up succeeded');
  } catch (error) {
    if (error !== refusal) throw error;
  }
}

/**
 * Everything below the folder that no living module needs: one journal and one baton for each configuration may stay,
 * the records of owners, and backups.
 *
 * @param {string} folder
 * @returns {Promise<string[]>}
 */
export async function leftoversIn(folder) {
  const found = [];
  for (const name of await namesIn(folder)) {
    if (isPassing(name)) found.push(name);
  }
  for (const key of await namesIn(placeIn(folder, 'metadata'))) {
    // What a killed process has written down stays, and so does its file.
    if (isOfHistory(join(placeIn(folder, 'metadata'), key))) continue;
    const names = await namesIn(placeIn(folder, 'metadata', key));
    const journals = names.filter(isJournal);
    found.push(...names.filter((name) => !journals.includes(name)).map((name) => `metadata/${key}/${name}`));
    if (journals.length > 1) found.push(`metadata/${key} has ${journals.length} journals: ${journals.join(', ')}`);
  }
  for (const key of await namesIn(placeIn(folder, 'locks'))) {
    const names = await namesIn(placeIn(folder, 'locks', key));
    if (isOwnersFolder(key))
      found.push(...names.filter((name) => !isOwnerRecord(name)).map((name) => `owners/${name}`));
    else if (isPassing(key)) found.push(`locks/${key}`);
    else if (names.length > 1) found.push(`locks/${key} has ${names.join(', ')}`);
  }
  // A draft stays for an hour: nobody can tell whether it is still being written.
  for (const name of await namesIn(join(folder, 'temp'))) if (!isPassing(name)) found.push(`temp/${name}`);
  found.push(...(await backupLeftoversIn(folder)));
  return found;
}

/**
 * Makes every owner that stands on record look like an ended process: its number belongs to somebody else by now.
 *
 * @param {string} folder
 */
export async function endAllOwners(folder) {
  const owners = ownersIn(folder);
  for (const name of await namesIn(owners)) {
    if (!isOwnerRecord(name)) continue;
    const path = join(owners, name);
    /** @type {Record<string, unknown>} */
    const owner = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...owner, processStart: '1' }));
  }
}

/** A problem without names that differ each time, so that those of one kind can be counted. @param {string} problem */
export function alike(problem) {
  return withoutChance(problem.replaceAll(/\/[^ '"]*config-faults[^ '"]*\//gu, ''));
}

/** @param {Seen} left @param {Seen} right */
export function isSame(left, right) {
  return left.count === right.count && left.note === right.note;
}
