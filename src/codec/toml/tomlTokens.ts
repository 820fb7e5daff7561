/**
 * Finds the bare values (numbers, booleans, dates) of a TOML text by their places, because the parser does not keep their
 * spelling. The scanner only tells keys, strings, comments and structure apart: what it finds in a text that is not valid
 * means nothing, but it always comes to an end.
 */
import { isEscaped } from '../json/jsonStrings.js';

/** A date and its time may be separated by one space; any other blank ends a bare value. */
const BARE_VALUE = /\d{4}-\d{2}-\d{2} \d{2}:[^\s,\]}#]*|[^\s,\]}#]+/y;
const BLANKS_AND_COMMA = ' \t\r\n,';
const TRIPLE_LENGTH = 3;

export interface BareValue {
  readonly start: number;
  readonly literal: string;
}

/** All bare values, in reading order. */
export function findBareValues(text: string): BareValue[] {
  return new BareValueScanner(text).run();
}

/** Whether a valid text has a comment. */
export function hasTomlComment(text: string): boolean {
  return text.includes('#') && new BareValueScanner(text).findsComment();
}

class BareValueScanner {
  readonly #text: string;
  readonly #found: BareValue[] = [];
  /** The closing characters of the arrays and inline tables around the current place. */
  readonly #open: string[] = [];
  #offset = 0;
  #isAtValue = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): BareValue[] {
    while (this.#offset < this.#text.length) this.#step();
    return this.#found;
  }

  /** Whether there is a comment behind the place that the scanner has come to. */
  findsComment(): boolean {
    while (this.#offset < this.#text.length) {
      if (this.#text.charAt(this.#offset) === '#') return true;
      this.#step();
    }
    return false;
  }

  #step(): void {
    const character = this.#text.charAt(this.#offset);
    if (character === '#') this.#skipComment();
    else if (BLANKS_AND_COMMA.includes(character)) this.#offset += 1;
    else if (character === '"' || character === "'") this.#skipString(character);
    else if (this.#isAtValue || character === this.#open.at(-1)) this.#readValue(character);
    else {
      // A part of a key, the "=" after it, or a bracket of a table's header.
      this.#offset += 1;
      this.#isAtValue = character === '=';
    }
  }

  /** Reads a bare value, or a bracket that opens or closes a container. */
  #readValue(character: string): void {
    if (character === this.#open.at(-1)) {
      this.#offset += 1;
      this.#open.pop();
    } else if (character === '[' || character === '{') {
      this.#offset += 1;
      this.#open.push(character === '[' ? ']' : '}');
    } else {
      const start = this.#offset;
      BARE_VALUE.lastIndex = start;
      const literal = BARE_VALUE.exec(this.#text)?.[0] ?? character;
      this.#offset += literal.length;
      this.#found.push({ start, literal });
    }
    this.#expectNext();
  }

  /** In an array comes a value, elsewhere a key. */
  #expectNext(): void {
    this.#isAtValue = this.#open.at(-1) === ']';
  }

  #skipComment(): void {
    const end = this.#text.indexOf('\n', this.#offset);
    this.#offset = end === -1 ? this.#text.length : end;
  }

  #skipString(quote: string): void {
    const triple = quote.repeat(TRIPLE_LENGTH);
    const isTriple = this.#isAtValue && this.#text.startsWith(triple, this.#offset);
    const delimiter = isTriple ? triple : quote;
    let end = this.#text.indexOf(delimiter, this.#offset + delimiter.length);
    while (quote === '"' && isEscaped(this.#text, end)) end = this.#text.indexOf(delimiter, end + 1);
    end = end === -1 ? this.#text.length : end + delimiter.length;
    // A multi-line string may end with up to two quotes of its own.
    while (isTriple && this.#text.charAt(end) === quote) end += 1;
    this.#offset = end;
    if (this.#isAtValue) this.#expectNext();
  }
}
