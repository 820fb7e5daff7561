/** Numbers for equal values. */
import fc from 'fast-check';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { EqualityClasses } from '../../src/comparison/EqualityClasses.js';
import { anyValue, counted, listOf, withReversedKeys } from './comparedValues.js';

describe('the class of a value', () => {
  it('is the same for deeply equal values, whatever the order of their keys', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const classes = new EqualityClasses();
        expect(classes.classOf(withReversedKeys(value))).toBe(classes.classOf(value));
      }),
    );
  });

  it('is another one for each of these values, which are easily taken for one another', () => {
    const values: ConfigurationValue[] = [
      ...[0, 1, '0', '1', '', null, 'null', false, 'false', NaN, 'NaN', '[]', '{}', '[0]', '1,2'],
      ...[[], {}, [[]], [{}], [0], ['0'], [1, 2], ['1,2'], [[1], 2], [1, [2]], [null], [[], []]],
      ...[
        { a: 1 },
        { a: '1' },
        { b: 1 },
        { 'a:1': 1 },
        { a: 1, b: 2 },
        { a: 2, b: 1 },
        { 'a:1,b': 2 },
        { a: { b: 1 } },
      ],
    ];
    const classes = new EqualityClasses();
    expect(new Set(classes.classesOf(values)).size).toBe(values.length);
  });

  it('is found by reading every container once, however often and at whatever depth it is asked for', () => {
    const counter = { reads: 0 };
    const value = counted({ list: listOf(100, (index) => ({ index, tags: ['a', 'b'] })) }, counter);
    const classes = new EqualityClasses();
    classes.classOf(value);
    const { reads } = counter;
    const { list } = value as { list: ConfigurationValue[] };
    classes.classesOf(list);
    classes.classOf(value);
    // The list itself, its length and items; nothing inside them.
    expect(counter.reads - reads).toBeLessThan(220);
  });
});

describe('two places', () => {
  it('are equal where both hold equal values or both hold nothing', () => {
    const classes = new EqualityClasses();
    expect(classes.areEqual(undefined, undefined)).toBe(true);
    expect(classes.areEqual(undefined, null)).toBe(false);
    expect(classes.areEqual([1], undefined)).toBe(false);
    expect(classes.areEqual([{ a: NaN }], [{ a: NaN }])).toBe(true);
    expect(classes.areEqual(NaN, NaN)).toBe(true);
    expect(classes.areEqual([1], ['1'])).toBe(false);
  });
});
