/** Random files as other programs write them: what is read must survive a save, also with the old text at hand. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import { codecFor } from '../../src/codec/codecs.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { runs } from '../support/runs.js';

const SEED = 20_260_715;
const RUNS = runs(800);

const word = fc.constantFrom(
  ...[
    'a',
    'b',
    'a.b',
    'a.b.c',
    'a..b',
    '',
    '~',
    '~~',
    '~.a',
    'a.~',
    'a~1b',
    '~01',
    '~e',
    '~u003D',
    '~u0041',
    'a[]',
    'a b',
  ],
  ...[
    'log',
    'log.level',
    'true',
    '1',
    '007',
    '"q"',
    "'q'",
    'x=y',
    'x:y',
    '[x]',
    '#',
    ';',
    '{}',
    '[]',
    '[1, 2]',
    'null',
    '\\',
  ],
  ...[
    '"true"',
    '"',
    "'",
    '[1,',
    ' x ',
    'x ; y',
    'x #y',
    '#ff',
    '\t',
    'ä',
    '~null',
    '1.10',
    '-0',
    '1e400',
    '12345678901234567890',
  ],
);

const line = fc.tuple(word, fc.constantFrom('=', ' = ', ':', ': ', ' '), word).map((parts) => parts.join(''));
const sectionOrLine = fc.oneof(
  line,
  word.map((name) => `[${name}]`),
  word.map((text) => `; ${text}`),
);

const element: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc
    .tuple(
      fc.constantFrom('a', 'b', 'c', 'x:y', 'item', 'config', 'constructor'),
      fc.constantFrom('', ' id="1"', ' k="v w"', ' x:z="&lt;&#10;"', ' type="number" xmlns="urn:x"'),
      fc.oneof(
        { maxDepth: 3 },
        word.map((text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')),
        fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('\n')),
      ),
    )
    .map(([name, attributes, content]) => `<${name}${attributes}>${content}</${name}>`),
})).node;

const files: readonly (readonly [ConfigurationFormat, fc.Arbitrary<string>])[] = [
  [ConfigurationFormat.PROPERTIES, fc.array(line, { maxLength: 6 }).map((lines) => lines.join('\n'))],
  [ConfigurationFormat.INI, fc.array(sectionOrLine, { maxLength: 8 }).map((lines) => lines.join('\n'))],
  [ConfigurationFormat.XML, element],
];

describe.each(files)('foreign %s files', (format, texts) => {
  const codec = codecFor(format);

  it('give the same value after a save, or are refused with a reason', () => {
    let read = 0;
    let refused = 0;
    fc.assert(
      fc.property(texts, (text) => {
        const value = decodeOrRefuse(text);
        if (value === undefined) {
          refused += 1;
          return;
        }
        read += 1;
        assert.deepEqual(findDifferences(value, codec.decode(codec.encode(value))), []);
        assert.deepEqual(findDifferences(value, codec.decode(codec.encode(value, { previous: text }))), []);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    console.info(`foreign ${format} files: ${read} read and saved, ${refused} refused`);
    expect(read).toBeGreaterThan(RUNS / 4);
  });

  function decodeOrRefuse(text: string) {
    try {
      return codec.decode(text);
    } catch (error) {
      assert.ok(error instanceof PersistenceError);
      return undefined;
    }
  }
});

describe('the keys of foreign .properties files', () => {
  it('stand in a saved file as they stood before', () => {
    const codec = codecFor(ConfigurationFormat.PROPERTIES);
    const keys = fc.stringMatching(/^[a-c~.01]{1,8}$/);
    fc.assert(
      fc.property(keys, (name) => {
        const value = codec.decode(`${name}=v\nother=w\n`);
        assert.ok(codec.encode(value).split('\n').includes(`${name}=v`));
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
