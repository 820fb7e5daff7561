/** A path that is none is refused as one, before its extension is looked at. */
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { listing, startModule, temporaryFolder } from '../support/moduleFixture.js';

const METHODS: [string, (module: ConfigPersistenceModule, path: string) => Promise<unknown>][] = [
  ['saveConfiguration', (module, path) => module.saveConfiguration({}, path)],
  ['saveConfigurationAtomic', (module, path) => module.saveConfigurationAtomic({}, path)],
  ['loadConfiguration', (module, path) => module.loadConfiguration(path)],
  ['deleteConfiguration', (module, path) => module.deleteConfiguration(path)],
  ['updateConfiguration', (module, path) => module.updateConfiguration((draft) => draft, path)],
  ['verifyConfigurationIntegrity', (module, path) => module.verifyConfigurationIntegrity(path)],
  ['getConfigurationMetadata', (module, path) => module.getConfigurationMetadata(path)],
  ['setConfigurationMetadata', (module, path) => module.setConfigurationMetadata({}, path)],
  ['createBackup', (module, path) => module.createBackup(path)],
  ['listBackups', (module, path) => module.listBackups(path)],
  ['restoreFromBackup', (module, path) => module.restoreFromBackup('any', path)],
  ['forgetHistory', (module, path) => module.forgetHistory(path)],
  ['rotateBackupEncryption', (module, path) => module.rotateBackupEncryption(path)],
  ['cleanupOldBackups', (module, path) => module.cleanupOldBackups(undefined, { filePath: path })],
  ['getVersionHistory', (module, path) => module.getVersionHistory(path)],
  ['acquireFileLock', (module, path) => module.acquireFileLock(path)],
  ['checkFileLock', (module, path) => module.checkFileLock(path)],
];

it.each(METHODS)('%s refuses what is no path with ERR_INVALID_FILE_PATH, whatever its extension', async (_, call) => {
  const folder = temporaryFolder();
  const module = await startModule(folder);
  const before = listing(folder);
  for (const path of ['', 'a\0b.unknown', 'a\nb.jsonc', 'folder/', `${'x'.repeat(300)}.jsonc`]) {
    await expect(call(module, path)).rejects.toMatchObject({ code: 'ERR_INVALID_FILE_PATH' });
  }
  expect(listing(folder)).toEqual(before);
});

it('null is no path, and does not mean the default one', async () => {
  const module = await startModule(temporaryFolder());
  await expect(module.saveConfiguration({}, null as never)).rejects.toMatchObject({ code: 'ERR_INVALID_FILE_PATH' });
});
