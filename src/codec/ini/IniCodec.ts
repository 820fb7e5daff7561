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
import { copyIntoDomain } from '../../value/valueDomain.js';
import type { Codec, CodecCapabilities } from '../Codec.js';
import { DottedTree, membersOfRoot, type DottedProblem } from '../text/dottedTree.js';
import { decodeKey, decodeSection } from './iniNames.js';
import { decodeIniValue, trimBlanks } from './iniValues.js';
import { writeSection } from './iniWriter.js';
import { parseFailureAt } from '../text/parseFailure.js';

const { FILE_SYSTEM, VALUE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

const LINE_END = /\r\n?|\n/;
const SECTION = /^\[([^\]]*)\][ \t]*(?:[;#].*)?$/s;
/** The first `=`, or a `:` that a blank or the end of the line follows. */
const DELIMITER = /=|:(?=[ \t]|$)/;
const ARRAY_SUFFIX = '[]';

const REASONS = {
  duplicate: 'the key is written twice in its section, or is also an array or an own value; remove one of the two',
  depth: `nested deeper than ${VALUE_LIMITS.MAX_DEPTH} levels`,
} as const;

export class IniCodec implements Codec {
  readonly format = ConfigurationFormat.INI;
  readonly capabilities: CodecCapabilities = {
    extensions: [FILE_SYSTEM.FILE_EXTENSION_INI],
    usesPrevious: false,
    nonFiniteNumbers: false,
  };

  /**
   * @throws PersistenceError `ERR_PARSE` for a line that is neither section, key with value, comment nor blank, a key
   *   written twice and nesting beyond the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`.
   */
  decode(text: string): ConfigurationValue {
    const reader = new IniReader();
    for (const [index, line] of text.split(LINE_END).entries()) reader.readLine(line, index + 1);
    return copyIntoDomain(reader.tree.toValue(), this.capabilities);
  }

  encode(value: ConfigurationValue): string {
    const sections: string[] = [];
    writeSection([], membersOfRoot(value), sections);
    return sections.length === 0 ? '\n' : sections.join('\n');
  }
}

class IniReader {
  readonly tree = new DottedTree();
  /** The arrays that `key[]` lines fill, by their section and key. */
  readonly #arrays = new Map<string, ConfigurationValue[]>();
  #section: readonly string[] = [];

  readLine(rawLine: string, number: number): void {
    const line = trimBlanks(rawLine);
    if (line === '' || line.startsWith(';') || line.startsWith('#')) return;
    if (line.startsWith('[')) this.#readSection(line, number);
    else this.#readPair(line, number);
  }

  #readSection(line: string, number: number): void {
    const name = SECTION.exec(line)?.[1];
    if (name === undefined) fail(number, 'the section\'s "]" is missing, or text follows it');
    this.#section = decodeSection(trimBlanks(name));
    this.#check(this.tree.addObject(this.#section), number);
  }

  #readPair(line: string, number: number): void {
    const delimiter = line.search(DELIMITER);
    const key = trimBlanks(line.slice(0, Math.max(delimiter, 0)));
    if (key === '') fail(number, 'a line must be "key = value", a [section] or a comment');
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
    this.#check(this.tree.addLeaf([...this.#section, decodeKey(key)], value), number);
  }

  #check(problem: DottedProblem | undefined, number: number): void {
    if (problem !== undefined) fail(number, REASONS[problem]);
  }
}

function fail(line: number, reason: string): never {
  throw parseFailureAt({ line, column: 1 }, reason);
}
