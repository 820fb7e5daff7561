/**
 * Java's .properties, read by the rules of `java.util.Properties` (properties-file is the reader).
 *
 * - Nested objects are dotted keys (`server.port=80`). In a key's own name a dot is written `~1`; so that the file's text
 *   and the keys stand for each other one to one, `~1` is written `~01`, `~01` is written `~001`, and so on.
 * - Values are typed text (see `typedText.ts`); arrays are JSON. A key that has a value and keys below it is described in
 *   `dottedTree.ts`, and so is a root that is no object. An empty file is an empty object.
 * - Everything outside ASCII is written as `\uXXXX`, because Java up to version 8 reads these files as Latin-1.
 */
import { escapeKey, escapeValue } from 'properties-file/escape';
import { Properties } from 'properties-file/parser';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { acceptFresh } from '../../value/freshValues.js';
import type { Codec, CodecCapabilities } from '../Codec.js';
import type { Conventions } from '../conventions.js';
import { findDottedConventions, type DottedRules } from '../text/dottedConventions.js';
import { DottedTree, membersOfRoot, splitOwnValue } from '../text/dottedTree.js';
import { parseFailure } from '../text/parseFailure.js';
import { decodeText, encodeText, isTextValue } from '../text/typedText.js';
import { findMalformedEscape } from './propertiesEscapes.js';

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
    const tree = new DottedTree('the key is written twice in the file; remove one of the two');
    for (const { key, value, startingLineNumber, leadingWhitespace } of readProperties(text).getProperties()) {
      const place = { line: startingLineNumber, column: leadingWhitespace.length + 1 };
      tree.addLeaf(splitKey(key), decodeText(value), place);
    }
    return acceptFresh(tree.toValue(), this.capabilities);
  }

  encode(value: ConfigurationValue): string {
    const lines: string[] = [];
    for (const [key, member] of membersOfRoot(value)) writeMember(escapeSegment(key), member, lines);
    return `${lines.join('\n')}\n`;
  }

  conventions(value: ConfigurationValue): Conventions {
    return findDottedConventions(value, RULES);
  }

  hasComments(text: string): boolean {
    return readProperties(text).getComments().length > 0;
  }
}

function writeMember(path: string, value: ConfigurationValue, lines: string[]): void {
  if (isTextValue(value)) {
    lines.push(`${escapeKey(path, true)}=${escapeValue(encodeText(value), true)}`);
    return;
  }
  const { ownValue, members } = splitOwnValue(value);
  if (ownValue !== undefined) writeMember(path, ownValue, lines);
  for (const [key, member] of members) writeMember(`${path}.${escapeSegment(key)}`, member, lines);
}

function readProperties(text: string): Properties {
  try {
    return new Properties(text);
  } catch {
    const reason = 'an escape that starts with \\u is not followed by four hexadecimal digits';
    throw parseFailure(text, findMalformedEscape(text), reason);
  }
}

function splitKey(key: string): string[] {
  return key.split('.').map((part) => part.replace(/~1|~0(?=0*1)/g, (escape) => (escape === '~1' ? '.' : '~')));
}

function escapeSegment(key: string): string {
  return key.replace(/~(?=0*1)/g, '~0').replaceAll('.', '~1');
}
