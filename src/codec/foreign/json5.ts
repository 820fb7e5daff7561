/**
 * JSON5 (json5.org, version 1.0.0): JSON with comments, trailing commas, keys and strings as in JavaScript, hexadecimal
 * numbers, NaN and infinities.
 *
 * An own reader, because the package `json5` cannot tell what has to be refused here: it keeps the last of two equal keys,
 * rounds integers, has no limits, counts lines by LF only, and prints warnings on the console. That both read the same is
 * tested.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { copyIntoDomain, refuse, setMember, type DomainProblem } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import { inexactNumberAt } from '../text/inexactNumbers.js';
import { withoutByteOrderMark } from './byteOrderMark.js';
import { Json5Tokens } from './Json5Tokens.js';

const { MAX_DEPTH, MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const WORDS: Readonly<Record<string, null | boolean>> = { null: null, true: true, false: false };
const INTEGER = /^[-+]?\d+$/;
const HEXADECIMAL = /^[-+]?0x/i;
const NOT_FINITE = /Infinity|NaN/;
/** Fewer digits than any integer beyond the safe ones has. */
const SAFE_LENGTH = 14;

/**
 * @throws PersistenceError `ERR_PARSE` with line and column for text that is not JSON5, for a key written twice in one
 *   object and for nesting beyond the limit. `ERR_INVALID_CONFIGURATION_DATA` for the key `__proto__`, half surrogate pairs,
 *   `null` as the whole text, and numbers that JavaScript cannot hold as written.
 */
export function decodeJson5(text: string): ConfigurationValue {
  const value = new Json5Reader(withoutByteOrderMark(text)).read();
  return copyIntoDomain(value, { nonFiniteNumbers: true });
}

/** Of a text that `decodeJson5` reads. */
export function hasJson5Comment(text: string): boolean {
  if (!text.includes('/')) return false;
  const reader = new Json5Reader(withoutByteOrderMark(text));
  reader.read();
  return reader.hasComments;
}

class Json5Reader {
  readonly #text: string;
  readonly #tokens: Json5Tokens;
  /** Keys and indexes from the root to the value that is being read; never more of them than the limit of levels. */
  readonly #path: (string | number)[] = [];
  readonly #lossy: DomainProblem[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#tokens = new Json5Tokens(text);
  }

  get hasComments(): boolean {
    return this.#tokens.hasComments;
  }

  read(): ConfigurationValue {
    const tokens = this.#tokens;
    tokens.skipBlanks();
    if (tokens.isAtEnd) tokens.fail('the file is empty; a JSON5 text holds one value');
    const value = this.#readValue();
    if (!tokens.isAtEnd) tokens.fail('more text after the end of the value');
    refuse(this.#lossy);
    return value;
  }

  /** Reads a value and the blanks after it. */
  #readValue(): ConfigurationValue {
    const tokens = this.#tokens;
    const start = tokens.offset;
    if (tokens.skip('{')) return this.#readObject(start);
    if (tokens.skip('[')) return this.#readArray(start);
    const value = tokens.readString() ?? this.#readNumber() ?? this.#readWord();
    tokens.skipBlanks();
    return value;
  }

  #readObject(start: number): ConfigurationObject {
    this.#checkDepth(start);
    const object: ConfigurationObject = {};
    while (!this.#tokens.skip('}')) {
      const keyStart = this.#tokens.offset;
      const key = this.#tokens.readString() ?? this.#tokens.readIdentifier();
      if (key === undefined) this.#tokens.fail('a key or "}" is expected here');
      this.#tokens.skipBlanks();
      this.#path.push(key);
      if (Object.hasOwn(object, key)) {
        this.#tokens.fail(`the key ${formatPath(this.#path)} is written twice; remove one of the two`, keyStart);
      }
      if (!this.#tokens.skip(':')) this.#tokens.fail('":" is expected after the key');
      setMember(object, key, this.#readValue());
      this.#path.pop();
      if (!this.#tokens.skip(',') && !this.#tokens.isAt('}')) this.#tokens.fail('"," or "}" is expected here');
    }
    return object;
  }

  #readArray(start: number): ConfigurationValue[] {
    this.#checkDepth(start);
    const array: ConfigurationValue[] = [];
    while (!this.#tokens.skip(']')) {
      this.#path.push(array.length);
      array.push(this.#readValue());
      this.#path.pop();
      if (!this.#tokens.skip(',') && !this.#tokens.isAt(']')) this.#tokens.fail('"," or "]" is expected here');
    }
    return array;
  }

  #checkDepth(start: number): void {
    if (this.#path.length >= MAX_DEPTH) this.#tokens.fail(`nested deeper than ${MAX_DEPTH} levels`, start);
  }

  #readNumber(): number | undefined {
    const start = this.#tokens.offset;
    const literal = this.#tokens.readNumber();
    if (literal === undefined) return undefined;
    const value = numberOf(literal);
    if (!isExact(literal, value) && this.#lossy.length < MAX_REPORTED_PATHS) {
      this.#lossy.push(inexactNumberAt(this.#text, start, this.#path));
    }
    return value;
  }

  #readWord(): null | boolean {
    const start = this.#tokens.offset;
    const word = this.#tokens.readWord();
    const value = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    return value === undefined ? this.#tokens.fail('a value is expected here', start) : value;
  }
}

/** `Number` knows no sign before a hexadecimal number, nor before NaN. */
function numberOf(literal: string): number {
  const value = Number(literal.replace(/^[-+]/, ''));
  return literal.startsWith('-') ? -value : value;
}

/** As in JSON: an integer must be the number that it says, and a fraction at least in the range of JavaScript. */
function isExact(literal: string, value: number): boolean {
  if (NOT_FINITE.test(literal)) return true;
  if (!Number.isFinite(value)) return false;
  if (literal.length < SAFE_LENGTH || Number.isSafeInteger(value)) return true;
  if (HEXADECIMAL.test(literal)) return BigInt(literal.replace(/^[-+]/, '')) === BigInt(Math.abs(value));
  return !INTEGER.test(literal) || String(value) === literal.replace(/^\+/, '');
}
