// @ts-check
// Judges the backups of a configuration through the module: every listed one opens with a whole content, none is lost that
// was acknowledged, and every version of the history can still be had.
import { join } from 'node:path';
import { archivedIn, isInQuarantine, untendedIn } from './backupsFolder.mjs';
import { isWhole } from './content.mjs';
import { describe } from './errors.mjs';
import { configurationIn, withModule } from './store.mjs';

/** @import { ConfigPersistenceOptions } from '../dist/interfaces/options.js' */
/** @import { ModuleUnderFault } from './store.mjs' */

/**
 * What must be true of the backups. Contents are told by their counts, of which an operation writes each only once.
 *
 * @typedef {object} BackupExpectation
 * @property {ConfigPersistenceOptions} options of those who judge
 * @property {readonly number[]} required contents that a backup has
 * @property {{ count: number | null, added: readonly number[] }} [committed] contents that have a backup where this is seen
 * @property {readonly number[]} [gone] contents that no listed backup has any more
 * @property {boolean} [isEncrypted] whether every backup is, after the next tending
 * @property {string} [damaged] a content that is in quarantine in the end
 * @property {boolean} [isArchiving] whether a backup may be in the archive instead
 * @property {(module: ModuleUnderFault, file: string) => Promise<unknown>} [finish] what the user does again in the end
 * @property {ConfigPersistenceOptions} [finalOptions] with which everything opens in the end
 */

/** Nothing is pruned while the suite judges. */
export const KEEP_ALL = /** @type {ConfigPersistenceOptions} */ ({ retentionCount: 50 });

/** A module that leaves no traces of its own restores. */
const KEEP_NOTHING = /** @type {ConfigPersistenceOptions} */ ({ autoBackupEnabled: false, maxVersionHistory: 1 });

/**
 * Opens every listed backup.
 *
 * @param {string} folder
 * @param {ConfigPersistenceOptions} options
 * @returns {Promise<{ counts: number[], problems: string[] }>} newest first
 */
export async function openBackups(folder, options) {
  const restored = join(folder, 'restored.json');
  return withModule(
    folder,
    async (module) => {
      const counts = [];
      const problems = [];
      const listed = await module.listBackups(configurationIn(folder));
      if (new Set(listed.map(({ id }) => id)).size < listed.length) problems.push('one backup is listed twice');
      for (const { id } of listed) {
        try {
          await module.restoreFromBackup(id, restored);
          const { data } = await module.loadConfiguration(restored);
          if (!isWhole(data)) problems.push('a backup is not of a content that was ever saved');
          counts.push(Number(data.count));
        } catch (error) {
          problems.push(`a listed backup cannot be opened: ${describe(error)}`);
        }
      }
      return { counts, problems };
    },
    { options: { ...options, ...KEEP_NOTHING, autoRecover: false } },
  );
}

/** @param {string} folder @param {BackupExpectation} expectation @returns {Promise<string[]>} */
export async function judgeBackups(folder, { options, required, gone = [], isArchiving = false }) {
  const { counts, problems } = await openBackups(folder, options);
  const archived = isArchiving ? await archivedIn(folder) : { counts: [], problems: [] };
  problems.push(...archived.problems);
  const kept = [...counts, ...archived.counts];
  const lost = required.filter((count) => !kept.includes(count));
  if (lost.length > 0) problems.push(`the backups of ${lost.join(', ')} are lost; there are ${kept.join(', ')}`);
  const back = gone.filter((count) => counts.includes(count));
  if (back.length > 0) problems.push(`the backups of ${back.join(', ')} are said to be gone and are listed`);
  return problems;
}

/** After the last tending. @param {string} folder @param {BackupExpectation} expectation @returns {Promise<string[]>} */
export async function judgeTended(folder, expectation) {
  const { options, damaged, isEncrypted = false } = expectation;
  const problems = await judgeBackups(folder, { ...expectation, options: expectation.finalOptions ?? options });
  problems.push(...(await untendedIn(folder, isEncrypted)));
  if (damaged !== undefined && !(await isInQuarantine(folder, damaged))) problems.push('the damaged content is lost');
  return problems;
}

/** Every version that the history tells of can be had. @param {ModuleUnderFault} module @param {string} file @returns {Promise<string[]>} */
export async function judgeVersions(module, file) {
  try {
    const versions = await module.getVersionHistory(file);
    for (const { id } of versions) await module.compareVersions(id, id);
    return [];
  } catch (error) {
    return [`a version cannot be had: ${describe(error)}`];
  }
}
