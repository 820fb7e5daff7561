/** The formats that are only read: JSON with comments, and JSON5. */
import assert from 'node:assert/strict';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import JSON5 from 'json5';
import { parse as parseJsonc, type ParseError } from 'jsonc-parser';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { codecFor } from '../../src/codec/codecs.js';
import { foreignFormatOfExtension, foreignReaderFor } from '../../src/codec/foreign/foreignFormats.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { value } from './domainValues.js';

const SEED = 20_260_718;
const RUNS = 1500;
const jsonc = foreignReaderFor('jsonc');
const json5 = foreignReaderFor('json5');
const root = (nonFiniteNumbers: boolean) => value(nonFiniteNumbers).filter((input) => input !== null);

/** Blanks and comments that both formats have. */
const gap = fc.constantFrom(
  '',
  '',
  ' ',
  '\n',
  '\r\n',
  '\t',
  '// "x": [1,\n',
  '/* } " \' */',
  '/**/',
  '/*\r\n//*/',
  '//\r',
);
const DAMAGE = [
  '',
  '"',
  "'",
  '[',
  '}',
  ',',
  ':',
  '/',
  '//',
  '/*',
  '\\',
  '\n',
  '0',
  '-',
  '.',
  'e',
  'u00',
  '\\u0061',
  '\0',
];

/** The JSON of a value with something between its tokens, and commas after the last members. */
function spread(input: ConfigurationValue, gaps: readonly string[], hasTrailingCommas: boolean): string {
  let index = 0;
  const json = JSON.stringify(input);
  return json.replace(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^[\]{}:,"]+/g, (token, offset: number) => {
    const isClosing = token === ']' || token === '}';
    const isEmpty = /[[{]/.test(json.charAt(offset - 1));
    const comma = hasTrailingCommas && isClosing && !isEmpty ? `,${gaps[index++ % gaps.length] ?? ''}` : '';
    return `${comma}${token}${gaps[index++ % gaps.length] ?? ''}`;
  });
}

/** The value, or the code of the refusal. */
function outcome(
  decode: (text: string) => ConfigurationValue,
  text: string,
): { value?: ConfigurationValue; code?: string } {
  try {
    return { value: decode(text) };
  } catch (error) {
    assert.ok(error instanceof PersistenceError, String(error));
    return { code: error.code };
  }
}

/** Of work: how long that takes depends on what else the machine does. */
function millisecondsSince(start: NodeJS.CpuUsage): number {
  return process.cpuUsage(start).user / 1000;
}

function refusalOf(decode: (text: string) => unknown, text: string): PersistenceError {
  try {
    decode(text);
  } catch (error) {
    if (error instanceof PersistenceError) return error;
    throw error;
  }
  throw new Error(`not refused: ${text.slice(0, 100)}`);
}

describe('the extension of a foreign format', () => {
  it('is known in any case of letters, and never one of the formats that are written', () => {
    expect(foreignFormatOfExtension('/a/tsconfig.JSONC')).toBe('jsonc');
    expect(foreignFormatOfExtension('a.json5')).toBe('json5');
    for (const path of ['a.json', 'jsonc', 'a.json5.bak', '', 'a.json5/b']) {
      expect([path, foreignFormatOfExtension(path)]).toEqual([path, undefined]);
    }
  });
});

describe('JSON with comments', () => {
  it('is the value of the JSON in it, wherever comments and trailing commas stand', () => {
    fc.assert(
      fc.property(root(false), fc.array(gap, { minLength: 1 }), fc.boolean(), (input, gaps, hasCommas) => {
        const text = spread(input, gaps, hasCommas);
        assert.deepEqual(findDifferences(input, jsonc.decode(text)), []);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it('is refused where JSON is, and read where the parser of editors reads it', () => {
    fc.assert(
      fc.property(root(false), fc.array(gap, { minLength: 1 }), damages, (input, gaps, damage) => {
        const text = damaged(spread(input, gaps, true), damage);
        const errors: ParseError[] = [];
        const theirs = parseJsonc(text, errors, { allowTrailingComma: true }) as ConfigurationValue;
        const ours = outcome((given) => jsonc.decode(given), text);
        if (ours.value === undefined) return;
        assert.deepEqual(errors, []);
        assert.deepEqual(findDifferences(withoutNegativeZero(theirs), ours.value), []);
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });

  it.each([
    '[,]',
    '{,}',
    '[1,,]',
    ',',
    '[1],',
    '{"a":1,,}',
    '{"a":,}',
    '[1 /* x',
    '/',
    '[1/2]',
    '{"a" /*:*/ 1}',
    '//',
    '',
  ])('does not take %j', (text) => {
    expect(refusalOf((given) => jsonc.decode(given), text).code).toBe('ERR_PARSE');
  });

  it('does not take a string for a comment', () => {
    expect(jsonc.decode('{"a": "// x", "b": "/* y", "c": "\\"//,]"}')).toEqual({ a: '// x', b: '/* y', c: '"//,]' });
    expect(jsonc.hasComments('{"a": "// x", "b": "/* y */"}')).toBe(false);
  });

  it('is read behind a byte order mark', () => {
    expect(jsonc.decode('\uFEFF// x\n[1,]')).toEqual([1]);
    expect(jsonc.hasComments('\uFEFF// x\n[1,]')).toBe(true);
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
      { seed: SEED, numRuns: RUNS / 3 },
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
    ['a string without end', `"${'\\"x'.repeat(500_000)}`],
    ['comments without end', '/*'.repeat(500_000)],
    ['a million slashes', '/'.repeat(2).concat('\n').repeat(300_000)],
    ['a million commas', `[${','.repeat(1_000_000)}]`],
    ['a key of megabytes', `{"${'k'.repeat(4_000_000)}":1}`],
    ['a word of megabytes', 'a'.repeat(4_000_000)],
    ['a million quotes', "'".repeat(1_000_001)],
    ['digits of megabytes', `[${'9'.repeat(4_000_000)}]`],
  ])('refuses %s, and at once', (_, text) => {
    const start = process.cpuUsage();
    expect(['ERR_PARSE', 'ERR_INVALID_CONFIGURATION_DATA']).toContain(refusalOf(decode, text).code);
    expect(millisecondsSince(start)).toBeLessThan(3000);
  });

  it('reads many keys, comments and long strings in time', () => {
    const start = process.cpuUsage();
    const members = Array.from({ length: 300_000 }, (_, index) => `/* ${index} */ "k${index}": [${index},],`);
    const read = decode(`{${members.join('\n')} "long": "${'x\\n'.repeat(1_000_000)}"}`) as Record<string, unknown>;
    expect(Object.keys(read)).toHaveLength(300_001);
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
    expect(equal).toBeGreaterThan(RUNS / 2);
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

const damages = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...DAMAGE)), { maxLength: 2 });

function damaged(text: string, damage: readonly (readonly [number, number, string])[]): string {
  return damage.reduce((before, [position, length, inserted]) => {
    const start = position % (before.length + 1);
    return before.slice(0, start) + inserted + before.slice(start + length);
  }, text);
}

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

function withoutNegativeZero(input: ConfigurationValue): ConfigurationValue {
  if (input === 0) return 0;
  if (Array.isArray(input)) return input.map(withoutNegativeZero);
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([name, member]) => [name, withoutNegativeZero(member)]));
}
