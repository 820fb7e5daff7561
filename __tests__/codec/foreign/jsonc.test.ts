/** JSON with comments and trailing commas. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse as parseJsonc, type ParseError } from 'jsonc-parser';
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

const jsonc = foreignReaderFor('jsonc');

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
