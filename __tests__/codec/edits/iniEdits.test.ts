/** What an edit of an INI file changes, byte for byte, and what the rules of owners make of its texts. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { Codec } from '../../../src/codec/Codec.js';
import { codecFor } from '../../../src/codec/codecs.js';
import { ownerFromName } from '../../../src/codec/ini/iniDialects.js';
import { edit, type Loose } from './editing.js';

type Case = readonly [name: string, before: string, change: (value: Loose) => unknown, after: string];

function codecOf(owner?: string, inlineComments?: boolean): Codec {
  const general = codecFor('ini');
  return general.configured?.({ path: '', owner, inlineComments }) ?? general;
}

const GENERAL: readonly Case[] = [
  ['quotes that are there', 'x = "yes"\ny=\'a\'\n', (v) => void ((v.x = 'no'), (v.y = 'b')), 'x = "no"\ny=\'b\'\n'],
  ['no quotes where none are needed', 'p = pass#word\nq=1\n', (v) => void (v.p = 'x#y;z'), 'p = x#y;z\nq=1\n'],
  ['quotes where they are needed', 'a=1\n', (v) => void (v.a = '1'), 'a="1"\n'],
  ['a number in quotes', 'a="1"\n', (v) => void (v.a = 2), 'a=2\n'],
  ['a value before a comment', 'a = 1 ; c\nb = x # d\n', (v) => void ((v.a = 2), (v.b = '')), 'a = 2 ; c\nb =  # d\n'],
  ['no value before a comment', 'a = ; c\nb =\n', (v) => void ((v.a = 'x'), (v.b = 'y')), 'a = x ; c\nb = y\n'],
  ['a path', 'tmp = "C:\\temp\\new"\n', (v) => void (v.tmp = 'C:\\temp\\newer'), 'tmp = "C:\\temp\\newer"\n'],
  [
    'one of the lines of a value',
    'r =\n    a>=2.0\n    # c\n    b\nz=1\n',
    (v) => void (v.r = '\na>=2.0\nb\nc>1'),
    'r =\n    a>=2.0\n    # c\n    b\n    c>1\nz=1\n',
  ],
  ['a list in the spelling of JSON', 'h = ["a","b"]\n', (v) => void v.h.push('c'), 'h = ["a","b","c"]\n'],
  ['such a list with blanks', 'h = [1, 2] ; c\n', (v) => void v.h.shift(), 'h = [2] ; c\n'],
  [
    'a list in lines',
    'h[] = a\nh[] = b ; c\n',
    (v) => void ((v.h[0] = 'x'), v.h.push('y')),
    'h[] = x\nh[] = b ; c\nh[] = y\n',
  ],
  ['items that go', 'h[]=a\nh[]=b\nh[]=c\n', (v) => void v.h.splice(1, 1), 'h[]=a\nh[]=c\n'],
  [
    'sections with dots and signs',
    '[remote "Dr. Smith"]\n\turl = x\n[*.js]\na=1\n[lib/**.js]\nb=2\n[*.min.js]\nc=3\n',
    (v) => void (v['*'].js.a = 5),
    '[remote "Dr. Smith"]\n\turl = x\n[*.js]\na=5\n[lib/**.js]\nb=2\n[*.min.js]\nc=3\n',
  ],
  [
    'a new key in its section',
    '[a]\n  x = 1\n\n[b]\ny=2\n',
    (v) => void (v.a.z = 3),
    '[a]\n  x = 1\n  z = 3\n\n[b]\ny=2\n',
  ],
  ['a new key of the root', '[a]\nx=1\n', (v) => void (v.r = 1), 'r=1\n\n[a]\nx=1\n'],
  ['a new key below a head', '; head\n\n[a]\nx=1\n', (v) => void (v.r = 1), '; head\n\nr=1\n\n[a]\nx=1\n'],
  [
    'a new section behind its siblings',
    '[a.x]\np=1\n; off\n\n; about b\n[b]\nq=2\n',
    (v) => void (v.a.y = { p: 3 }),
    '[a.x]\np=1\n; off\n\n[a.y]\np=3\n\n; about b\n[b]\nq=2\n',
  ],
  ['a new section at the end', '[a]\nx=1\n[b]\ny=2', (v) => void (v.c = { z: {} }), '[a]\nx=1\n[b]\ny=2\n[c.z]'],
  [
    'a section that goes',
    '[a]\nx=1\n\n; about b\n[b]\ny=1\n; off\n\n[c]\nz=1\n',
    (v) => {
      delete v.b;
    },
    '[a]\nx=1\n\n[c]\nz=1\n',
  ],
  [
    'a section in two parts',
    '[s]\na=1\n[t]\n[s]\nb=2\n',
    (v) => void ((v.s.a = 3), (v.s.c = 4)),
    '[s]\na=3\n[t]\n[s]\nb=2\nc=4\n',
  ],
  ['a section that becomes empty', '[s]\na=1\n[t]\n', (v) => void (v.s = {}), '[s]\n[t]\n'],
  ['a renamed section', '; c\n[s] ; d\na=1\n', (v) => ({ t: v.s }), '; c\n[t] ; d\na=1\n'],
  [
    'a renamed key',
    '[s]\nlong = a value that tells\n',
    (v) => ({ s: { other: v.s.long } }),
    '[s]\nother = a value that tells\n',
  ],
  [
    'a removed key with its own comment',
    'a=1\n\n# about b\nb=2\n\n[s]\n',
    (v) => {
      delete v.b;
    },
    'a=1\n\n\n[s]\n',
  ],
  ['a removed key below a setting that is off', '[s]\n;b=1\nb=2\n', (v) => void (v.s = { c: 1 }), '[s]\n;b=1\nc=1\n'],
  [
    'CRLF and tabs',
    '[s]\r\n\ta\t=\t1\r\n',
    (v) => void ((v.s.a = 2), (v.s.b = 3)),
    '[s]\r\n\ta\t=\t2\r\n\tb\t=\t3\r\n',
  ],
  ['an empty file', '', (v) => void ((v.a = 1), (v.s = { b: 2 })), 'a = 1\n[s]\nb = 2\n'],
  ['a file with comments only', '# head\n', (v) => void (v.a = 1), '# head\n\na = 1\n'],
  [
    'a value of a section',
    'log = x\n[log]\nlevel = y\n',
    (v) => void (v.log['~'] = 'z'),
    'log = z\n[log]\nlevel = y\n',
  ],
  ['integer-like keys', '10=a\n9=b\n', (v) => void (v['9'] = 'c'), '10=a\n9=c\n'],
];

const OWNED: readonly (readonly [owner: string, ...Case])[] = [
  ['php', 'a word', 'engine = On ; c\n', (v) => void (v.engine = 'Off'), 'engine = Off ; c\n'],
  ['php', 'a text like a word', 'a = b\n', (v) => void ((v.a = 'yes'), (v.c = 'x(y)')), 'a = "yes"\nc = "x(y)"\n'],
  [
    'php',
    'repeated keys',
    'extension=a\nextension=b\n',
    (v) => void v.extension.push('c'),
    'extension=a\nextension=b\nextension=c\n',
  ],
  ['git', 'escapes', '[a]\n\tb = "x \\"y\\""\n', (v) => void (v.a.b = 'c\td;'), '[a]\n\tb = "c\\td;"\n'],
  [
    'git',
    'a section with a name',
    '[remote "a.b"]\n\turl = x\n',
    (v) => void (v['remote "a.b"'].url = 'y'),
    '[remote "a.b"]\n\turl = y\n',
  ],
  ['git', 'a key alone', '[a]\n\tb\n', (v) => void (v.a.b = false), '[a]\n\tb = false\n'],
  [
    'systemd',
    'quotes of its own',
    '[S]\nE="/bin/x" a # b\n',
    (v) => void (v.S.F = 'c'),
    '[S]\nE="/bin/x" a # b\nF=c\n',
  ],
  ['systemd', 'repeated keys', '[S]\nE=a\nE=b\n', (v) => void (v.S.E = ['b', 'c']), '[S]\nE=b\nE=c\n'],
  ['systemd', 'lines that go on', '[S]\nE=a \\\n  b\nF=1\n', (v) => void (v.S.F = 2), '[S]\nE=a \\\n  b\nF=2\n'],
  ['configparser', 'lists of lines', '[o]\nr =\n  a\n  b\n', (v) => void (v.o.r = '\na\nc'), '[o]\nr =\n  a\n  c\n'],
  [
    'configparser',
    'no comments behind values',
    '[o]\na: x ; y\n',
    (v) => void (v.o.a = 'z ; "q"'),
    '[o]\na: z ; "q"\n',
  ],
  [
    'configparser-interpolation',
    'percent signs',
    '[s]\na = 5%%\nb = %(a)s/x\nr =\n  1%%\n  2\n',
    (v) => void ((v.s.a = '50%'), (v.s.b = '%(a)s/y%%'), (v.s.c = '%d'), (v.s.r = '\n1%\n3%')),
    '[s]\na = 50%%\nb = %(a)s/y%%\nr =\n  1%%\n  3%%\nc = %%d\n',
  ],
  [
    'mysql',
    'a key alone',
    '[mysqld]\nskip-networking\n!include /x\nport=1 # c\n',
    (v) => void (v.mysqld.port = 2),
    '[mysqld]\nskip-networking\n!include /x\nport=2 # c\n',
  ],
  [
    'editorconfig',
    'names in brackets',
    '[*.{js,ts}]\na=1\n[[ab].c]\n',
    (v) => void (v['*.{js,ts}'].a = 2),
    '[*.{js,ts}]\na=2\n[[ab].c]\n',
  ],
];

const READ: readonly (readonly [owner: string | undefined, text: string, value: ConfigurationValue])[] = [
  [undefined, 'Description=Server #1 of site', { Description: 'Server' }],
  [undefined, 'tmp = "C:\\temp\\new"\nd = "C:\\dir\\"', { tmp: 'C:\\temp\\new', d: 'C:\\dir\\' }],
  [
    undefined,
    'u = "\\\\server\\new"\nv = "..\\bin"\nw = "one\\ntwo"',
    { u: '\\\\server\\new', v: '..\\bin', w: 'one\ntwo' },
  ],
  [undefined, 'r =\n  a>=2.0\n\n  b\nc = 1', { r: '\na>=2.0\n\nb', c: 1 }],
  [undefined, 'a = x \\\n  y\nb = C:\\dir\\\nc = 1', { a: 'x y', b: 'C:\\dir\\', c: 1 }],
  [undefined, 'a = ["x ; y"] ; c', { a: ['x ; y'] }],
  ['php', 'a = x;y\nb = "c;d" ; e\nb2\nc=1\nc=2', { a: 'x', b: 'c;d', b2: null, c: [1, 2] }],
  ['git', '[a "b.c"]\n x = "p"q\\t"r" # c\n y = a\\\nb', { 'a "b.c"': { x: 'pq\tr', y: 'ab' } }],
  ['systemd', '[S]\nE=/bin/x a \\\n# c\n  b\nE=2', { S: { E: ['/bin/x a  b', 2] } }],
  ['configparser', '[s]\na : x\n  # c\n  y = z\nb=%d ; e', { s: { a: 'x\ny = z', b: '%d ; e' } }],
  ['configparser-interpolation', '[s]\na=5%%\nb=%(a)s%%\nc=%%(a)s', { s: { a: '5%', b: '%(a)s%%', c: '%(a)s' } }],
  ['mysql', '[m]\nskip\na="x\\ny"\nb=c#d', { m: { skip: null, a: 'x\ny', b: 'c' } }],
  ['editorconfig', 'root = true\n[*.{js}]\na = b ; c', { root: true, '*.{js}': { a: 'b ; c' } }],
];

describe('an edit of an INI file', () => {
  it.each(GENERAL)('changes %s', (_, before, change, after) => {
    expect(edit(codecOf(), before, change)).toMatchObject({ text: after, lost: [] });
  });

  it.each(OWNED)('by the rules of %s changes %s', (owner, _, before, change, after) => {
    expect(edit(codecOf(owner), before, change)).toMatchObject({ text: after, lost: [] });
  });

  it('leaves what the owner has no other form for in its way, and tells', () => {
    const codec = codecOf('systemd');
    for (const [change, after] of [
      [{ E: ['b'] }, '[S]\nE=b\n'],
      [{ E: [] }, '[S]\n'],
      [{ E: ['a', '80'] }, '[S]\nE=a\nE=80\n'],
    ] as const) {
      const { text, lost } = edit(codec, '[S]\nE=a\nE=b\n', () => ({ S: change }));
      expect([text, lost.map(({ path }) => path)]).toEqual([after, [expect.stringMatching(/^S\.E/)]]);
    }
  });

  it('refuses what the owner has no form for', () => {
    const refusal = expect.objectContaining({ code: 'ERR_INVALID_CONFIGURATION_DATA', paths: ['s.t'] });
    expect(() => edit(codecOf('configparser'), '[s]\na=1\n', (v) => void (v.s.t = { u: 1 }))).toThrow(refusal);
    expect(() => edit(codecOf('systemd'), '[s]\na=1\n', (v) => void (v.s.t = 'a\nb'))).toThrow(refusal);
    const owner = codecOf('configparser-interpolation');
    expect(() => edit(owner, '[s]\na=1\n', (v) => void (v.s.t = '%(a)s 5%'))).toThrow(refusal);
    expect(() => codecOf('systemd').encode({ s: { t: 'a\nb' } })).toThrow(refusal);
  });
});

describe('an INI text', () => {
  it.each(READ)('by the rules of %s reads %j', (owner, text, value) => {
    expect(codecOf(owner).decode(text)).toEqual(value);
  });

  it('has no comments behind values where they are switched off', () => {
    expect(codecOf(undefined, false).decode('a = Server #1 ; x')).toEqual({ a: 'Server #1 ; x' });
  });

  it('is damaged where it has a NUL', () => {
    for (const text of ['a=1\n\0\0', '\0', '; c\0\na=1']) {
      expect(() => codecOf().decode(text)).toThrow(
        expect.objectContaining({ code: 'ERR_PARSE', line: expect.any(Number) }),
      );
    }
  });

  it('that is new follows the rules of the owner', () => {
    const value = { s: { a: 'x;y', l: ['p', 'q'], e: 'a"b' } };
    expect(codecOf('php').encode(value)).toBe('[s]\na = "x;y"\nl[] = p\nl[] = q\ne = "a\\"b"\n');
    expect(codecOf('systemd').encode(value)).toBe('[s]\na = x;y\nl = p\nl = q\ne = a"b\n');
  });
});

describe('the owner of an INI file', () => {
  it('is told by the names of well-known files', () => {
    const owners: Record<string, string | undefined> = {
      '/etc/php/8.2/cli/php.ini': 'php',
      '/home/x/.gitconfig': 'git',
      'repository/.git/config': 'git',
      '/etc/systemd/system/x.service': 'systemd',
      '/etc/systemd/journald.conf': 'systemd',
      'C:\\project\\setup.cfg': 'configparser',
      'tox.ini': 'configparser',
      'alembic.ini': 'configparser-interpolation',
      '/etc/mysql/my.cnf': 'mysql',
      '.editorconfig': 'editorconfig',
      'app.ini': undefined,
      config: undefined,
    };
    for (const [path, owner] of Object.entries(owners)) expect([path, ownerFromName(path)]).toEqual([path, owner]);
  });
});
