// @ts-check
// Tries every kind of operation on a folder as the user that runs it; prints what became of each as one line of JSON.
import { contentOf } from '../content.mjs';
import { codeOf, describe } from '../errors.mjs';
import { configurationIn, openModule } from '../store.mjs';

/** @import { ModuleUnderFault } from '../store.mjs' */

const [folder = ''] = process.argv.slice(2);
const file = configurationIn(folder);

/** @type {Record<string, (module: ModuleUnderFault) => Promise<unknown>>} */
const STEPS = {
  load: (module) => module.loadConfiguration(file),
  verify: (module) => module.verifyConfigurationIntegrity(file),
  acquire: async (module) => {
    const { success, lockId } = await module.acquireFileLock(file, 0);
    if (success) await module.releaseFileLock(lockId);
    return success ? 'success' : 'refused';
  },
  save: (module) => module.saveConfiguration(contentOf(2), file, { lockTimeout: 0 }),
  annotate: (module) => module.setConfigurationMetadata({ description: 'other' }, file),
  delete: (module) => module.deleteConfiguration(file, { lockTimeout: 0 }),
};

/** @type {Record<string, string>} */
const outcomes = {};
/** @type {ModuleUnderFault | undefined} */
let module;
outcomes.open = await outcomeOf(async () => (module = await openModule(folder, { options: { lockTimeout: 0 } })));
for (const [name, step] of Object.entries(STEPS)) {
  const opened = module;
  if (opened !== undefined) outcomes[name] = await outcomeOf(() => step(opened));
}
outcomes.destroy = await outcomeOf(async () => module?.destroy());
console.log(JSON.stringify(outcomes));

/** @param {() => Promise<unknown>} step @returns {Promise<string>} */
async function outcomeOf(step) {
  try {
    const value = await step();
    return typeof value === 'string' ? value : 'success';
  } catch (error) {
    return codeOf(error) ?? describe(error);
  }
}
