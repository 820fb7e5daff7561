/** After an edit of one key the program that owns the file sees that edit and nothing else. A missing program is told. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codecFor } from '../../../src/codec/codecs.js';
import { edit, type Loose } from './editing.js';

const PYTHON = `
import configparser, json, sys
parser = configparser.RawConfigParser()
parser.optionxform = str
parser.read(sys.argv[1], encoding='utf-8')
print(json.dumps({s: dict(parser.items(s, raw=True)) for s in parser.sections()}))
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'owners-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function isMissing(program: string): boolean {
  const isThere = spawnSync(program, ['--version']).status === 0;
  if (!isThere) console.info(`${program} is not there: nothing was compared with it`);
  return !isThere;
}

function read(text: string, program: string, args: (path: string) => string[]): string {
  const path = join(folder, 'file');
  writeFileSync(path, text);
  const { status, stdout, stderr } = spawnSync(program, args(path), { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

function editOf(owner: string, text: string, change: (value: Loose) => void): string {
  const codec = codecFor('ini').configured?.({ path: '', owner });
  if (codec === undefined) throw new Error('INI has settings');
  return edit(codec, text, change).text;
}

describe('configparser', () => {
  const text = [
    '[metadata]',
    'name = x ; y',
    'version : 1.0',
    '# comment',
    'url = "http://x/#f"',
    '',
    '[options]',
    'install_requires =',
    '    a>=2.0',
    '    # inside',
    '    b; python_version<"3.9"',
    'zip_safe = no',
    'path = C:\\temp\\new',
    '',
  ].join('\n');
  const parse = (file: string): Loose => JSON.parse(read(file, 'python3', (path) => ['-c', PYTHON, path]));

  it('reads what we read', () => {
    if (isMissing('python3')) return;
    const ours: Loose = codecFor('ini').configured?.({ path: 'setup.cfg' }).decode(text);
    expect(parse(text)).toEqual(ours);
  });

  it.each<[string, (value: Loose) => void]>([
    ['a changed value', (v) => void (v.metadata.url = 'http://y/?a=b;c')],
    ['a changed line', (v) => void (v.options.install_requires = v.options.install_requires.replace('2.0', '3.0'))],
    ['a new key', (v) => void (v.metadata.license = 'MIT')],
    [
      'a removed key',
      (v) => {
        delete v.options.zip_safe;
      },
    ],
    ['a new section', (v) => void (v['tool:x'] = { a: 'b c' })],
  ])('sees %s and nothing else', (_, change) => {
    if (isMissing('python3')) return;
    const expected = parse(text);
    change(expected);
    expect(parse(editOf('configparser', text, change))).toEqual(expected);
  });
});

describe('git', () => {
  const text = [
    '# mine',
    '[core]',
    '\tbare = false ; no',
    '\tpager = "less -R # x"',
    '[remote "Dr. Smith"]',
    '\turl = git@x:y.git',
    '\tfetch = +refs/heads/*:refs/remotes/a/*',
    '\tfetch = +refs/tags/*:refs/tags/*',
    '[alias]',
    '\tst = "!f() { echo \\"a\\"; }; f"',
    '',
  ].join('\n');
  const list = (file: string): string[] =>
    read(file, 'git', (path) => ['config', '--file', path, '--null', '--list'])
      .split('\0')
      .slice(0, -1);

  it.each<[string, (value: Loose) => void, (lines: string[]) => string[]]>([
    [
      'a changed value',
      (v) => void (v.alias.st = '!echo "x" ; y\\z'),
      (lines) => lines.map((line) => (line.startsWith('alias.st') ? 'alias.st\n!echo "x" ; y\\z' : line)),
    ],
    [
      'a new item',
      (v) => void v['remote "Dr. Smith"'].fetch.splice(1, 0, '+x:y'),
      (lines) => lines.toSpliced(4, 0, 'remote.Dr. Smith.fetch\n+x:y'),
    ],
    [
      'a removed key',
      (v) => {
        delete v.core.pager;
      },
      (lines) => lines.toSpliced(1, 1),
    ],
    ['a new section', (v) => void (v['user "x"'] = { name: 'Ä b' }), (lines) => [...lines, 'user.x.name\nÄ b']],
  ])('sees %s and nothing else', (_, change, expected) => {
    if (isMissing('git')) return;
    expect(list(editOf('git', text, change))).toEqual(expected(list(text)));
  });
});
