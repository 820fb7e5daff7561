/** The order that gives a pair of values one direction. */
import fc from 'fast-check';
import { compareOrder } from '../../src/comparison/compareOrder.js';
import { anyValue, similarValue, withReversedKeys } from './comparedValues.js';
import { runs } from '../support/runs.js';

describe('the order of values', () => {
  it('is none between deeply equal values', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(compareOrder(value, withReversedKeys(value))).toBe(0);
      }),
    );
  });

  it('is the opposite for exchanged values', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (first, second) => {
        expect(Math.sign(compareOrder(first, second))).toBe(-Math.sign(compareOrder(second, first)) + 0);
      }),
      { numRuns: runs(400) },
    );
  });

  it('is the same by way of a third value', () => {
    fc.assert(
      fc.property(similarValue, similarValue, similarValue, (...values) => {
        const [low, middle, high] = values.sort(compareOrder);
        expect(compareOrder(low, middle)).toBeLessThanOrEqual(0);
        expect(compareOrder(middle, high)).toBeLessThanOrEqual(0);
        expect(compareOrder(low, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: runs(400) },
    );
  });

  it('puts NaN behind every other number', () => {
    expect([NaN, 1, -Infinity, NaN, Infinity].sort(compareOrder)).toEqual([-Infinity, 1, Infinity, NaN, NaN]);
  });

  it('puts the smaller container first and looks into containers of one size', () => {
    expect(compareOrder([9], [1, 1])).toBeLessThan(0);
    expect(compareOrder({ z: 1 }, { a: 1, b: 1 })).toBeLessThan(0);
    expect(compareOrder({ a: 1, b: 2 }, { b: 3, a: 1 })).toBeLessThan(0);
    expect(compareOrder({ a: 9 }, { b: 1 })).toBeLessThan(0);
  });
});
