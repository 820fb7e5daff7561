// @ts-check
// Ten saves to ten files, all started at once.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { plainSave } from './contenders/floor.mjs';
import { measure } from './measure.mjs';
import { rate, ratedTable } from './table.mjs';
import { makeValue } from './values.mjs';

/** @import { Contender } from './contenders/contender.mjs' */
/** @import { Plan } from './measure.mjs' */

const FILES = 10;
const REFERENCE = 'floor C (plain calls)';

/** @type {{ label: string, bytes: number, full: Plan, short: Plan }[]} */
const SIZES = [
  { label: '1 KB', bytes: 1024, full: { rounds: 18, samples: 4 }, short: { rounds: 2, samples: 2 } },
  { label: '100 KB', bytes: 102_400, full: { rounds: 12, samples: 3 }, short: { rounds: 1, samples: 2 } },
];

/** @param {{ folder: string, short: boolean, contenders: Contender[], print: (text: string) => void }} context */
export async function runParallel({ folder, short, contenders, print }) {
  /** @type {Record<string, unknown>} */
  const results = {};
  for (const size of SIZES) {
    const values = Array.from({ length: FILES }, () => makeValue(size.bytes));
    const entries = [];
    const stores = [];
    for (const [index, contender] of contenders.entries()) {
      const own = join(folder, `parallel-${size.bytes}`, String(index));
      await mkdir(own, { recursive: true });
      const store = await contender.open(own);
      stores.push(store);
      entries.push({
        name: contender.name,
        before: () => values.forEach((value) => (value.revision += 1)),
        run: () => Promise.all(values.map((value, file) => store.save(join(own, `config-${file}.json`), value))),
        afterTurn: () => store.rest?.(),
      });
    }
    const settle = () => plainSave(join(folder, 'settle'), '');
    const figures = await measure(entries, short ? size.short : size.full, settle);
    for (const store of stores) await store.close();
    const rated = rate(figures, REFERENCE);
    print(ratedTable(`${FILES} saves of ${size.label} to ${FILES} files at once (all of them)`, 'C', rated));
    results[size.label] = rated;
  }
  return results;
}
