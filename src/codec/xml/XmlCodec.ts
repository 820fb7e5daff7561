/**
 * XML 1.0 without DOCTYPE, read by saxes, written here.
 *
 * Two conventions, told apart by the namespace of the root element: the files of this module carry their types
 * (`xmlOwn.ts`), those of other programs are read as what they are (`xmlForeign.ts`). A file of another program keeps its
 * shape when it is saved, as long as that shape can hold the value; otherwise, and for new files, the module's own
 * convention is used.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { hasErrorCode } from '../../errors/PersistenceError.js';
import { copyIntoDomain } from '../../value/valueDomain.js';
import { findDifferences } from '../../value/valueEquality.js';
import type { Codec, CodecCapabilities, EncodeOptions } from '../Codec.js';
import { readForeignXml, writeForeignXml } from './xmlForeign.js';
import { isOwnDocument, OWN_NAMESPACE, readOwnXml, writeOwnXml } from './xmlOwn.js';
import { readXml } from './xmlReader.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

export class XmlCodec implements Codec {
  readonly format = ConfigurationFormat.XML;
  readonly capabilities: CodecCapabilities = {
    extensions: [FILE_SYSTEM.FILE_EXTENSION_XML],
    usesPrevious: true,
    nonFiniteNumbers: false,
  };

  /**
   * @throws PersistenceError `ERR_PARSE` for text that is not well-formed, an empty file, a DOCTYPE, text beside child
   *   elements, nesting beyond the limit, and in the module's own files a key written twice or an unknown type.
   *   `ERR_INVALID_CONFIGURATION_DATA` for the name `__proto__` and, in the module's own files, `null` as the root.
   */
  decode(text: string): ConfigurationValue {
    const root = readXml(text);
    return copyIntoDomain(isOwnDocument(root) ? readOwnXml(root) : readForeignXml(root), this.capabilities);
  }

  encode(value: ConfigurationValue, { previous }: EncodeOptions = {}): string {
    if (previous !== undefined && !previous.includes(OWN_NAMESPACE)) {
      const foreign = writeForeignXml(value);
      if (foreign !== undefined && this.#isForeign(previous) && this.#holds(foreign, value)) return foreign;
    }
    return writeOwnXml(value);
  }

  #isForeign(text: string): boolean {
    return unlessRefused(() => !isOwnDocument(readXml(text))) ?? false;
  }

  #holds(text: string, value: ConfigurationValue): boolean {
    const read = unlessRefused(() => this.decode(text));
    return read !== undefined && findDifferences(value, read).length === 0;
  }
}

function unlessRefused<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasErrorCode(error, 'ERR_PARSE') || hasErrorCode(error, 'ERR_INVALID_CONFIGURATION_DATA')) return undefined;
    throw error;
  }
}
