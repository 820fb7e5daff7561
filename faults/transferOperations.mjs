// @ts-check
// Exports and imports. An import of several configurations changes the one that is judged, and another beside it that must
// always be as old or as new as that.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { contentOf } from './content.mjs';
import { KEEP_ALL } from './judgeBackups.mjs';
import { ARCHIVE_OF_SEVERAL, companionsOf } from './names.mjs';
import { discard, folderInMemory } from './scratch.mjs';
import { configurationIn, withModule } from './store.mjs';

/** @import { ConfigPersistenceOptions } from '../dist/interfaces/options.js' */
/** @import { MutatingOperation } from './operations.mjs' */
/** @import { ModuleUnderFault } from './store.mjs' */

const SINGLE = 'in.yaml';

/** One after the other, so that two runs make the same calls. */
const IN_ORDER = /** @type {ConfigPersistenceOptions} */ ({ maxConcurrentOperations: 1, ...KEEP_ALL });

/** @param {ModuleUnderFault} module @param {readonly string[]} files @param {number} count */
async function saveInAll(module, files, count) {
  for (const file of files) await module.saveConfiguration(contentOf(count), file);
}

/** @param {string} folder */
function filesOf(folder) {
  const file = configurationIn(folder);
  return [file, ...companionsOf(file)];
}

/**
 * An archive that was made elsewhere, with these contents one after the other.
 *
 * @param {string} folder @param {'zip' | 'tar.gz' | 'backup'} format @param {readonly number[]} counts
 */
async function bringArchive(folder, format, counts) {
  const elsewhere = await folderInMemory();
  const exportPath = join(elsewhere, ARCHIVE_OF_SEVERAL);
  await withModule(
    elsewhere,
    async (module) => {
      for (const count of counts) await saveInAll(module, filesOf(elsewhere), count);
      await module.exportConfigurations(filesOf(elsewhere), format, { exportPath });
    },
    { options: IN_ORDER },
  );
  await copyFile(exportPath, join(folder, ARCHIVE_OF_SEVERAL));
  await discard(elsewhere);
}

/** @param {'zip' | 'tar.gz' | 'backup'} format */
function importing(format) {
  return (/** @type {ModuleUnderFault} */ module, /** @type {string} */ file) =>
    module.importConfiguration(join(file, '..', ARCHIVE_OF_SEVERAL), format, join(file, '..'));
}

const nothing = () => Promise.resolve();

/** @type {readonly MutatingOperation[]} */
export const TRANSFER_OPERATIONS = [
  {
    name: 'import of a file',
    async prepare(folder) {
      await withModule(folder, (module) => saveInAll(module, [configurationIn(folder)], 2), { options: IN_ORDER });
      await withModule(
        folder,
        async (module) => {
          await module.exportConfiguration('yaml', configurationIn(folder), { exportPath: join(folder, SINGLE) });
          await module.saveConfiguration(contentOf(1), configurationIn(folder));
        },
        { options: IN_ORDER },
      );
    },
    arm: nothing,
    run: (module, file) => module.importConfiguration(join(file, '..', SINGLE), 'yaml', file),
    options: IN_ORDER,
    before: { count: 1 },
    after: { count: 2 },
    backups: { added: [1] },
  },
  {
    name: 'first import of an archive',
    prepare: (folder) => bringArchive(folder, 'zip', [2]),
    arm: nothing,
    run: importing('zip'),
    options: IN_ORDER,
    before: { count: null },
    after: { count: 2 },
  },
  {
    name: 'import of an archive',
    async prepare(folder) {
      await withModule(folder, (module) => saveInAll(module, filesOf(folder), 1), { options: IN_ORDER });
      await bringArchive(folder, 'tar.gz', [2]);
    },
    arm: nothing,
    run: importing('tar.gz'),
    options: IN_ORDER,
    before: { count: 1 },
    after: { count: 2 },
    backups: { added: [1] },
  },
  {
    name: 'import of a backup archive',
    prepare: (folder) => bringArchive(folder, 'backup', [1, 2]),
    arm: nothing,
    run: importing('backup'),
    options: IN_ORDER,
    before: { count: null },
    after: { count: 2 },
    backups: { added: [1] },
  },
  {
    name: 'export of a backup archive',
    prepare: (folder) =>
      withModule(
        folder,
        async (module) => {
          await saveInAll(module, [configurationIn(folder)], 2);
          await saveInAll(module, [configurationIn(folder)], 1);
        },
        { options: IN_ORDER },
      ),
    arm: nothing,
    run: (module, file) => module.exportConfiguration('backup', file),
    options: IN_ORDER,
    before: { count: 1 },
    after: { count: 1 },
  },
];
