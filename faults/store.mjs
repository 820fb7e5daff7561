// @ts-check
// Opens the built module on a folder, with file operations of the caller's choice.
import { join } from 'node:path';
import { ConfigPersistenceModule } from '../dist/src/ConfigPersistenceModule.js';
import { nodeFileOperations } from '../dist/src/storage/local/io/FileOperations.js';

/** @import { ConfigPersistenceOptions } from '../dist/interfaces/options.js' */
/** @import { FileOperations } from '../dist/src/storage/local/io/FileOperations.js' */

/** The module, working through other file operations than the real ones. */
export class ModuleUnderFault extends ConfigPersistenceModule {
  /** @type {FileOperations} */
  io = nodeFileOperations;

  /** @protected */
  get fileOperations() {
    return this.io;
  }
}

let instances = 0;

/** The one configuration that most scenarios work on. @param {string} folder */
export function configurationIn(folder) {
  return join(folder, 'config.json');
}

/**
 * A module whose records and locks lie in the folder, too.
 *
 * @param {string} folder
 * @param {{ io?: FileOperations, options?: ConfigPersistenceOptions }} [settings]
 */
export async function openModule(folder, { io, options = {} } = {}) {
  instances += 1;
  const module = new ModuleUnderFault({
    id: `faults-${process.pid}-${instances}`,
    name: 'Fault suite',
    version: '1.0.0',
    description: 'Works on a store that fails',
    type: 'config-persistence',
  });
  if (io !== undefined) module.io = io;
  // The suite makes within milliseconds what users make within days, and counts each.
  module.configure({ defaultConfigPath: configurationIn(folder), backupMergeWindow: 0, ...options });
  await module.initialize();
  return module;
}

/**
 * Opens, works and closes, whatever happens.
 *
 * @template T
 * @param {string} folder
 * @param {(module: ModuleUnderFault) => Promise<T>} work
 * @param {Parameters<typeof openModule>[1]} [settings]
 */
export async function withModule(folder, work, settings) {
  const module = await openModule(folder, settings);
  try {
    return await work(module);
  } finally {
    await module.destroy();
  }
}
