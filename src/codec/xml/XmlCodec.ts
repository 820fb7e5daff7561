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
import { acceptFresh } from '../../value/freshValues.js';
import { findDifferences } from '../../value/valueEquality.js';
import type { Codec, CodecCapabilities, EncodeOptions } from '../Codec.js';
import type { Conventions } from '../conventions.js';
import { findXmlConventions } from './xmlConventions.js';
import { readForeignXml, UnfitError, writeForeignXml } from './xmlForeign.js';
import { isOwnDocument, OWN_NAMESPACE, readOwnXml, writeOwnXml } from './xmlOwn.js';
import { hasXmlComment, readXml } from './xmlReader.js';

export class XmlCodec implements Codec {
  readonly format = ConfigurationFormat.XML;
  readonly capabilities: CodecCapabilities = {
    extensions: [CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.FILE_EXTENSION_XML],
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
    return acceptFresh(isOwnDocument(root) ? readOwnXml(root) : readForeignXml(root), this.capabilities);
  }

  encode(value: ConfigurationValue, { previous }: EncodeOptions = {}): string {
    const isForeign = previous !== undefined && !previous.includes(OWN_NAMESPACE);
    return (isForeign ? this.#encodeForeign(value, previous) : undefined) ?? writeOwnXml(value);
  }

  conventions(value: ConfigurationValue): Conventions {
    return findXmlConventions(value);
  }

  hasComments(text: string): boolean {
    return hasXmlComment(text);
  }

  /** In the shape of the old file; undefined where that shape cannot hold the value, or the file is not XML. */
  #encodeForeign(value: ConfigurationValue, previous: string): string | undefined {
    try {
      const text = writeForeignXml(value);
      const isKept = !isOwnDocument(readXml(previous)) && findDifferences(value, this.decode(text)).length === 0;
      return isKept ? text : undefined;
    } catch (error) {
      const isRefused = hasErrorCode(error, 'ERR_PARSE') || hasErrorCode(error, 'ERR_INVALID_CONFIGURATION_DATA');
      if (isRefused || error instanceof UnfitError) return undefined;
      throw error;
    }
  }
}
