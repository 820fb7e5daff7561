// @ts-check
// Loads at three sizes: the first one of a file, and the repeated one of an unchanged file.
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { serialize } from './contenders/contender.mjs';
import { bareLoad, hashedLoad, plainHashedLoad } from './contenders/floor.mjs';
import { measure } from './measure.mjs';
import { rate, ratedTable } from './table.mjs';
import { makeValue, readEveryLeaf, readOneLeaf } from './values.mjs';

/** @import { Contender } from './contenders/contender.mjs' */
/** @import { Entry, Plan } from './measure.mjs' */

/**
 * `first` is the highest ratio to read, hash and parse in asynchronous calls, as the package's own are; `repeated` the one to a bare synchronous read and parse.
 *
 * @type {{ label: string, bytes: number, first: number, repeated: number, files: number, full: Plan, short: Plan }[]}
 */
const SIZES = [
  {
    label: '1 KB',
    bytes: 1024,
    first: 1.3,
    repeated: 1,
    files: 60,
    full: { rounds: 20, samples: 20, batch: 50 },
    short: { rounds: 3, samples: 3, batch: 20 },
  },
  {
    label: '100 KB',
    bytes: 102_400,
    first: 1.3,
    repeated: 0.1,
    files: 20,
    full: { rounds: 20, samples: 10, batch: 5 },
    short: { rounds: 3, samples: 2, batch: 2 },
  },
  {
    label: '5 MB',
    bytes: 5_242_880,
    first: 1.3,
    repeated: 0.02,
    files: 4,
    full: { rounds: 12, samples: 3 },
    short: { rounds: 1, samples: 1 },
  },
];

/**
 * @param {object} context
 * @param {string} context.folder
 * @param {boolean} context.short
 * @param {Contender | undefined} context.ours
 * @param {Contender[]} context.rivals Those with a load of their own.
 * @param {(text: string) => void} context.print
 */
export async function runLoading({ folder, short, ours, rivals, print }) {
  /** @type {Record<string, unknown>} */
  const results = {};
  for (const size of SIZES) {
    const plan = short ? size.short : size.full;
    const own = join(folder, `load-${size.bytes}`);
    const first = await firstLoads(own, size, plan, ours);
    print(ratedTable(`First load of ${size.label}`, 'hash', first));
    const repeated = await repeatedLoads(own, size, plan, ours, rivals);
    print(ratedTable(`Repeated load of an unchanged ${size.label}`, 'bare', repeated));
    results[size.label] = { first, repeated };
  }
  return results;
}

/**
 * Every turn opens a fresh instance and loads files that it has not seen, each once. A small file goes first, so that
 * what is paid once for each process is not counted.
 *
 * @param {string} folder
 * @param {(typeof SIZES)[number]} size
 * @param {Plan} plan
 * @param {Contender | undefined} ours
 */
async function firstLoads(folder, size, plan, ours) {
  const samples = Math.min(size.files - 1, plan.samples);
  const own = join(folder, 'first');
  await mkdir(own, { recursive: true });
  /** @param {number} sample */
  const file = (sample) => join(own, `config-${sample}.json`);
  const small = join(own, 'small.json');
  await writeSamples(ours, own, size.bytes, [small, ...Array.from({ length: samples + 1 }, (_, index) => file(index))]);

  /** @type {Entry[]} */
  const entries = [
    { name: 'bare read + parse', run: (sample) => readOneLeaf(bareLoad(file(sample))) },
    { name: 'read + hash + parse', run: async (sample) => readOneLeaf(await plainHashedLoad(file(sample))) },
    { name: 'same, synchronous', run: (sample) => readOneLeaf(hashedLoad(file(sample))) },
  ];
  let close = () => /** @type {Promise<unknown>} */ (Promise.resolve());
  if (ours !== undefined) {
    /** @type {Awaited<ReturnType<Contender['open']>> | undefined} */
    let store;
    close = () => store?.close() ?? Promise.resolve();
    entries.push({
      name: 'this package, first',
      beforeTurn: async () => {
        await close();
        store = await ours.open(own);
        await store.load?.(small);
      },
      run: async (sample) => readOneLeaf(await store?.load?.(file(sample))),
    });
  }
  const figures = await measure(entries, { rounds: plan.rounds, samples });
  await close();
  return rate(figures, 'read + hash + parse', { 'this package, first': size.first });
}

/**
 * @param {string} folder
 * @param {(typeof SIZES)[number]} size
 * @param {Plan} plan
 * @param {Contender | undefined} ours
 * @param {Contender[]} rivals
 */
async function repeatedLoads(folder, size, plan, ours, rivals) {
  const own = join(folder, 'repeated');
  await mkdir(own, { recursive: true });
  const file = join(own, 'config.json');
  await writeSamples(ours, own, size.bytes, [file]);

  /** @type {Entry[]} */
  const entries = [
    { name: 'bare read + parse', run: () => readOneLeaf(bareLoad(file)) },
    { name: 'read + hash + parse', run: () => readOneLeaf(hashedLoad(file)) },
  ];
  for (const rival of rivals) {
    const store = await rival.open(own);
    entries.push({ name: `${rival.name} .store`, run: () => readOneLeaf(store.load?.(file)) });
  }
  let close = () => /** @type {Promise<unknown>} */ (Promise.resolve());
  if (ours !== undefined) {
    const store = await ours.open(own);
    close = () => store.close();
    const load = async () => store.load?.(file);
    entries.push({ name: 'this package, repeated', run: async () => readOneLeaf(await load()) });
    entries.push({ name: 'same, every leaf read', run: async () => readEveryLeaf(await load()) });
    // A file that is younger than the clock's grain is not trusted by its times; nobody loads that soon for long.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const figures = await measure(entries, plan);
  await close();
  return rate(figures, 'bare read + parse', { 'this package, repeated': size.repeated });
}

/**
 * Files as this package saves them, so that its loads have their records to check; plain ones where it does not run.
 *
 * @param {Contender | undefined} ours
 * @param {string} folder
 * @param {number} bytes
 * @param {string[]} files
 */
async function writeSamples(ours, folder, bytes, files) {
  const value = makeValue(bytes);
  if (ours === undefined) {
    const [origin, ...copies] = files;
    if (origin === undefined) return;
    await writeFile(origin, serialize(value));
    for (const copy of copies) await copyFile(origin, copy);
    return;
  }
  const store = await ours.open(folder);
  for (const file of files) await store.save(file, value);
  await store.close();
}
