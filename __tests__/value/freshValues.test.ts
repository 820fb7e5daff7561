/** The quick way into the value domain is the same way. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';
import { acceptFresh } from '../../src/value/freshValues.js';
import { copyIntoDomain } from '../../src/value/valueDomain.js';
import { value } from '../codec/domainValues.js';
import { runs } from '../support/runs.js';

const OUTSIDE = [
  ...[
    undefined,
    -0,
    NaN,
    Infinity,
    5n,
    '\ud800',
    Symbol('x'),
    new Date(0),
    new Map(),
    /x/,
    () => 1,
    Object.create(null),
  ],
  ...[JSON.parse('{"__proto__": 1}'), { ['k'.repeat(1025)]: 1 }, { '\udc00': 1 }, { a: undefined }, [undefined]],
] as ConfigurationValue[];

/** A value, or the refusal of it, by either way. */
function outcome(accept: typeof acceptFresh, input: unknown, nonFiniteNumbers: boolean): unknown {
  try {
    return { value: accept(input, { nonFiniteNumbers }) };
  } catch (error) {
    assert.ok(error instanceof PersistenceError);
    return { message: error.message, paths: error.paths };
  }
}

describe('a fresh value', () => {
  it('is accepted, changed or refused as any other, and not copied where nothing has to change', () => {
    const part = fc.oneof({ weight: 4, arbitrary: value(true) }, { weight: 1, arbitrary: fc.constantFrom(...OUTSIDE) });
    const input = fc.oneof(part, fc.array(part, { maxLength: 3 }), fc.dictionary(fc.constantFrom('a', 'b'), part));
    fc.assert(
      fc.property(input, fc.boolean(), (given, nonFiniteNumbers) => {
        const expected = outcome(copyIntoDomain, given, nonFiniteNumbers);
        assert.deepEqual(outcome(acceptFresh, given, nonFiniteNumbers), expected);
      }),
      { numRuns: runs(1000) },
    );
    const ordinary = { a: [1, { b: 'x' }, null] };
    expect(acceptFresh(ordinary, { nonFiniteNumbers: false })).toBe(ordinary);
  });

  it('has the same limits', () => {
    const nested = (levels: number): ConfigurationValue => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(acceptFresh(nested(100), { nonFiniteNumbers: false })).toEqual(nested(100));
    for (const input of [nested(101), null, nested(5000)]) {
      expect(outcome(acceptFresh, input, false)).toEqual(outcome(copyIntoDomain, input, false));
    }
  });
});
