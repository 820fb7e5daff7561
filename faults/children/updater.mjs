// @ts-check
// Raises a counter again and again; says what it has committed only after the module has said so, in one write each.
import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../dist/constants/ConfigPersistenceConstants.js';
import { openSubject } from '../brokenStores.mjs';
import { contentOf } from '../content.mjs';
import { codeOf, describe } from '../errors.mjs';
import { configurationIn } from '../store.mjs';

/**
 * @typedef {object} Orders
 * @property {string} folder
 * @property {number} updates how many; 0 for as many as it can until it is killed
 * @property {import('../../dist/interfaces/options.js').ConfigPersistenceOptions} [options]
 * @property {number} [blockMs] how long it blocks its event loop now and then while it holds the lock
 * @property {number} [length] of the content
 * @property {number} [longestPauseMs] how long it rests at most between two updates
 * @property {number} [tendEvery] after how many updates it closes its module, which tends the backups, and opens a new one
 * @property {string} [backupKey] in hexadecimal
 * @property {import('../brokenStores.mjs').Variant} [variant] the broken store that it uses instead
 */

const TOLD_THROUGH = 3;
const BLOCK_EVERY = 20;
const { DURABILITY_NOT_CONFIRMED } = CONFIG_PERSISTENCE_CONSTANTS.WARNING_MESSAGES;

const orders = /** @type {Orders} */ (JSON.parse(process.argv[2] ?? '{}'));
const file = configurationIn(orders.folder);
let subject = await open();
tell('ready');
let done = 0;
let tries = 0;
while (orders.updates === 0 || done < orders.updates) {
  tries += 1;
  const raised = await raise();
  if (raised === undefined) continue;
  done += 1;
  tell(`${raised.isConfirmed ? 'ack' : 'unconfirmed'} ${raised.count}`);
  if (orders.tendEvery !== undefined && done % orders.tendEvery === 0) {
    await subject.destroy();
    subject = await open();
  }
  if (orders.longestPauseMs !== undefined) await delay(Math.random() * orders.longestPauseMs);
}
await subject.destroy();

function open() {
  const { folder, backupKey, options = {}, variant } = orders;
  const encryption = backupKey === undefined ? {} : { encryption: { key: Buffer.from(backupKey, 'hex') } };
  return openSubject(folder, { ...options, ...encryption }, variant);
}

/** @returns {Promise<{ count: number, isConfirmed: boolean } | undefined>} what it committed; undefined where it was overtaken */
async function raise() {
  let written = 0;
  const mayBlock = orders.blockMs !== undefined && tries % BLOCK_EVERY === 0;
  try {
    const { warnings = [] } = await subject.updateConfiguration(
      (/** @type {{ count: number }} */ { count }) => {
        tell(`holding ${process.hrtime.bigint()}`);
        written = count + 1;
        if (mayBlock) block(orders.blockMs ?? 0);
        return contentOf(written, orders.length);
      },
      file,
      { initial: { count: 0 } },
    );
    return { count: written, isConfirmed: !warnings.includes(DURABILITY_NOT_CONFIRMED) };
  } catch (error) {
    const code = codeOf(error);
    const isOvertaken = code === 'ERR_LOCK_LOST' || code === 'ERR_CONFLICT';
    tell(`error ${isOvertaken ? code : describe(error).replaceAll('\n', ' ')}`);
    if (isOvertaken) return undefined;
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
