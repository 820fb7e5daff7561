/**
 * Java's .properties, read by the rules of `java.util.Properties`: see `propertiesReader.ts`.
 *
 * - Nested objects are dotted keys (`server.port=80`). In a key's own name a dot is written `~1`; so that the file's text
 *   and the keys stand for each other one to one, `~1` is written `~01`, `~01` is written `~001`, and so on.
 * - Values are typed text (see `typedText.ts`); arrays are JSON. A key that has a value and keys below it is described in
 *   `dottedTree.ts`, and so is a root that is no object. An empty file is an empty object.
 * - Everything outside ASCII is written as `\uXXXX`, because Java up to version 8 reads these files as Latin-1.
 */
import { escapeKey, escapeValue } from 'properties-file/escape';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { acceptFresh } from '../../value/freshValues.js';
import type { Difference } from '../../edits/Difference.js';
import type { Codec, CodecCapabilities, EditedText } from '../Codec.js';
import type { Conventions } from '../conventions.js';
import { findDottedConventions, type DottedRules } from '../text/dottedConventions.js';
import { DottedTree } from '../text/dottedTree.js';
import { parseFailure } from '../text/parseFailure.js';
import { decodeText, encodeText, isTextValue } from '../text/typedText.js';
import { editProperties } from './propertiesEdit.js';
import { escapeSegment, joinKey, leavesOf, splitKey } from './propertiesKeys.js';
import { scanProperties, unescapeProperty } from './propertiesReader.js';

const { FORMAT_CONVENTIONS } = CONFIG_PERSISTENCE_CONSTANTS;

/** What other programs may not read as it is meant: see `Codec.conventions`. */
const RULES: DottedRules = {
  isNested: (value): value is ConfigurationObject => !isTextValue(value),
  // That a dot in a key nests is how everybody reads these files.
  nativeLevels: Infinity,
  isEscaped: (key) => escapeSegment(key) !== key,
  describeValue: (value) => {
    if (value === null) return FORMAT_CONVENTIONS.NULL_AS_WORD;
    if (Array.isArray(value)) return FORMAT_CONVENTIONS.ARRAY_AS_JSON;
    if (typeof value === 'object') return FORMAT_CONVENTIONS.EMPTY_OBJECT_AS_TEXT;
    return typeof value === 'string' && encodeText(value) !== value ? FORMAT_CONVENTIONS.QUOTED_STRING : undefined;
  },
};

export class PropertiesCodec implements Codec {
  readonly format = ConfigurationFormat.PROPERTIES;
  readonly capabilities: CodecCapabilities = {
    extensions: [CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.FILE_EXTENSION_PROPERTIES],
    usesPrevious: false,
    nonFiniteNumbers: false,
    // Java wrote these files in Latin-1 for twenty years.
    fallbackEncoding: 'latin1',
  };

  /**
   * @throws PersistenceError `ERR_PARSE` for a NUL character, a malformed `\u` escape, a key written twice (Java would keep the last one
   *   and lose the other) and nesting beyond the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__` and half
   *   surrogate pairs.
   */
  decode(text: string): ConfigurationValue {
    // What a file is filled with after a power cut, and never what somebody has written.
    const position = text.indexOf('\0');
    if (position >= 0) throw parseFailure(text, position, 'a NUL character: the file was damaged');
    const tree = new DottedTree(text, 'the key is written twice in the file; remove one of the two');
    scanProperties(text, ({ keyStart, keyEnd, valueStart, valueEnd }) => {
      const path = splitKey(unescapeProperty(text, keyStart, keyEnd));
      tree.addLeaf(path, decodeText(unescapeProperty(text, valueStart, valueEnd)), keyStart);
    });
    return acceptFresh(tree.toValue(), this.capabilities);
  }

  encode(value: ConfigurationValue): string {
    const lines: string[] = [];
    leavesOf([], value, (leaf) => {
      lines.push(`${escapeKey(joinKey(leaf.path), true)}=${escapeValue(encodeText(leaf.value), true)}`);
    });
    return `${lines.join('\n')}\n`;
  }

  edit(previous: string, before: ConfigurationValue, difference: Difference): EditedText {
    return { text: editProperties(previous, before, difference), lost: [] };
  }

  conventions(value: ConfigurationValue): Conventions {
    return findDottedConventions(value, RULES);
  }

  hasComments(text: string): boolean {
    let hasComment = false;
    scanProperties(
      text,
      () => undefined,
      () => (hasComment = true),
    );
    return hasComment;
  }
}
