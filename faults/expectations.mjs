// @ts-check
// What must be true of the backups during and after an operation: all that were there and were not asked to go, and those
// that it has acknowledged.
import { openBackups, KEEP_ALL } from './judgeBackups.mjs';
import { OPTIONS } from './operations.mjs';
import { discard, folderInMemory } from './scratch.mjs';
import { configurationIn, withModule } from './store.mjs';

/** @import { BackupExpectation } from './judgeBackups.mjs' */
/** @import { MutatingOperation } from './operations.mjs' */

/** @param {MutatingOperation} operation */
export function optionsFor(operation) {
  return { ...OPTIONS, ...operation.options };
}

/** For those who judge it: nothing is pruned, and their own leases are long. @param {MutatingOperation} operation */
export function optionsForJudging(operation) {
  const { staleLockThreshold: _, ...options } = optionsFor(operation);
  return { ...options, ...KEEP_ALL };
}

/** Of a run whose end nobody has told. @param {MutatingOperation} operation @returns {Promise<BackupExpectation>} */
export async function expectationOf(operation) {
  const { removed = [], removable = [], added = [], ...others } = operation.backups ?? {};
  const there = await backupsBefore(operation);
  const { before, after } = operation;
  const mayGo = [...removed, ...removable];
  return {
    ...others,
    options: optionsForJudging(operation),
    required: there.filter((count) => !mayGo.includes(count)),
    ...(before.count === after.count ? {} : { committed: { count: after.count, added } }),
  };
}

/** Of a run that has ended well. @param {MutatingOperation} operation @param {BackupExpectation} expectation @returns {BackupExpectation} */
export function acknowledged({ backups = {} }, expectation) {
  const { added = [], removed = [] } = backups;
  const { finalOptions: options = expectation.options } = expectation;
  return { ...expectation, options, required: [...expectation.required, ...added], gone: removed };
}

/** @param {MutatingOperation} operation */
async function backupsBefore(operation) {
  const folder = await folderInMemory();
  await operation.prepare(folder);
  const options = optionsFor(operation);
  const counts = await withModule(
    folder,
    async (module) => {
      await operation.arm(module, configurationIn(folder));
      const { counts, problems } = await openBackups(folder, options);
      if (problems.length > 0) throw new Error(`${operation.name} is not prepared well: ${problems.join('; ')}`);
      return counts;
    },
    { options },
  );
  await discard(folder);
  return counts;
}
