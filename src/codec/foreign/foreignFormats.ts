/** The formats that are read, for imports, but not written: one line of registration each. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { decodeJson5, hasJson5Comment } from './json5.js';
import { decodeJsonc, hasJsoncComment } from './jsonc.js';

const { IMPORT_ONLY_FORMATS } = CONFIG_PERSISTENCE_CONSTANTS.IMPORT_EXPORT;

export type ForeignFormat = (typeof IMPORT_ONLY_FORMATS)[number];

/** What a codec offers for reading, on the same terms; a byte order mark at the start of a text is accepted. */
export interface ForeignReader {
  /** With its dot, in lower case. */
  readonly extension: string;
  /** Throws what `Codec.decode` throws. The value may hold NaN and infinities where the format has a form for them. */
  decode(text: string): ConfigurationValue;
  hasComments(text: string): boolean;
}

const READERS: Readonly<Record<ForeignFormat, ForeignReader>> = {
  jsonc: { extension: '.jsonc', decode: decodeJsonc, hasComments: hasJsoncComment },
  json5: { extension: '.json5', decode: decodeJson5, hasComments: hasJson5Comment },
};

export function foreignReaderFor(format: ForeignFormat): ForeignReader {
  return READERS[format];
}

/** The format that a path's extension names, in any case of letters; undefined where it names none of these. */
export function foreignFormatOfExtension(path: string): ForeignFormat | undefined {
  const name = path.toLowerCase();
  return IMPORT_ONLY_FORMATS.find((format) => name.endsWith(READERS[format].extension));
}
