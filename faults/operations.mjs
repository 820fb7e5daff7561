// @ts-check
// Every kind of operation that changes something, with the state before it and after it.
import { BACKUP_OPERATIONS } from './backupOperations.mjs';
import { contentOf } from './content.mjs';
import { endAllOwners } from './judge.mjs';
import { FaultyFileOperations } from './FaultyFileOperations.mjs';
import { freezeAt } from './faultRules.mjs';
import { KEEP_ALL } from './judgeBackups.mjs';
import { configurationIn, openModule, withModule } from './store.mjs';
import { TRANSFER_OPERATIONS } from './transferOperations.mjs';

/** @import { ConfigPersistenceOptions } from '../dist/interfaces/options.js' */
/** @import { Rule } from './FaultyFileOperations.mjs' */
/** @import { Seen } from './judge.mjs' */
/** @import { ModuleUnderFault } from './store.mjs' */

/**
 * @typedef {object} MutatingOperation
 * @property {string} name
 * @property {ConfigPersistenceOptions} [options] besides those of all operations
 * @property {(folder: string) => Promise<unknown>} prepare makes the state that it starts from; leaves nobody working there
 * @property {(module: ModuleUnderFault, file: string) => Promise<unknown>} arm what it needs before faults start
 * @property {(module: ModuleUnderFault, file: string) => Promise<{ warnings?: string[] } | unknown>} run
 * @property {boolean} [endsModule] whether nothing can be done with the module afterwards
 * @property {Seen} before
 * @property {Seen} after
 * @property {Seen} [otherwise] what it comes to where a part of the disk cannot be read
 * @property {BackupEffect} [backups] nothing of what is said there where it is left out
 */

/**
 * What an operation does to backups. Contents are told by their counts.
 *
 * @typedef {object} BackupEffect
 * @property {readonly number[]} [added] contents that have a backup when it has ended well
 * @property {readonly number[]} [removed] contents whose backups are gone when it has ended well
 * @property {readonly number[]} [removable] contents whose backups may be gone
 * @property {boolean} [isEncrypted] whether all backups are encrypted when it, or the next tending, has ended
 * @property {boolean} [isArchiving] whether backups move to the archive
 * @property {string} [damaged] what is in quarantine in the end
 * @property {(module: ModuleUnderFault, file: string) => Promise<unknown>} [finish] what completes it after a fault
 * @property {ConfigPersistenceOptions} [finalOptions] with which all backups open when it has ended well
 */

/** Two states are kept, so that a compaction makes a journal short; no backup is pruned. */
export const OPTIONS = /** @type {ConfigPersistenceOptions} */ ({
  maxVersionHistory: 2,
  lockTimeout: 5000,
  ...KEEP_ALL,
});

// Longer than what a journal may hold before it is compacted, divided by the number of saves below.
const LONG_DESCRIPTION = 'long '.repeat(1960);
const SAVES_BEFORE_COMPACTION = 6;

const nothing = () => Promise.resolve();

/** @param {string} folder */
async function saveOnce(folder) {
  await withModule(folder, (module) => module.saveConfiguration(contentOf(1), configurationIn(folder)), {
    options: OPTIONS,
  });
}

/** A writer that ended right before its rename, with its record and its temporary file in place. @param {string} folder */
async function leaveAHalfSave(folder) {
  await saveOnce(folder);
  const io = new FaultyFileOperations();
  const module = await openModule(folder, { io, options: OPTIONS });
  const file = configurationIn(folder);
  io.start(freezeAtRenameTo(file));
  await module.saveConfiguration(contentOf(7), file).catch(() => undefined);
  await endAllOwners(folder);
}

/** @param {string} file @returns {Rule} */
function freezeAtRenameTo(file) {
  const frozen = freezeAt(0, 'before');
  let isReached = false;
  return {
    before(call) {
      if (call.kind === 'rename' && call.to === file) isReached = true;
      return isReached ? frozen.before?.(call) : undefined;
    },
  };
}

/** @param {string} folder */
async function fillTheJournal(folder) {
  const file = configurationIn(folder);
  await withModule(
    folder,
    async (module) => {
      for (let count = 1; count <= SAVES_BEFORE_COMPACTION; count++) {
        await module.saveConfiguration(contentOf(count), file, { description: LONG_DESCRIPTION });
      }
    },
    { options: OPTIONS },
  );
}

/** @type {readonly MutatingOperation[]} */
export const OPERATIONS = [
  {
    name: 'first save',
    prepare: nothing,
    arm: nothing,
    run: (module, file) => module.saveConfiguration(contentOf(2), file),
    before: { count: null },
    after: { count: 2 },
  },
  {
    name: 'overwriting save',
    prepare: saveOnce,
    arm: nothing,
    run: (module, file) => module.saveConfiguration(contentOf(2), file),
    before: { count: 1 },
    after: { count: 2 },
    backups: { added: [1] },
  },
  {
    name: 'update',
    prepare: saveOnce,
    arm: nothing,
    run: (module, file) => module.updateConfiguration(() => contentOf(2), file),
    before: { count: 1 },
    after: { count: 2 },
    backups: { added: [1] },
  },
  {
    name: 'delete',
    prepare: saveOnce,
    arm: nothing,
    run: (module, file) => module.deleteConfiguration(file),
    before: { count: 1 },
    after: { count: null },
    backups: { added: [1] },
  },
  {
    name: 'set metadata',
    prepare: saveOnce,
    arm: nothing,
    run: (module, file) => module.setConfigurationMetadata({ description: 'set' }, file),
    before: { count: 1 },
    after: { count: 1, note: 'set' },
  },
  {
    name: 'save that compacts',
    prepare: fillTheJournal,
    arm: nothing,
    run: (module, file) => module.saveConfiguration(contentOf(9), file, { description: LONG_DESCRIPTION }),
    before: { count: SAVES_BEFORE_COMPACTION },
    after: { count: 9 },
    backups: { added: [SAVES_BEFORE_COMPACTION] },
  },
  {
    name: 'save after take-over',
    prepare: leaveAHalfSave,
    arm: nothing,
    run: (module, file) => module.saveConfiguration(contentOf(2), file),
    before: { count: 1 },
    after: { count: 2 },
    backups: { added: [1] },
  },
  {
    name: 'acquire a lock',
    prepare: saveOnce,
    arm: nothing,
    run: (module, file) => module.acquireFileLock(file),
    before: { count: 1 },
    after: { count: 1 },
  },
  {
    name: 'release a lock',
    prepare: saveOnce,
    arm: acquire,
    run: (module) => release(module),
    before: { count: 1 },
    after: { count: 1 },
  },
  ...BACKUP_OPERATIONS,
  ...TRANSFER_OPERATIONS,
];

/** @type {WeakMap<ModuleUnderFault, string>} */
const lockIds = new WeakMap();

/** @param {ModuleUnderFault} module @param {string} file */
async function acquire(module, file) {
  lockIds.set(module, (await module.acquireFileLock(file)).lockId);
}

/** @param {ModuleUnderFault} module */
function release(module) {
  return module.releaseFileLock(lockIds.get(module) ?? '');
}

/** @param {string} name */
export function operationNamed(name) {
  const operation = OPERATIONS.find((one) => one.name === name);
  if (operation === undefined) throw new Error(`No such operation: ${name}`);
  return operation;
}
