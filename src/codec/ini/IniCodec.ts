/**
 * INI. There is no standard, so these are the rules:
 *
 * - `[a.b]` holds the members of the object `b` in `a`; keys before the first section are the root's. A dot in a key means
 *   nothing. A section may come in several parts. `key = value`, or `key: value` with a blank after the colon; comments
 *   start with `;` or `#`.
 * - `list[] = item`, once for each item, is an array of scalars, as PHP and npm's `ini` have it. Other arrays are JSON.
 * - Values: see `iniValues.ts`; names: see `iniNames.ts`. A key that is also the name of a section, and a root that is no
 *   object: see `dottedTree.ts`. An empty file is an empty object.
 *
 * On writing, the scalars of an object come before its sections.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { copyIntoDomain, isObject } from '../../value/valueDomain.js';
import type { Codec, CodecCapabilities } from '../Codec.js';
import { DottedTree, membersOfRoot, splitOwnValue } from '../text/dottedTree.js';
import { failAtLine } from '../text/parseFailure.js';
import { isTextValue } from '../text/typedText.js';
import { decodeKey, decodeSection, encodeKey, encodeSection } from './iniNames.js';
import { decodeIniValue, encodeIniValue, trimBlanks } from './iniValues.js';

const LINE_END = /\r\n?|\n/;
const SECTION = /^\[([^\]]*)\][ \t]*(?:[;#].*)?$/s;
/** The first `=`, or a `:` that a blank or the end of the line follows. */
const DELIMITER = /=|:(?=[ \t]|$)/;
const ARRAY_SUFFIX = '[]';
const DUPLICATE = 'the key is written twice in its section, or is also an array or an own value; remove one of the two';

export class IniCodec implements Codec {
  readonly format = ConfigurationFormat.INI;
  readonly capabilities: CodecCapabilities = {
    extensions: [CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM.FILE_EXTENSION_INI],
    usesPrevious: false,
    nonFiniteNumbers: false,
  };

  /**
   * @throws PersistenceError `ERR_PARSE` for a line that is neither section, key with value, comment nor blank, a key
   *   written twice and nesting beyond the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`.
   */
  decode(text: string): ConfigurationValue {
    const reader = new IniReader();
    for (const [index, line] of text.split(LINE_END).entries()) reader.readLine(trimBlanks(line), index + 1);
    return copyIntoDomain(reader.tree.toValue(), this.capabilities);
  }

  encode(value: ConfigurationValue): string {
    const sections: string[] = [];
    writeSection([], membersOfRoot(value), sections);
    return sections.length === 0 ? '\n' : sections.join('\n');
  }
}

class IniReader {
  readonly tree = new DottedTree(DUPLICATE);
  /** The arrays that `key[]` lines fill, by their section and key. */
  readonly #arrays = new Map<string, ConfigurationValue[]>();
  #section: readonly string[] = [];

  readLine(line: string, number: number): void {
    if (line === '' || line.startsWith(';') || line.startsWith('#')) return;
    if (line.startsWith('[')) this.#readSection(line, number);
    else this.#readPair(line, number);
  }

  #readSection(line: string, number: number): void {
    const name = SECTION.exec(line)?.[1];
    if (name === undefined) failAtLine(number, 'the section\'s "]" is missing, or text follows it');
    this.#section = decodeSection(trimBlanks(name));
    this.tree.addObject(this.#section, number);
  }

  #readPair(line: string, number: number): void {
    const delimiter = line.search(DELIMITER);
    const key = trimBlanks(line.slice(0, Math.max(delimiter, 0)));
    if (key === '') failAtLine(number, 'a line must be "key = value", a [section] or a comment');
    const value = decodeIniValue(trimBlanks(line.slice(delimiter + 1)));
    if (key.endsWith(ARRAY_SUFFIX)) this.#addItem(trimBlanks(key.slice(0, -ARRAY_SUFFIX.length)), value, number);
    else this.#add(key, value, number);
  }

  #addItem(key: string, item: ConfigurationValue, number: number): void {
    const id = JSON.stringify([this.#section, key]);
    const array = this.#arrays.get(id) ?? [];
    if (array.length === 0) this.#add(key, array, number);
    this.#arrays.set(id, array);
    array.push(item);
  }

  #add(key: string, value: ConfigurationValue, number: number): void {
    this.tree.addLeaf([...this.#section, decodeKey(key)], value, number);
  }
}

/** Adds the section of an object and those below it, each as one text that ends with a line feed. */
function writeSection(
  path: readonly string[],
  members: readonly [string, ConfigurationValue][],
  sections: string[],
): void {
  const lines: string[] = [];
  const subsections = [];
  for (const [key, value] of members) {
    if (isObject(value)) subsections.push({ key, ...splitOwnValue(value) });
    else addLines(lines, key, value);
  }
  // A subsection with an own value stands where the reader meets that value, so that a second save writes the same text.
  const owning = subsections.filter(({ ownValue }) => ownValue !== undefined);
  for (const { key, ownValue } of owning) addLines(lines, key, ownValue ?? null);
  if (path.length > 0 && (lines.length > 0 || members.length === 0)) lines.unshift(`[${encodeSection(path)}]`);
  if (lines.length > 0) sections.push(`${lines.join('\n')}\n`);
  const others = subsections.filter(({ ownValue }) => ownValue === undefined);
  for (const subsection of [...owning, ...others]) {
    writeSection([...path, subsection.key], subsection.members, sections);
  }
}

/** An array of scalars has a line for each of them; any other is one value. */
function addLines(lines: string[], key: string, value: ConfigurationValue): void {
  const name = encodeKey(key);
  const isList =
    Array.isArray(value) && value.length > 0 && value.every((item) => !Array.isArray(item) && isTextValue(item));
  if (isList) for (const item of value) lines.push(formatLine(name + ARRAY_SUFFIX, item));
  else lines.push(formatLine(name, value));
}

function formatLine(key: string, value: ConfigurationValue): string {
  const text = encodeIniValue(value);
  return text === '' ? `${key} =` : `${key} = ${text}`;
}
