/** What differs between two values, how much it matters and how much is the same. */
import fc from 'fast-check';
import { DifferenceType } from '../../interfaces/enums.js';
import type { ConfigurationDifference } from '../../interfaces/versions.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { compareValues } from '../../src/comparison/compareValues.js';
import { anyValue, counted, listOf, placesOf, withReversedKeys } from './comparedValues.js';
import { runs } from '../support/runs.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

function only(first: ConfigurationValue, second: ConfigurationValue): ConfigurationDifference {
  const { differences, isComplete } = compareValues(first, second);
  expect(differences).toHaveLength(1);
  expect(isComplete).toBe(true);
  return differences[0]!;
}

function expectSame(first: ConfigurationValue, second: ConfigurationValue): void {
  expect(compareValues(first, second)).toEqual({ differences: [], similarity: 1, isComplete: true });
}

describe('what counts as the same', () => {
  it('finds nothing in two deeply equal configurations, whatever the order of their keys', () => {
    expectSame({ a: 1, b: { c: [1, { d: 2, e: 3 }], f: {} } }, { b: { f: {}, c: [1, { e: 3, d: 2 }] }, a: 1 });
  });

  it('takes NaN as equal to NaN and minus zero as equal to zero, also inside arrays', () => {
    expectSame({ a: NaN, b: [NaN, 0, Infinity], c: 0 }, { a: NaN, b: [NaN, -0, Infinity], c: -0 });
  });

  it.each([[{}], [[]], [''], [null], [NaN], [false]])('finds nothing between %j and its equal at the root', (value) => {
    expectSame(value, structuredClone(value));
  });

  it('treats names of built-in members as ordinary keys', () => {
    const { differences } = compareValues({ constructor: 1, toString: 'a' }, { hasOwnProperty: true, toString: 'b' });
    expect(differences.map(({ type, path }) => [type, path])).toEqual([
      ['value-change', 'toString'],
      ['deletion', 'constructor'],
      ['addition', 'hasOwnProperty'],
    ]);
  });
});

describe('one difference', () => {
  it('is a breaking deletion where a member is gone, with the old value only', () => {
    expect(only({ a: { b: [1] }, c: 1 }, { c: 1 })).toEqual({
      type: 'deletion',
      severity: 'breaking',
      path: 'a',
      description: 'member removed',
      version1Value: { b: [1] },
    });
  });

  it('is a minor addition where a member is new, with the new value only', () => {
    expect(only({ a: {} }, { a: { b: null } })).toEqual({
      type: 'addition',
      severity: 'minor',
      path: 'a.b',
      description: 'member added',
      version2Value: null,
    });
  });

  it.each([
    [1, 2, 'number changed'],
    [1, NaN, 'number changed'],
    [true, false, 'boolean changed'],
    ['one', 'two', 'string changed'],
  ])('is a significant change of value between %j and %j', (first, second, description) => {
    const expected = { type: 'value-change', severity: 'significant', path: 'a', description };
    expect(only({ a: first }, { a: second })).toEqual({ ...expected, version1Value: first, version2Value: second });
  });

  it.each([
    ['one', 'one '],
    ['one two', '\tone two\n'],
  ])('is cosmetic between the strings %j and %j, which differ at their ends only', (first, second) => {
    const description = 'string changed in white space at its ends only';
    expect(only([first], [second])).toMatchObject({ type: 'value-change', severity: 'cosmetic', description });
  });

  it.each([
    ['Hunter2', 'hUNTER2'],
    ['/Data/A', '/data/a'],
  ])('is minor between the strings %j and %j, which differ in letter case only', (first, second) => {
    const description = 'string changed in letter case only';
    expect(only([first], [second])).toMatchObject({
      type: 'value-change',
      severity: 'minor',
      path: '[0]',
      description,
    });
  });

  it.each([
    ['one two', 'one  two'],
    ['one', 'ONE '],
    ['', ' '],
    ['\t', ' '],
  ])('is significant between the strings %j and %j', (first, second) => {
    expect(only([first], [second])).toMatchObject({ severity: 'significant', description: 'string changed' });
  });

  it.each([
    ['1', 1, 'string became number'],
    [null, 0, 'null became number'],
    [true, 'true', 'boolean became string'],
  ])('is a breaking change of type between %j and %j', (first, second, description) => {
    expect(only({ a: first }, { a: second })).toMatchObject({ type: 'type-change', severity: 'breaking', description });
  });

  it.each([
    [{}, [], 'object became array'],
    [[], 'text', 'array became string'],
    [null, { a: 1 }, 'null became object'],
  ])('is a breaking change of structure between %j and %j, also at the root', (first, second, description) => {
    const expected = { type: 'structure-change', severity: 'breaking', path: '(root)', description };
    expect(only(first, second)).toEqual({ ...expected, version1Value: first, version2Value: second });
  });

  it('holds plain copies, which later changes of the configuration do not reach', () => {
    const first = { gone: { inner: [1] }, changed: { inner: 1 } };
    const second = { changed: [1], added: { inner: [1] } };
    const { differences } = compareValues(first, second);
    const before = structuredClone(differences);
    first.gone.inner.push(2);
    first.changed.inner = 2;
    second.changed.push(2);
    second.added.inner.push(2);
    expect(differences).toEqual(before);
  });

  it('never repeats a value in words', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{16}$/), anyValue, (secret, other) => {
        const pairs = [
          [
            { a: secret, b: [other] },
            { a: other, b: [secret] },
          ],
          [{ a: secret }, { a: secret.toUpperCase() }],
          [secret, other],
          [{ a: [secret, 1] }, { a: [1, secret], b: secret }],
        ] as const;
        for (const [first, second] of pairs) {
          const { differences } = compareValues(first as ConfigurationValue, second as ConfigurationValue);
          for (const { description } of differences) expect(description.toLowerCase()).not.toContain(secret);
        }
      }),
      { numRuns: runs(50) },
    );
  });
});

describe('similarity', () => {
  it.each<[ConfigurationValue, ConfigurationValue, number]>([
    [1, 1, 1],
    [1, 2, 0],
    [{}, [], 0],
    [{}, { a: 1 }, 0],
    [{ a: 1, b: 2 }, { a: 1, b: 3 }, 1 / 2],
    [{ a: 1, b: 2, c: 3 }, { a: 1 }, 1 / 3],
    [{ a: {}, b: [] }, { a: {}, b: [1] }, 1 / 2],
    [{ a: 1, b: 2 }, { a: 1, b: { c: 1, d: [1, 2] } }, 1 / 4],
    [{ a: 1, b: { c: {}, d: [] } }, { a: 1, b: null }, 1 / 3],
    [['a', 'b', 'c'], ['c', 'a', 'b'], 3 / 4],
  ])('between %j and %j is the share of common leaves', (first, second, similarity) => {
    expect(compareValues(first, second).similarity).toBe(similarity);
    expect(compareValues(second, first).similarity).toBe(similarity);
  });
});

describe('a limit on the list', () => {
  it('cuts the list, says so, and still measures the whole values', () => {
    const [first, second] = [
      { a: 1, b: 2, c: 3, d: 4 },
      { a: 1, b: 3, c: 4, d: '4' },
    ];
    const whole = compareValues(first, second);
    expect(whole.differences).toHaveLength(3);
    expect(compareValues(first, second, 3)).toEqual(whole);
    expect(compareValues(first, second, 2)).toEqual({
      differences: whole.differences.slice(0, 2),
      similarity: 1 / 4,
      isComplete: false,
    });
    expect(compareValues(first, second, 0).differences).toEqual([]);
    expect(compareValues(first, first, 0).isComplete).toBe(true);
  });

  it('lists as many differences as the constant says where the caller sets no limit', () => {
    const count = MAX_DIFFERENCES + 1;
    const { differences, isComplete } = compareValues(
      listOf(count, (index) => index),
      listOf(count, (index) => -index - 1),
    );
    expect(differences).toHaveLength(MAX_DIFFERENCES);
    expect(isComplete).toBe(false);
  });
});

describe('large values', () => {
  function readsOf(items: number): number {
    const counter = { reads: 0 };
    const listWith = (sign: number) =>
      listOf(items, (index) => ({ port: sign * (index + 1), tags: ['a', { b: index }] }));
    compareValues(counted({ list: listWith(1) }, counter), counted({ list: listWith(-1) }, counter));
    return counter.reads;
  }

  it('are read a number of times that grows with their size, not with its square', () => {
    expect(readsOf(4000) / readsOf(1000)).toBeLessThan(4.5);
  });

  it('are compared in a hundred thousand items that differ everywhere', () => {
    const count = 100_000;
    const first = listOf(count, (index) => ({ port: index, host: 'a' }));
    const second = listOf(count, (index) => ({ port: -index - 1, host: 'a' }));
    const { similarity, differences } = compareValues(first, second);
    expect(similarity).toBe(1 / 2);
    expect(differences[0]).toMatchObject({ type: 'value-change', path: '[0].port' });
    expect(differences[9999]).toMatchObject({ type: 'value-change', path: '[9999].port' });
  });

  it('are compared down to the depth that a configuration may have', () => {
    const nest = (leaf: number) => {
      let value: ConfigurationValue = leaf;
      for (let level = 0; level < 100; level++) value = level % 2 === 0 ? [value] : { a: value };
      return value;
    };
    expect(compareValues(nest(1), nest(2))).toMatchObject({ differences: [{ type: 'value-change' }], similarity: 0 });
  });
});

describe('any two values', () => {
  it('differ in nothing exactly where they are equal', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expectSame(value, withReversedKeys(value));
      }),
    );
    fc.assert(
      fc.property(anyValue, anyValue, (first, second) => {
        const { differences, similarity } = compareValues(first, second);
        expect(similarity).toBeGreaterThanOrEqual(0);
        expect(similarity).toBeLessThanOrEqual(1);
        expect(similarity === 1).toBe(differences.length === 0);
        expect(isDeeplyEqual(first, second)).toBe(differences.length === 0);
      }),
      { numRuns: runs(400) },
    );
  });

  it('are as similar in one direction as in the other, with deletions for additions', () => {
    const mirrored: Partial<Record<string, string>> = { deletion: 'addition', addition: 'deletion' };
    fc.assert(
      fc.property(anyValue, anyValue, (first, second) => {
        const there = compareValues(first, second);
        const back = compareValues(second, first);
        expect(back.similarity).toBe(there.similarity);
        const types = there.differences.map(({ type }) => mirrored[type] ?? type);
        expect(back.differences.map(({ type }) => type).sort()).toEqual(types.sort());
      }),
      { numRuns: runs(800) },
    );
  });

  it('have each difference at a path of the right one of them, with the values that stand there', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (first, second) => {
        const [firstPlaces, secondPlaces] = [placesOf(first), placesOf(second)];
        for (const { type, path, description, ...values } of compareValues(first, second).differences) {
          expect((type === DifferenceType.DELETION ? firstPlaces : secondPlaces).has(path)).toBe(true);
          // Long paths are cut and may name several places.
          if (description === 'order of items changed' || path.endsWith('...')) continue;
          if (type === DifferenceType.DELETION) expect(values.version1Value).toEqual(firstPlaces.get(path));
          else expect(values.version2Value).toEqual(secondPlaces.get(path));
          expect('version1Value' in values).toBe(type !== DifferenceType.ADDITION);
          expect('version2Value' in values).toBe(type !== DifferenceType.DELETION);
        }
      }),
      { numRuns: runs(400) },
    );
  });
});

/** By another way than the comparison: the text, with sorted keys. */
function isDeeplyEqual(first: ConfigurationValue, second: ConfigurationValue): boolean {
  return spell(first) === spell(second);
}

function spell(value: ConfigurationValue): string {
  if (Array.isArray(value)) return `[${value.map(spell).join()}]`;
  if (typeof value === 'number') return String(value === 0 ? 0 : value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${spell(member)}`);
  return `{${members.sort().join()}}`;
}
