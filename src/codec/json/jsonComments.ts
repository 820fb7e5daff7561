/**
 * JSON with comments and trailing commas, as the settings of editors and compilers have it.
 *
 * Everything that JSON has not is replaced by as many blanks, line ends kept. What is left is read as JSON, so its rules,
 * its limits and the places in its errors are those of JSON.
 */
import { parseFailure } from '../text/parseFailure.js';
import { findStringEnd } from './jsonStrings.js';

type Range = readonly [start: number, end: number];

/** A mark, the start of a string or of a comment, or a run of anything else that is no blank. */
const TOKEN = /[{}[\]:,"/]|[^\s{}[\]:,"/]+/g;
const LINE_END = /[\r\n]|$/g;
/** After these, and at the start, a comma stands alone: JSON will refuse it. */
const BEFORE_VALUE = '{[:,';

/** @throws PersistenceError `ERR_PARSE` for a comment that does not end. */
export function withoutComments(text: string): string {
  return new JsoncScanner(text).toJson();
}

/** Of a text that is JSON without its comments. */
export function hasJsonComment(text: string): boolean {
  if (!text.includes('/')) return false;
  const scanner = new JsoncScanner(text);
  scanner.toJson();
  return scanner.hasComments;
}

class JsoncScanner {
  hasComments = false;
  readonly #text: string;
  /** What JSON has not. */
  readonly #ranges: Range[] = [];
  /** The first character of the last token that is no comment. */
  #last = ',';
  /** Where the comma is that turns out to be a trailing one when a container ends. */
  #comma: number | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text with blanks instead of comments and trailing commas. */
  toJson(): string {
    TOKEN.lastIndex = 0;
    for (let token = TOKEN.exec(this.#text); token !== null; token = TOKEN.exec(this.#text)) {
      const character = token[0].charAt(0);
      if (character === '/') TOKEN.lastIndex = this.#readComment(token.index);
      else this.#readToken(character, token.index);
      if (character === '"') TOKEN.lastIndex = endOfString(this.#text, token.index);
    }
    return withBlanks(this.#text, this.#ranges);
  }

  #readToken(character: string, start: number): void {
    const isClosing = character === '}' || character === ']';
    if (isClosing && this.#comma !== undefined) this.#ranges.push([this.#comma, this.#comma + 1]);
    this.#comma = character === ',' && !BEFORE_VALUE.includes(this.#last) ? start : undefined;
    this.#last = character;
  }

  /** Gives where the comment ends; a slash that starts none is left to be refused as JSON. */
  #readComment(start: number): number {
    const end = endOfComment(this.#text, start);
    if (end === start + 1) return end;
    this.hasComments = true;
    this.#ranges.push([start, end]);
    return end;
  }
}

function endOfString(text: string, start: number): number {
  const end = findStringEnd(text, start + 1);
  return end === -1 ? text.length : end + 1;
}

/** Behind the comment that starts at a place; behind its first character where that starts none. */
export function endOfComment(text: string, start: number): number {
  if (text.startsWith('//', start)) {
    LINE_END.lastIndex = start;
    return LINE_END.exec(text)?.index ?? text.length;
  }
  if (!text.startsWith('/*', start)) return start + 1;
  const end = text.indexOf('*/', start + 2);
  if (end === -1) throw parseFailure(text, start, 'the comment that starts here does not end');
  return end + 2;
}

/** The text with blanks in some places; line ends stay. */
function withBlanks(text: string, ranges: Range[]): string {
  const parts: string[] = [];
  let copied = 0;
  // A comma is found to be the last one only behind the comments that follow it.
  for (const [start, end] of ranges.sort(([first], [second]) => first - second)) {
    parts.push(text.slice(copied, start), text.slice(start, end).replace(/[^\r\n]/g, ' '));
    copied = end;
  }
  return parts.join('') + text.slice(copied);
}
