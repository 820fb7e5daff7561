/** How much work the alignment of arrays is, in comparisons of items. */
import { jest } from '@jest/globals';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { counted, listOf } from './comparedValues.js';

const { MAX_EDIT_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

const effort = { comparisons: 0 };
const real = await import('diff');
type Items = readonly unknown[];
const diffArrays = (first: Items, second: Items, options: object) =>
  real.diffArrays([...first], [...second], {
    ...options,
    comparator(left, right) {
      effort.comparisons += 1;
      return left === right;
    },
  });
jest.unstable_mockModule('diff', () => ({ ...real, diffArrays }));
const { compareValues } = await import('../../src/comparison/compareValues.js');

/** Comparisons of items, and reads of the values. */
function effortOf(first: ConfigurationValue, second: ConfigurationValue) {
  effort.comparisons = 0;
  const counter = { reads: 0 };
  const { similarity } = compareValues(counted(first, counter), counted(second, counter));
  return { comparisons: effort.comparisons, reads: counter.reads, similarity };
}

/** The worst kind of array: every item is there, none is where it was, and one is new. */
function reversedPair(count: number): [ConfigurationValue[], ConfigurationValue[]] {
  const items = listOf(count, (index) => index);
  return [items, [...items.toReversed(), 'new']];
}

describe('the alignment of two arrays', () => {
  it('takes no more comparisons for ten and forty thousand moved items than the edit limit allows', () => {
    for (const count of [10_000, 40_000]) {
      const { comparisons, similarity } = effortOf(...reversedPair(count));
      expect(comparisons).toBeGreaterThan(0);
      expect(comparisons).toBeLessThan(MAX_EDIT_LENGTH ** 2);
      expect(similarity).toBe(count / (count + 2));
    }
  });

  it('reads ten times as many moved items ten times as often', () => {
    const [small, large] = [effortOf(...reversedPair(1000)), effortOf(...reversedPair(10_000))];
    expect(large.reads / small.reads).toBeLessThan(11);
  });

  it('takes no more for repeated items in another order', () => {
    const repeat = (count: number, step: number, kinds: number) => listOf(count, (index) => (index * step) % kinds);
    const { comparisons } = effortOf(repeat(20_000, 1, 7), repeat(20_000, 3, 11));
    expect(comparisons).toBeLessThan(MAX_EDIT_LENGTH ** 2);
  });

  it('grows with the number of short arrays and not faster, each as bad as it can be', () => {
    const effortFor = (arrays: number) => {
      const pairs = listOf(arrays, () => 0).map(() => reversedPair(100));
      return effortOf(
        pairs.map(([first]) => ['a', first]),
        pairs.map(([, second]) => ['b', second]),
      ).comparisons;
    };
    expect(effortFor(40)).toBeLessThanOrEqual(4 * effortFor(10));
    expect(effortFor(10)).toBeLessThanOrEqual(10 * 100 ** 2);
  });
});
