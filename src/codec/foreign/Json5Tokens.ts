/**
 * The words of a JSON5 text: what can stand at a place, read by the lexical grammar of json5.org.
 *
 * Every step is a jump over a run of characters, so the time grows with the length of the text, whatever is in it.
 */
import { parseFailure } from '../text/parseFailure.js';

/** What JavaScript takes for blanks, line ends included, is exactly what JSON5 does. */
const BLANKS = /\s+/y;
const LINE_COMMENT = /[^\n\r\u2028\u2029]*/y;
const NUMBER = /[-+]?(?:Infinity|NaN|0[xX][\dA-Fa-f]+|(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)/y;
const WORD = /[a-z]*/y;
const STRING_PART = /[^"'\\\n\r]+/y;
const KEY_PART = /[$\u200C\u200D\p{ID_Continue}]+/uy;
const KEY_START = /^[$_\p{ID_Start}]/u;
const HEXADECIMAL_ESCAPE = /x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}/y;
const UNICODE_ESCAPE = /\\u[\dA-Fa-f]{4}/y;
/** A line may go on in the next one; the string does not hold its end. */
const LINE_CONTINUATION = /\r\n|[\n\r\u2028\u2029]/y;
/** A digit is no escape, but for a NUL that no other digit follows. */
const NO_ESCAPE = /[1-9]|0\d/y;

const HEXADECIMAL = 16;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', 0: '\0' };

export class Json5Tokens {
  offset = 0;
  hasComments = false;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.offset >= this.#text.length;
  }

  isAt(character: string): boolean {
    return this.#text[this.offset] === character;
  }

  /** Reads one character and the blanks after it, where it is the one that stands here. */
  skip(character: string): boolean {
    if (!this.isAt(character)) return false;
    this.offset += 1;
    this.skipBlanks();
    return true;
  }

  /** Blanks and comments. */
  skipBlanks(): void {
    this.#match(BLANKS);
    while (this.isAt('/')) {
      this.#skipComment();
      this.#match(BLANKS);
    }
  }

  /** The content of a string; undefined where none starts here. */
  readString(): string | undefined {
    const start = this.offset;
    const quote = this.#text[start];
    if (quote !== '"' && quote !== "'") return undefined;
    this.offset += 1;
    let content = '';
    while (!this.isAt(quote)) {
      if (this.isAtEnd) this.fail('the string that starts here does not end', start);
      content += this.#match(STRING_PART) ?? this.#readSpecial();
    }
    this.offset += 1;
    return content;
  }

  /** A key without quotes; undefined where none starts here. */
  readIdentifier(): string | undefined {
    const start = this.offset;
    let name = '';
    for (;;) {
      const part = this.#match(KEY_PART) ?? this.#readEscapedUnit();
      if (part === undefined) break;
      name += part;
    }
    if (name === '') return undefined;
    return KEY_START.test(name) ? name : this.fail('a key that starts like this needs quotes', start);
  }

  /** A number as it is spelled; undefined where none starts here. */
  readNumber(): string | undefined {
    return this.#match(NUMBER);
  }

  /** Letters in lower case, as many as there are. */
  readWord(): string {
    return this.#match(WORD) ?? '';
  }

  fail(reason: string, offset = this.offset): never {
    throw parseFailure(this.#text, offset, reason);
  }

  #skipComment(): void {
    const start = this.offset;
    if (this.#text.startsWith('//', start)) {
      this.#match(LINE_COMMENT);
    } else if (this.#text.startsWith('/*', start)) {
      const end = this.#text.indexOf('*/', start + 2);
      if (end === -1) this.fail('the comment that starts here does not end');
      this.offset = end + 2;
    } else {
      this.fail('a single "/" starts no comment');
    }
    this.hasComments = true;
  }

  /** In a string, what is no ordinary character: an escape, the other quote, or a line end, which is refused. */
  #readSpecial(): string {
    const character = this.#text.charAt(this.offset);
    if (character === '\n' || character === '\r') this.fail('the string is not closed in its line');
    this.offset += 1;
    return character === '\\' ? this.#readEscape() : character;
  }

  #readEscape(): string {
    const start = this.offset - 1;
    const digits = this.#match(HEXADECIMAL_ESCAPE);
    if (digits !== undefined) return String.fromCharCode(parseInt(digits.slice(1), HEXADECIMAL));
    if (this.#match(LINE_CONTINUATION) !== undefined) return '';
    if (this.#match(NO_ESCAPE) !== undefined || this.isAt('x') || this.isAt('u'))
      this.fail('the escape is unknown', start);
    const character = this.#text.charAt(this.offset);
    this.offset += 1;
    return ESCAPES[character] ?? character;
  }

  /** In a key, a character as an escape; it must be one that could stand there without. */
  #readEscapedUnit(): string | undefined {
    const start = this.offset;
    if (!this.isAt('\\')) return undefined;
    const escape = this.#match(UNICODE_ESCAPE);
    const unit = escape === undefined ? '' : String.fromCharCode(parseInt(escape.slice(2), HEXADECIMAL));
    KEY_PART.lastIndex = 0;
    return KEY_PART.test(unit) ? unit : this.fail('the escape stands for no character of a key', start);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.offset += found.length;
    return found;
  }
}
