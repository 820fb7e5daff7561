/** The formats that this module reads and writes: one line of registration each. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationFormat } from '../../interfaces/enums.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { Codec } from './Codec.js';
import { IniCodec } from './ini/IniCodec.js';
import { JsonCodec } from './json/JsonCodec.js';
import { PropertiesCodec } from './properties/PropertiesCodec.js';
import { TomlCodec } from './toml/TomlCodec.js';
import { XmlCodec } from './xml/XmlCodec.js';
import { YamlCodec } from './yaml/YamlCodec.js';

const CODECS: readonly Codec[] = [
  new JsonCodec(),
  new YamlCodec(),
  new TomlCodec(),
  new IniCodec(),
  new XmlCodec(),
  new PropertiesCodec(),
];

/** How an option names a format. */
export type FormatOption = ConfigurationFormat | `${ConfigurationFormat}`;

/**
 * The codec of a format. Codecs have no state and are shared.
 *
 * @throws PersistenceError `ERR_UNSUPPORTED_FORMAT` for a name that is none of the six formats.
 */
export function codecFor(format: FormatOption): Codec {
  const codec = CODECS.find((known) => known.format === format);
  if (codec !== undefined) return codec;
  const { SUPPORTED_FORMATS } = CONFIG_PERSISTENCE_CONSTANTS.IMPORT_EXPORT;
  throw persistenceError('ERR_UNSUPPORTED_FORMAT', `use one of ${SUPPORTED_FORMATS.join(', ')}`);
}

/** The format that a path's extension names, or a well-known name, in any case of letters; undefined where neither does. */
export function formatOfExtension(path: string): ConfigurationFormat | undefined {
  const name = path.toLowerCase().replaceAll('\\', '/');
  const byExtension = ({ capabilities }: Codec): boolean =>
    capabilities.extensions.some((extension) => name.endsWith(extension));
  return (CODECS.find(byExtension) ?? CODECS.find((codec) => codec.isWellKnown?.(name)))?.format;
}
