/** Random values of the domain, with the keys, strings and numbers that formats are known to stumble over. */
import fc from 'fast-check';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { setMember } from '../../src/value/valueDomain.js';

const HOSTILE_STRINGS = [
  ...['', ' ', '  two', 'two  ', '\t', '\n', '\r', '\r\n', 'a\nb', 'a\n', '\na', 'a\n\n', 'a\r\nb', 'a\rb', ' leading'],
  ...['trailing ', 'tab\there', '\0', 'a\u0000b', '\u0001', '\u001b[0m', '\u007f', '\u0085', '\u009f', '\u00a0'],
  ...['\u00a0nbsp\u00a0', '\u200b', '\u2028', '\u2029', 'a\u2028b', '\ufeff', '\ufeffa', '\ufffe', '\uffff', '\ufffd'],
  ...[
    'true',
    'false',
    'null',
    'True',
    'TRUE',
    'Null',
    'NULL',
    '~',
    'yes',
    'no',
    'Yes',
    'on',
    'off',
    'y',
    'n',
    'Y',
    'N',
  ],
  ...['undefined', 'NaN', 'Infinity', '-Infinity', '.nan', '.inf', '-.inf', 'nan', 'inf', '+inf', '.NaN', 'none'],
  ...[
    '0',
    '-0',
    '+1',
    '1',
    '007',
    '08',
    '1.0',
    '1.10',
    '1e3',
    '1E400',
    '1e400',
    '0x1F',
    '0o17',
    '0b11',
    '017',
    '1_000',
  ],
  ...['.5', '5.', '-.5', '+.5', '1e', '12345678901234567890', '9007199254740993', '1:30', '12:30:45', '190:20:30', '٣'],
  ...['2001-12-14', '2001-12-14t21:59:43.10-05:00', '2001-12-14 21:59:43.10 -5', '1979-05-27T07:32:00Z', '07:32:00'],
  ...['"', "'", '""', "''", '"quoted"', "'quoted'", '"open', "open'", '"true"', "'true'", '"\\"true\\""', '"a" b', '`'],
  ...['\\', '\\\\', '\\n', '\\u0041', 'C:\\temp\\new', 'a\\', '\\"', '${x}', '%x%', '{{x}}', '$(x)'],
  ...[
    '[',
    ']',
    '[]',
    '{}',
    '{',
    '}',
    '[1]',
    '[1, 2]',
    '[1,2]',
    '["a"]',
    '{"a":1}',
    '[[1]]',
    '[a]',
    '[section]',
    '[1.0]',
  ],
  ...['#', '# x', '#x', 'a #b', 'a#b', ';', '; x', 'a ;b', 'a;b', '!', '! x', '//', '/* x */', '--', 'a # b ; c'],
  ...['---', '...', '--- x', '- a', '-', '? a', '?', ': a', ':', 'a: b', 'a:', 'a :b', '&a', '*a', '!tag', '!!str x'],
  ...['|', '>', '|-', '> x', '%YAML', '@', '@a', ',', 'a, b', '<<', '=', 'a=b', '=a', '= x', 'a = b', 'x:y'],
  ...[
    '<',
    '>',
    '&',
    '&amp;',
    '&#65;',
    '<a>',
    '</config>',
    '<![CDATA[x]]>',
    ']]>',
    '<!-- x -->',
    '<?xml?>',
    '<!DOCTYPE a>',
  ],
  ...['ä', '日本語', '🙂', 'e\u0301', '\u202e', 'ß', '\u{10ffff}', 'a\u{1f600}b', 'x'.repeat(300), 'a b '.repeat(60)],
  ...[
    '-----BEGIN KEY-----\nMIIB\nxyz==\n-----END KEY-----\n',
    '  indented\n    more\n',
    'a: b\nc: d\n',
    '~1',
    '~01',
    '~e',
  ],
  ...['~u003D', '~u0041', '~null', '~~null', '@id', '#text', '~~', 'a~1b', 'a~u002Eb', '~u'],
];

const HOSTILE_KEYS = [
  ...[
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    'then',
    'length',
    'name',
  ],
  ...[
    'item',
    'config',
    'key',
    'type',
    'jkey',
    'xml',
    'XMLthing',
    'xmlns',
    'a.b',
    '.',
    '..',
    '.a',
    'a.',
    'a..b',
    '1',
    '0',
  ],
  ...[
    '01',
    '-1',
    '1.5',
    'a b',
    ' a',
    'a ',
    'a[]',
    '[]',
    '[a]',
    'a[b]',
    'a]',
    'a:b',
    'a: b',
    'a:',
    'a=b',
    'a#b',
    'a;b',
    '#a',
  ],
  ...[';a', '!a', 'a\\b', 'a"b', "a'b", '"a"', "'a'", 'x'.repeat(1000), 'ключ', 'a\u2028b', '\ud83d\ude42'],
  ...HOSTILE_STRINGS,
];

const HOSTILE_NUMBERS = [
  ...[0, 1, -1, 0.1, -0.5, 1.5, 42, 1e3, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1e-6, 1e-7, 1.5e-9, 1e100],
  ...[Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 53, 2 ** 53 + 2, 2 ** 62, 2 ** 63, -(2 ** 63), 2 ** 64],
  ...[5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, Number.EPSILON, 0.1 + 0.2, 123456789.123456789, 4.35, 1 / 3],
];

const finiteNumber = fc
  .oneof(fc.constantFrom(...HOSTILE_NUMBERS), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((number) => (number === 0 ? 0 : number));

const anyNumber = fc.oneof(
  { weight: 8, arbitrary: finiteNumber },
  { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, -Infinity) },
);

const text = fc.oneof(
  fc.constantFrom(...HOSTILE_STRINGS),
  fc.tuple(fc.constantFrom(...HOSTILE_STRINGS), fc.constantFrom(...HOSTILE_STRINGS)).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.string({ maxLength: 20 }),
);

/** Keys as configurations have them, and the hostile ones. */
export const key = fc
  .oneof(
    fc.constantFrom('name', 'host', 'port', 'enabled', 'server', 'max-size', 'log_level', 'a', 'b', '~'),
    fc.constantFrom(...HOSTILE_KEYS),
    text,
  )
  .filter((candidate) => candidate !== '__proto__' && candidate.isWellFormed());

/** Any scalar that a format can hold. */
export function scalar(nonFiniteNumbers: boolean): fc.Arbitrary<ConfigurationValue> {
  return fc.oneof(text, nonFiniteNumbers ? anyNumber : finiteNumber, fc.boolean(), fc.constant(null));
}

/** Nested values, with empty, mixed and deep containers. */
export function value(nonFiniteNumbers: boolean): fc.Arbitrary<ConfigurationValue> {
  const { tree } = fc.letrec<{ tree: ConfigurationValue; array: ConfigurationValue[]; object: ConfigurationObject }>(
    (tie) => ({
      tree: fc.oneof({ maxDepth: 5, depthSize: 'small' }, scalar(nonFiniteNumbers), tie('array'), tie('object')),
      array: fc.array(tie('tree'), { maxLength: 4 }),
      object: fc.array(fc.tuple(key, tie('tree')), { maxLength: 5 }).map(toObject),
    }),
  );
  return tree;
}

/** Objects with nested values. */
export function configuration(nonFiniteNumbers: boolean): fc.Arbitrary<ConfigurationObject> {
  return fc.array(fc.tuple(key, value(nonFiniteNumbers)), { maxLength: 6 }).map(toObject);
}

function toObject(members: readonly (readonly [string, ConfigurationValue])[]): ConfigurationObject {
  const object: ConfigurationObject = {};
  for (const [name, member] of members) setMember(object, name, member);
  return object;
}

/** A container of the given depth, counting itself, of objects, of arrays or of both in turn. */
export function nested(
  depth: number,
  kind: 'objects' | 'arrays' | 'mixed',
  leaf: ConfigurationValue,
): ConfigurationValue {
  let current = leaf;
  for (let level = depth; level > 0; level--) {
    const isArray = kind === 'arrays' || (kind === 'mixed' && level % 2 === 0);
    current = isArray ? [current] : { level: current };
  }
  return current;
}
