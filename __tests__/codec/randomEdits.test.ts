/** Random edits of random files: the value is always the one that was saved, and what is not concerned stays. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeBytes } from '../../src/engine/contentText.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { isLong, runs } from '../support/runs.js';
import { configuration } from './domainValues.js';
import { configuredCodec, randomEdits, saveValueOver } from './support/editCases.js';

const SEED = 20_260_728;
const RUNS = isLong ? 10_000 : runs(2000);
/** Of a hundred edits of hostile files. */
const MAX_REWRITTEN = 0.01;

type Format = 'json' | 'yaml' | 'toml';

const MARKS: Readonly<Record<Format, string>> = { json: '//', yaml: '#', toml: '#' };

describe.each(['json', 'yaml', 'toml'] as const)('random edits of %s', (format) => {
  const codec = configuredCodec(format, { comments: true });

  it('give exactly the value, and hardly ever cost the layout', () => {
    let rewritten = 0;
    let kept = 0;
    const numbers = codec.capabilities.nonFiniteNumbers;
    fc.assert(
      fc.property(
        configuration(numbers),
        randomEdits(numbers),
        fc.nat(),
        fc.constantFrom('\n', '\r\n'),
        (before, edit, seed, newline) => {
          const text = decorated(format, codec.encode(before), seed).replaceAll('\n', newline);
          let old;
          try {
            old = codec.decode(text);
          } catch {
            // A comment in the middle of a string.
            fc.pre(false);
            return;
          }
          fc.pre(findDifferences(before, old).length === 0);
          const after = edit(before);
          const saved = saveValueOver(codec, decodeBytes(Buffer.from(text), codec), old, after);
          assert.deepEqual(findDifferences(after, codec.decode(saved.text)), [], `${text}\n=>\n${saved.text}`);
          if (saved.warnings.some((warning) => warning.includes('whole file'))) rewritten += 1;
          else kept += 1;
        },
      ),
      { seed: SEED, numRuns: RUNS },
    );
    console.info(`${format}: ${kept} edited, ${rewritten} written anew`);
    expect(rewritten / (kept + rewritten)).toBeLessThanOrEqual(MAX_REWRITTEN);
  });
});

/** The text with comments between some of its lines. */
function decorated(format: Format, text: string, seed: number): string {
  const mark = MARKS[format];
  return text
    .split('\n')
    .map((line, index) => {
      const choice = (seed + index * 7) % 5;
      if (choice === 1 && line !== '') return `${/^ */.exec(line)?.[0] ?? ''}${mark} comment ${index}\n${line}`;
      return choice === 2 && /[,{[\w"]$/.test(line) ? `${line} ${mark} tail ${index}` : line;
    })
    .join('\n');
}
