/** What a save keeps of the text that stands on disk: native dates and numbers, plain keys, and the shape of foreign XML. */
import fc from 'fast-check';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigurationObject } from '../../interfaces/value.js';
import { codecFor } from '../../src/codec/codecs.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { configuration } from './domainValues.js';
import { runs } from '../support/runs.js';

const SEED = 20_260_714;
const RUNS = runs(500);

describe('TOML with an old text', () => {
  const codec = codecFor(ConfigurationFormat.TOML);
  const previous = [
    'when = 1979-05-27 07:32:00.999999Z',
    'text = "1979-05-27"',
    'ratio = 1.0',
    'mask = 0xFF',
    'list = [07:32:00, 1_000]',
    'no = -nan',
    '[server]',
    'since = 1979-05-27',
    '',
  ].join('\n');

  it('keeps the spelling of every date and number that is unchanged', () => {
    const text = codec.encode(codec.decode(previous), { previous });
    expect(text).toBe(previous.replace('[server]', '\n[server]'));
  });

  it('writes a changed or moved date, and a new string like one, in quotes', () => {
    const value = codec.decode(previous) as ConfigurationObject;
    const changed = {
      ...value,
      when: '1979-05-28',
      other: '1979-05-27',
      list: ['1979-05-27', 1000],
      mask: 256,
      ratio: 2,
    };
    const text = codec.encode(changed, { previous });
    for (const line of ['when = "1979-05-28"', 'other = "1979-05-27"', 'list = ["1979-05-27", 1_000]', 'mask = 256']) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text.split('\n')).toContain('ratio = 2');
    expect(findDifferences(changed, codec.decode(text))).toEqual([]);
  });

  it('writes a number in the place of a date, and a string in the place of a number, as what they are', () => {
    const text = codec.encode({ when: 1979, ratio: '1.0', mask: '0xFF', no: 'nan' }, { previous });
    expect(text).toBe('when = 1979\nratio = "1.0"\nmask = "0xFF"\nno = "nan"\n');
  });

  it('quotes every date when there is no old text', () => {
    expect(codec.encode({ a: '1979-05-27', b: '07:32:00' })).toBe('a = "1979-05-27"\nb = "07:32:00"\n');
  });

  it('keeps dates in arrays of tables and inline tables', () => {
    const old = '[[a]]\nd = 1979-05-27\n\n[[a]]\nd = 1979-05-28\n';
    expect(codec.encode(codec.decode(old), { previous: old })).toBe(old);
    const inline = 'a = [1, { d = 1979-05-27, "~null" = true }]\n';
    expect(codec.encode(codec.decode(inline), { previous: inline })).toBe(inline);
  });
});

describe('YAML with an old text', () => {
  const codec = codecFor(ConfigurationFormat.YAML);

  it('keeps dates unquoted and strings like dates quoted', () => {
    const previous =
      'a: 2001-12-14\nb: "2001-12-14"\nc:\n  - 2001-12-14t21:59:43.10-05:00\n  - 2001-12-15 2:59:43.1 Z\n';
    expect(codec.encode(codec.decode(previous), { previous })).toBe(
      'a: 2001-12-14\nb: "2001-12-14"\nc:\n  - 2001-12-14t21:59:43.10-05:00\n  - 2001-12-15 2:59:43.1 Z\n',
    );
  });

  it('writes a changed or moved date in quotes', () => {
    const previous = 'a: 2001-12-14\nb: x\n';
    expect(codec.encode({ a: '2001-12-15', b: '2001-12-14' }, { previous })).toBe('a: "2001-12-15"\nb: "2001-12-14"\n');
  });

  it('keeps plain keys plain, and other keys quoted', () => {
    const previous = '8080: a\n"8081": b\n2001-12-14: c\nyes: d\n1.10: e\n';
    expect(codec.encode({ '8082': 'f', ...(codec.decode(previous) as ConfigurationObject) }, { previous })).toBe(
      '8080: a\n"8081": b\n"8082": f\n2001-12-14: c\nyes: d\n1.10: e\n',
    );
  });

  it('keeps the dates that came by aliases and merge keys', () => {
    const previous = 'base: &b {d: 2001-12-14, e: 2001-12-15}\nc:\n  <<: *b\n  e: "2001-12-16"\nl: [*b]\n';
    expect(codec.encode(codec.decode(previous), { previous })).toBe(
      'base:\n  d: 2001-12-14\n  e: 2001-12-15\nc:\n  d: 2001-12-14\n  e: "2001-12-16"\nl:\n  - d: 2001-12-14\n    e: 2001-12-15\n',
    );
  });

  it('ignores an old text with more aliases than are read', () => {
    const links = Array.from({ length: 20_000 }, (_, n) => `m${n + 1}: &m${n + 1} {<<: *m${n}}`);
    const previous = ['m0: &m0 {d: 2001-12-14}', ...links].join('\n');
    expect(codec.encode({ m20000: { d: '2001-12-14' } }, { previous })).toBe('m20000:\n  d: "2001-12-14"\n');
  });

  it('never lets a string become a date by itself', () => {
    const previous = "a: !!str 2001-12-14\nb: |-\n  2001-12-14\nc: '2001-12-14'\n";
    expect(codec.encode(codec.decode(previous), { previous })).toBe(
      'a: "2001-12-14"\nb: "2001-12-14"\nc: "2001-12-14"\n',
    );
  });
});

describe('XML with an old text', () => {
  const codec = codecFor(ConfigurationFormat.XML);
  const previous =
    '<?xml version="1.0"?><!-- c --><app version="1.0"><port>80</port><role>a</role><role>b</role></app>';

  it('keeps the shape of a foreign document, also when the value changes', () => {
    const value = {
      app: { '@version': '1.10', port: 81, role: ['a', 'b', 'c'], name: { '@lang': 'en', '#text': 'x' } },
    };
    expect(codec.encode(value, { previous })).toBe(
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<app version="1.10">',
        '  <port>81</port>',
        '  <role>a</role>',
        '  <role>b</role>',
        '  <role>c</role>',
        '  <name lang="en">x</name>',
        '</app>',
        '',
      ].join('\n'),
    );
  });

  it('puts a string that looks like a number in quotes, so that it stays a string', () => {
    const text = codec.encode({ app: { port: '80' } }, { previous });
    expect(text).toContain('<port>"80"</port>');
    expect(codec.decode(text)).toEqual({ app: { port: '80' } });
  });

  it.each<[string, ConfigurationObject]>([
    ['a key that is no name', { app: { 'odd key': 1 } }],
    ['two roots', { app: 1, other: 2 }],
    ['an attribute that is an object', { app: { '@a': { b: 1 } } }],
    ['text beside elements', { app: { '#text': 'x', b: 1 } }],
    ['text alone', { app: { '#text': 'x' } }],
    ['empty text beside an attribute', { app: { '@a': 1, '#text': '' } }],
    ['a character that XML forbids', { app: { a: '\0' } }],
    ['a list as the root element', { app: [1, 2] }],
    ['an object without a root element', {}],
  ])('refuses %s, and never turns the document into one of its own', (_, value) => {
    expect(() => codec.encode(value, { previous })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_CONFIGURATION_DATA', paths: [expect.any(String)] }),
    );
  });

  it('stays with its own convention where the old text has it', () => {
    const value = { app: { port: 80 } };
    const own = codec.encode(value);
    expect(codec.encode(value, { previous: own })).toBe(own);
  });

  it('carries every generated value in the foreign shape, or refuses it', () => {
    let carried = 0;
    fc.assert(
      fc.property(configuration(false), (inner) => {
        for (const value of [inner, { app: inner }, { app: { '@a': 1, list: [inner, inner] } }]) {
          const text = encodeOrRefuse(value);
          if (text === undefined) continue;
          carried += 1;
          expect(text).not.toContain('urn:rcc:config');
          expect(findDifferences(value, codec.decode(text))).toEqual([]);
        }
      }),
      { seed: SEED, numRuns: RUNS },
    );
    expect(carried).toBeGreaterThan(RUNS / 10);
  });

  function encodeOrRefuse(value: ConfigurationObject): string | undefined {
    try {
      return codec.encode(value, { previous });
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_INVALID_CONFIGURATION_DATA' });
      return undefined;
    }
  }

  it('never reads an own document by the foreign rules', () => {
    fc.assert(
      fc.property(configuration(false), (value) => {
        expect(Object.hasOwn(codec.decode(codec.encode(value)) as object, 'config')).toBe(
          Object.hasOwn(value, 'config'),
        );
      }),
      { seed: SEED, numRuns: RUNS },
    );
  });
});
