// @ts-check
// Raises a counter again and again; says what it has committed only after the module has said so, in one write each.
import { writeSync } from 'node:fs';
import { contentOf, codeOf } from '../judge.mjs';
import { configurationIn, openModule } from '../store.mjs';

/**
 * @typedef {object} Orders
 * @property {string} folder
 * @property {number} updates how many; 0 for as many as it can until it is killed
 * @property {import('../../dist/interfaces/options.js').ConfigPersistenceOptions} [options]
 * @property {number} [blockMs] how long it blocks its event loop now and then while it holds the lock
 * @property {number} [length] of the content
 */

const TOLD_THROUGH = 3;
const BLOCK_EVERY = 20;

const orders = /** @type {Orders} */ (JSON.parse(process.argv[2] ?? '{}'));
const file = configurationIn(orders.folder);
const module = await openModule(orders.folder, { options: orders.options ?? {} });
tell('ready');
let done = 0;
let tries = 0;
while (orders.updates === 0 || done < orders.updates) {
  tries += 1;
  const count = await raise();
  if (count === undefined) continue;
  done += 1;
  tell(`ack ${count}`);
}
await module.destroy();

/** @returns {Promise<number | undefined>} what it committed; undefined where it was overtaken */
async function raise() {
  let written = 0;
  const mayBlock = orders.blockMs !== undefined && tries % BLOCK_EVERY === 0;
  try {
    await module.updateConfiguration(
      (/** @type {{ count: number }} */ { count }) => {
        written = count + 1;
        if (mayBlock) block(orders.blockMs ?? 0);
        return contentOf(written, orders.length);
      },
      file,
      { initial: { count: 0 } },
    );
    return written;
  } catch (error) {
    const code = codeOf(error);
    tell(`error ${code ?? (error instanceof Error ? error.stack : String(error))}`);
    if (code === 'ERR_LOCK_LOST' || code === 'ERR_CONFLICT') return undefined;
    process.exit(1);
  }
}

/** @param {string} line */
function tell(line) {
  writeSync(TOLD_THROUGH, `${line}\n`);
}

/** @param {number} milliseconds */
function block(milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
