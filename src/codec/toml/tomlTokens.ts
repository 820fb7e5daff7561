/**
 * Finds the bare values (numbers, booleans, dates) of a TOML text by their places, because the parser does not keep their
 * spelling. The scanner only tells keys, strings, comments and structure apart: what it finds in a text that is not valid
 * means nothing, but it always comes to an end.
 */

/** A date and its time may be separated by one space; any other blank ends a bare value. */
const BARE_VALUE = /\d{4}-\d{2}-\d{2} \d{2}:[^\s,\]}#]*|[^\s,\]}#]+/y;
const BLANKS = ' \t\r\n';
const TRIPLE_LENGTH = 3;

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The places of all bare values, in reading order. */
export function findBareValues(text: string): Span[] {
  return new BareValueScanner(text).run();
}

class BareValueScanner {
  readonly #text: string;
  readonly #found: Span[] = [];
  /** The closing characters of the arrays and inline tables around the current place. */
  readonly #open: string[] = [];
  #offset = 0;
  #isAtValue = false;

  constructor(text: string) {
    this.#text = text;
  }

  run(): Span[] {
    while (this.#offset < this.#text.length) this.#step();
    return this.#found;
  }

  #step(): void {
    const character = this.#text.charAt(this.#offset);
    if (character === '#') this.#skipComment();
    else if (BLANKS.includes(character)) this.#offset += 1;
    else if (character === '"' || character === "'") this.#skipString(character);
    else if (character === ',') this.#offset += 1;
    else if (character === this.#open.at(-1)) this.#close();
    else if (this.#isAtValue) this.#readValue(character);
    else this.#readKeyPart(character);
  }

  #readValue(character: string): void {
    if (character === '[') return this.#openContainer(']');
    if (character === '{') return this.#openContainer('}');
    BARE_VALUE.lastIndex = this.#offset;
    const start = this.#offset;
    this.#offset += BARE_VALUE.exec(this.#text)?.[0].length ?? 1;
    this.#found.push({ start, end: this.#offset });
    this.#endValue();
  }

  /** Outside a value: a part of a key, the "=" after it, or a bracket of a table's header. */
  #readKeyPart(character: string): void {
    this.#offset += 1;
    this.#isAtValue = character === '=';
  }

  #openContainer(closing: string): void {
    this.#offset += 1;
    this.#open.push(closing);
    this.#isAtValue = closing === ']';
  }

  #close(): void {
    this.#offset += 1;
    this.#open.pop();
    this.#endValue();
  }

  /** After a value: in an array comes another value, elsewhere a key. */
  #endValue(): void {
    this.#isAtValue = this.#open.at(-1) === ']';
  }

  #skipComment(): void {
    const end = this.#text.indexOf('\n', this.#offset);
    this.#offset = end === -1 ? this.#text.length : end;
  }

  #skipString(quote: string): void {
    const isTriple = this.#isAtValue && this.#text.startsWith(quote.repeat(TRIPLE_LENGTH), this.#offset);
    const delimiter = isTriple ? quote.repeat(TRIPLE_LENGTH) : quote;
    let end = this.#text.indexOf(delimiter, this.#offset + delimiter.length);
    while (quote === '"' && this.#isEscaped(end)) end = this.#text.indexOf(delimiter, end + 1);
    end = end === -1 ? this.#text.length : end + delimiter.length;
    // A multi-line string may end with up to two quotes of its own.
    while (isTriple && this.#text.charAt(end) === quote) end += 1;
    this.#offset = end;
    if (this.#isAtValue) this.#endValue();
  }

  #isEscaped(offset: number): boolean {
    let first = offset;
    while (this.#text.charAt(first - 1) === '\\') first -= 1;
    return (offset - first) % 2 === 1;
  }
}
