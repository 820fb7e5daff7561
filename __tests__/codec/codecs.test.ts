import { ConfigurationFormat } from '../../interfaces/enums.js';
import { codecFor, formatOfExtension } from '../../src/codec/codecs.js';
import { IniCodec } from '../../src/codec/ini/IniCodec.js';
import { JsonCodec } from '../../src/codec/json/JsonCodec.js';
import { PropertiesCodec } from '../../src/codec/properties/PropertiesCodec.js';
import { TomlCodec } from '../../src/codec/toml/TomlCodec.js';
import { XmlCodec } from '../../src/codec/xml/XmlCodec.js';
import { YamlCodec } from '../../src/codec/yaml/YamlCodec.js';
import { describeCodec } from './codecConformance.js';
import { iniRules } from './rules/iniRules.js';
import { jsonRules } from './rules/jsonRules.js';
import { propertiesRules } from './rules/propertiesRules.js';
import { tomlRules } from './rules/tomlRules.js';
import { xmlRules } from './rules/xmlRules.js';
import { yamlRules } from './rules/yamlRules.js';

describeCodec('json', { create: () => new JsonCodec(), rules: jsonRules, anyRoot: true });
describeCodec('yaml', { create: () => new YamlCodec(), rules: yamlRules, anyRoot: true });
describeCodec('toml', { create: () => new TomlCodec(), rules: tomlRules, anyRoot: false });
describeCodec('ini', { create: () => new IniCodec(), rules: iniRules, anyRoot: true });
describeCodec('xml', { create: () => new XmlCodec(), rules: xmlRules, anyRoot: true });
describeCodec('properties', { create: () => new PropertiesCodec(), rules: propertiesRules, anyRoot: true });

describe('the registry of codecs', () => {
  it('has one codec for each format', () => {
    for (const format of Object.values(ConfigurationFormat)) expect(codecFor(format).format).toBe(format);
  });

  it('refuses a format that it does not know', () => {
    const names: unknown[] = ['', 'JSON', 'zip', 'constructor', '__proto__', undefined];
    for (const name of names) {
      expect(() => codecFor(name as ConfigurationFormat)).toThrow(
        expect.objectContaining({ code: 'ERR_UNSUPPORTED_FORMAT' }),
      );
    }
  });

  it('knows the format by the extension, in any case of letters', () => {
    const paths: Record<string, string | undefined> = {
      'a.json': 'json',
      '/x/y.YAML': 'yaml',
      'a.yml': 'yaml',
      'a.Toml': 'toml',
      'a.ini': 'ini',
      'a.xml': 'xml',
      'a.properties': 'properties',
      'a.json.bak': undefined,
      json: undefined,
      'a.jsonc': 'json',
      '.eslintrc': 'json',
      'a.jsonx': undefined,
      '': undefined,
    };
    for (const [path, format] of Object.entries(paths)) expect([path, formatOfExtension(path)]).toEqual([path, format]);
  });

  it('names every extension once', () => {
    const extensions = Object.values(ConfigurationFormat).flatMap((format) => codecFor(format).capabilities.extensions);
    expect(new Set(extensions).size).toBe(extensions.length);
  });
});
