/** Saves over JSON files: exactly the bytes that a person would have changed. */
/* eslint-disable @typescript-eslint/no-meaningless-void-operator -- a change of a draft gives nothing back */
import { saveOver, testEdits, testUnchanged } from '../support/editCases.js';

const WITH_COMMENTS = `{
  // where it listens
  "port": 8080, // default
  /* names "of" {servers} */
  "hosts": [
    "a", // first
    "b",
  ],
}
`;

describe('JSON', () => {
  testUnchanged('json', {
    'odd spacing': '{ "b" :1.0 ,"a":[1 ,2]}',
    'numbers in their own spelling': '[1.0, 1e3, 0.10, -0.0, 100000000000000000000.0]',
    'keys like integers': '{"10": 1, "2": 2, "a": 3, "1": 4}',
    'escapes in strings': String.raw`{"a": "\u00e4\/\u0041", "\u0062": "\t"}`,
    'tabs and CRLF': '{\r\n\t"a": 1,\r\n\t"b": [\r\n\t\t2\r\n\t]\r\n}\r\n',
    'a byte order mark': '\ufeff{"a": 1}\n',
    'no final newline': '{\n  "a": 1\n}',
    'several final newlines': '{"a": 1}\n\n\n',
    'a scalar as the root': ' "x" \n',
  });

  testEdits('json', [
    [
      'sets a value and leaves every other byte',
      '{ "a":1.0 , "b" : 2 }',
      (v) => void (v.b = 3),
      '{ "a":1.0 , "b" : 3 }',
    ],
    [
      'sets one in a file with tabs, CRLF and a byte order mark',
      '\ufeff{\r\n\t"a": 1.0,\r\n\t"b": {"c": [1, 2]}\r\n}',
      (v) => void (v.b.c[1] = 'x'),
      '\ufeff{\r\n\t"a": 1.0,\r\n\t"b": {"c": [1, "x"]}\r\n}',
    ],
    [
      'puts a new key at the end of its object, in the indentation of the file',
      '{\n    "a": {\n        "x": 1\n    },\n    "b": 2\n}\n',
      (v) => void (v.a.y = { z: [1] }),
      '{\n    "a": {\n        "x": 1,\n        "y": {\n            "z": [\n                1\n            ]\n        }\n    },\n    "b": 2\n}\n',
    ],
    [
      'keeps an object on one line',
      '{"a": {"x": 1}, "b": 2}\n',
      (v) => void (v.a.y = [1, { z: 2 }]),
      '{"a": {"x": 1, "y": [1, { "z": 2 }]}, "b": 2}\n',
    ],
    [
      'keeps a narrow file narrow',
      '{"a":{"x":1},"b":[1,2]}',
      (v) => void ((v.a.y = { z: 1 }), v.b.push(3)),
      '{"a":{"x":1,"y":{"z":1}},"b":[1,2,3]}',
    ],
    ['keeps the padding of an object', '{ "a": 1 }', (v) => void (v.b = 2), '{ "a": 1, "b": 2 }'],
    ['fills an empty object', '{}\n', (v) => void (v.a = 1), '{ "a": 1 }\n'],
    [
      'fills one over lines in a file over lines',
      '{\n\t"a": {}\n}\n',
      (v) => void (v.a.b = 1),
      '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
    ],
    ['removes the first key', '{"a": 1, "b": 2, "c": 3}', (v) => void delete v.a, '{"b": 2, "c": 3}'],
    [
      'removes the last keys with their commas',
      '{"a": 1, "b": 2, "c": 3}',
      (v) => void (delete v.b, delete v.c),
      '{"a": 1}',
    ],
    ['removes all keys', '{ "a": 1, "b": 2 }', () => ({}), '{}'],
    ['removes a line', '{\n  "a": 1,\n  "b": 2\n}\n', (v) => void delete v.b, '{\n  "a": 1\n}\n'],
    [
      'replaces the last key by another one',
      '{\n  "a": 1,\n  "b": 2\n}\n',
      (v) => void (delete v.b, (v.c = 3)),
      '{\n  "a": 1,\n  "c": 3\n}\n',
    ],
    [
      'renames a key in its place',
      '{"a": {"x": 1.0}, "b": 2}',
      (v) => ({ z: v.a, b: v.b }),
      '{"z": {"x": 1.0}, "b": 2}',
    ],
    ['inserts items', '[1.0, 2.0]', (v) => ['x', ...v.slice(0, 1), 'y', v[1]], '["x", 1.0, "y", 2.0]'],
    ['removes an item and keeps the spelling of those behind it', '[1.0, 2.0, 3.0]', (v) => v.slice(1), '[2.0, 3.0]'],
    [
      'moves items with all that is in them',
      '[{"id": 1, "v": 1.0},{"id": 2, "v": 2.0}]',
      (v) => [v[1], { ...v[0], v: 5 }],
      '[{"id": 2, "v": 2.0},{"id": 1, "v": 5}]',
    ],
    ['turns an object into a list', '{"a": {"x": 1}}', (v) => void (v.a = [1]), '{"a": [1]}'],
    ['turns the root into a list', ' {"a": 1}\n', () => [1], ' [1]\n'],
    [
      'handles keys with escapes',
      String.raw`{"\u0061": 1, "q\"": 2}`,
      (v) => void ((v.a = 3), delete v['q"']),
      String.raw`{"\u0061": 3}`,
    ],
    ['handles odd line ends', '{\r"a": 1,\r"b": 2\r}\r', (v) => void (v.c = 3), '{\r"a": 1,\r"b": 2,\r"c": 3\r}\r'],
    ['handles commas before the line', '{ "a": 1\n, "b": 2\n}', (v) => void delete v.a, '{ "b": 2\n}'],
  ]);
});

describe('JSON with comments', () => {
  const settings = { comments: true };

  testUnchanged('json', { 'comments and trailing commas': WITH_COMMENTS }, settings);

  testEdits(
    'json',
    [
      [
        'keeps comments when a value changes',
        WITH_COMMENTS,
        (v) => void (v.port = 1),
        WITH_COMMENTS.replace('8080', '1'),
      ],
      [
        'puts new entries behind the comment of the last one, and keeps the trailing comma',
        WITH_COMMENTS,
        (v) => void (v.hosts.push('c'), (v.n = 1)),
        WITH_COMMENTS.replace('"b",\n', '"b",\n    "c",\n').replace('  ],\n', '  ],\n  "n": 1,\n'),
      ],
      [
        'takes the comment on its line along with a removed entry',
        WITH_COMMENTS,
        (v) => void (delete v.port, v.hosts.shift()),
        WITH_COMMENTS.replace('  "port": 8080, // default\n', '').replace('    "a", // first\n', ''),
      ],
      [
        'leaves comments alone that look like entries',
        '{\n  // "a": 0,\n  "a": 1 /* , "a": 2 */\n}\n',
        (v) => void ((v.a = 5), (v.b = '// no comment')),
        '{\n  // "a": 0,\n  "a": 5, /* , "a": 2 */\n  "b": "// no comment"\n}\n',
      ],
      [
        'fills an object that has a comment only',
        '{\n  // nothing\n}\n',
        (v) => void (v.a = 1),
        '{\n  // nothing\n  "a": 1\n}\n',
      ],
      [
        'keeps a comment in an object that becomes empty',
        '{\n  // one\n  "a": 1\n}\n',
        (v) => void delete v.a,
        '{\n  // one\n}\n',
      ],
    ],
    settings,
  );

  it('is read in files whose names are known for it', () => {
    for (const path of [
      'a.jsonc',
      'x.code-workspace',
      'tsconfig.json',
      'tsconfig.build.json',
      'jsconfig.json',
      '.eslintrc',
      '.eslintrc.json',
    ]) {
      expect([path, saveOver('json', WITH_COMMENTS, () => undefined, { path }).text]).toEqual([path, WITH_COMMENTS]);
    }
  });

  it.each([
    ['{\n  // x\n  "a": 1\n}', 'line 2, column 3: a comment'],
    ['{"a": 1 /* x */}', 'line 1, column 9: a comment'],
    ['// x\n{}', 'line 1, column 1: a comment'],
    ['{"a": 1,}', 'line 1, column 9: trailing comma'],
    ['[1, ]', 'line 1, column 5: trailing comma'],
  ])('is refused elsewhere by its name: %j', (text, reason) => {
    expect(() => saveOver('json', text, () => undefined)).toThrow(reason);
    expect(() => saveOver('json', text, () => undefined)).toThrow('option comments');
  });
});

describe('large JSON files', () => {
  it('on one line are edited in bounded time', () => {
    const line = `[${Array.from({ length: 300_000 }, (_, n) => `{"id":${n},"v":1.0}`).join(',')}]`;
    const start = process.cpuUsage();
    const { text } = saveOver('json', line, (v) => void ((v[200_000].v = 2), v.push({ id: 'x' })));
    expect(text).toBe(`${line.slice(0, -1).replace('{"id":200000,"v":1.0}', '{"id":200000,"v":2}')},{"id":"x"}]`);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(8000);
  });

  it('take a hundred thousand edits at once', () => {
    const before = `{\n${Array.from({ length: 100_000 }, (_, n) => `  "k${n}": 1.0`).join(',\n')}\n}\n`;
    const start = process.cpuUsage();
    const { text, warnings } = saveOver('json', before, (v) => {
      for (let n = 0; n < 100_000; n++) if (n % 3 !== 0) v[`k${n}`] = n % 3 === 1 ? 2 : { n };
    });
    expect(text.split('\n')[1]).toBe('  "k0": 1.0,');
    expect([text.split('\n').length > 100_000, warnings]).toEqual([true, []]);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(8000);
  });
});
