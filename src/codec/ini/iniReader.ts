/** The value of an INI file, by the rules that IniCodec.ts lists and those of a dialect. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { DottedTree } from '../text/dottedTree.js';
import { parseFailure } from '../text/parseFailure.js';
import type { IniDialect } from './iniDialects.js';
import { decodeKey, pathOfSection } from './iniNames.js';
import { scanIni, type IniHeader, type IniPair, type IniVisitor } from './iniScanner.js';
import { contentOfContinuation, readContinuedValue, readIniValue, trimBlanks, type IniText } from './iniValues.js';

const LINE_END = /\r\n?|\n/;
export const ITEM_SUFFIX = '[]';
const DUPLICATE =
  'the key is written twice in its section, or is also an array or an own value; remove one of the two, or name the owner ' +
  'of the file where keys may repeat';

/**
 * The value of a file, still unchecked.
 *
 * @throws PersistenceError `ERR_PARSE` with the position of the line that breaks the rules.
 */
export function readIni(text: string, dialect: IniDialect): ConfigurationValue {
  const reader = new IniReader(text, dialect);
  scanIni(text, dialect, reader);
  return reader.tree.toValue();
}

/** Whether a file that `readIni` reads has a comment, in a line of its own or at the end of one. */
export function hasIniComment(text: string, dialect: IniDialect): boolean {
  let hasComment = false;
  scanIni(text, dialect, {
    onPair: (pair) => {
      hasComment ||= isCommented(text, pair, dialect);
    },
    onHeader: (header) => {
      hasComment ||= header.hasComment;
    },
    onComment: () => (hasComment = true),
  });
  return hasComment;
}

function isCommented(text: string, pair: IniPair, dialect: IniDialect): boolean {
  const content = text.slice(pair.valueStart, pair.contentEnd);
  if (pair.isContinued) {
    return content
      .split(LINE_END)
      .some((line) => contentOfContinuation(line, dialect)?.length !== trimBlanks(line).length);
  }
  return contentOfPair(text, pair, dialect).end < content.length;
}

/** What the text behind a pair's delimiter stands for. */
export function contentOfPair(text: string, pair: IniPair, dialect: IniDialect): IniText {
  if (!pair.hasDelimiter) return { value: null, end: 0 };
  const content = text.slice(pair.valueStart, pair.contentEnd);
  return pair.isContinued ? readContinuedValue(content, dialect) : readIniValue(content, dialect);
}

/** The key of a pair, and whether the pair is an item of a list. */
export function keyOfPair(
  text: string,
  { keyStart, keyEnd }: IniPair,
  dialect: IniDialect,
): { readonly key: string; readonly isItem: boolean } {
  const name = text.slice(keyStart, keyEnd);
  const isItem = dialect.hasItemKeys && name.endsWith(ITEM_SUFFIX);
  return { key: decodeKey(isItem ? trimBlanks(name.slice(0, -ITEM_SUFFIX.length)) : name), isItem };
}

class IniReader implements IniVisitor {
  readonly tree: DottedTree;
  readonly #text: string;
  readonly #dialect: IniDialect;
  /** By the name of a section and the key: the lists that `key[]` lines or repeated keys fill, and where those are. */
  readonly #lists = new Map<string, Map<string, KeyValues>>();
  #section: readonly string[] = [];
  /** Of the section; undefined before the first of them is needed. */
  #sectionLists: Map<string, KeyValues> | undefined;

  constructor(text: string, dialect: IniDialect) {
    this.#text = text;
    this.#dialect = dialect;
    this.tree = new DottedTree(text, DUPLICATE);
  }

  onHeader({ nameStart, nameEnd, start }: IniHeader): void {
    const name = this.#text.slice(nameStart, nameEnd);
    this.#section = pathOfSection(name, this.#dialect);
    this.#sectionLists = undefined;
    this.tree.addObject(this.#section, start);
  }

  onPair(pair: IniPair): void {
    const { key, isItem } = keyOfPair(this.#text, pair, this.#dialect);
    const { value } = contentOfPair(this.#text, pair, this.#dialect);
    const isRepeatable = this.#dialect.repeatedKeys === 'list';
    if (!isItem && !isRepeatable) {
      this.tree.addLeaf([...this.#section, key], value, pair.keyStart);
    } else {
      this.#sectionLists ??= this.#openLists();
      const known = this.#sectionLists.get(key);
      if (known === undefined) this.#addFirst(key, value, isItem, pair.keyStart);
      else if (isItem !== known.isItem) throw parseFailure(this.#text, pair.keyStart, DUPLICATE);
      else this.#addFurther(key, known, value, pair.keyStart);
    }
  }

  #addFirst(key: string, value: ConfigurationValue, isItem: boolean, offset: number): void {
    const items = isItem ? [value] : undefined;
    this.tree.addLeaf([...this.#section, key], items ?? value, offset);
    this.#sectionLists?.set(key, { isItem, first: value, items });
  }

  #openLists(): Map<string, KeyValues> {
    const id = JSON.stringify(this.#section);
    const lists = this.#lists.get(id) ?? new Map<string, KeyValues>();
    this.#lists.set(id, lists);
    return lists;
  }

  #addFurther(key: string, known: KeyValues, value: ConfigurationValue, offset: number): void {
    this.tree.countNode(offset);
    if (known.items === undefined) {
      known.items = [known.first];
      this.tree.replaceLeaf([...this.#section, key], known.items);
    }
    known.items.push(value);
  }
}

/** What a key has been given so far. */
interface KeyValues {
  readonly isItem: boolean;
  readonly first: ConfigurationValue;
  /** Undefined while it is no list. */
  items: ConfigurationValue[] | undefined;
}
