/** Random edits of random foreign files: the value is right, and the lines that they do not concern keep every byte. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { codecFor } from '../../../src/codec/codecs.js';
import type { Codec, EditedText } from '../../../src/codec/Codec.js';
import { PersistenceError } from '../../../src/errors/PersistenceError.js';
import { runs } from '../../support/runs.js';
import { editTo, UnprovenError } from './editing.js';
import { applyChange, changeOf, type Change } from './randomChanges.js';

const SEED = 20_261_128;
const RUNS = runs(1500);

const word = fc.constantFrom('a', 'b', 'c', 'server', 'port', 'a.b', 'x y', 'list', '~', 'log');
const text = fc.constantFrom(
  ...[
    '',
    'x',
    'two words',
    '80',
    '007',
    'true',
    'no',
    'null',
    'On',
    '"q"',
    "'s'",
    '"true"',
    '"C:\\temp\\new"',
    '[1, "a"]',
  ],
  ...[
    '["a","b"]',
    'a;b',
    'a ; c',
    'x # y',
    '#ff',
    'a=b',
    'a:b',
    'C:\\dir\\',
    'ends \\',
    '{}',
    '[]',
    'ä',
    '"a" b',
    '%(x)s',
  ],
);
const scalar = fc.oneof(
  fc.constantFrom<ConfigurationValue>(
    'x',
    '',
    'new value',
    '80',
    81,
    true,
    false,
    null,
    'yes',
    'a;b',
    ' spaced ',
    'a\nb',
  ),
  fc.constantFrom<ConfigurationValue>(
    'C:\\temp\\new',
    '"q"',
    '#x',
    'x # y',
    '=e',
    'a\tb',
    'ü',
    '[x]',
    '\u2028',
    'a\\',
    'x \\',
  ),
);
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<ConfigurationValue>({}, { k: 'v' }, { k: { m: 1 }, n: [1, 2] }, [[1], ['x']]),
  },
);
const lineEnd = fc.constantFrom('\n', '\n', '\r\n');
const indent = fc.constantFrom('', '', '  ', '\t');

const iniLine = fc.oneof(
  fc.tuple(indent, word, fc.constantFrom('=', ' = ', ': ', ' =', '\t=\t'), text).map((parts) => parts.join('')),
  fc.constantFrom(
    '',
    '',
    '; comment',
    '# port = 1',
    '  # indented',
    '[s]',
    '[s.t]',
    '[remote "Dr. X"]',
    '[*.js] ; c',
    '  more',
  ),
  fc.tuple(word, text).map(([key, item]) => `${key}[] = ${item}`),
);
const propertiesLine = fc.oneof(
  fc
    .tuple(indent, word, fc.constantFrom('=', ' = ', ':', ' ', '\t:\t', '=\\\n  '), text)
    .map((parts) => parts.join('')),
  fc.constantFrom(
    '',
    '',
    '# comment',
    '! a=1',
    'a.c=1',
    'a.c.d=2',
    'log.level=y',
    'k',
    'x\\=y=\\u00e4',
    'm = one \\\n    two',
  ),
);
const xmlNode: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
  node: fc
    .tuple(
      fc.constantFrom('a', 'b', 'c', 'x:y'),
      fc.constantFrom('', ' id="1"', " k='v'", '\n  id="1"\n  k="w"'),
      fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        fc.constantFrom('', 'x', '80', ' y ', '<![CDATA[a<b]]>', 't<!-- c -->', '"true"', '[1,2]', '["a"]', '&amp;'),
        fc.array(tie('node'), { maxLength: 4 }),
      ),
      fc.constantFrom('', '<!-- c -->', '\n<!-- two\nlines -->\n'),
      fc.boolean(),
    )
    .map(([name, attributes, content, extra, isLaidOut]) => {
      if (typeof content === 'string') {
        return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`;
      }
      const inner = isLaidOut
        ? `\n${content.join('\n')}${extra}\n`.replaceAll('\n', '\n  ') + '\n'
        : content.join('') + extra;
      return `<${name}${attributes}>${content.length === 0 ? '' : inner}</${name}>`;
    }),
})).node;

function linesOf(line: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(line, { maxLength: 10 }), lineEnd, fc.constantFrom('', '\n'))
    .map(([lines, ending, last]) => (lines.join('\n') + last).replaceAll('\n', ending));
}

const ini = codecFor('ini');
const owned = ['php', 'git', 'systemd', 'configparser', 'mysql', 'editorconfig'].map((owner) => {
  const codec = ini.configured?.({ path: '', owner });
  assert.ok(codec);
  return [`ini of ${owner}`, codec, linesOf(iniLine)] as const;
});
const FILES: readonly (readonly [string, Codec, fc.Arbitrary<string>])[] = [
  ['properties', codecFor('properties'), linesOf(propertiesLine)],
  ['ini', ini, linesOf(iniLine)],
  ...owned,
  ['xml', codecFor('xml'), xmlNode.map((node) => `<?xml version="1.0"?>\n<!-- h -->\n${node}\n`)],
];

describe.each(FILES)('random edits of %s', (name, codec, texts) => {
  const counts = { edited: 0, refused: 0, unreadable: 0, alike: 0, unproven: 0 };

  afterAll(() => {
    expect(counts.unproven).toBeLessThanOrEqual(counts.edited / 100);
    console.info(`random edits of ${name}: ${JSON.stringify(counts)} (seed ${SEED})`);
  });

  it('give a text that stands for the new value', () => {
    const changes = fc.array(changeOf(word, value), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(texts, changes, (file, batch) => {
        const before = decodeOrRefuse(file);
        if (before === undefined) return;
        const after = batch.reduce((current, change) => applyChange(current, change) ?? current, before);
        editOrRefuse(file, after);
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(counts.edited).toBeGreaterThan(RUNS / 10);
  });

  it('keep every line that one change does not concern', () => {
    fc.assert(
      fc.property(texts, changeOf(word, scalar), (file, change) => {
        const before = decodeOrRefuse(file);
        const after = before === undefined ? undefined : applyChange(before, change);
        const edited = after === undefined ? undefined : editOrRefuse(file, after);
        if (edited === undefined || name === 'xml') return;
        expectOthersKept(file, edited, change);
      }),
      { seed: SEED + 1, numRuns: RUNS },
    );
  });

  function decodeOrRefuse(file: string): ConfigurationValue | undefined {
    try {
      return codec.decode(file);
    } catch (error) {
      assert.ok(error instanceof PersistenceError);
      counts.unreadable += 1;
      return undefined;
    }
  }

  function editOrRefuse(file: string, after: ConfigurationValue): EditedText | undefined {
    try {
      const edited = editTo(codec, file, after);
      if (edited === undefined) counts.refused += 1;
      else counts.edited += 1;
      if (edited?.readsAs !== undefined) counts.alike += 1;
      return edited;
    } catch (error) {
      // Whoever saves sees that, and writes more of the file anew.
      if (error instanceof UnprovenError) {
        counts.unproven += 1;
        return undefined;
      }
      if (!(error instanceof PersistenceError)) throw error;
      assert.equal(error.code, 'ERR_INVALID_CONFIGURATION_DATA');
      counts.refused += 1;
      return undefined;
    }
  }
});

/** Additions leave all old lines; of the others only a few stand together that are not as they were. */
function expectOthersKept(file: string, { text: edited }: EditedText, { kind }: Change): void {
  const old = file.split(/\r\n|\n/);
  const fresh = edited.split(/\r\n|\n/);
  const isUniform = file.includes('\r\n') || file.includes('\n');
  if (isUniform) assert.ok(edited.includes('\r\n') === file.includes('\r\n') || !edited.includes('\n'), edited);
  if (kind === 'add') {
    const kept = new Set(fresh);
    // A text {}, which may stand in two lines, becomes a section.
    assert.ok(old.filter((line) => !kept.has(line) && line !== '').length <= 2, edited);
  }
}
