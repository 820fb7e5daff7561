/** What an edit of a .properties file changes, byte for byte. */
import { codecFor } from '../../../src/codec/codecs.js';
import { edit, type Loose } from './editing.js';

type Case = readonly [name: string, before: string, change: (value: Loose) => unknown, after: string];

const CASES: readonly Case[] = [
  ['a value, with its separator', 'a = 1\nb:2\nc 3\n', (v) => void ((v.b = 5), (v.c = 6)), 'a = 1\nb:5\nc 6\n'],
  ['a value without a separator', 'a\nb=1', (v) => void (v.a = 'x'), 'a=x\nb=1'],
  ['a value in a file with CRLF', '# c\r\na=1\r\n\r\nb=2\r\n', (v) => void (v.b = 'x'), '# c\r\na=1\r\n\r\nb=x\r\n'],
  ['a value over several lines', 'a=x \\\n   y\nb=1\n', (v) => void (v.a = 'z'), 'a=z\nb=1\n'],
  ['nothing of a value over several lines', 'a=x \\\n   y\nb=1\n', (v) => void (v.b = 2), 'a=x \\\n   y\nb=2\n'],
  ['a new key after its siblings', 'a.x=1\nb=2\n', (v) => void (v.a.y = 3), 'a.x=1\na.y=3\nb=2\n'],
  ['a new key at the end', 'a : 1\n  b : 2', (v) => void (v.c = 3), 'a : 1\n  b : 2\n  c : 3'],
  [
    'a new key in the column of the others',
    'a    = 1\nbb   = 2\n',
    (v) => void (v.ccc = 3),
    'a    = 1\nbb   = 2\nccc  = 3\n',
  ],
  ['a new object', 'a=1\n', (v) => void (v.b = { c: 2, d: { e: 'x' } }), 'a=1\nb.c=2\nb.d.e=x\n'],
  ['an empty file', '', (v) => void (v.a = 1), 'a=1\n'],
  ['a file with comments only', '# head\n', (v) => void (v.a = 1), '# head\n\na=1\n'],
  [
    'a removed key with its own comment',
    'a=1\n\n# about b\nb=2\n\nc=3\n',
    (v) => {
      delete v.b;
    },
    'a=1\n\n\nc=3\n',
  ],
  [
    'a removed key below the comment of a group',
    '# group\na=1\nb=2\n',
    (v) => {
      delete v.a;
    },
    '# group\nb=2\n',
  ],
  [
    'a removed key below a setting that is off',
    'x=1\n#b=1\nb=2\n',
    (v) => {
      delete v.b;
    },
    'x=1\n#b=1\n',
  ],
  [
    'the last key without a line end',
    'a=1\nb=2',
    (v) => {
      delete v.b;
    },
    'a=1',
  ],
  ['a renamed key', 'a=long enough to be told\nb=2\n', (v) => ({ z: v.a, b: v.b }), 'z=long enough to be told\nb=2\n'],
  ['a renamed object', 'a.b=1\na.c=2\n', (v) => ({ q: v.a }), 'q.b=1\nq.c=2\n'],
  ['a key with a value and keys below', 'l=x\nl.m=y\n', (v) => void (v.l['~'] = 'z'), 'l=z\nl.m=y\n'],
  ['the keys below a value', 'l=x\nl.m=y\n', (v) => void (v.l = 'x'), 'l=x\n'],
  ['escapes only where they are needed', 'a=http://x\n', (v) => void (v.a = ' =y:#\\ü\n'), 'a=\\ =y:#\\\\\\u00fc\\n\n'],
  ['escapes as the file has them', 'a=http\\://x\n', (v) => void (v.a = 'https://x'), 'a=https\\://x\n'],
  ['letters as the file has them', 'a=ä\nb=1\n', (v) => void (v.b = 'öß→'), 'a=ä\nb=öß\\u2192\n'],
  ['a key with signs', 'a=1\n', (v) => void (v['x y=z.'] = 2), 'a=1\nx\\ y\\=z~1=2\n'],
  ['behind an open backslash', 'a=1\\', (v) => void (v.b = 2), 'a=1\\\n\nb=2'],
  ['a line that looks like a comment', 'a=x\\\n# no\nb=1\n', (v) => void (v.b = 2), 'a=x\\\n# no\nb=2\n'],
  ['tabs and form feeds', '\ta\t=\t1\n\f\n', (v) => void (v.a = 2), '\ta\t=\t2\n\f\n'],
  ['another root', '# c\na=1\n', () => [1], '# c\n~=[1]\n'],
];

describe('an edit of a .properties file', () => {
  it.each(CASES)('changes %s', (_, before, change, after) => {
    expect(edit(codecFor('properties'), before, change)).toEqual({ text: after, lost: [] });
  });
});
