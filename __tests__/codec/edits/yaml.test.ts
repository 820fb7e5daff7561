/** Saves over YAML files: exactly the bytes that a person would have changed. */
/* eslint-disable @typescript-eslint/no-meaningless-void-operator -- a change of a draft gives nothing back */
import { saveOver, testEdits, testUnchanged } from '../support/editCases.js';

const MODES = 'defaultMode: 0644\ndebug: no\nat: 12:30:45\nv: 1.0\nn: 1_000\nempty:\ntilde: ~\nlist: [yes, 0x1F]\n';
const ANCHORS = 'a: &x\n  p: 1\n  q: 2\nb:\n  <<: *x\n  r: 3\nc: *x\n';
const SERVICE = `# the service
name: 'web'   # shown
ports:
- 80
- 443 # tls
env:
    A: "1"
    B: |
      one
      two

# last
tags: {x: 1, y: [a, b]}
`;

describe('YAML', () => {
  testUnchanged('yaml', {
    'words and numbers that others read in another way': MODES,
    'anchors, aliases and merge keys': ANCHORS,
    'comments, quotes and blocks': SERVICE,
    CRLF: SERVICE.replaceAll('\n', '\r\n'),
    'a byte order mark and document marks': '\ufeff%YAML 1.1\n--- # doc\na: 1\n...\n',
    tags: 'a: !Ref x\nb: !Sub\n  - y\nc: !secret pw\nd: !!str 5\n',
    'a block that the file ends in': 'a: |\n  x',
    'brackets at the indentation of their key': 'k: [\n  1\n]\n',
    'explicit keys': '? a\n: 1\n? |\n  b\n: 2\n',
    'strings over lines': 'a: one\n  two\nb: "x\n  y"\nc: >-\n  z\n\n\n',
    'an indented root': '  a: 1\n  b: 2\n',
  });

  testEdits('yaml', [
    ['sets a value and leaves every other spelling', MODES, (v) => void (v.v = 2), MODES.replace('1.0', '2')],
    [
      'quotes new words that YAML 1.1 reads in another way',
      MODES,
      (v) => void ((v.debug = 'off'), (v.new = '0644'), (v.empty = 'no')),
      `${MODES.replace('debug: no', 'debug: "off"').replace('empty:', 'empty: "no"')}new: "0644"\n`,
    ],
    [
      'keeps quotes and comments',
      SERVICE,
      (v) => void ((v.name = "it's"), (v.env.A = '2'), (v.ports[1] = 8443)),
      SERVICE.replace("'web'", "'it''s'").replace('"1"', '"2"').replace('443 #', '8443 #'),
    ],
    [
      'adds in the indentation of the file',
      SERVICE,
      (v) => void (v.ports.push(90), (v.env.C = { d: 1 }), (v.tags.z = 'a, b'), v.tags.y.push('no')),
      SERVICE.replace('# tls\n', '# tls\n- 90\n')
        .replace('two\n', 'two\n    C:\n        d: 1\n')
        .replace('[a, b]}', '[a, b, "no"], z: "a, b"}'),
    ],
    [
      'removes lines with their comments',
      SERVICE,
      (v) => void (delete v.name, v.ports.pop(), delete v.env.B),
      SERVICE.replace(/name.*\n/, '')
        .replace(/- 443.*\n/, '')
        .replace(/ {4}B: \|\n.*\n.*\n/, ''),
    ],
    [
      'keeps dates unquoted when items before them go',
      '- 2001-01-01\n- 2002-01-01 # two\n- 2003-01-01\n',
      (v) => v.slice(1),
      '- 2002-01-01 # two\n- 2003-01-01\n',
    ],
    [
      'moves items with all that is in them',
      '- id: 1\n  v: 0x10 # one\n- id: 2\n  v: 1_0\n',
      (v) => [v[1], v[0]],
      '- id: 2\n  v: 1_0\n- id: 1\n  v: 0x10 # one\n',
    ],
    [
      'inserts items before and between',
      'l:\n  - b\n  # about c\n  - c\n',
      (v) => void (v.l = ['a', 'b', 'x', 'c']),
      'l:\n  - a\n  - b\n  - x\n  # about c\n  - c\n',
    ],
    [
      'writes an own key over one that a merge key brings',
      ANCHORS,
      (v) => void (v.b.p = 9),
      ANCHORS.replace('  r: 3\n', '  r: 3\n  p: 9\n'),
    ],
    ['replaces an alias by another value', ANCHORS, (v) => void (v.c = 5), ANCHORS.replace('c: *x', 'c: 5')],
    [
      'keeps anchor and tag of a value that is set',
      'a: &x !Ref y\nb: &z\n  c: 1\n',
      (v) => void ((v.a = 'w'), (v.b = 2)),
      'a: &x !Ref w\nb: &z 2\n',
    ],
    ['drops a tag of the core schema with its value', 'a: !!str 1\nb: 2\n', (v) => void (v.a = 5), 'a: 5\nb: 2\n'],
    ['writes below a tag', 'a: !Sub\n  - x\n', (v) => void v.a.push('z'), 'a: !Sub\n  - x\n  - z\n'],
    [
      'turns lists and mappings into other things',
      'a:\n  - 1\nb:\n  c: 1\nd: 1\ne: {}\nf: []\n',
      (v) => void ((v.a = 'x'), (v.b = []), (v.d = { k: [1] }), (v.e.x = 1), v.f.push({ a: 1, b: 2 })),
      'a: x\nb: []\nd:\n  k:\n    - 1\ne:\n  x: 1\nf:\n  - a: 1\n    b: 2\n',
    ],
    [
      'empties what loses all it had',
      'a:\n  b: 1\nl:\n  - 1\n',
      (v) => void (delete v.a.b, v.l.pop()),
      'a: {}\nl: []\n',
    ],
    [
      'edits compact items',
      '- a: 1\n  b: 2\n- - x\n  - y\n',
      (v) => void (delete v[0].a, v[1].shift(), (v[0].c = 3)),
      '- b: 2\n  c: 3\n- - y\n',
    ],
    [
      'keeps brackets at the indentation of their key',
      'k: [\n  1, # one\n  2\n]\n',
      (v) => void v.k.push(3),
      'k: [\n  1, # one\n  2,\n  3\n]\n',
    ],
    [
      'stays with CRLF and without a final newline',
      'a: 1\r\nb:\r\n  c: 2',
      (v) => void ((v.b.d = { e: 'x\ny' }), delete v.a),
      'b:\r\n  c: 2\r\n  d:\r\n    e: |-\r\n      x\r\n      y',
    ],
    [
      'sets blocks of text as blocks',
      'a: |\n  x\n  y\n\nb: 1\n',
      (v) => void (v.a = 'z\nw\n'),
      'a: |\n  z\n  w\n\nb: 1\n',
    ],
    ['renames a key in its place', 'a: 0644 # mode\nb: 1\n', (v) => ({ mode: v.a, b: 1 }), 'mode: 0644 # mode\nb: 1\n'],
    [
      'removes a key with the comment that is only its own',
      'a: 1\n\n# about b\nb: 2\n\nc: 3\n',
      (v) => void delete v.b,
      'a: 1\n\nc: 3\n',
    ],
    [
      'leaves a comment that may be about more',
      'a: 1\n# about b and c\nb: 2\nc: 3\n',
      (v) => void delete v.b,
      'a: 1\n# about b and c\nc: 3\n',
    ],
    [
      'leaves comments alone that look like keys',
      '# a: 0\na: "1 # 2" # a: 3\n',
      (v) => void (v.a = '# x'),
      '# a: 0\na: "# x" # a: 3\n',
    ],
    [
      'reads and edits JSON in a YAML file',
      '{"a": {"b": 1}, "c": [1,2]}\n',
      (v) => void (v.c.push('x'), (v.a.b = 2)),
      '{"a": {"b": 2}, "c": [1,2,x]}\n',
    ],
    ['keeps what stands before a scalar root', '# c\n--- 5 # x\n', () => 6, '# c\n--- 6 # x\n'],
  ]);

  it('gives what an alias repeated its own value when the anchored value changes', () => {
    const { text, value, warnings } = saveOver('yaml', ANCHORS, (v) => void (v.a.p = 9));
    expect(value).toEqual({ a: { p: 9, q: 2 }, b: { p: 1, q: 2, r: 3 }, c: { p: 1, q: 2 } });
    expect(text.startsWith('a: &x\n  p: 9\n')).toBe(true);
    expect(warnings).toHaveLength(2);
  });

  it('replaces an alias by its changed value, and tells it', () => {
    expect(saveOver('yaml', ANCHORS, (v) => void (v.c.q = 5))).toMatchObject({
      text: ANCHORS.replace('c: *x', 'c:\n  p: 1\n  q: 5'),
      warnings: ['Layout of the file was lost: c: the alias was replaced by its value'],
    });
  });

  it('writes a mapping anew that loses what a merge key brings, and tells it', () => {
    expect(saveOver('yaml', ANCHORS, (v) => void delete v.b.p)).toMatchObject({
      text: ANCHORS.replace('  <<: *x\n', '  q: 2\n'),
      warnings: ['Layout of the file was lost: b: the alias was replaced by its value'],
    });
  });

  it('tells where comments were lost with what was replaced', () => {
    expect(saveOver('yaml', 'a:\n  # one\n  - 1\nb: 2\n', (v) => void (v.a = 5))).toMatchObject({
      text: 'a: 5\nb: 2\n',
      warnings: ['Layout of the file was lost: a: comments inside were lost'],
    });
  });

  it('reads the tail of a file that ends in a block without a line end', () => {
    expect(saveOver('yaml', 'a: |\n  x', () => undefined).value).toEqual({ a: 'x' });
    expect(saveOver('yaml', 'a: |\n  x', (v) => void (v.b = 1)).value).toEqual({ a: 'x', b: 1 });
  });
});

describe('YAML with several documents', () => {
  const settings = { documents: true };
  const text = '# first\na: 1\n---\n# second\n- x\n--- # third\nb: 0644\n';

  testUnchanged('yaml', { documents: text, 'one document': 'a: 1\n', nothing: '# nothing yet\n' }, settings);

  testEdits(
    'yaml',
    [
      [
        'edits in their documents',
        text,
        (v) => void ((v[0].a = 2), v[1].push('z'), (v[2].c = 1)),
        text.replace('a: 1', 'a: 2').replace('- x', '- x\n- z').replace('0644\n', '0644\nc: 1\n'),
      ],
      ['adds documents at the end', 'a: 1', (v) => void v.push({ b: 2 }), 'a: 1\n---\nb: 2\n'],
    ],
    settings,
  );

  it('are refused without the option, which the message names', () => {
    expect(() => saveOver('yaml', text, () => undefined)).toThrow('option documents');
  });
});

describe('a YAML file without a value', () => {
  const setFirst = (v: { a?: unknown }): unknown => void (v.a = { b: [1] });

  testEdits('yaml', [
    ['gets its first key behind the comments', '# one\n\n# two\n', setFirst, '# one\n\n# two\na:\n  b:\n    - 1\n'],
    ['whose last line is open', '# one', setFirst, '# one\na:\n  b:\n    - 1\n'],
    ['with another line end', '# one\r\n', setFirst, '# one\r\na:\r\n  b:\r\n    - 1\r\n'],
    ['that is empty', '', setFirst, 'a:\n  b:\n    - 1\n'],
    ['with the start of a document', '%YAML 1.2\n--- # c', setFirst, '%YAML 1.2\n--- # c\na:\n  b:\n    - 1\n'],
    ['with the end of one', '# one\n---\n...\n# two\n', setFirst, '# one\n---\na:\n  b:\n    - 1\n...\n# two\n'],
    ['that becomes a text', '# one\n', () => 'text', '# one\ntext\n'],
    [
      'and loses the last key again',
      '# one\na: 1\n',
      (v) => {
        delete v.a;
      },
      '# one\n{}\n',
    ],
  ]);

  testUnchanged('yaml', { 'comments only': '# one\n\n# two', nothing: '', 'a bare mark': '---\n' });
});

describe('YAML whose owner reads YAML 1.1', () => {
  const settings = { owner: 'yaml-1.1' };

  it('has the values that the owner reads', () => {
    expect(saveOver('yaml', MODES, () => undefined, settings).value).toEqual({
      defaultMode: 420,
      debug: false,
      at: 45_045,
      v: 1,
      n: 1000,
      empty: null,
      tilde: null,
      list: [true, 31],
    });
  });

  testEdits(
    'yaml',
    [
      [
        'edits them',
        MODES,
        (v) => void ((v.debug = true), (v.defaultMode = 420)),
        MODES.replace('debug: no', 'debug: true'),
      ],
    ],
    settings,
  );
});

describe('large YAML files', () => {
  it('take a hundred thousand edits at once', () => {
    const before = Array.from({ length: 100_000 }, (_, n) => `k${n}: 0x10 # ${n}\n`).join('');
    const start = process.cpuUsage();
    const { text, warnings } = saveOver('yaml', before, (v) => {
      for (let n = 0; n < 100_000; n++) if (n % 3 !== 0) v[`k${n}`] = n % 3 === 1 ? 2 : 'x';
    });
    expect([text.split('\n').slice(0, 3), warnings]).toEqual([['k0: 0x10 # 0', 'k1: 2 # 1', 'k2: x # 2'], []]);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(12_000);
  });
});
