/** That generated configurations survive the way through any two formats, or are refused, and never change. */
import fc from 'fast-check';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { codecFor } from '../../src/codec/codecs.js';
import { hasErrorCode } from '../../src/errors/PersistenceError.js';
import { configuration } from '../codec/domainValues.js';
import { runs } from '../support/runs.js';

const FORMATS = Object.values(ConfigurationFormat);
const PAIRS = FORMATS.flatMap((from) => FORMATS.map((to) => [from, to] as const));
const RUNS = runs(40);

function through(value: ConfigurationValue, format: ConfigurationFormat): ConfigurationValue {
  const codec = codecFor(format);
  return codec.decode(codec.encode(value));
}

it('has 36 pairs', () => {
  expect(PAIRS).toHaveLength(36);
});

it.each(PAIRS)('%s to %s gives back every value', (from, to) => {
  let kept = 0;
  fc.assert(
    fc.property(configuration(false), (value) => {
      try {
        const back = through(through(through(value, from), to), from);
        kept += 1;
        expect(back).toEqual(value);
      } catch (error) {
        if (!hasErrorCode(error, 'ERR_INVALID_CONFIGURATION_DATA')) throw error;
      }
    }),
    { seed: 20_261_128, numRuns: RUNS },
  );
  // Refusing everything would be no proof.
  expect(kept).toBeGreaterThan(RUNS / 2);
});
