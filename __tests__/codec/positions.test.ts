/** Where a text that cannot be read is wrong, as numbers on the error. */
import type { ConfigurationValue } from '../../interfaces/value.js';
import { codecFor } from '../../src/codec/codecs.js';
import { foreignReaderFor, type ForeignFormat } from '../../src/codec/foreign/foreignFormats.js';
import { decodeBytes } from '../../src/engine/contentText.js';
import { PersistenceError } from '../../src/errors/PersistenceError.js';

type Format = 'json' | 'yaml' | 'toml' | 'ini' | 'xml' | 'properties' | ForeignFormat;

const OWN_XML = '<config xmlns="urn:rcc:config" type="object">';

/** Texts with `¶` at the place that the error has to name. */
const WRONG: Readonly<Record<Format, readonly string[]>> = {
  json: [
    '¶',
    '{\n  "a": 1,\n  "ä😀": ¶x\n}',
    '{"a": "😀",\n\t¶"a": 2}',
    '[1,\n ¶"ab',
    '[1]\n ¶x',
    '[1,¶]',
    '[¶"\t", 1]',
    '{"a": 1¶',
    `${'['.repeat(100)}\n¶[`,
  ],
  yaml: [
    'a: 1\n¶a: 2',
    'a: 1\n¶"a": 2',
    'a:\n¶\t- 1',
    '😀: 1\na: ¶*x',
    '"😀😀": ¶@x',
    'a: ¶@x',
    'a: {b: "ä😀", ¶, c}',
    'a: [1, 2]¶]',
    'a: ¶\u0001',
    'a: 1\n---\n¶b: 1\n',
    'a: 1\n--- ¶&x b\n',
  ],
  toml: [
    'a = 1\n¶a = 2',
    'a = ¶x',
    'a = "ä😀" ¶x',
    'a = "abc¶\n',
    '[a]\n[¶a]\n',
    'a = [1, 2\n¶',
    'a = "😀"\n\tb = ¶1e999',
    'a = ¶2020-13-01',
    'a = "\\¶q"',
    'a = 1\nb = ¶01',
  ],
  ini: ['a = ä😀\n  ¶a = 2', '[s]\n\t¶[t', '[s]\n \t¶nonsense', 'a = 1\n¶= 2', '; 😀\n[a]\nb=1\n[c]\n[a]\n¶b=2'],
  xml: [
    '¶',
    '<a>\n  <b>😀</c¶></a>',
    '<a>\n  <b/>\n  ¶😀oops\n</a>',
    '<a>\n  ¶oops <b/></a>',
    '<a>\n  <b/><![CDATA[¶oops]]></a>',
    '<?xml version="1.0"?>\n<!-- x -->\n¶<!DOCTYPE a [\n<!ENTITY b "c">]>\n<a/>',
    `${OWN_XML}\n  <a>1</a>\n  <b/>¶<a\n>2</a></config>`,
    `${OWN_XML}\n  <p>😀</p>¶<a type="x">1</a>\n</config>`,
    '<a>ä😀&lt; ¶& b</a>',
    '<a><![CDATA[&]]><!-- & -->\nAT¶&T &lt;</a>',
    '<a>\n¶&foo;</a>',
    '<a>😀<¶1/></a>',
    '<a/>\n¶<b/>',
    '<a>x</a>\n  ¶text',
    '¶hello\n',
    '<a>\n<b>¶',
  ],
  properties: [
    'a=1\n  ¶a=2',
    '# \\u12\na=x\n b = 😀 ¶\\u12 x',
    'a=\\\n  b ¶\\uZ',
    'a=\\u00\\\n  41 ok\nb=¶\\u004',
    'a=ä\n¶\0',
    'a=\\\\u12\n¶\\uxxxx=1',
    'a.b=1\n# \\\n\n\f¶a.b : 1',
  ],
  jsonc: [
    '// 😀\n{"a": /* x\n */ ¶x}',
    '[1, // c\n 2 ¶3]',
    '[1]\n ¶/* x',
    '{"a":1, // x\n ¶"a":2}',
    '/* a\n*/ [1,\n/**/ 2,¶,]',
    '// x\n¶',
  ],
  json5: [
    '¶',
    "// 😀\n{a: '😀', b: ¶x}",
    '{a: 1,\n\t¶a: 2}',
    "[1,\n ¶'ab",
    "['ab¶\n']",
    '{a: 1 ¶b: 2}',
    '{¶1: 2}',
    '["ä😀¶\\u12"]',
    '[1,¶,2]',
    '[1] ¶2',
    '[1¶',
    '{\n¶\\u0020a: 1}',
    '/* 1\n */ ¶/*',
  ],
};

function decodeAs(format: Format, text: string): ConfigurationValue {
  if (format === 'jsonc' || format === 'json5') return foreignReaderFor(format).decode(text);
  const codec = codecFor(format);
  return codec.decode(decodeBytes(Buffer.from(text), codec).text);
}

function refusalOf(format: Format, text: string): PersistenceError {
  try {
    decodeAs(format, text);
  } catch (error) {
    if (error instanceof PersistenceError) return error;
    throw error;
  }
  throw new Error(`not refused: ${JSON.stringify(text)}`);
}

function expectPlace(format: Format, marked: string): void {
  const lines = marked.slice(0, marked.indexOf('¶')).split(/\r\n|\r|\n/);
  const text = marked.replace('¶', '');
  const expected = { text, code: 'ERR_PARSE', line: lines.length, column: lines.at(-1)!.length + 1 };
  for (const mark of ['', '\uFEFF']) {
    const { code, line, column, message } = refusalOf(format, mark + text);
    expect({ text, code, line, column }).toEqual(expected);
    expect(message).toContain(`line ${line}, column ${column}: `);
  }
}

describe.each(Object.keys(WRONG) as Format[])('the error for a wrong %s text', (format) => {
  it('has its line and column, behind a byte order mark too, and says the same in words', () => {
    for (const text of WRONG[format]) expectPlace(format, text);
  });

  it('counts lines whatever ends them', () => {
    // A lone CR ends no line in TOML.
    for (const lineEnd of format === 'toml' ? ['\r\n'] : ['\r\n', '\r']) {
      for (const text of WRONG[format]) expectPlace(format, text.replaceAll('\n', lineEnd));
    }
  });
});

describe('an error without a place', () => {
  it('has no line and no column', () => {
    for (const [format, text] of [
      ['json', '{"__proto__": 1}'],
      ['toml', 'a = 99999999999999999999'],
    ] as const) {
      const error = refusalOf(format, text);
      expect('line' in error).toBe(false);
      expect('column' in error).toBe(false);
    }
  });

  it('has the paths of what is outside the domain', () => {
    for (const [format, text] of [
      ['json', '{"a": {"__proto__": 1}}'],
      ['yaml', 'a: {__proto__: 1}'],
      ['toml', '[a]\n__proto__ = 1'],
      ['ini', '[a]\n__proto__ = 1'],
      ['xml', '<a><__proto__>1</__proto__></a>'],
      ['properties', 'a.__proto__=1'],
      ['jsonc', '{"a": {"__proto__": 1,}}'],
      ['json5', '{a: {__proto__: 1}}'],
    ] as const) {
      expect(refusalOf(format, text)).toMatchObject({
        code: 'ERR_INVALID_CONFIGURATION_DATA',
        paths: ['a.__proto__'],
      });
    }
  });
});
