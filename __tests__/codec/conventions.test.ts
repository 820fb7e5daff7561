/** What formats have no form of their own for, and what their encoders write there. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { parse as parseIni } from 'ini';
import { Properties } from 'properties-file/parser';
import { parse as parseToml } from 'smol-toml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { codecFor, type FormatOption } from '../../src/codec/codecs.js';
import { copyIntoDomain, isObject } from '../../src/value/valueDomain.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { configuration, scalar, value } from './domainValues.js';
import { runs } from '../support/runs.js';

const SEED = 20_260_719;
const RUNS = runs(400);
const { FORMAT_CONVENTIONS } = CONFIG_PERSISTENCE_CONSTANTS;
const FORMATS = ['json', 'yaml', 'toml', 'ini', 'xml', 'properties'] as const;

/** Sections of strings, numbers and booleans, often with nothing odd in them, so that many need no convention. */
const plain = fc.oneof(
  configuration(false),
  fc.dictionary(
    fc.constantFrom('a', 'b.c', 'max-size', 'item', '~', 'x y', 'constructor', '1'),
    fc.oneof(scalar(false), fc.dictionary(fc.constantFrom('a', '~', 'c d', 'key', '0.1'), scalar(false))),
    { maxKeys: 3 },
  ),
) as fc.Arbitrary<ConfigurationObject>;

function listed(format: FormatOption, input: ConfigurationValue): string[] {
  const names = Object.entries(FORMAT_CONVENTIONS);
  return codecFor(format)
    .conventions(input)
    .listed.map(
      ({ path, description }) => `${path} ${names.find(([, words]) => words === description)?.[0] ?? 'unknown'}`,
    );
}

/** Gives the text of every value that needs no convention, and fails where there are too few to tell anything. */
function forNativeValues(
  format: FormatOption,
  values: fc.Arbitrary<ConfigurationValue>,
  check: (text: string, input: ConfigurationObject) => void,
): void {
  const codec = codecFor(format);
  let natives = 0;
  fc.assert(
    fc.property(values, (input) => {
      if (!isObject(input) || codec.conventions(input).listed.length > 0) return;
      natives += 1;
      check(codec.encode(input), input);
    }),
    { seed: SEED, numRuns: RUNS },
  );
  expect(natives).toBeGreaterThan(RUNS / 20);
}

/** A leaf is its text, as everything is in a format that knows only text. */
function asText(input: ConfigurationValue): ConfigurationValue {
  if (!isObject(input)) return textOf(input);
  return Object.fromEntries(Object.entries(input).map(([name, member]) => [name, asText(member)]));
}

function textOf(leaf: ConfigurationValue): string {
  return typeof leaf === 'string' ? leaf : JSON.stringify(leaf);
}

describe('the conventions', () => {
  it('of JSON and YAML are none', () => {
    const odd = { a: null, b: [], c: {}, '~null': [null], 'odd key\n': '\0', d: { '~': 'true' } };
    for (const format of ['json', 'yaml'] as const) expect(listed(format, odd)).toEqual([]);
    expect(listed('yaml', [NaN, -Infinity])).toEqual([]);
  });

  it('of TOML are for null, and for what would be taken for null', () => {
    expect(
      listed('toml', { a: null, b: [1, { c: [null] }], d: { '~null': true }, e: { '~~null': 1 }, f: [], 'a b': {} }),
    ).toEqual(['a NULL_AS_TABLE', 'b[1].c[0] NULL_AS_TABLE', 'd["~null"] RESERVED_KEY', 'e["~~null"] RESERVED_KEY']);
    expect(listed('toml', { '~null': 1, other: '2001-12-14', n: 1e300, i: Infinity })).toEqual([]);
  });

  it('of INI are for what has no line of its own kind', () => {
    const input = {
      a: null,
      b: [1, 'x'],
      c: [[1]],
      d: [],
      e: 'true',
      f: '"x"',
      'g=h': 1,
      i: {},
      j: { 'k.l': 'x;y', m: { n: 1, o: {} } },
      'p.q': { r: 1 },
      s: { '~': 'own', t: 1 },
      u: ['1', 2],
    };
    expect(listed('ini', input)).toEqual([
      'a NULL_AS_WORD',
      'b ARRAY_AS_LINES',
      'c ARRAY_AS_JSON',
      'd ARRAY_AS_JSON',
      'e QUOTED_STRING',
      'f QUOTED_STRING',
      '["g=h"] ESCAPED_KEY',
      'j["k.l"] QUOTED_STRING',
      'j.m DOTTED_SECTION',
      'j.m.o DOTTED_SECTION',
      '["p.q"] ESCAPED_KEY',
      's["~"] OWN_VALUE',
      'u ARRAY_AS_LINES',
    ]);
    expect(listed('ini', { a: 1, b: true, c: 'text', d: { 'e.f': '', g: -1.5e-9 }, '~': 1 })).toEqual([]);
    expect(listed('ini', ['x'])).toEqual(['(root) ROOT_VALUE', '(root) ARRAY_AS_LINES']);
    expect(listed('ini', { '~': 'x' })).toEqual(['["~"] RESERVED_KEY']);
  });

  it('of .properties are for what is no text under a dotted key', () => {
    const input = {
      a: null,
      b: [1],
      c: {},
      d: { e: { f: 'x' } },
      'g.h': 1,
      i: '5',
      j: { '~': 1, k: 'null' },
      'l~1': ' x',
    };
    expect(listed('properties', input)).toEqual([
      'a NULL_AS_WORD',
      'b ARRAY_AS_JSON',
      'c EMPTY_OBJECT_AS_TEXT',
      '["g.h"] ESCAPED_KEY',
      'i QUOTED_STRING',
      'j["~"] OWN_VALUE',
      'j.k QUOTED_STRING',
      '["l~1"] ESCAPED_KEY',
    ]);
    expect(listed('properties', 5)).toEqual(['(root) ROOT_VALUE']);
    expect(listed('properties', { '~~': [] })).toEqual(['["~~"] RESERVED_KEY', '["~~"] ARRAY_AS_JSON']);
  });

  it('of XML are for keys and types that elements alone cannot tell', () => {
    const input = { a: null, b: [1, null, {}], c: {}, 'd e': 1, item: 'x', f: { g: '\0', h: 5, xml: false } };
    expect(listed('xml', input)).toEqual([
      'a NULL_AS_ATTRIBUTE',
      'b ARRAY_AS_ITEMS',
      'b[1] NULL_AS_ATTRIBUTE',
      'b[2] EMPTY_OBJECT_AS_ATTRIBUTE',
      'c EMPTY_OBJECT_AS_ATTRIBUTE',
      '["d e"] KEY_AS_ATTRIBUTE',
      'item KEY_AS_ATTRIBUTE',
      'f.g STRING_AS_JSON',
      'f.xml KEY_AS_ATTRIBUTE',
    ]);
    expect(listed('xml', {})).toEqual([]);
    expect(listed('xml', 'text')).toEqual([]);
    expect(listed('xml', [])).toEqual(['(root) ARRAY_AS_ITEMS']);
  });

  it.each(FORMATS)('of %s are found in any value, with words and without a value in them', (format) => {
    const words: readonly unknown[] = Object.values(FORMAT_CONVENTIONS);
    fc.assert(
      fc.property(value(true), (input) => {
        const { listed: found, unlisted } = codecFor(format).conventions(input);
        assert.equal(unlisted, 0);
        for (const { description } of found) assert.ok(words.includes(description));
      }),
      { seed: SEED, numRuns: Math.ceil(RUNS / 4) },
    );
  });

  it('are counted beyond those that are listed', () => {
    const many = { list: Array.from({ length: 5000 }, () => null) };
    const { listed: found, unlisted } = codecFor('toml').conventions(many);
    expect(found).toHaveLength(FORMAT_CONVENTIONS.MAX_LISTED);
    expect(found.length + unlisted).toBe(5000);
  });
});

describe('a value without conventions', () => {
  it('is read equal by another reader of TOML', () => {
    forNativeValues('toml', plain, (text, input) => {
      assert.ok(!text.includes('~null') || JSON.stringify(input).includes('~null'));
      const read = withoutBigInts(parseToml(text, { integersAsBigInt: 'asNeeded' }));
      assert.deepEqual(findDifferences(input, copyIntoDomain(read, { nonFiniteNumbers: true })), []);
    });
  });

  it('is a text without escapes and quotes in INI, read equal by a reader of its own dialect', () => {
    let byIni = 0;
    forNativeValues('ini', plain, (text, input) => {
      assert.deepEqual(readPlainIni(text), asText(input));
      if (!isReadByIni(input)) return;
      byIni += 1;
      assert.deepEqual(asText(fromIni(parseIni(text))), asText(input));
    });
    expect(byIni).toBeGreaterThan(RUNS / 40);
  });

  it('is the dotted keys and texts of .properties', () => {
    forNativeValues('properties', plain, (text, input) => {
      const read = new Properties(text).getProperties().map(({ key, value: held }) => [key, held]);
      assert.deepEqual(read, flattened(input));
    });
  });

  it('is elements and their texts in XML', () => {
    const parser = new XMLParser({ parseTagValue: false, trimValues: false, ignoreDeclaration: true });
    forNativeValues('xml', plain, (text, input) => {
      assert.doesNotMatch(text, /<item|key="|type="(?:null|array|json)"/);
      const leaves = Object.values(input).flatMap((member) => (isObject(member) ? Object.values(member) : [member]));
      // The reader has its own idea of blanks and line ends in texts.
      if (leaves.some((leaf) => typeof leaf !== 'object' && /^\s|\s$|\r|^$/.test(String(leaf)))) return;
      const { config } = parser.parse(text) as { config: ConfigurationValue };
      if (Object.keys(input).length > 0) assert.deepEqual(asText(withoutLayout(config)), asText(input));
    });
  });
});

/** The simplest reader there is: sections, keys and texts, nothing else. */
function readPlainIni(text: string): unknown {
  const root: Record<string, unknown> = {};
  let section = root;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const header = /^\[(.*)\]$/s.exec(line);
    if (header === null) {
      const [, key = '', held = ''] = /^(.*?) =(?: (.*))?$/s.exec(line) ?? [];
      Object.defineProperty(section, key, { value: held, enumerable: true, configurable: true, writable: true });
    } else {
      section = {};
      Object.defineProperty(root, header[1]!, { value: section, enumerable: true, configurable: true, writable: true });
    }
  }
  return root;
}

/** `ini` unescapes backslashes, takes `:` for text and has no keys but simple ones. */
function isReadByIni(input: ConfigurationObject): boolean {
  return (
    !/[\\~\u0080-\uffff]|\[|"[^"]*[=:]+[^"]*":/.test(JSON.stringify(input)) && !Object.hasOwn(input, 'constructor')
  );
}

function fromIni(read: unknown): ConfigurationValue {
  return copyIntoDomain(structuredClone({ ...(read as object) }), { nonFiniteNumbers: false });
}

function flattened(input: ConfigurationObject, prefix = ''): [string, string][] {
  return Object.entries(input).flatMap(([name, member]) =>
    isObject(member) ? flattened(member, `${prefix}${name}.`) : [[prefix + name, textOf(member)] as [string, string]],
  );
}

/** The reader gives integers beyond 2^53 as BigInt. */
function withoutBigInts(input: unknown): unknown {
  if (typeof input === 'bigint') return Number(input);
  if (typeof input !== 'object' || input === null) return input;
  if (Array.isArray(input)) return input.map(withoutBigInts);
  return Object.fromEntries(Object.entries(input).map(([name, member]) => [name, withoutBigInts(member)]));
}

/** Blanks between elements are text to the reader. */
function withoutLayout(input: ConfigurationValue): ConfigurationValue {
  if (!isObject(input)) return input;
  const members = Object.entries(input).filter(([name]) => name !== '#text');
  return Object.fromEntries(members.map(([name, member]) => [name, withoutLayout(member)]));
}
