// @ts-check
// The operations on backups and versions, with what each may do to which backup. Contents are told by their counts.
import { writeFile } from 'node:fs/promises';
import { contentOf } from './content.mjs';
import { KEEP_ALL } from './judgeBackups.mjs';
import { configurationIn, withModule } from './store.mjs';

/** @import { ConfigPersistenceOptions } from '../dist/interfaces/options.js' */
/** @import { MutatingOperation } from './operations.mjs' */
/** @import { ModuleUnderFault } from './store.mjs' */

const KEY_BYTES = 32;
const OLD_KEY = Buffer.alloc(KEY_BYTES, 'old');
const NEW_KEY = Buffer.alloc(KEY_BYTES, 'new');
const UNDER_OLD_KEY = /** @type {ConfigPersistenceOptions} */ ({ encryption: { key: OLD_KEY } });
const UNDER_NEW_KEY = /** @type {ConfigPersistenceOptions} */ ({ encryption: { key: NEW_KEY } });
const UNDER_BOTH = /** @type {ConfigPersistenceOptions} */ ({
  encryption: { key: NEW_KEY, previous: [{ key: OLD_KEY }] },
});
const ARCHIVE_EVERYTHING = /** @type {ConfigPersistenceOptions} */ ({
  retentionPolicy: {
    retentionStrategy: 'priority-based',
    priorityRules: [{ condition: 'automatic', priority: 1, action: 'archive', description: 'all of them' }],
  },
});

/** For modules that may end with a lock that they could not give back: those that judge wait only for so long. */
const SHORT_LEASE = /** @type {ConfigPersistenceOptions} */ ({ staleLockThreshold: 500 });

/** What a save that was cut off by an editor or a bad disk may leave. */
const DAMAGED = '{"count": 2, "filler": "2.2.2';

const nothing = () => Promise.resolve();

/** Saves counts one after the other, all of them tended. @param {readonly number[]} counts @param {ConfigPersistenceOptions} [options] */
function saved(counts, options) {
  return (/** @type {string} */ folder) =>
    withModule(folder, (module) => saveAll(module, configurationIn(folder), counts), {
      options: { ...KEEP_ALL, ...options },
    });
}

/** Saves that are not tended yet. @param {readonly number[]} counts */
function saving(counts) {
  return (/** @type {ModuleUnderFault} */ module, /** @type {string} */ file) => saveAll(module, file, counts);
}

/** @param {ModuleUnderFault} module @param {string} file @param {readonly number[]} counts */
async function saveAll(module, file, counts) {
  for (const count of counts) await module.saveConfiguration(contentOf(count), file);
}

/** Under the old key, and one that was made plain. @param {string} folder */
async function mixKeys(folder) {
  await saved([1, 2, 3], UNDER_OLD_KEY)(folder);
  await withModule(folder, (module) => module.createBackup(configurationIn(folder), 'plain'));
}

/** @param {string} folder */
async function damage(folder) {
  await saved([1, 2])(folder);
  await writeFile(configurationIn(folder), DAMAGED);
}

/** The id that a module's run is about. @type {WeakMap<ModuleUnderFault, string>} */
const chosenIds = new WeakMap();

/** @param {ModuleUnderFault} module @param {string} file */
async function chooseOldestBackup(module, file) {
  chosenIds.set(module, (await module.listBackups(file)).at(-1)?.id ?? '');
}

/** @param {ModuleUnderFault} module @param {string} file */
async function chooseOldestVersion(module, file) {
  chosenIds.set(module, (await module.getVersionHistory(file)).at(-1)?.id ?? '');
}

/** @param {ModuleUnderFault} module */
function chosenId(module) {
  return chosenIds.get(module) ?? '';
}

/** Done only where nothing had to stay because another one could not be read. @param {ModuleUnderFault} module @param {string} file */
async function cleanUpToOne(module, file) {
  const result = await module.cleanupOldBackups(1, { filePath: file });
  return { ...result, success: result.success && result.retainedBackupsCount === 1 };
}

/** @type {readonly MutatingOperation[]} */
export const BACKUP_OPERATIONS = [
  {
    name: 'create a backup',
    prepare: saved([1]),
    arm: nothing,
    run: (module, file) => module.createBackup(file, 'before the change'),
    before: { count: 1 },
    after: { count: 1 },
    backups: { added: [1] },
  },
  {
    name: 'create an encrypted backup',
    options: UNDER_NEW_KEY,
    prepare: saved([1]),
    arm: nothing,
    run: (module, file) => module.createBackup(file),
    before: { count: 1 },
    after: { count: 1 },
    backups: { added: [1], isEncrypted: true },
  },
  {
    name: 'restore a backup',
    prepare: saved([1, 2]),
    arm: chooseOldestBackup,
    run: (module) => module.restoreFromBackup(chosenId(module)),
    before: { count: 2 },
    after: { count: 1 },
    backups: { added: [2] },
  },
  {
    name: 'roll back to a version',
    prepare: saved([1, 2]),
    arm: chooseOldestVersion,
    run: (module) => module.rollbackToVersion(chosenId(module)),
    before: { count: 2 },
    after: { count: 1 },
    backups: { added: [2] },
  },
  {
    name: 'delete a backup',
    prepare: saved([1, 2, 3]),
    arm: chooseOldestBackup,
    run: (module) => module.deleteBackup(chosenId(module)),
    before: { count: 3 },
    after: { count: 3 },
    backups: { removed: [1] },
  },
  {
    name: 'clean up backups',
    options: { maxVersionHistory: 3 },
    prepare: saved([1, 2, 3, 4, 5], { maxVersionHistory: 3 }),
    arm: nothing,
    // The content of 3 is one of the three versions and stays as that.
    run: cleanUpToOne,
    before: { count: 5 },
    after: { count: 5 },
    backups: { removed: [1, 2, 3] },
  },
  {
    name: 'archive backups',
    options: ARCHIVE_EVERYTHING,
    prepare: saved([1, 2, 3]),
    arm: nothing,
    run: (module, file) => module.cleanupOldBackups(undefined, { filePath: file }),
    before: { count: 3 },
    after: { count: 3 },
    backups: { isArchiving: true },
  },
  {
    name: 'tending that prunes and compresses',
    options: { retentionCount: 2, ...SHORT_LEASE },
    prepare: saved([1, 2]),
    arm: saving([3, 4]),
    run: (module) => module.destroy(),
    endsModule: true,
    before: { count: 4 },
    after: { count: 4 },
    // Failures of the tending are nobody's errors, so it may not have happened.
    backups: { removable: [1] },
  },
  {
    name: 'tending that encrypts',
    options: { ...UNDER_NEW_KEY, ...SHORT_LEASE },
    prepare: saved([1, 2, 3]),
    arm: saving([4]),
    run: (module) => module.destroy(),
    endsModule: true,
    before: { count: 4 },
    after: { count: 4 },
    backups: { isEncrypted: true },
  },
  {
    name: 'bring backups under another key',
    options: UNDER_BOTH,
    prepare: mixKeys,
    arm: nothing,
    run: (module, file) => module.rotateBackupEncryption(file),
    before: { count: 3 },
    after: { count: 3 },
    backups: {
      isEncrypted: true,
      finish: (module, file) => module.rotateBackupEncryption(file),
      finalOptions: UNDER_NEW_KEY,
    },
  },
  {
    name: 'recover a damaged file',
    options: { autoRecover: true, ...SHORT_LEASE },
    prepare: damage,
    arm: nothing,
    run: (module, file) => module.loadConfiguration(file),
    // The last tending has kept the content that was damaged.
    before: { count: 2 },
    after: { count: 2 },
    otherwise: { count: 1 },
    backups: { damaged: DAMAGED },
  },
];
