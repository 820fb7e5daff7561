/** Reads the lines of an INI file by the rules that IniCodec.ts lists. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { DottedTree } from '../text/dottedTree.js';
import { parseFailureAt, type TextPosition } from '../text/parseFailure.js';
import { decodeKey, decodeSection } from './iniNames.js';
import { decodeIniValue, hasTrailingComment, trimBlanks } from './iniValues.js';

const LINE_END = /\r\n?|\n/;
const SECTION = /^\[([^\]]*)\][ \t]*([;#].*)?$/s;
/** The first `=`, or a `:` that a blank or the end of the line follows. */
const DELIMITER = /=|:(?=[ \t]|$)/;
const ARRAY_SUFFIX = '[]';
const DUPLICATE = 'the key is written twice in its section, or is also an array or an own value; remove one of the two';

/**
 * The value of a file, still unchecked.
 *
 * @throws PersistenceError `ERR_PARSE` with the position of the line that breaks the rules.
 */
export function readIni(text: string): ConfigurationValue {
  const reader = new IniReader();
  for (const [index, line] of text.split(LINE_END).entries()) {
    const content = trimBlanks(line);
    reader.readLine(content, { line: index + 1, column: line.indexOf(content) + 1 });
  }
  return reader.tree.toValue();
}

/** Whether a file that `readIni` reads has a comment, in a line of its own or at the end of one. */
export function hasIniComment(text: string): boolean {
  return text.split(LINE_END).some((line) => isCommented(trimBlanks(line)));
}

class IniReader {
  readonly tree = new DottedTree(DUPLICATE);
  /** The arrays that `key[]` lines fill, by their section and key. */
  readonly #arrays = new Map<string, ConfigurationValue[]>();
  #section: readonly string[] = [];

  /** @param line without blanks at either end. */
  readLine(line: string, position: TextPosition): void {
    if (line === '' || isComment(line)) return;
    if (line.startsWith('[')) this.#readSection(line, position);
    else this.#readPair(line, position);
  }

  #readSection(line: string, position: TextPosition): void {
    const name = SECTION.exec(line)?.[1];
    if (name === undefined) throw parseFailureAt(position, 'the section\'s "]" is missing, or text follows it');
    this.#section = decodeSection(trimBlanks(name));
    this.tree.addObject(this.#section, position);
  }

  #readPair(line: string, position: TextPosition): void {
    const { key, value: text } = splitPair(line);
    if (key === '') throw parseFailureAt(position, 'a line must be "key = value", a [section] or a comment');
    const value = decodeIniValue(text);
    if (key.endsWith(ARRAY_SUFFIX)) this.#addItem(trimBlanks(key.slice(0, -ARRAY_SUFFIX.length)), value, position);
    else this.#add(key, value, position);
  }

  #addItem(key: string, item: ConfigurationValue, position: TextPosition): void {
    const id = JSON.stringify([this.#section, key]);
    const array = this.#arrays.get(id) ?? [];
    if (array.length === 0) this.#add(key, array, position);
    this.#arrays.set(id, array);
    array.push(item);
  }

  #add(key: string, value: ConfigurationValue, position: TextPosition): void {
    this.tree.addLeaf([...this.#section, decodeKey(key)], value, position);
  }
}

function isComment(line: string): boolean {
  return line.startsWith(';') || line.startsWith('#');
}

/** Of a line without blanks at either end. */
function isCommented(line: string): boolean {
  if (isComment(line)) return true;
  if (line.startsWith('[')) return SECTION.exec(line)?.[2] !== undefined;
  return hasTrailingComment(splitPair(line).value);
}

function splitPair(line: string): { readonly key: string; readonly value: string } {
  const delimiter = line.search(DELIMITER);
  return { key: trimBlanks(line.slice(0, Math.max(delimiter, 0))), value: trimBlanks(line.slice(delimiter + 1)) };
}
