/**
 * The statements of a TOML text by their places: headers of tables, and keys with their values. For texts that the parser has
 * accepted, so nothing is checked here; what does not fit is a RangeError.
 */
import { parse } from 'smol-toml';
import { isEscaped } from '../json/jsonStrings.js';
import { isLineEnd, type ListEntry } from '../text/bracketedList.js';

const TRIPLE_LENGTH = 3;
/** A date and its time may be separated by one space; any other blank ends a bare value. */
const BARE_VALUE = /\d{4}-\d{2}-\d{2} \d{2}:[^\s,\]}#]*|[^\s,\]}#]+/y;
const BARE_KEY = /[\w-]+/y;

export interface KeyPart {
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

export type TomlValue = TomlScalar | TomlArray | TomlInlineTable;

export interface TomlScalar {
  readonly kind: 'scalar';
  readonly start: number;
  readonly end: number;
}

export interface TomlArray {
  readonly kind: 'array';
  readonly start: number;
  readonly end: number;
  readonly items: readonly (ListEntry & { readonly value: TomlValue })[];
}

export interface TomlInlineTable {
  readonly kind: 'inline';
  readonly start: number;
  readonly end: number;
  readonly pairs: readonly TomlPair[];
}

export interface TomlPair extends ListEntry {
  readonly parts: readonly KeyPart[];
  readonly value: TomlValue;
}

export interface TomlHeader {
  readonly start: number;
  readonly end: number;
  readonly parts: readonly KeyPart[];
  /** Whether it starts an element of an array of tables. */
  readonly isElement: boolean;
}

export type TomlStatement = { readonly header: TomlHeader } | { readonly pair: TomlPair };

export function readStatements(text: string): TomlStatement[] {
  return new StatementReader(text).run();
}

class StatementReader {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): TomlStatement[] {
    const statements: TomlStatement[] = [];
    this.#skipSeparation();
    while (this.#offset < this.#text.length) {
      const start = this.#offset;
      if (this.#isAt('[')) statements.push({ header: this.#readHeader() });
      else statements.push({ pair: this.#readPair() });
      this.#skipSeparation();
      if (this.#offset === start) throw new RangeError('the text is not TOML');
    }
    return statements;
  }

  #readHeader(): TomlHeader {
    const start = this.#offset;
    this.#offset += 1;
    const isElement = this.#isAt('[');
    if (isElement) this.#offset += 1;
    const parts = this.#readParts();
    this.#skip(']');
    if (isElement) this.#skip(']');
    return { start, end: this.#offset, parts, isElement };
  }

  #readPair(): TomlPair {
    const start = this.#offset;
    const parts = this.#readParts();
    this.#skip('=');
    this.#skipBlanks();
    const value = this.#readValue();
    return { start, end: value.end, comma: -1, parts, value };
  }

  #readParts(): KeyPart[] {
    const parts: KeyPart[] = [];
    do {
      this.#skipBlanks();
      const start = this.#offset;
      const quote = this.#text.charAt(start);
      if (quote === '"' || quote === "'") this.#skipString(quote, quote);
      else {
        BARE_KEY.lastIndex = start;
        this.#offset += BARE_KEY.exec(this.#text)?.[0].length ?? 0;
      }
      const token = this.#text.slice(start, this.#offset);
      if (token === '') throw new RangeError('the text is not TOML');
      parts.push({ start, end: this.#offset, name: nameOf(token) });
      this.#skipBlanks();
    } while (this.#skipIf('.'));
    return parts;
  }

  #readValue(): TomlValue {
    const start = this.#offset;
    const character = this.#text.charAt(start);
    if (character === '[') return this.#readArray(start);
    if (character === '{') return this.#readInlineTable(start);
    if (character === '"' || character === "'") {
      const triple = character.repeat(TRIPLE_LENGTH);
      this.#skipString(character, this.#text.startsWith(triple, start) ? triple : character);
    } else {
      BARE_VALUE.lastIndex = start;
      this.#offset += BARE_VALUE.exec(this.#text)?.[0].length ?? 0;
    }
    return { kind: 'scalar', start, end: this.#offset };
  }

  #readArray(start: number): TomlArray {
    const items: TomlArray['items'][number][] = [];
    this.#readEntries(']', () => {
      const value = this.#readValue();
      return (comma) => items.push({ start: value.start, end: value.end, comma, value });
    });
    return { kind: 'array', start, end: this.#offset, items };
  }

  #readInlineTable(start: number): TomlInlineTable {
    const pairs: TomlPair[] = [];
    this.#readEntries('}', () => {
      const pair = this.#readPair();
      return (comma) => pairs.push({ ...pair, comma });
    });
    return { kind: 'inline', start, end: this.#offset, pairs };
  }

  #readEntries(closing: string, readEntry: () => (comma: number) => void): void {
    this.#offset += 1;
    this.#skipSeparation();
    while (!this.#isAt(closing)) {
      const note = readEntry();
      this.#skipSeparation();
      const comma = this.#offset;
      note(this.#skipIf(',') ? comma : -1);
      this.#skipSeparation();
      if (this.#offset >= this.#text.length) throw new RangeError('the text is not TOML');
    }
    this.#offset += 1;
  }

  #skipString(quote: string, delimiter: string): void {
    let end = this.#text.indexOf(delimiter, this.#offset + delimiter.length);
    while (quote === '"' && end !== -1 && isEscaped(this.#text, end)) end = this.#text.indexOf(delimiter, end + 1);
    if (end === -1) throw new RangeError('the text is not TOML');
    end += delimiter.length;
    // A multi-line string may end with up to two quotes of its own.
    while (delimiter.length === TRIPLE_LENGTH && this.#text.charAt(end) === quote) end += 1;
    this.#offset = end;
  }

  #isAt(character: string): boolean {
    return this.#text.charAt(this.#offset) === character;
  }

  #skip(character: string): void {
    this.#skipBlanks();
    if (!this.#skipIf(character)) throw new RangeError('the text is not TOML');
  }

  #skipIf(character: string): boolean {
    if (!this.#isAt(character)) return false;
    this.#offset += 1;
    return true;
  }

  #skipBlanks(): void {
    while (this.#isAt(' ') || this.#isAt('\t')) this.#offset += 1;
  }

  /** Blanks, line ends and comments. */
  #skipSeparation(): void {
    while (this.#offset < this.#text.length) {
      const character = this.#text.charAt(this.#offset);
      if (character === '#') {
        while (this.#offset < this.#text.length && !isLineEnd(this.#text.charAt(this.#offset))) this.#offset += 1;
      } else if (' \t\r\n\uFEFF'.includes(character)) this.#offset += 1;
      else return;
    }
  }
}

function nameOf(token: string): string {
  if (token.startsWith("'")) return token.slice(1, -1);
  if (!token.startsWith('"')) return token;
  return token.includes('\\') ? (Object.keys(parse(`${token} = 0`))[0] ?? '') : token.slice(1, -1);
}
