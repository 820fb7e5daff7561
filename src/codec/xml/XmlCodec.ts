/**
 * XML, read by saxes, written here.
 *
 * Two conventions, told apart by the namespace of the root element: the files of this module carry their types
 * (`xmlOwn.ts`), those of other programs are read as what they are (`xmlForeign.ts`). A file of another program stays one:
 * it is never turned into the module's own convention, and what its shape cannot hold is refused.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { hasErrorCode } from '../../errors/PersistenceError.js';
import { acceptFresh } from '../../value/freshValues.js';
import type { Difference } from '../../edits/Difference.js';
import { refuse } from '../../value/valueDomain.js';
import { findDifferences } from '../../value/valueEquality.js';
import type { Codec, CodecCapabilities, CodecSettings, EditedText, EncodeOptions } from '../Codec.js';
import type { Conventions } from '../conventions.js';
import { findXmlConventions } from './xmlConventions.js';
import { toldAlike } from '../text/alike.js';
import { valueAfter } from '../../edits/valueAfter.js';
import { declaredXmlEncoding } from './xmlEncoding.js';
import { findAlternating, NO_PLACE, readForeignXml, refuseForeign, writeForeignXml } from './xmlForeign.js';
import { ForeignXmlEdit } from './xmlForeignEdit.js';
import { isOwnDocument, readOwnXml, writeOwnXml } from './xmlOwn.js';
import { OwnXmlEdit } from './xmlOwnEdit.js';
import { hasXmlComment, readXml, type XmlElement } from './xmlReader.js';

export class XmlCodec implements Codec {
  readonly format = ConfigurationFormat.XML;
  readonly capabilities: CodecCapabilities = {
    extensions: [CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.FILE_EXTENSION_XML],
    usesPrevious: true,
    nonFiniteNumbers: false,
  };

  readonly #isRecorded: boolean;

  constructor({ isRecorded }: { readonly isRecorded: boolean } = { isRecorded: false }) {
    this.#isRecorded = isRecorded;
  }

  configured({ isRecorded }: CodecSettings): Codec {
    return isRecorded === true ? RECORDED : this;
  }

  /** A content that was saved once may be in another encoding than it declares, which its byte order mark tells. */
  declaredEncoding(start: string): 'latin1' | 'utf8' | 'utf16' | undefined {
    const declared = declaredXmlEncoding(start);
    return this.#isRecorded && declared !== 'latin1' ? undefined : declared;
  }

  /**
   * @throws PersistenceError `ERR_PARSE` for text that is not well-formed, an empty file, a DOCTYPE with more than
   *   declarations of elements, text beside child elements, nesting and numbers of elements beyond the limits, and in the
   *   module's own files a key written twice or an unknown type. `ERR_INVALID_CONFIGURATION_DATA` for the name `__proto__`
   *   and, in the module's own files, `null` as the root.
   */
  decode(text: string): ConfigurationValue {
    const root = readXml(text);
    return acceptFresh(isOwnDocument(root) ? readOwnXml(root) : readForeignXml(root), this.capabilities);
  }

  /** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` where the old text is another program's and cannot hold it. */
  encode(value: ConfigurationValue, { previous }: EncodeOptions = {}): string {
    const root = previous === undefined ? undefined : readForeign(previous);
    return root === undefined ? writeOwnXml(value) : this.#encodeForeign(value, root);
  }

  edit(previous: string, before: ConfigurationValue, difference: Difference): EditedText | undefined {
    const root = readXml(previous);
    return isOwnDocument(root)
      ? editOwn(previous, root, { before, difference })
      : this.#editForeign(previous, root, { before, difference });
  }

  conventions(value: ConfigurationValue): Conventions {
    return findXmlConventions(value);
  }

  hasComments(text: string): boolean {
    return hasXmlComment(text);
  }

  #editForeign(previous: string, root: XmlElement, { before, difference }: Change): EditedText | undefined {
    const edit = new ForeignXmlEdit(previous, root);
    edit.run(before, difference);
    const text = edit.edits.toText();
    const edited = { text, lost: edit.edits.lost };
    return edit.isExact ? edited : toldAlike(edited, valueAfter(before, difference), this.decode(text));
  }

  /** In the shape of the old file, as far as that can be without its order. */
  #encodeForeign(value: ConfigurationValue, old: XmlElement): string {
    if (findDifferences(value, readForeignXml(old)).length === 0) return old.source;
    const mixed = findAlternating(old);
    if (mixed !== undefined) refuseForeign(mixed, NO_PLACE);
    const text = writeForeignXml(value);
    const reason = 'the shape of this file of another program cannot hold it';
    refuse(findDifferences(value, this.decode(text)).map((path) => ({ path, reason })));
    return text;
  }
}

/** Shared, as codecs have no state. */
const RECORDED = new XmlCodec({ isRecorded: true });

interface Change {
  readonly before: ConfigurationValue;
  readonly difference: Difference;
}

function editOwn(previous: string, root: XmlElement, { before, difference }: Change): EditedText | undefined {
  const edit = new OwnXmlEdit(previous, root);
  return edit.run(before, difference) ? { text: edit.edits.toText(), lost: edit.edits.lost } : undefined;
}

/** The root of a text that is XML, and not this module's. */
function readForeign(text: string): XmlElement | undefined {
  try {
    const root = readXml(text);
    return isOwnDocument(root) ? undefined : root;
  } catch (error) {
    if (hasErrorCode(error, 'ERR_PARSE')) return undefined;
    throw error;
  }
}
