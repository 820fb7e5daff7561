/**
 * What every codec must do, whatever its format. A new format proves itself by a call of `describeCodec` with a factory
 * and the texts of its own rules.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Codec } from '../../src/codec/Codec.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { configuration, key, nested, scalar, value } from './domainValues.js';
import { SECRET, type FormatRules } from './rules/FormatRules.js';
import { runs } from '../support/runs.js';

const SEED = 20_260_713;
const FULL_RUNS = runs(1000);
const SCALAR_RUNS = runs(500);
const KEY_RUNS = runs(500);
const MAX_DEPTH = 100;
/** What is put in the place of a few characters. */
const DAMAGE = [
  '',
  '"',
  "'",
  '[',
  '}',
  '\n',
  '\\',
  '<',
  '&',
  '=',
  ':',
  '#',
  '\0',
  '\ufffd',
  '1e999',
  ']]>',
  '\n---\n',
  '\t',
];
const REFUSALS = ['ERR_PARSE', 'ERR_INVALID_CONFIGURATION_DATA'];

export interface CodecPlan {
  readonly create: () => Codec;
  readonly rules: FormatRules;
  /** Whether the format can hold an array or a scalar as the whole configuration. */
  readonly anyRoot: boolean;
}

export function describeCodec(name: string, { create, rules, anyRoot }: CodecPlan): void {
  const codec = create();
  const { nonFiniteNumbers } = codec.capabilities;
  const counts = { roundTrips: 0, rules: 0, refused: 0, hostile: 0 };

  /** Plain comparisons: the test runner's own would take most of the time. */
  function expectRoundTrip(input: ConfigurationValue): void {
    const text = codec.encode(input);
    const read = codec.decode(text);
    assert.deepEqual(findDifferences(input, read), []);
    assert.ok(text.endsWith('\n'));
    assert.equal(codec.encode(read), text);
    if (codec.capabilities.usesPrevious) assert.equal(codec.encode(read, { previous: text }), text);
    counts.roundTrips += 1;
  }

  describe(`the ${name} codec`, () => {
    afterAll(() => {
      console.info(
        `${name}: ${counts.roundTrips} round trips, ${counts.rules} texts by the format's rules, ` +
          `${counts.refused} refused texts, ${counts.hostile} hostile texts (seed ${SEED})`,
      );
    });

    it('gives back every generated configuration, and writes the same text again', () => {
      fc.assert(fc.property(configuration(nonFiniteNumbers), expectRoundTrip), { seed: SEED, numRuns: FULL_RUNS });
    });

    it('gives back every scalar as a member', () => {
      const member = scalar(nonFiniteNumbers).map((leaf) => ({ name: leaf, list: [leaf] }));
      fc.assert(fc.property(member, expectRoundTrip), { seed: SEED, numRuns: SCALAR_RUNS });
    });

    it('gives back every key, at the root and inside', () => {
      const keyed = key.map((name) => ({ [name]: 'v', inner: { [name]: { [name]: 1 } } }));
      fc.assert(fc.property(keyed, expectRoundTrip), { seed: SEED, numRuns: KEY_RUNS });
    });

    it('gives back objects with a single odd key at every level', () => {
      const single = fc.tuple(key, key, scalar(nonFiniteNumbers)).map(([a, b, leaf]) => ({ [a]: { [b]: leaf } }));
      fc.assert(fc.property(single, expectRoundTrip), { seed: SEED, numRuns: KEY_RUNS });
    });

    if (anyRoot) {
      it('gives back arrays and scalars as the whole configuration', () => {
        const root = value(nonFiniteNumbers).filter((candidate) => candidate !== null);
        fc.assert(fc.property(root, expectRoundTrip), { seed: SEED, numRuns: KEY_RUNS });
      });
    } else {
      it('refuses arrays and scalars as the whole configuration', () => {
        for (const root of ['text', 5, true, [], [1], null]) {
          expect(() => codec.encode(root)).toThrow(expect.objectContaining({ code: 'ERR_INVALID_CONFIGURATION_DATA' }));
        }
      });
    }

    it.each(['objects', 'arrays', 'mixed'] as const)('carries the deepest nesting that is allowed, of %s', (kind) => {
      for (const leaf of ['x', 1, null, [], {}]) {
        const isContainer = typeof leaf === 'object' && leaf !== null;
        const deepest = nested(isContainer ? MAX_DEPTH - 1 : MAX_DEPTH, kind, leaf);
        if (anyRoot || kind !== 'arrays') expectRoundTrip(deepest);
      }
    });

    it.each(['objects', 'arrays', 'mixed'] as const)('refuses to read one level more, of %s', (kind) => {
      const text = codec.encode(anyRoot || kind !== 'arrays' ? nested(MAX_DEPTH + 1, kind, 'x') : {});
      if (anyRoot || kind !== 'arrays') expectRefused(() => codec.decode(text));
    });

    it('carries very long strings and many members', () => {
      const members = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`key ${index}`, index]));
      const long = { text: 'word "and" \\ more '.repeat(300_000), lines: 'line\n'.repeat(100_000), members };
      const text = codec.encode(long);
      expect(findDifferences(long, codec.decode(text))).toEqual([]);
    });

    it('reads CRLF line ends like LF', () => {
      const input = { a: 'x', server: { port: 80, tags: ['a', 'b'] }, on: true };
      const text = codec.encode(input).replaceAll('\n', '\r\n');
      expect(findDifferences(input, codec.decode(text))).toEqual([]);
    });

    it('does not change what it encodes', () => {
      const input = { a: [1, null, { b: 'x' }], 'odd key': { c: {} } };
      const copy = structuredClone(input);
      codec.encode(input);
      expect(input).toEqual(copy);
    });

    it('ignores an old text that is not valid', () => {
      const input = { a: '2001-12-14', b: 1 };
      for (const previous of ['', '[[[', '<a>', '{"', '\0']) {
        expect(findDifferences(input, codec.decode(codec.encode(input, { previous })))).toEqual([]);
      }
    });

    it("reads texts by the format's own rules, and carries what it read", () => {
      for (const [text, expected] of rules.accepted) {
        const read = codec.decode(text);
        expect({ text, differs: findDifferences(expected, read), read }).toEqual({ text, differs: [], read });
        expectRoundTrip(read);
        const saved = codec.encode(read, { previous: text });
        expect({ text, differs: findDifferences(read, codec.decode(saved)) }).toEqual({ text, differs: [] });
        counts.rules += 1;
      }
    });

    it('refuses texts that break the rules, without quoting them', () => {
      for (const text of rules.refused) {
        expectRefused(() => codec.decode(text), text);
        counts.refused += 1;
      }
    });

    it('reads a damaged text or refuses it, and never fails in another way', () => {
      const damage = fc.tuple(configuration(nonFiniteNumbers), fc.nat(), fc.nat(8), fc.constantFrom(...DAMAGE));
      fc.assert(
        fc.property(damage, ([input, position, length, inserted]) => {
          const text = codec.encode(input);
          const start = position % text.length;
          decodeQuietly(codec, text.slice(0, start) + inserted + text.slice(start + length));
        }),
        { seed: SEED, numRuns: KEY_RUNS },
      );
    });

    it.each(Object.entries(rules.hostile))('refuses %s', (_, text) => {
      expectRefused(() => codec.decode(text));
      counts.hostile += 1;
    });

    it('never changes a prototype', () => {
      const before = [Object, Array, String, Function].map(({ prototype }) => Reflect.ownKeys(prototype));
      const ownBefore = Reflect.ownKeys(Object);
      for (const text of [...rules.refused, ...Object.values(rules.hostile), ...rules.accepted.map(([text]) => text)]) {
        if (/proto|constructor|toString/.test(text)) decodeQuietly(codec, text);
      }
      expect([Object, Array, String, Function].map(({ prototype }) => Reflect.ownKeys(prototype))).toEqual(before);
      expect(Reflect.ownKeys(Object)).toEqual(ownBefore);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    });
  });
}

/** Fails unless the call throws one of our refusals, with a message and without a cause that could quote the text. */
function expectRefused(call: () => unknown, text = ''): void {
  let error: unknown;
  try {
    call();
  } catch (thrown) {
    error = thrown;
  }
  const isRefusal = error instanceof PersistenceError && REFUSALS.includes(error.code) && error.cause === undefined;
  expect({ text, isRefusal, error: isRefusal ? undefined : error }).toEqual({
    text,
    isRefusal: true,
    error: undefined,
  });
  expect(String(error)).not.toContain(SECRET);
}

function decodeQuietly(codec: Codec, text: string): void {
  try {
    codec.decode(text);
  } catch (error) {
    assert.ok(error instanceof PersistenceError);
  }
}
