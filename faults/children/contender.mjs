// @ts-check
// Takes one lock after the other as it is told, and writes down in a shared log when it owns each.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openModule } from '../store.mjs';

/** What it is told: hold these for good, or compete for this one. @typedef {{ hold?: string[], compete?: string }} Order */

const [folder = '', log = '', lease = ''] = process.argv.slice(2);
const module = await openModule(folder, { options: { staleLockThreshold: Number(lease), lockTimeout: 30_000 } });

process.on('message', (message) => {
  void obey(/** @type {Order} */ (message)).then(
    (won) => process.send?.(won),
    (/** @type {unknown} */ error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.('ready');

/** @param {Order} order @returns {Promise<string>} */
async function obey({ hold = [], compete }) {
  for (const name of hold) {
    if (!(await module.acquireFileLock(join(folder, name))).success)
      throw new Error('a lock that nobody has is refused');
  }
  if (compete === undefined) return 'held';
  const lock = await module.acquireFileLock(join(folder, compete));
  if (!lock.success) return 'refused';
  // One write each to a file that is opened for appending, so the order of the lines is the order of the events.
  appendFileSync(log, `${compete} + ${process.pid}\n`);
  await delay(1);
  appendFileSync(log, `${compete} - ${process.pid}\n`);
  await module.releaseFileLock(lock.lockId);
  return 'owned';
}
