// @ts-check
// One process of the contention scenario: raises the counter until its time is over and reports what it did.
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { withLock } from './contenders/assembled.mjs';
import { openConf } from './contenders/conf.mjs';
import { serialize } from './contenders/contender.mjs';

/**
 * @typedef {object} Tally
 * @property {number} done
 * @property {number} failed
 * @property {number} worstMs
 */

/** @typedef {{ count: number }} Counter */

/**
 * How each product adds one. The package itself is loaded only by the processes that use it.
 *
 * @type {Record<string, (file: string) => Promise<{ update: () => unknown, close?: () => Promise<unknown> }>>}
 */
const UPDATERS = {
  async ours(file) {
    const { openModule } = await import('./contenders/ours.mjs');
    const module = await openModule(dirname(file));
    /** @param {Counter} value */
    const addOne = (value) => {
      value.count += 1;
    };
    return { update: () => module.updateConfiguration(addOne, file), close: () => module.destroy() };
  },
  assembled: (file) =>
    Promise.resolve({
      update: () =>
        withLock(file, async () => {
          const value = /** @type {Counter} */ (JSON.parse(await readFile(file, 'utf8')));
          value.count += 1;
          await writeFileAtomic(file, serialize(value));
        }),
    }),
  conf(file) {
    const store = openConf(file);
    return Promise.resolve({
      update: () => store.set('count', /** @type {number} */ (store.get('count')) + 1),
    });
  },
};

const [id = '', file = '', duration = ''] = process.argv.slice(2);
const updater = await UPDATERS[id]?.(file);
if (updater === undefined) throw new Error(`No such updater: ${id}`);
process.send?.('ready');
await new Promise((resolve) => process.once('message', resolve));
process.send?.(await work(updater.update, Number(duration)));
await updater.close?.();
// The channel to the parent would keep the process alive; the parent may have closed it already.
if (process.connected) process.disconnect();

/** @param {() => unknown} update @param {number} durationMs @returns {Promise<Tally>} */
async function work(update, durationMs) {
  const tally = { done: 0, failed: 0, worstMs: 0 };
  const deadline = performance.now() + durationMs;
  for (let start = performance.now(); start < deadline; start = performance.now()) {
    try {
      await update();
      tally.done += 1;
    } catch {
      tally.failed += 1;
    }
    tally.worstMs = Math.max(tally.worstMs, performance.now() - start);
  }
  return tally;
}
