/** JSON5, held against its reference implementation. */
import assert from 'node:assert/strict';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import JSON5 from 'json5';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { foreignReaderFor } from '../../../src/codec/foreign/foreignFormats.js';
import { findDifferences } from '../../../src/value/valueEquality.js';
import {
  damaged,
  damages,
  gap,
  outcome,
  refusalOf,
  root,
  RUNS,
  SEED,
  spread,
  withoutNegativeZero,
} from './foreignTexts.js';

const json5 = foreignReaderFor('json5');

describe('JSON5', () => {
  it('is the value of the JSON in it, wherever comments and trailing commas stand', () => {
    fc.assert(
      fc.property(root(false), fc.array(gap, { minLength: 1 }), fc.boolean(), (input, gaps, hasCommas) => {
        assert.deepEqual(findDifferences(input, json5.decode(spread(input, gaps, hasCommas))), []);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('is the value that the reference implementation has written', () => {
    fc.assert(
      fc.property(root(true), fc.constantFrom(undefined, 2, '\t'), (input, space) => {
        const text = JSON5.stringify(input, undefined, space);
        assert.deepEqual(findDifferences(input, json5.decode(text)), []);
        assert.equal(json5.hasComments(text), false);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('is read or refused as by the reference implementation, also where it is damaged', () => {
    let equal = 0;
    fc.assert(
      fc.property(root(true), fc.array(gap, { minLength: 1 }), damages, (input, gaps, damage) => {
        const text = damaged(
          JSON5.stringify(input, undefined, 1).replace(/\n/g, () => `${gaps[0]}\n`),
          damage,
        );
        if (agree(text)) equal += 1;
      }),
      { seed: SEED, numRuns: 2 * RUNS },
    );
    expect(equal).toBeGreaterThan(RUNS / 3);
  });

  it('is read or refused as by the reference implementation in its odd corners', () => {
    for (const text of CORNERS) agree(text);
  });

  it('keeps what JavaScript has and JSON has not', () => {
    const text = `\uFEFF// x
      {unquoted: 'a "b" \\'c\\'', $_\\u0061ä: "x\\
y", 'k': [+1, .5, 5., 0xFF, -0x10, NaN, -Infinity, 1e3,], /* y */ "\\x41\\0\\v": null,}`;
    const expected = {
      unquoted: `a "b" 'c'`,
      $_aä: 'xy',
      k: [1, 0.5, 5, 255, -16, NaN, -Infinity, 1000],
      'A\0\v': null,
    };
    expect(findDifferences(expected, json5.decode(text))).toEqual([]);
    expect(json5.hasComments(text)).toBe(true);
  });

  it('refuses numbers that it would have to round, with their paths', () => {
    const text = '{a: 9007199254740993, b: [0x20000000000001, 1e999, 9007199254740992, 0x20000000000000, -Infinity]}';
    expect(refusalOf((given) => json5.decode(given), text)).toMatchObject({
      code: 'ERR_INVALID_CONFIGURATION_DATA',
      paths: ['a', 'b[0]', 'b[1]'],
    });
  });
});

const CORNERS = [
  ...[
    '',
    ' ',
    '/',
    '//',
    '/*',
    '/**/',
    '/* */1',
    '1//',
    '1 2',
    '01',
    '0x',
    '0x1G',
    '1.',
    '.1',
    '.',
    '+',
    '-',
    '+-1',
    '1e',
  ],
  ...[
    '1e+',
    '1.e2',
    '.e2',
    '0.',
    '00',
    '-0',
    '+0',
    'Infinity',
    '-Infinity',
    '+NaN',
    'infinity',
    'nan',
    'nul',
    'nulll',
    'True',
  ],
  ...[
    '"a',
    "'a'",
    '"a\'',
    '"\\',
    '"\\u12"',
    '"\\x1"',
    '"\\8"',
    '"\\01"',
    '"\\0"',
    '"\\0a"',
    '"\\\r\n"',
    '"\\\u2028"',
    '"\n"',
  ],
  ...[
    '"\\a\\q\\\'"',
    '"\\😀"',
    '"\\u{41}"',
    '[,]',
    '[1,,2]',
    '[1,]',
    '[',
    ']',
    '{,}',
    '{a:1,}',
    '{a:1,,}',
    '{a}',
    '{a:}',
    '{1:1}',
  ],
  ...[
    '{"1":1}',
    '{a b:1}',
    '{\\u0061:1}',
    '{\\u0020:1}',
    '{a\\u0020:1}',
    '{\\u0031:1}',
    '{a\\u0031:1}',
    '{a\\x41:1}',
    '{ключ:1}',
  ],
  ...[
    '{$:1,_:2}',
    '{a-b:1}',
    '{a.b:1}',
    '{null:1,true:2,NaN:3}',
    '{\u200Ca:1}',
    '{a\u200C:1}',
    '{𐐀:1}',
    '{"\ud800":1}',
    '"\\ud800"',
  ],
  ...[
    '\u00a0\u2003\uFEFF1\v\f',
    '\u200B1',
    '1/*\n*/',
    '1/* * / */',
    '1/***/',
    '//\u2028 1',
    '//\r1',
    '{a:1}}',
    '[]]',
    '{}{}',
  ],
  ...[
    '{__proto__: 1}',
    '{constructor: 1, toString: 2}',
    '[1 /* c */ , // d\n 2]',
    '{a /*x*/ : /*y*/ 1}',
    '\0',
    '1\0',
    '{a:\0}',
  ],
];

/** Compares with the reference implementation; false where both refuse. */
function agree(text: string): boolean {
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  let theirs: unknown;
  let isValid = true;
  try {
    theirs = JSON5.parse(text);
  } catch {
    isValid = false;
  }
  warn.mockRestore();
  const ours = outcome((given) => json5.decode(given), text);
  if (isValid && ours.value !== undefined) {
    assert.deepEqual(findDifferences(withoutNegativeZero(theirs as ConfigurationValue), ours.value), [], text);
    return true;
  }
  // What only we refuse: values outside the domain, and keys written twice.
  const isStricter = ours.code === 'ERR_INVALID_CONFIGURATION_DATA' || messageFor(text).includes('written twice');
  assert.ok(ours.value === undefined && (!isValid || isStricter), JSON.stringify(text));
  return false;
}

function messageFor(text: string): string {
  return refusalOf((given) => json5.decode(given), text).message;
}
