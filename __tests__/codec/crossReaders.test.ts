/**
 * What we write, read by libraries that we do not use. Each filter below names what a library is known not to read; all
 * else must come out equal.
 */
import assert from 'node:assert/strict';
import toml from '@iarna/toml';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import ini from 'ini';
import { Properties } from 'properties-file/parser';
import { propertiesReader } from 'properties-reader';
import { parse as parseYaml } from 'yaml';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { codecFor } from '../../src/codec/codecs.js';
import { toFile } from '../../src/codec/toml/tomlNull.js';
import { copyIntoDomain, setMember } from '../../src/value/valueDomain.js';
import { findDifferences } from '../../src/value/valueEquality.js';
import { configuration, value } from './domainValues.js';
import { loadLikeJava } from './javaProperties.js';
import { runs } from '../support/runs.js';

const SEED = 20_260_716;
const RUNS = runs(800);
const SAMPLE = { seed: SEED, numRuns: RUNS };

const read: Record<string, number> = {};

afterAll(() => {
  const counts = Object.entries(read).map(([reader, count]) => `${reader} ${count}`);
  console.info(`read equal by other libraries: ${counts.join(', ')} (seed ${SEED})`);
});

function expectEqual(reader: string, expected: ConfigurationValue, actual: unknown): void {
  assert.deepEqual(findDifferences(expected, copyIntoDomain(actual, { nonFiniteNumbers: true })), []);
  read[reader] = (read[reader] ?? 0) + 1;
}

describe('JSON that we write', () => {
  it('is read equal by a YAML reader, since JSON is YAML', () => {
    fc.assert(
      fc.property(configuration(false).filter(holdsNoLoneControls), (input) => {
        const text = codecFor(ConfigurationFormat.JSON).encode(input);
        expectEqual('json by yaml', input, parseYaml(text, { uniqueKeys: false }));
      }),
      { seed: SEED, numRuns: Math.ceil(RUNS / 4) },
    );
  });
});

describe('YAML that we write', () => {
  const codec = codecFor(ConfigurationFormat.YAML);
  const root = value(true).filter((input) => input !== null);

  it.each(['1.2', '1.1'] as const)('is read equal by yaml with the rules of YAML %s', (version) => {
    fc.assert(
      fc.property(root, (input) => {
        expectEqual(`yaml ${version}`, input, parseYaml(codec.encode(input), { version, uniqueKeys: false }));
      }),
      SAMPLE,
    );
  });

  it('is read equal with the dates that an old text keeps plain', () => {
    const previous = 'a: 2001-12-14\nb: {c: 2001-12-15}\n';
    const text = codec.encode(codec.decode(previous), { previous });
    expectEqual('yaml 1.2', { a: '2001-12-14', b: { c: '2001-12-15' } }, parseYaml(text));
    assert.ok((parseYaml(text, { version: '1.1' }) as { a: unknown }).a instanceof Date);
  });
});

describe('TOML that we write', () => {
  const codec = codecFor(ConfigurationFormat.TOML);

  it('is read equal by @iarna/toml, except what it cannot read', () => {
    fc.assert(
      fc.property(configuration(true).filter(isReadByIarna), (input) => {
        // The clone leaves out the symbols that the library hangs on its tables.
        expectEqual('@iarna/toml', toFile(input), structuredClone(toml.parse(codec.encode(input))));
      }),
      SAMPLE,
    );
  });
});

describe('INI that we write', () => {
  const codec = codecFor(ConfigurationFormat.INI);
  const name = fc.stringMatching(/^[A-Za-z][\w-]{0,8}$/).filter((key) => !(key in Object.prototype));
  // ini types these words even in quotes, unescapes backslashes, and knows no numbers, no null in lists and no JSON.
  const text = fc
    .oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom('two words', 'a;b', '# x', ' spaced ', "it's", 'http://x/y?z=1'),
    )
    .filter((candidate) => !/\\|^(?:true|false|null|)$|^['"]|['"]$/.test(candidate));
  const leaf = fc.oneof(text, fc.boolean(), fc.constant(null));
  const section = fc.dictionary(name, fc.oneof(leaf, fc.array(text, { minLength: 1, maxLength: 3 })), { maxKeys: 4 });
  const file = fc.tuple(
    section,
    fc.dictionary(
      name.map((key) => `${key}-s`),
      section,
      { maxKeys: 3 },
    ),
  );

  it('is read equal by ini: sections, texts, booleans and lists', () => {
    fc.assert(
      fc.property(file, ([members, sections]) => {
        const input = { ...members, ...sections } as ConfigurationObject;
        expectEqual('ini', input, ini.parse(codec.encode(input)));
      }),
      SAMPLE,
    );
  });

  it('has nested sections where ini expects them', () => {
    const input = { a: { b: { c: 'x', d: { e: 'y' } }, f: 'z' } };
    expectEqual('ini', input, ini.parse(codec.encode(input)));
  });
});

describe('XML that we write', () => {
  const codec = codecFor(ConfigurationFormat.XML);
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    htmlEntities: true,
    processEntities: { enabled: true, maxTotalExpansions: Infinity, maxExpandedLength: Infinity },
  });

  it('has the same content for fast-xml-parser', () => {
    fc.assert(
      fc.property(configuration(false), (input) => {
        const text = codec.encode(input);
        const nodes = parser.parse(text) as XmlNode[];
        const root = nodes.find((node) => 'config' in node);
        assert.ok(root);
        expectEqual('fast-xml-parser', input, interpret(root));
      }),
      SAMPLE,
    );
  });
});

describe('.properties that we write', () => {
  const codec = codecFor(ConfigurationFormat.PROPERTIES);

  it('has only ASCII characters, and the same pairs by the rules of Java as by our reader', () => {
    fc.assert(
      fc.property(configuration(false), (input) => {
        const text = codec.encode(input);
        assert.match(text, /^[\n -~]*$/);
        const ours = new Properties(text).getProperties().map(({ key, value: content }) => [key, content]);
        assert.deepEqual([...loadLikeJava(text)], ours);
        read['the rules of Java'] = (read['the rules of Java'] ?? 0) + 1;
      }),
      SAMPLE,
    );
  });

  it('is read equal by properties-reader where nothing needs an escape', () => {
    const plain = fc.stringMatching(/^[a-z]\w{0,8}$/).filter((word) => !['true', 'false', 'null'].includes(word));
    fc.assert(
      fc.property(fc.dictionary(plain, plain), (input) => {
        const reader = propertiesReader({});
        reader.read(codec.encode({ root: input }));
        for (const [key, content] of Object.entries(input)) assert.equal(reader.getRaw(`root.${key}`), content);
        read['properties-reader'] = (read['properties-reader'] ?? 0) + 1;
      }),
      { seed: SEED, numRuns: Math.ceil(RUNS / 4) },
    );
  });
});

/** JSON leaves these characters raw, which YAML forbids. */
function holdsNoLoneControls(input: ConfigurationValue): boolean {
  return !/[\u007f-\u009f\ufeff\ufffe\uffff]/.test(JSON.stringify(input));
}

/**
 * @iarna/toml makes BigInts of whole numbers from 2^53 on. Keys that every object has already it reads by way of the
 * prototype, where it would change global functions.
 */
function isReadByIarna(input: ConfigurationValue): boolean {
  if (typeof input === 'number') return !Number.isInteger(input) || Number.isSafeInteger(input);
  if (typeof input !== 'object' || input === null) return true;
  return Object.entries(input).every(([key, member]) => !(key in Object.prototype) && isReadByIarna(member));
}

/** A node of fast-xml-parser with `preserveOrder`: one key with the children, `:@` with the attributes, or a text. */
type XmlNode = Record<string, unknown>;

/** Our convention, understood a second time from another parser's tree. */
function interpret(node: XmlNode): ConfigurationValue {
  const attributes = (node[':@'] ?? {}) as Record<string, string>;
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const children = node[name] as XmlNode[];
  const elements = children.filter((child) => !('#text' in child));
  const text = children.map((child) => (child['#text'] as string | undefined) ?? '').join('');
  switch (attributes.type) {
    case 'null':
      return null;
    case 'boolean':
      return text === 'true';
    case 'number':
      return Number(text);
    case 'json':
      return JSON.parse(text) as string;
    case 'array':
      return elements.map(interpret);
  }
  return attributes.type === 'object' || elements.length > 0 ? interpretObject(elements) : text;
}

function interpretObject(elements: readonly XmlNode[]): ConfigurationObject {
  const object: ConfigurationObject = {};
  for (const element of elements) {
    const attributes = (element[':@'] ?? {}) as Record<string, string>;
    const name = Object.keys(element).find((key) => key !== ':@') ?? '';
    const { jkey } = attributes;
    const key = name === 'item' ? (attributes.key ?? (JSON.parse(jkey ?? '""') as string)) : name;
    setMember(object, key, interpret(element));
  }
  return object;
}
