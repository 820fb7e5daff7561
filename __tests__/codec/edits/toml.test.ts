/** Saves over TOML files: exactly the bytes that a person would have changed. */
/* eslint-disable @typescript-eslint/no-meaningless-void-operator -- a change of a draft gives nothing back */
import { saveOver, testEdits, testUnchanged } from '../support/editCases.js';

const SERVICE = `# the service
title = "x" # shown
ratio = 1.0
days = [
  1979-05-27, # first
  1979-05-28,
]

# where it listens
[server]
host = 'h'
port=80
sub.a = 1
sub.b = { c = 1 }

[server.tls]
on = true

[[peer]]
n = 1

# the second
[[peer]]
n = 2
`;

describe('TOML', () => {
  testUnchanged('toml', {
    'comments, dotted keys and tables': SERVICE,
    CRLF: SERVICE.replaceAll('\n', '\r\n'),
    'a byte order mark': `\ufeff${SERVICE}`,
    'comments only': '# one\n\n# two',
    'nothing in it': '',
    'numbers and dates in their own spelling':
      'a = 0xFF\nb = 1_000\nc = 1.0\nd = 1979-05-27 07:32:00Z\ne = +inf\nf = 07:32:00\n',
    'tables that are spread': '[a.x]\nn = 1\n[b]\n[a.y]\nn = 2\n',
    'strings over lines': 'a = """\n# no comment\n[x]\n"""\nb = \'\'\'\nc\n\'\'\'\n',
  });

  testEdits('toml', [
    [
      'sets values in their own spelling',
      SERVICE,
      (v) => void ((v.ratio = 2), (v.server.host = 'it'), (v.server.port = 81)),
      SERVICE.replace('1.0', '2.0').replace("'h'", "'it'").replace('port=80', 'port=81'),
    ],
    [
      'keeps dates unquoted when items before them go',
      SERVICE,
      (v) => void v.days.shift(),
      SERVICE.replace('  1979-05-27, # first\n', ''),
    ],
    [
      'quotes what is new',
      'a = [07:32:00, 1979-05-27]\n',
      (v) => void (v.a.shift(), v.a.push('07:33:00'), (v.b = '1979-05-27')),
      'a = [1979-05-27, "07:33:00"]\nb = "1979-05-27"\n',
    ],
    [
      'adds items to a list over lines',
      SERVICE,
      (v) => void v.days.push('x'),
      SERVICE.replace('1979-05-28,\n', '1979-05-28,\n  "x",\n'),
    ],
    [
      'puts a new key behind the last one of its table',
      SERVICE,
      (v) => void ((v.top = true), (v.server.timeout = 5), (v.peer[0].m = 1)),
      SERVICE.replace(']\n\n# where', ']\ntop = true\n\n# where')
        .replace('{ c = 1 }\n', '{ c = 1 }\ntimeout = 5\n')
        .replace('n = 1\n', 'n = 1\nm = 1\n'),
    ],
    [
      'writes to dotted keys and inline tables as they are',
      SERVICE,
      (v) => void ((v.server.sub.d = 2), (v.server.sub.b.e = 'q')),
      SERVICE.replace('{ c = 1 }\n', '{ c = 1, e = "q" }\nsub.d = 2\n'),
    ],
    [
      'puts a new table behind the last one of the table that it is in',
      SERVICE,
      (v) => void ((v.server.log = { level: 'info' }), (v.extra = { a: { b: 1 } })),
      SERVICE.replace('on = true\n', 'on = true\n\n[server.log]\nlevel = "info"\n') + '\n[extra.a]\nb = 1\n',
    ],
    [
      'adds an element to an array of tables',
      SERVICE,
      (v) => void v.peer.push({ n: 3 }),
      `${SERVICE}\n[[peer]]\nn = 3\n`,
    ],
    [
      'removes one with its comment',
      SERVICE,
      (v) => void v.peer.pop(),
      SERVICE.slice(0, SERVICE.indexOf('\n# the second')),
    ],
    [
      'removes a table with its comment',
      SERVICE,
      (v) => void delete v.server,
      SERVICE.replace(/# where[^]*?(?=\[\[)/, ''),
    ],
    [
      'moves elements with all that is in them',
      '[[p]]\nid = 1\nr = 1.0\n\n[[p]]\nid = 2 # two\n\n[p.q]\nz = 1\n',
      (v) => void v.p.reverse(),
      '[[p]]\nid = 2 # two\n\n[p.q]\nz = 1\n\n[[p]]\nid = 1\nr = 1.0\n',
    ],
    [
      'gives a file without keys its first ones',
      '# only a comment\n',
      (v) => void ((v.a = 1), (v.t = { b: 2 })),
      '# only a comment\na = 1\n\n[t]\nb = 2\n',
    ],
    ['gives an empty file its first ones', '', (v) => void ((v.a = 1), (v.t = { b: 2 })), 'a = 1\n\n[t]\nb = 2\n'],
    [
      'puts the first key of a file before its tables',
      '# about t\n[t]\na = 1\n',
      (v) => void (v.z = 1),
      'z = 1\n\n# about t\n[t]\na = 1\n',
    ],
    [
      'gives a table that only others tell of its own header',
      '[a.b]\nx = 1\n',
      (v) => void (v.a.y = 2),
      '[a]\ny = 2\n\n[a.b]\nx = 1\n',
    ],
    [
      'removes a key with the comment that is only its own',
      'a = 1\n\n# about b\nb = 2\n\nc = 3\n',
      (v) => void delete v.b,
      'a = 1\n\nc = 3\n',
    ],
    [
      'leaves a comment that may be about more',
      'a = 1\n# about b and c\nb = 2\nc = 3\n',
      (v) => void delete v.b,
      'a = 1\n# about b and c\nc = 3\n',
    ],
    [
      'renames keys and tables in their places',
      '[a]\nx = 1.0\n[a.b]\ny = 2\n',
      (v) => ({ z: v.a }),
      '[z]\nx = 1.0\n[z.b]\ny = 2\n',
    ],
    [
      'keeps CRLF and a missing final newline',
      '\ufeffa = 1\r\n[t]\r\nb = 2',
      (v) => void ((v.c = 1), (v.t.d = 3)),
      '\ufeffa = 1\r\nc = 1\r\n[t]\r\nb = 2\r\nd = 3',
    ],
    [
      'keeps indentation',
      '[a]\n\tx = 1\n\t[a.b]\n\t\ty = 1\n',
      (v) => void ((v.a.z = 1), (v.a.b.z = 1)),
      '[a]\n\tx = 1\n\tz = 1\n\t[a.b]\n\t\ty = 1\n\t\tz = 1\n',
    ],
    [
      'empties and fills lists and tables',
      'a = [1]\nb = []\nc = { x = 1 }\nd = {}\n[e]\nx = 1\n',
      (v) => void ((v.a = []), v.b.push(1, 2), (v.c = {}), (v.d.y = 1), (v.e = {})),
      'a = []\nb = [1, 2]\nc = {}\nd = { y = 1 }\n[e]\n',
    ],
    [
      'writes null as the convention has it',
      'a = 1\nb = { "~null" = true }\n',
      (v) => void ((v.a = null), (v.b = 2)),
      'a = { "~null" = true }\nb = 2\n',
    ],
    [
      'leaves comments alone that look like keys',
      '# a = 0\na = 1 # a = 2\n',
      (v) => void (v.a = '# x'),
      '# a = 0\na = "# x" # a = 2\n',
    ],
  ]);

  it('tells where comments were lost with what was replaced', () => {
    expect(saveOver('toml', 'a = [\n  1, # one\n]\n', (v) => void (v.a = 5))).toMatchObject({
      text: 'a = 5\n',
      warnings: ['Layout of the file was lost: a: comments inside were lost'],
    });
  });

  it('take a hundred thousand edits at once', () => {
    const before = Array.from({ length: 100_000 }, (_, n) => `k${n} = 1.0 # ${n}\n`).join('');
    const start = process.cpuUsage();
    const { text, warnings } = saveOver('toml', before, (v) => {
      for (let n = 0; n < 100_000; n++) if (n % 3 !== 0) v[`k${n}`] = n % 3 === 1 ? 2 : 'x';
    });
    expect([text.split('\n').slice(0, 3), warnings]).toEqual([['k0 = 1.0 # 0', 'k1 = 2.0 # 1', 'k2 = "x" # 2'], []]);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(12_000);
  });
});
