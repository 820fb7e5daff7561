// @ts-check
// Child processes that raise one counter, and what they have acknowledged.
import { createInterface } from 'node:readline';
import { ended, forkChild } from './scratch.mjs';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { Orders } from './children/updater.mjs' */
/** @import { Readable } from 'node:stream' */

/** One of them. */
export class Updater {
  /** Every count that it committed. @type {number[]} */
  acknowledged = [];
  /** Counts that it committed with the warning that they may not be durable. @type {number[]} */
  unconfirmed = [];
  /** Why its updates failed: the codes of those that were overtaken, the whole text of others. @type {string[]} */
  errors = [];
  /** When it held the lock and had read the content, in nanoseconds of `process.hrtime`, which all processes share. @type {bigint[]} */
  holds = [];
  /** Whether the last thing it told is that it holds the lock. */
  isHolding = false;
  /** When it has opened its module. @type {Promise<void>} */
  ready;
  /** When it has ended and everything it said was heard. @type {Promise<{ code: number | null, signal: string | null }>} */
  ended;
  /** @type {ChildProcess} */
  child;
  /** @type {() => void} */
  #onAcknowledgement = () => undefined;

  /** @param {Partial<Orders> & { folder: string }} orders @param {'updater' | 'mixed'} [program] */
  constructor(orders, program = 'updater') {
    this.child = forkChild(program, [JSON.stringify(orders)], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe', 'ipc'],
    });
    const lines = createInterface({ input: /** @type {Readable} */ (this.child.stdio[3]) });
    const allHeard = new Promise((resolve) => lines.once('close', resolve));
    this.ready = new Promise((resolve) => {
      lines.on('line', (line) => {
        if (line === 'ready') resolve();
        else this.#hear(line);
      });
      lines.once('close', () => resolve());
    });
    this.ended = ended(this.child).then(async (end) => {
      await allHeard;
      return end;
    });
  }

  /** Resolves at the next acknowledgement, or at the end of the process. @returns {Promise<void>} */
  nextAcknowledgement() {
    return new Promise((resolve) => {
      this.#onAcknowledgement = resolve;
      void this.ended.then(() => resolve());
    });
  }

  /** @param {NodeJS.Signals} signal */
  send(signal) {
    this.child.kill(signal);
  }

  /** @param {string} line */
  #hear(line) {
    const [word, rest = ''] = line.split(/ (.*)/su);
    this.isHolding = word === 'holding';
    if (word === 'holding') this.holds.push(BigInt(rest));
    else if (word === 'ack') {
      this.acknowledged.push(Number(rest));
      this.#onAcknowledgement();
    } else if (word === 'unconfirmed') this.unconfirmed.push(Number(rest));
    else this.errors.push(rest);
  }
}

/**
 * What must hold for the acknowledgements of all processes together: no count was committed twice, and none is missing
 * but those of killed processes, which may have committed one more than they could tell.
 *
 * @param {readonly Updater[]} updaters
 * @param {number} finalCount
 * @param {number} kills
 * @returns {{ problems: string[], acknowledged: number }}
 */
export function judgeAcknowledgements(updaters, finalCount, kills) {
  const all = updaters.flatMap(({ acknowledged }) => acknowledged);
  const problems = [];
  const twice = all.length - new Set(all).size;
  if (twice > 0) problems.push(`${twice} counts were committed twice`);
  const largest = all.reduce((left, right) => Math.max(left, right), 0);
  if (finalCount < largest) problems.push(`the final count ${finalCount} is below the acknowledged ${largest}`);
  if (finalCount < all.length) problems.push(`the final count ${finalCount} is below ${all.length} acknowledgements`);
  const untold = finalCount - all.length;
  if (untold > kills) problems.push(`${untold} updates were committed without being acknowledged, with ${kills} kills`);
  return { problems, acknowledged: all.length };
}
