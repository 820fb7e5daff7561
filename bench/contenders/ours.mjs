// @ts-check
// This package, used as its README shows it; only the folder and the named options differ from the defaults.
import { join } from 'node:path';
import { ConfigPersistenceModule } from 'rcc-config-persistence';

/** @import { ConfigPersistenceOptions } from 'rcc-config-persistence' */
/** @import { Contender } from './contender.mjs' */

let instances = 0;

/**
 * A module that is ready to work in the folder.
 *
 * @param {string} folder
 * @param {ConfigPersistenceOptions & Record<string, unknown>} [options]
 */
export async function openModule(folder, options = {}) {
  instances += 1;
  const module = new ConfigPersistenceModule({
    id: `bench-${process.pid}-${instances}`,
    name: 'Benchmark',
    version: '1.0.0',
    description: 'Saves and loads on the clock',
    type: 'config-persistence',
  });
  module.configure({ defaultConfigPath: join(folder, 'config.json'), ...options });
  await module.initialize();
  return module;
}

/**
 * @param {string} name
 * @param {ConfigPersistenceOptions & Record<string, unknown>} options
 * @returns {Contender}
 */
function contender(name, options) {
  return {
    name,
    async open(folder) {
      let module = await openModule(folder, options);
      return {
        save: (file, value) => module.saveConfiguration(value, file),
        load: async (file) => /** @type {unknown} */ ((await module.loadConfiguration(file)).data),
        // Backups are tended a second after the last save, which would be in the turn of another contender.
        rest: async () => {
          await module.destroy();
          module = await openModule(folder, options);
        },
        close: () => module.destroy(),
      };
    },
  };
}

export const ours = contender('this package', {});
export const oursWithoutBackups = contender('this package, no backups', { autoBackupEnabled: false });
