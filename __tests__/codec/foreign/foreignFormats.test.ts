/** What all formats that are only read have in common. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { codecFor } from '../../../src/codec/codecs.js';
import { foreignFormatOfExtension, foreignReaderFor } from '../../../src/codec/foreign/foreignFormats.js';
import type { PersistenceError } from '../../../src/errors/PersistenceError.js';
import { findDifferences } from '../../../src/value/valueEquality.js';
import { gap, millisecondsSince, outcome, refusalOf, root, RUNS, SEED, spread } from './foreignTexts.js';

describe('the extension of a foreign format', () => {
  it('is known in any case of letters, and never one of the formats that are written', () => {
    expect(foreignFormatOfExtension('/a/tsconfig.JSONC')).toBe('jsonc');
    expect(foreignFormatOfExtension('a.json5')).toBe('json5');
    for (const path of ['a.json', 'jsonc', 'a.json5.bak', '', 'a.json5/b']) {
      expect([path, foreignFormatOfExtension(path)]).toEqual([path, undefined]);
    }
  });
});

describe.each(['jsonc', 'json5'] as const)('the reader of %s', (format) => {
  const reader = foreignReaderFor(format);
  const decode = (text: string) => reader.decode(text);

  it('tells whether there are comments', () => {
    fc.assert(
      fc.property(root(false), fc.array(gap, { minLength: 1 }), (input, gaps) => {
        const bare = gaps.map((text) => (text.includes('/') ? ' ' : text));
        assert.equal(reader.hasComments(spread(input, bare, true)), false);
        for (const comment of ['// "\n', '/* x */']) {
          assert.equal(reader.hasComments(spread(input, [...bare, comment], false).concat(comment)), true);
          assert.equal(reader.hasComments(comment + spread(input, bare, true)), true);
        }
      }),
      { seed: SEED, numRuns: Math.ceil(RUNS / 3) },
    );
  });

  it('refuses what the JSON codec refuses, by the same rules', () => {
    const codec = codecFor('json');
    const texts = ['null', '{"__proto__": {"a": 1}}', '"\\ud800"', '[9007199254740993]', '[1e999]', '{"a": 1, "a": 2}'];
    texts.push(
      '['.repeat(101) + ']'.repeat(101),
      `{"${'x'.repeat(1025)}": 1}`,
      '',
      '   ',
      '{"a": {"b": 1, "\\u0062": 2}}',
    );
    for (const text of texts) {
      const [theirs, ours] = [refusalOf((given) => codec.decode(given), text), refusalOf(decode, text)];
      const facts = ({ code, paths, line, column }: PersistenceError) => ({ text, code, paths, line, column });
      expect(facts(ours)).toEqual(facts(theirs));
    }
    const deepest = '['.repeat(100) + ']'.repeat(100);
    expect(findDifferences(codec.decode(deepest), decode(deepest))).toEqual([]);
  });

  it.each([
    ['nesting of 100,000 levels', '['.repeat(100_000)],
    ['nesting of 100,000 objects', '{"a":'.repeat(100_000)],
    ['a long string without end', `"${'\\"x'.repeat(100_000)}`],
    ['comments without end', '/*'.repeat(100_000)],
    ['many slashes', '/'.repeat(2).concat('\n').repeat(60_000)],
    ['many commas', `[${','.repeat(200_000)}]`],
    ['a very long key', `{"${'k'.repeat(800_000)}":1}`],
    ['a very long word', 'a'.repeat(800_000)],
    ['many quotes', "'".repeat(200_001)],
    ['very many digits', `[${'9'.repeat(800_000)}]`],
  ])('refuses %s, and at once', (_, text) => {
    const start = process.cpuUsage();
    expect(['ERR_PARSE', 'ERR_INVALID_CONFIGURATION_DATA']).toContain(refusalOf(decode, text).code);
    expect(millisecondsSince(start)).toBeLessThan(3000);
  });

  it('reads many keys, comments and long strings in time', () => {
    const start = process.cpuUsage();
    const members = Array.from({ length: 60_000 }, (_, index) => `/* ${index} */ "k${index}": [${index},],`);
    const read = decode(`{${members.join('\n')} "long": "${'x\\n'.repeat(200_000)}"}`) as Record<string, unknown>;
    expect(Object.keys(read)).toHaveLength(60_001);
    expect(millisecondsSince(start)).toBeLessThan(15_000);
  });

  it('never changes a prototype', () => {
    for (const key of ['__proto__', 'constructor', 'toString']) {
      outcome(decode, `{"${key}": {"polluted": 1}}`);
      outcome(decode, `{"a": {"${key}": {"polluted": 1}}}`);
    }
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
