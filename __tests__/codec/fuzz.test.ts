import fc from 'fast-check';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import { codecFor } from '../../src/codec/codecs.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { configuration, value } from './domainValues.js';
for (const format of Object.values(ConfigurationFormat)) {
  const codec = codecFor(format);
  const nf = codec.capabilities.nonFiniteNumbers;
  test(`${format} full`, () => {
    fc.assert(
      fc.property(format === 'toml' ? configuration(nf) : value(nf).filter((v) => v !== null), (v) => {
        const t = codec.encode(v);
        const d = codec.decode(t);
        if (findDifferences(v, d).length > 0) throw new Error('diff ' + JSON.stringify(t) + JSON.stringify(d));
        const t2 = codec.encode(d);
        if (t2 !== t || codec.encode(d, { previous: t }) !== t)
          throw new Error('unstable ' + JSON.stringify(t) + JSON.stringify(t2));
      }),
      { numRuns: 20000, seed: Number(process.env.SEED ?? 7) },
    );
  });
}
