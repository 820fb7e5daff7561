/**
 * Finds what is wrong with a JSON text, and where: the parser's own message quotes the text and often has no position.
 *
 * Only runs where something is wrong or looks unusual, so it is written for clear answers, not for speed.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { refuse, type DomainProblem } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import { findStringEnd } from './jsonStrings.js';
import { inexactNumberAt } from '../text/inexactNumbers.js';
import { parseFailure } from '../text/parseFailure.js';

const { MAX_DEPTH, MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const COMMENT_REASON =
  'a comment stands here, and JSON has none; give the file a name such as .jsonc, or set the option comments';
const TRAILING_COMMA_REASON = 'trailing comma; the option comments takes it';

const BLANKS = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const INTEGER = /^-?\d+$/;

/**
 * Throws what the rules of RFC 8259, or the stricter ones of this module, have against the text; returns if nothing.
 *
 * @throws PersistenceError `ERR_PARSE` with line and column for text that is not JSON, for a key written twice in one
 *   object (readers differ in which one wins, so one value would be lost) and for nesting beyond the limit.
 *   `ERR_INVALID_CONFIGURATION_DATA` with paths for numbers that JavaScript cannot hold as written.
 */
export function diagnoseJson(text: string): void {
  new JsonDiagnosis(text).run();
}

class JsonDiagnosis {
  readonly #text: string;
  /** Keys and indexes from the root to the value that is being read; never more of them than the limit of levels. */
  readonly #path: (string | number)[] = [];
  readonly #lossy: DomainProblem[] = [];
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    this.#match(BLANKS);
    if (this.#offset === this.#text.length) this.#fail('the file is empty; a JSON text holds one value');
    this.#readValue();
    if (this.#offset < this.#text.length) this.#fail('more text after the end of the value');
    refuse(this.#lossy);
  }

  #readValue(): void {
    const character = this.#text[this.#offset];
    if (character === '{') this.#readContainer('}');
    else if (character === '[') this.#readContainer(']');
    else if (character === '"') this.#readString();
    else this.#readWord();
    this.#match(BLANKS);
  }

  #readContainer(closing: '}' | ']'): void {
    if (this.#path.length >= MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    this.#offset += 1;
    this.#match(BLANKS);
    if (this.#skip(closing)) return;
    const keys = new Set<string>();
    let index = 0;
    do {
      // Here a closing bracket means that a comma is too much.
      if (index > 0 && this.#text[this.#offset] === closing) this.#fail(TRAILING_COMMA_REASON);
      this.#path.push(index);
      if (closing === '}') this.#readKey(keys);
      this.#readValue();
      this.#path.pop();
      index += 1;
    } while (this.#skip(','));
    if (!this.#skip(closing)) this.#fail(`"," or "${closing}" is expected here`);
  }

  #readKey(keys: Set<string>): void {
    const start = this.#offset;
    if (this.#text[start] !== '"') this.#fail('a key in double quotes is expected here');
    const key = this.#readString();
    this.#path[this.#path.length - 1] = key;
    if (keys.has(key)) this.#fail(`the key ${formatPath(this.#path)} is written twice; remove one of the two`, start);
    keys.add(key);
    this.#match(BLANKS);
    if (!this.#skip(':')) this.#fail('":" is expected after the key');
  }

  #readString(): string {
    const start = this.#offset;
    const end = findStringEnd(this.#text, start + 1);
    if (end === -1) this.#fail('the string that starts here does not end');
    this.#offset = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, this.#offset)) as string;
    } catch {
      this.#fail('the string that starts here has a raw control character or an unknown escape', start);
    }
  }

  #readWord(): void {
    const start = this.#offset;
    if (this.#match(WORD) !== undefined) return;
    const literal = this.#match(NUMBER);
    if (literal === undefined) this.#fail('a value is expected here');
    const value = Number(literal);
    const isInexact = INTEGER.test(literal) && !Number.isSafeInteger(value) && String(value) !== literal;
    if ((Number.isFinite(value) && !isInexact) || this.#lossy.length >= MAX_REPORTED_PATHS) return;
    this.#lossy.push(inexactNumberAt(this.#text, start, this.#path));
  }

  /** Reads one character and the blanks after it, where it is the one that stands here. */
  #skip(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    this.#match(BLANKS);
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#offset += found.length;
    return found;
  }

  #fail(reason: string, offset = this.#offset): never {
    const isComment = this.#text.startsWith('//', offset) || this.#text.startsWith('/*', offset);
    throw parseFailure(this.#text, offset, isComment ? COMMENT_REASON : reason);
  }
}
