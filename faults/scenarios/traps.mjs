// @ts-check
// Single, hand-made sequences of events that a search through calls does not reach: three parties, two crashes, or
// files that look like somebody's.
import { readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { freezeAt } from '../faultRules.mjs';
import { contentOf } from '../content.mjs';
import { codeOf, describe } from '../errors.mjs';
import { freeLock, isClaimedFile, isJournal, isIgnoreFile, isOwnersFolder, placeIn } from '../fileKinds.mjs';
import { endAllOwners } from '../judge.mjs';
import { badSector } from './badSector.mjs';
import { annotate, commit, lockOf, openStore, read, realPathOf, release, remove } from '../localStore.mjs';
import { PausePoint } from '../PausePoint.mjs';
import { discard, folderInMemory } from '../scratch.mjs';
import { plainArchive } from './plainArchive.mjs';
import { configurationIn, openModule } from '../store.mjs';

/** @import { Call } from '../FaultyFileOperations.mjs' */
/** @import { Report } from '../Report.mjs' */
/** @import { OpenStore } from '../localStore.mjs' */
/** @import { ModuleUnderFault } from '../store.mjs' */

/** The highest one that counts. */
const LAST_GENERATION = 999_999_999_999_999;

/** @type {Record<string, (folder: string) => Promise<string[]>>} */
const TRAPS = {
  'metadata of an overtaken writer come after a compaction': lateMetadata,
  'the names of two configurations start alike': neighbours,
  'a deleted content must not come back': resurrection,
  'a killed writer had caught the content of another': caughtContent,
  'a lock from the end of all generations': lastGeneration,
  'a lock that is a dangling link': danglingBaton,
  'a late delete catches a newer content': lateDelete,
  'a backup cannot be read': badSector,
  'a backup is archived before it is encrypted': plainArchive,
};

/** @param {Report} report */
export async function traps(report) {
  for (const [name, trap] of Object.entries(TRAPS)) {
    const folder = await folderInMemory();
    const problems = await trap(folder);
    report.count('traps');
    for (const problem of problems) report.fail(problem, name);
    await discard(folder);
  }
}

/** The writer's number is taken, but the record that took it went with a compaction. @param {string} folder */
async function lateMetadata(folder) {
  const io = new FaultyFileOperations();
  const late = await openStore(folder, io);
  const other = await openStore(folder, new FaultyFileOperations());
  await save(other, 1);
  const lease = await lockOf(late, { leaseMs: 1 });
  await read(late);
  // The journal is known by now, so the first time that it is opened is for the append.
  const stop = new PausePoint(({ kind, path }) => kind === 'open' && isJournal(path));
  io.start(stop.rule);
  const annotated = outcomeOf(annotate(late, lease, 'late'));
  await stop.reached;
  for (let count = 2; count < 14; count++) await save(other, count, 'long '.repeat(2400));
  stop.open();
  const outcome = await annotated;
  const { userMetadata } = await read(other);
  const isThere = userMetadata?.description === 'late';
  return outcome === 'success' && !isThere ? ['metadata were acknowledged and are not there'] : [];
}

/** Sweeping after a writer of "app" must not touch what belongs to "app.json". @param {string} folder */
async function neighbours(folder) {
  const [long, short] = [join(folder, 'app.json'), join(folder, 'app')];
  const asJson = /** @type {const} */ ({ format: 'json' });
  const io = new FaultyFileOperations();
  const busy = await openModule(folder, { io });
  const killed = await openFrozen(folder, ({ kind, to }) => kind === 'rename' && to === short);
  await outcomeOf(killed.saveConfiguration(contentOf(1), short, asJson));
  await endAllOwners(folder);
  const atRename = new PausePoint(({ kind, to }) => kind === 'rename' && to === long);
  io.start(atRename.rule);
  const saving = outcomeOf(busy.saveConfiguration(contentOf(2), long));
  await Promise.race([atRename.reached, saving]);
  const successor = await openModule(folder);
  await successor.saveConfiguration(contentOf(3), short, asJson);
  atRename.open();
  const outcome = await saving;
  await Promise.all([busy.destroy(), successor.destroy()]);
  return outcome === 'success' ? [] : [`a take-over of "app" lets a running save of "app.json" end with ${outcome}`];
}

/** @param {string} folder */
async function resurrection(folder) {
  const file = configurationIn(folder);
  const first = await openModule(folder);
  await first.saveConfiguration(contentOf(1), file);
  const killed = await openFrozen(folder, ({ kind, path }) => kind === 'unlink' && isClaimedFile(path));
  await outcomeOf(killed.deleteConfiguration(file));
  await endAllOwners(folder);
  // Taken over without a change, so that what the killed delete left is not looked at.
  const second = await openModule(folder);
  const { lockId } = await second.acquireFileLock(file);
  await second.releaseFileLock(lockId);
  await second.saveConfiguration(contentOf(2), file);
  await second.deleteConfiguration(file);
  // Another holder dies much later, and its lock is taken over with a change.
  const third = await openModule(folder);
  await third.acquireFileLock(file);
  await endAllOwners(folder);
  const last = await openModule(folder);
  // Refused, because nothing has this checksum; but the sweep after the take-over comes before the refusal.
  const expectedChecksum = '0'.repeat(64);
  await outcomeOf(last.saveConfiguration(contentOf(3), file, { expectedChecksum }));
  const outcome = await outcomeOf(last.loadConfiguration(file));
  await last.destroy();
  return outcome === 'ERR_FILE_NOT_FOUND' ? [] : ['a configuration that was deleted twice is there again'];
}

/** A late delete has caught a newer content and is killed before it puts it back: the content was acknowledged. @param {string} folder */
async function caughtContent(folder) {
  const file = configurationIn(folder);
  const io = new FaultyFileOperations();
  const late = await openStore(folder, io);
  const other = await openStore(folder, new FaultyFileOperations());
  await save(other, 1);
  const lease = await lockOf(late, { leaseMs: 1 });
  const stop = new PausePoint(({ kind, to = '' }) => kind === 'rename' && isClaimedFile(to));
  const frozen = freezeAt(0, 'before');
  let isClaimed = false;
  io.start({
    before: (call) => (isClaimed ? frozen.before?.(call) : stop.rule.before?.(call)),
    after: ({ kind, to = '' }) => (isClaimed ||= kind === 'rename' && isClaimedFile(to)),
  });
  const removed = outcomeOf(remove(late, lease));
  await stop.reached;
  await save(other, 2);
  // The next holder dies, too, so that its lock is taken over.
  await lockOf(other);
  stop.open();
  await removed;
  await endAllOwners(folder);
  const next = await openModule(folder);
  const outcome = await outcomeOf(
    next.updateConfiguration((/** @type {{ count: number }} */ { count }) => contentOf(count + 1), file, {
      initial: { count: 0 },
    }),
  );
  const { data } = await next.loadConfiguration(file);
  await next.destroy();
  const { count } = /** @type {{ count: number }} */ (data);
  return outcome === 'success' && count !== 3 ? [`an update found ${count - 1} where 2 had been acknowledged`] : [];
}

/** @param {string} folder */
async function lastGeneration(folder) {
  const file = configurationIn(folder);
  const first = await openModule(folder);
  await first.saveConfiguration(contentOf(1), file);
  const locks = await lockFolderIn(folder);
  for (const name of await readdir(locks)) await rename(join(locks, name), join(locks, freeLock(LAST_GENERATION)));
  const second = await openModule(folder);
  const owners = [];
  for (const module of [first, second]) {
    const lock = await outcomeOf(module.acquireFileLock(file, 0).then(({ success }) => String(success)));
    if (lock === 'true') owners.push(module);
  }
  await Promise.all([first.destroy(), second.destroy()]);
  return owners.length > 1 ? ['two modules own one lock'] : [];
}

/** @param {string} folder */
async function danglingBaton(folder) {
  const file = configurationIn(folder);
  const module = await openModule(folder);
  await module.saveConfiguration(contentOf(1), file);
  const locks = await lockFolderIn(folder);
  for (const name of await readdir(locks)) await rm(join(locks, name));
  await symlink(join(folder, 'nowhere'), join(locks, freeLock(5)));
  const outcomes = [];
  for (const count of [2, 3]) outcomes.push(await outcomeOf(module.saveConfiguration(contentOf(count), file)));
  await module.destroy();
  return outcomes.includes('ERR_LOCK_LOST') ? ['every save says that its lock was lost, for ever'] : [];
}

/**
 * Between the last look at the lock and the claim nothing can be atomic, so a delete that sleeps right there may catch a
 * newer content for a moment. It has to notice, to put it back, and to say that it did not happen.
 *
 * @param {string} folder
 */
async function lateDelete(folder) {
  const io = new FaultyFileOperations();
  const late = await openStore(folder, io);
  const other = await openStore(folder, new FaultyFileOperations());
  await save(other, 1);
  const lease = await lockOf(late, { leaseMs: 1 });
  const atClaim = new PausePoint(({ kind, to = '' }) => kind === 'rename' && isClaimedFile(to));
  const atPutBack = new PausePoint(({ kind, to }) => kind === 'link' && to === realPathOf(late));
  io.start({
    async before(call) {
      await atClaim.rule.before?.(call);
      await atPutBack.rule.before?.(call);
    },
  });
  const removed = outcomeOf(remove(late, lease));
  await atClaim.reached;
  await save(other, 2);
  atClaim.open();
  await Promise.race([atPutBack.reached, removed]);
  atPutBack.open();
  const outcome = await removed;
  const { state } = await read(other);
  const problems = outcome === 'ERR_LOCK_LOST' ? [] : [`a late delete of a newer content ends with ${outcome}`];
  return state === 'as-saved' ? problems : [...problems, `an acknowledged content is ${state} after a late delete`];
}

/** @param {OpenStore} on @param {number} count @param {string} [description] */
async function save(on, count, description) {
  const lease = await lockOf(on);
  await commit(on, lease, count, description === undefined ? {} : { description });
  await release(lease);
}

/** A module whose calls have no effect any more from the first on for which it holds. @param {string} folder @param {(call: Call) => boolean} isEnd @returns {Promise<ModuleUnderFault>} */
async function openFrozen(folder, isEnd) {
  const io = new FaultyFileOperations();
  const frozen = freezeAt(0, 'before');
  let isReached = false;
  const module = await openModule(folder, { io });
  io.start({
    before(call) {
      isReached ||= isEnd(call);
      return isReached ? frozen.before?.(call) : undefined;
    },
  });
  return module;
}

/** @param {string} folder */
async function lockFolderIn(folder) {
  const [key] = (await readdir(placeIn(folder, 'locks'))).filter(
    (name) => !isOwnersFolder(name) && !isIgnoreFile(name),
  );
  return placeIn(folder, 'locks', key);
}

/** @param {Promise<unknown>} promise @returns {Promise<string>} the code of its error; what it gives where that is text */
function outcomeOf(promise) {
  return promise.then(
    (value) => (typeof value === 'string' ? value : 'success'),
    (/** @type {unknown} */ error) => codeOf(error) ?? describe(error),
  );
}
