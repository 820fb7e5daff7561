// @ts-check
// One save after the other to one file, at three sizes: what a durable save costs beside the plain calls.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plainSave } from './contenders/floor.mjs';
import { serialize } from './contenders/contender.mjs';
import { measure } from './measure.mjs';
import { rate, ratedTable } from './table.mjs';
import { makeValue } from './values.mjs';

/** @import { Contender } from './contenders/contender.mjs' */
/** @import { Plan } from './measure.mjs' */
/** @import { Rated } from './table.mjs' */

const REFERENCE = 'floor C (plain calls)';
const OURS = 'this package';

/**
 * `target` is the highest ratio to the floor; `advantage` the lowest over the same features assembled by hand.
 *
 * @type {{ label: string, bytes: number, target: number, advantage?: number, full: Plan, short: Plan }[]}
 */
const SIZES = [
  {
    label: '1 KB',
    bytes: 1024,
    target: 1.2,
    advantage: 5,
    full: { rounds: 24, samples: 10 },
    short: { rounds: 3, samples: 3 },
  },
  { label: '100 KB', bytes: 102_400, target: 1.2, full: { rounds: 20, samples: 8 }, short: { rounds: 3, samples: 2 } },
  { label: '5 MB', bytes: 5_242_880, target: 1.25, full: { rounds: 12, samples: 3 }, short: { rounds: 1, samples: 2 } },
];

/** @param {{ folder: string, short: boolean, contenders: Contender[], print: (text: string) => void }} context */
export async function runSaving({ folder, short, contenders, print }) {
  /** @type {Record<string, unknown>} */
  const results = {};
  for (const size of SIZES) {
    const value = makeValue(size.bytes);
    const open = await openAll(contenders, join(folder, `save-${size.bytes}`));
    const entries = open.map(({ name, store, file }) => ({
      name,
      before: () => (value.revision += 1),
      run: () => store.save(file, value),
      afterTurn: () => store.rest?.(),
    }));
    const settle = () => plainSave(join(folder, 'settle'), '');
    const figures = await measure(entries, short ? size.short : size.full, settle);
    for (const { store } of open) await store.close();
    const rated = rate(figures, REFERENCE, { [OURS]: size.target });
    print(ratedTable(`Save ${size.label} (${Buffer.byteLength(serialize(value))} bytes)`, 'C', rated));
    const advantage = advantageOf(rated, size.advantage);
    if (advantage !== undefined) print(advantage.text);
    results[size.label] = { rows: rated, advantage };
  }
  return results;
}

/**
 * How many times faster than the same features assembled by hand, with the least that is asked for, if anything is.
 *
 * @param {Rated[]} rows
 * @param {number | undefined} target
 */
function advantageOf(rows, target) {
  const own = rows.find(({ name }) => name === OURS);
  const other = rows.find(({ name }) => name === 'assembled by hand');
  if (own === undefined || other === undefined) return undefined;
  const times = other.medianMs / own.medianMs;
  const text = `${OURS} is ${times.toFixed(1)} times as fast as the same features assembled by hand`;
  if (target === undefined) return { times, text };
  const reached = times >= target;
  return { times, target, reached, text: `${text}; target >= ${target}: ${reached ? 'reached' : 'NOT reached'}` };
}

/**
 * Every contender gets a folder of its own, with one first version in it.
 *
 * @param {Contender[]} contenders
 * @param {string} root
 */
async function openAll(contenders, root) {
  const open = [];
  for (const [index, contender] of contenders.entries()) {
    const folder = join(root, String(index));
    await mkdir(folder, { recursive: true });
    const store = await contender.open(folder);
    const file = join(folder, 'config.json');
    await store.save(file, makeValue(0));
    open.push({ name: contender.name, store, file });
  }
  return open;
}
