// @ts-check
// Backups cannot be read any more, because the disk fails there or its mode was changed: they must stand in the
// way of nothing that is done with the one that can.
import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { contentOf } from '../content.mjs';
import { codeOf, describe } from '../errors.mjs';
import { FaultyFileOperations } from '../FaultyFileOperations.mjs';
import { systemError } from '../faultRules.mjs';
import { identityOfId, isManifest, placeIn } from '../fileKinds.mjs';
import { KEEP_ALL } from '../judgeBackups.mjs';
import { namesIn } from '../names.mjs';
import { configurationIn, openModule, withModule } from '../store.mjs';

/** @import { ConfigPersistenceOptions } from '../../dist/interfaces/options.js' */
/** @import { BackupInfo } from '../../dist/interfaces/backups.js' */
/** @import { Rule } from '../FaultyFileOperations.mjs' */
/** @import { ModuleUnderFault } from '../store.mjs' */

const KEY_BYTES = 32;
const ENCRYPTED = /** @type {ConfigPersistenceOptions} */ ({ encryption: { key: Buffer.alloc(KEY_BYTES, 'key') } });

/** What is done, and how it goes wrong. @type {Record<string, (folder: string) => Promise<string | undefined>>} */
const WORKS = {
  'listing all': (folder) =>
    beside(folder, {}, async (module, file, [bad]) => {
      const listed = await module.listBackups(file);
      return listed.some(({ id }) => id === bad?.id) ? undefined : 'the unreadable backup is not listed';
    }),
  'restoring another': (folder) =>
    beside(folder, {}, async (module, _, [, good]) => {
      await module.restoreFromBackup(good?.id ?? '');
      return undefined;
    }),
  'bringing all under a key': (folder) =>
    beside(folder, ENCRYPTED, async (module, file, [bad, good]) => {
      const { success, rotated } = await module.rotateBackupEncryption(file);
      if (success) return 'success is told although one is not under the key';
      return rotated.includes(good?.id ?? '') && !rotated.includes(bad?.id ?? '') ? undefined : 'the other is not';
    }),
  'encrypting in the background': (folder) =>
    beside(folder, ENCRYPTED, async (module, file, [bad]) => {
      await module.saveConfiguration(contentOf(4), file);
      await module.destroy();
      const listed = await withModule(folder, (later) => later.listBackups(file));
      const plain = listed.filter(({ id, isEncrypted }) => !isEncrypted && id !== bad?.id);
      return plain.length === 0 ? undefined : `${plain.length} other backups stay plain`;
    }),
  recovering: (folder) =>
    beside(folder, { autoRecover: true }, async (module, file) => {
      await writeFile(file, '{"count": 3, "fil');
      const { data } = await module.loadConfiguration(file);
      return data.count === 1 ? undefined : `the content is of ${data.count}`;
    }),
};

/** @param {string} folder @returns {Promise<string[]>} */
export async function badSector(folder) {
  const problems = [];
  for (const [name, work] of Object.entries(WORKS)) {
    const problem = await work(`${folder}/${name.replaceAll(' ', '-')}`).catch(describe);
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
  }
  return problems;
}

/**
 * Saves three contents, makes all backups but the oldest unreadable, and works.
 *
 * @param {string} folder
 * @param {ConfigPersistenceOptions} options
 * @param {(module: ModuleUnderFault, file: string, backups: readonly BackupInfo[]) => Promise<string | undefined>} work
 */
async function beside(folder, options, work) {
  const file = configurationIn(folder);
  const backups = await withModule(folder, async (module) => {
    for (const count of [1, 2, 3]) await module.saveConfiguration(contentOf(count), file);
    return module.listBackups(file);
  });
  const io = new FaultyFileOperations();
  const module = await openModule(folder, { io, options: { ...options, ...KEEP_ALL } });
  io.start(await unreadableBut(folder, backups[1]));
  try {
    return await work(module, file, backups);
  } finally {
    // The scenario may have done that already.
    await module
      .destroy()
      .catch((error) => (codeOf(error) === 'ERR_NOT_INITIALIZED' ? undefined : Promise.reject(error)));
  }
}

/** All files of snapshots that are there but the one. @param {string} folder @param {BackupInfo | undefined} good @returns {Promise<Rule>} */
async function unreadableBut(folder, good) {
  const [key = ''] = await namesIn(placeIn(folder, 'backups'));
  const names = await namesIn(placeIn(folder, 'backups', key));
  const identity = identityOfId(good?.id ?? '');
  const bad = names.filter((name) => !isManifest(name) && !name.includes(identity));
  return {
    before(call) {
      const isRead = call.kind === 'read' || call.kind === 'open';
      if (isRead && bad.includes(basename(call.path))) throw systemError('EIO', call);
    },
  };
}
