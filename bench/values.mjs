// @ts-check
// Makes the configurations that are saved and loaded: realistic, two levels deep, the same in every run.

/** @typedef {string | number | boolean | null} Leaf */

/**
 * `revision` changes with every save, so that no product can skip one; the sections stay.
 *
 * @typedef {{ revision: number, sections: Record<string, Record<string, Leaf>> }} BenchValue
 */

const SEED = 20260214;
const WORDS =
  'berth crane tide pilot quay anchor harbour ferry cargo signal mooring buoy current depth mast rudder channel lock dock wharf'.split(
    ' ',
  );

/**
 * A value whose indented JSON has about this many bytes (within one section of it).
 *
 * @param {number} bytes
 * @returns {BenchValue}
 */
export function makeValue(bytes) {
  const random = seededRandom(SEED);
  /** @type {BenchValue} */
  const value = { revision: 0, sections: {} };
  let size = JSON.stringify(value, null, 2).length;
  for (let index = 0; size < bytes; index += 1) {
    const section = makeSection(random);
    const name = `${pick(random, WORDS)}-${index}`;
    // Inside the document each line of a section stands four blanks further to the right.
    const lines = Object.keys(section).length + 1;
    size += JSON.stringify(section, null, 2).length + name.length + 8 + 4 * lines;
    value.sections[name] = section;
  }
  return value;
}

/**
 * Reads one leaf, which is the least that a caller who loads a configuration does with it.
 *
 * @param {unknown} loaded
 */
export function readOneLeaf(loaded) {
  return /** @type {BenchValue} */ (loaded).revision;
}

/**
 * Reads every leaf, and so makes a lazily built value come into being as a whole.
 *
 * @param {unknown} loaded
 */
export function readEveryLeaf(loaded) {
  let texts = 0;
  for (const section of Object.values(/** @type {BenchValue} */ (loaded).sections)) {
    for (const leaf of Object.values(section)) texts += typeof leaf === 'string' ? 1 : 0;
  }
  return texts;
}

/** @param {() => number} random @returns {Record<string, Leaf>} */
function makeSection(random) {
  return {
    enabled: random() < 0.7,
    host: `${pick(random, WORDS)}-${Math.floor(random() * 90) + 10}.example`,
    port: 1024 + Math.floor(random() * 60000),
    timeoutMs: Math.floor(random() * 30) * 1000,
    weight: Math.round(random() * 10000) / 1000,
    version: `${Math.floor(random() * 9)}.${Math.floor(random() * 40)}`,
    path: `/var/lib/${pick(random, WORDS)}/${pick(random, WORDS)}`,
    note: Array.from({ length: 3 + Math.floor(random() * 9) }, () => pick(random, WORDS)).join(' '),
    owner: random() < 0.2 ? null : pick(random, WORDS),
  };
}

/** @param {() => number} random @param {string[]} words */
function pick(random, words) {
  return words[Math.floor(random() * words.length)] ?? '';
}

/** The generator called mulberry32: small, and good enough for sample data. @param {number} seed */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
