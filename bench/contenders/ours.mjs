// @ts-check
// This package, used as its README shows it; only the folder and the named options differ from the defaults.
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigPersistenceModule } from 'rcc-config-persistence';

/** @import { ConfigPersistenceOptions } from 'rcc-config-persistence' */
/** @import { Contender } from './contender.mjs' */

let instances = 0;

/**
 * A module that is ready to work in the folder.
 *
 * @param {string} folder
 * @param {ConfigPersistenceOptions} [options]
 * @param {typeof ConfigPersistenceModule} [Module] of another build
 */
export async function openModule(folder, options = {}, Module = ConfigPersistenceModule) {
  instances += 1;
  const module = new Module({
    id: `bench-${process.pid}-${instances}`,
    name: 'Benchmark',
    version: '1.0.0',
    description: 'Saves and loads on the clock',
    type: 'config-persistence',
  });
  // Saves come faster here than anywhere, and each is meant to leave its backup.
  module.configure({ defaultConfigPath: join(folder, 'config.json'), backupMergeWindow: 0, ...options });
  await module.initialize();
  return module;
}

/**
 * @param {string} name
 * @param {ConfigPersistenceOptions} options
 * @param {typeof ConfigPersistenceModule} [Module]
 * @returns {Contender}
 */
function contender(name, options, Module) {
  return {
    name,
    async open(folder) {
      let module = await openModule(folder, options, Module);
      return {
        save: (file, value) => module.saveConfiguration(value, file),
        load: async (file) => /** @type {unknown} */ ((await module.loadConfiguration(file)).data),
        // Maintenance comes a second after the last save, which would be in the turn of another contender.
        rest: async () => {
          await module.destroy();
          module = await openModule(folder, options, Module);
        },
        close: () => module.destroy(),
      };
    },
  };
}

export const ours = contender('this package', {});
export const oursWithoutBackups = contender('this package, no backups', { autoBackupEnabled: false });

/** Another build of this package, such as the last release. @param {string} root of a checkout that is built */
export async function otherBuild(root) {
  /** @type {typeof import('rcc-config-persistence')} */
  const other = await import(pathToFileURL(join(resolve(root), 'dist/src/index.js')).href);
  return contender('the other build', {}, other.ConfigPersistenceModule);
}
