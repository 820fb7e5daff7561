/**
 * Finds what is wrong with a JSON text, and where: the parser's own message quotes the text and often has no position.
 *
 * Only runs where something is wrong or looks unusual, so it is written for clear answers, not for speed. It keeps its own
 * stack: text of any nesting is examined without recursion.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { refuse, type DomainProblem } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import { findStringEnd, isLossyNumber } from './jsonStrings.js';
import { formatPosition, parseFailure, positionOf } from '../text/parseFailure.js';

const { MAX_DEPTH, MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const BLANKS = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

interface Frame {
  /** Keys so far, where the container is an object. */
  readonly keys?: Set<string>;
  /** The key or index that is being read. */
  step: string | number;
}

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
  readonly #stack: Frame[] = [];
  readonly #lossy: DomainProblem[] = [];
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  run(): void {
    this.#skipBlanks();
    if (this.#offset === this.#text.length) this.#fail('the file is empty; a JSON text holds one value');
    do {
      this.#readValue();
      this.#closeContainers();
    } while (this.#stack.length > 0);
    if (this.#offset < this.#text.length) this.#fail('more text after the end of the value');
    refuse(this.#lossy);
  }

  /** Reads a scalar, an empty container, or the opening of a container up to its first value. */
  #readValue(): void {
    switch (this.#text[this.#offset]) {
      case '{':
        this.#open({ keys: new Set(), step: '' }, '}');
        break;
      case '[':
        this.#open({ step: 0 }, ']');
        break;
      case '"':
        this.#readString();
        break;
      default:
        this.#readWord();
    }
    this.#skipBlanks();
  }

  #open(frame: Frame, closing: string): void {
    if (this.#stack.length >= MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    this.#offset += 1;
    this.#skipBlanks();
    if (this.#text[this.#offset] === closing) {
      this.#offset += 1;
      return;
    }
    this.#stack.push(frame);
    if (frame.keys !== undefined) this.#readKey(frame, frame.keys);
    this.#readValue();
  }

  /** After a value: moves to the next value of the same container, or out of every container that ends here. */
  #closeContainers(): void {
    for (;;) {
      const frame = this.#stack.at(-1);
      if (frame === undefined) return;
      const closing = frame.keys === undefined ? ']' : '}';
      const next = this.#text[this.#offset];
      if (next !== closing && next !== ',') this.#fail(`"," or "${closing}" is expected here`);
      this.#offset += 1;
      this.#skipBlanks();
      if (next === ',') return this.#startNext(frame);
      this.#stack.pop();
    }
  }

  #startNext(frame: Frame): void {
    if (frame.keys !== undefined) this.#readKey(frame, frame.keys);
    else if (typeof frame.step === 'number') frame.step += 1;
  }

  #readKey(frame: Frame, keys: Set<string>): void {
    const start = this.#offset;
    if (this.#text[start] !== '"') this.#fail('a key in double quotes is expected here');
    const key = this.#readString();
    frame.step = key;
    if (keys.has(key)) this.#fail(`the key ${formatPath(this.#path())} is written twice; remove one of the two`, start);
    keys.add(key);
    this.#skipBlanks();
    if (this.#text[this.#offset] !== ':') this.#fail('":" is expected after the key');
    this.#offset += 1;
    this.#skipBlanks();
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
    if (!isLossyNumber(literal) || this.#lossy.length >= MAX_REPORTED_PATHS) return;
    const where = formatPosition(positionOf(this.#text, start));
    const reason = `the number at ${where} is beyond what JavaScript holds exactly; write it as a string`;
    this.#lossy.push({ path: formatPath(this.#path()), reason });
  }

  #skipBlanks(): void {
    this.#match(BLANKS);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#offset += found.length;
    return found;
  }

  #path(): (string | number)[] {
    return this.#stack.map(({ step }) => step);
  }

  #fail(reason: string, offset = this.#offset): never {
    throw parseFailure(this.#text, offset, reason);
  }
}
