// @ts-check
/**
 * What saves do to files of other programs: the shipped samples, generated files, and every configuration file below some
 * folders of the machine. Nothing is written; the texts are edited in memory by the way that a save takes.
 *
 * For each format: how many files decode, how many an unchanged save leaves as they are to the byte, in how many single edits
 * every other byte stays, and how often the value was not the one that was saved, which must be never.
 *
 * Usage: npm run corpus -- [--limit N] [--max-bytes N] [--tell] [folder ...]   Default: 2000 files a format of at most
 * 256 KiB below /etc and /usr/share. --tell names the places where another byte changed.
 */
import { lstatSync, opendirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

const { ConfigurationFormat } = await import('../dist/interfaces/enums.js');
const { Formats } = await import('../dist/src/codec/Formats.js');
const { decodeBytes } = await import('../dist/src/engine/contentText.js');
const { encodeOver } = await import('../dist/src/engine/layoutKeeping.js');
const { findDifferences } = await import('../dist/src/value/valueEquality.js');

const { values: options, positionals } = parseArgs({
  options: {
    limit: { type: 'string', default: '2000' },
    tell: { type: 'boolean', default: false },
    'max-bytes': { type: 'string', default: '262144' },
  },
  allowPositionals: true,
});
const limit = Number(options.limit);
const maxBytes = Number(options['max-bytes']);
const folders = positionals.length > 0 ? positionals : ['/etc', '/usr/share'];
const formats = new Formats(Object.values(ConfigurationFormat));
const rules = /** @type {const} */ ({ preserve: 'on', maxBytes: 100_000_000 });
/** Ends of names that say INI to their owners, and not to this module. */
const INI_NAMES = [
  '.conf',
  '.cfg',
  '.desktop',
  '.service',
  '.socket',
  '.timer',
  '.target',
  '.mount',
  '.network',
  '.netdev',
];
const MAX_EDITS = 5;

/** @typedef {import('../dist/src/codec/Codec.js').Codec} Codec */
/** @typedef {import('../dist/src/engine/layoutKeeping.js').ReadText} ReadText */
/** @typedef {ReturnType<typeof newCounts>} Counts */

/** Format to counts. @type {Record<string, Counts>} */
const table = {};

for (const { name, bytes } of files()) {
  const codec = codecOf(name);
  if (codec === undefined) continue;
  const counts = (table[codec.format] ??= newCounts());
  if (counts.files >= limit) continue;
  counts.files += 1;
  look(codec, name, bytes, counts);
}

/** @param {number} part @param {number} whole */
const percent = (part, whole) => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);
console.table(
  Object.fromEntries(
    Object.entries(table).map(([format, counts]) => [
      format,
      {
        files: counts.files,
        decoded: counts.decoded,
        'unchanged save: same bytes': percent(counts.unchanged, counts.decoded),
        edits: counts.edits,
        'all other bytes the same': percent(counts.exact, counts.edits),
        'told in warnings': counts.told,
        'wrong values': counts.wrong,
      },
    ]),
  ),
);
if (Object.values(table).some(({ wrong }) => wrong > 0)) process.exitCode = 1;

function newCounts() {
  return { files: 0, decoded: 0, unchanged: 0, edits: 0, exact: 0, told: 0, wrong: 0 };
}

/** @returns {Generator<{ name: string, bytes: Buffer }>} */
function* files() {
  yield* below(join(import.meta.dirname, '../fixtures'));
  yield* generated();
  for (const folder of folders) yield* below(folder);
}

/**
 * Regular files only, and no links, so that no file is met twice.
 *
 * @param {string} folder
 * @returns {Generator<{ name: string, bytes: Buffer }>}
 */
function* below(folder) {
  let entries;
  try {
    entries = opendirSync(folder);
  } catch {
    return;
  }
  for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* below(path);
    else if (entry.isFile() && isWanted(path)) {
      const bytes = read(path);
      if (bytes !== undefined) yield { name: path, bytes };
    }
  }
  entries.closeSync();
}

/** @param {string} path */
function isWanted(path) {
  const codec = codecOf(path);
  return codec !== undefined && (table[codec.format]?.files ?? 0) < limit;
}

/** @param {string} path */
function read(path) {
  try {
    return lstatSync(path).size > maxBytes ? undefined : readFileSync(path);
  } catch {
    return undefined;
  }
}

/** What this module writes itself, with comments where the format has them. @returns {Generator<{ name: string, bytes: Buffer }>} */
function* generated() {
  const value = { name: 'a', server: { host: 'h', port: 80, tags: ['x', 'y'] }, limits: { cpu: 1.5, on: true } };
  for (const format of Object.values(ConfigurationFormat)) {
    const codec = formats.recorded(format, `generated.${format}`);
    const text = codec.encode(value);
    const marked = format === 'json' || format === 'xml' ? text : `# generated\n${text}# the end\n`;
    for (const one of [text, marked, marked.replaceAll('\n', '\r\n'), `\ufeff${marked}`]) {
      yield { name: `generated.${format}`, bytes: Buffer.from(one) };
    }
  }
}

/** @param {string} path */
function codecOf(path) {
  const name = basename(path).toLowerCase();
  const isIni = INI_NAMES.some((end) => name.endsWith(end));
  return formats.recognise(path, isIni ? 'ini' : undefined);
}

/** @param {Codec} codec @param {string} name @param {Buffer} bytes @param {Counts} counts */
function look(codec, name, bytes, counts) {
  /** @type {ReadText} */
  let found;
  try {
    const text = decodeBytes(bytes, codec);
    found = { text, value: codec.decode(text.text) };
  } catch {
    return;
  }
  counts.decoded += 1;
  const same = save(codec, found, JSON.parse(JSON.stringify(found.value)), counts);
  if (same !== undefined && Buffer.from(same.bytes).equals(bytes)) counts.unchanged += 1;
  if (typeof found.value !== 'object' || found.value === null) return;
  const places = scalarsOf(found.value);
  for (let index = 0; index < Math.min(MAX_EDITS, places.length); index++) {
    const place = places[Math.floor((index * places.length) / MAX_EDITS)] ?? [];
    const after = JSON.parse(JSON.stringify(found.value));
    const [key, ...way] = [...place].reverse();
    if (key === undefined) continue;
    const holder = way.reverse().reduce((inner, step) => inner[step], after);
    holder[key] = otherThan(holder[key]);
    counts.edits += 1;
    const saved = save(codec, found, after, counts);
    if (saved === undefined) continue;
    if (saved.warnings.length > 0) counts.told += 1;
    else if (isOneEdit(bytes, saved.bytes, holder[key])) counts.exact += 1;
    else if (options.tell) console.info(`${name}: ${place.join('.')}`);
    if (options.tell && saved.warnings.length > 0) console.info(`${name}: ${place.join('.')}: ${saved.warnings[0]}`);
  }
}

/** @param {Codec} codec @param {ReadText} found @param {ReadText['value']} after @param {Counts} counts */
function save(codec, found, after, counts) {
  try {
    const saved = encodeOver(codec, after, { found }, rules);
    const decoded = codec.decode(decodeBytes(saved.bytes, codec).text);
    // What is read as something alike is told.
    if (findDifferences(after, decoded).length > 0 && saved.warnings.length === 0) counts.wrong += 1;
    return saved;
  } catch {
    counts.told += 1;
    return undefined;
  }
}

/** Everything but one short range is the same. @param {Uint8Array} before @param {Uint8Array} after @param {unknown} value */
function isOneEdit(before, after, value) {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end))
    end += 1;
  return after.length - start - end <= Buffer.byteLength(JSON.stringify(value)) + 2;
}

/** @param {unknown} value */
function otherThan(value) {
  if (typeof value === 'number') return value + 1;
  return typeof value === 'boolean' ? !value : 'edited';
}

/**
 * @param {any} value
 * @param {(string | number)[]} path
 * @param {(string | number)[][]} found
 */
function scalarsOf(value, path = [], found = []) {
  if (found.length > 1000) return found;
  if (typeof value !== 'object' || value === null) {
    if (value !== null && path.length > 0) found.push(path);
    return found;
  }
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value))
    scalarsOf(value[key], [...path, key], found);
  return found;
}
