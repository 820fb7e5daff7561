/** The lines of an INI file with the places of their parts, by the rules of a dialect: one pass over the text. */
import { afterLineEnd, codesOf, endOfLine, isLineEnd } from '../text/textLines.js';
import { parseFailure } from '../text/parseFailure.js';
import type { IniDialect } from './iniDialects.js';
import { trimBlanks } from './iniValues.js';

export interface IniPair {
  readonly lineStart: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  /** Behind the delimiter and blanks; where there is no delimiter, the end of the key. */
  readonly valueStart: number;
  /** Of all that stands behind the delimiter, without blanks: a comment may be a part of it. */
  readonly contentEnd: number;
  /** Of the line that follows. */
  readonly next: number;
  readonly hasDelimiter: boolean;
  /** The value goes on in further lines. */
  readonly isContinued: boolean;
}

export interface IniHeader {
  readonly lineStart: number;
  /** Of its bracket. */
  readonly start: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  readonly next: number;
  readonly hasComment: boolean;
}

export interface IniVisitor {
  onPair(pair: IniPair): void;
  onHeader(header: IniHeader): void;
  onComment?(lineStart: number): void;
}

const [TAB = 0, SPACE = 0, COLON = 0, EQUALS_SIGN = 0, BACKSLASH = 0, BRACKET = 0] = codesOf('\t :=\\[');
/** The name ends at the first bracket, or at the last one of the line where nothing follows it. */
const DOTTED_HEADER = /^\[([^\]]*)\][ \t]*([;#].*)?$/s;
const PLAIN_HEADER = /^\[(.*)\]$/s;
/** `a>=2` is no key `a>` with the value 2. */
const COMPARISON = /[<>!~]$/;
const NOWHERE = -1;

/** @throws PersistenceError `ERR_PARSE` with the position of a line that breaks the rules. */
export function scanIni(text: string, dialect: IniDialect, visitor: IniVisitor): void {
  const damage = text.indexOf('\0');
  // What a file is filled with after a power cut, and never what somebody has written.
  if (damage !== -1) throw parseFailure(text, damage, 'a NUL character: the file was damaged');
  const scanner = new IniScanner(text, dialect);
  let offset = 0;
  while (offset < text.length) {
    const line = scanner.lineAt(offset);
    offset = line.next;
    if (line.start === line.end) continue;
    if (scanner.isComment(line)) visitor.onComment?.(line.lineStart);
    else if (text.charCodeAt(line.start) === BRACKET) visitor.onHeader(scanner.readHeader(line));
    else {
      const pair = scanner.readPair(line);
      offset = pair.next;
      visitor.onPair(pair);
    }
  }
}

interface Line {
  readonly lineStart: number;
  /** Without blanks at either end. */
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

class IniScanner {
  readonly #text: string;
  readonly #dialect: IniDialect;

  constructor(text: string, dialect: IniDialect) {
    this.#text = text;
    this.#dialect = dialect;
  }

  lineAt(lineStart: number): Line {
    const lineEnd = endOfLine(this.#text, lineStart);
    let start = lineStart;
    let end = lineEnd;
    while (start < end && this.#isBlankAt(start)) start += 1;
    while (end > start && this.#isBlankAt(end - 1)) end -= 1;
    return { lineStart, start, end, next: afterLineEnd(this.#text, lineEnd) };
  }

  isComment({ start, end }: Line): boolean {
    return start < end && this.#dialect.comments.includes(this.#text.charAt(start));
  }

  readHeader({ lineStart, start, end, next }: Line): IniHeader {
    const line = this.#text.slice(start, end);
    const plain = this.#dialect.sections === 'plain' ? PLAIN_HEADER.exec(line) : null;
    const found = plain ?? DOTTED_HEADER.exec(line);
    const name = found?.[1];
    if (name === undefined) {
      throw parseFailure(this.#text, start, 'the section\'s "]" is missing, or text follows it');
    }
    const trimmed = trimBlanks(name);
    const offset = start + 1 + name.indexOf(trimmed);
    const hasComment = found?.[2] !== undefined;
    return { lineStart, start, nameStart: offset, nameEnd: offset + trimmed.length, next, hasComment };
  }

  readPair(line: Line): IniPair {
    const { lineStart, start, end, next } = line;
    const delimiter = this.#findDelimiter(start, end);
    if (delimiter === NOWHERE) return this.#readBareKey(line);
    const keyEnd = this.#trimEnd(start, delimiter);
    if (keyEnd === start) this.#refuseLine(start);
    let valueStart = delimiter + 1;
    // Blanks behind the delimiter stay where they are, also where no value follows.
    while (this.#isBlankAt(valueStart)) valueStart += 1;
    const pair = { lineStart, keyStart: start, keyEnd, valueStart, hasDelimiter: true };
    const more = this.#endOfMore(line, valueStart >= end);
    return more === undefined
      ? { ...pair, contentEnd: Math.max(end, valueStart), next, isContinued: false }
      : { ...pair, contentEnd: more.end, next: more.next, isContinued: true };
  }

  #readBareKey({ lineStart, start, end, next }: Line): IniPair {
    if (!this.#dialect.hasBareKeys) this.#refuseLine(start);
    const comment = this.#findComment(start, end);
    const keyEnd = this.#trimEnd(start, comment);
    const pair = { lineStart, keyStart: start, keyEnd, valueStart: keyEnd, contentEnd: end, next };
    return { ...pair, hasDelimiter: false, isContinued: false };
  }

  #refuseLine(start: number): never {
    const reason =
      'a line must be "key = value", a [section] or a comment; some owners (see the option) take a key alone';
    throw parseFailure(this.#text, start, reason);
  }

  #findDelimiter(start: number, end: number): number {
    const { delimiters } = this.#dialect;
    for (let offset = start; offset < end; offset++) {
      const code = this.#text.charCodeAt(offset);
      if (code === EQUALS_SIGN) return offset;
      if (code !== COLON || delimiters === '=') continue;
      if (delimiters === '=:' || offset + 1 === end || this.#isBlankAt(offset + 1)) return offset;
    }
    return NOWHERE;
  }

  #findComment(start: number, end: number): number {
    for (let offset = start; offset < end; offset++) {
      if (this.#dialect.inlineComments.includes(this.#text.charAt(offset))) return offset;
    }
    return end;
  }

  /** Where a value ends that goes on in further lines; undefined where it does not. */
  #endOfMore(line: Line, isEmpty: boolean): { readonly end: number; readonly next: number } | undefined {
    const { backslashContinues, indentContinues } = this.#dialect;
    if (backslashContinues !== 'never' && this.#endsInBackslash(line)) return this.#afterBackslashes(line);
    return indentContinues === 'never' ? undefined : this.#afterIndented(line, isEmpty);
  }

  #endsInBackslash({ start, end, next }: Line): boolean {
    if (this.#text.charCodeAt(end - 1) !== BACKSLASH) return false;
    if (this.#dialect.backslashContinues === 'after-blank') {
      // A backslash may well be the end of a value: without something behind it, it is.
      const following = this.lineAt(next);
      const isFollowed = following.start < following.end && !this.isComment(following);
      return isFollowed && end - start > 1 && this.#isBlankAt(end - 2);
    }
    let first = end - 1;
    while (first > start && this.#text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
    return (end - first) % 2 === 1 || this.#dialect.escapes === undefined;
  }

  #afterBackslashes(first: Line): { readonly end: number; readonly next: number } {
    let line = first;
    let isGoingOn = true;
    while (isGoingOn && line.next < this.#text.length) {
      line = this.lineAt(line.next);
      // Such a comment is left out of the value, which goes on behind it.
      isGoingOn = this.#endsInBackslash(line) || (this.#dialect.escapes === undefined && this.isComment(line));
    }
    return { end: line.end, next: line.next };
  }

  #afterIndented(first: Line, isEmpty: boolean): { readonly end: number; readonly next: number } | undefined {
    const indent = first.start - first.lineStart;
    const takesPairs = this.#dialect.indentContinues === 'always' || isEmpty;
    let found: Line | undefined;
    let offset = first.next;
    while (offset < this.#text.length) {
      if (!this.#mayGoOnAt(offset)) break;
      const line = this.lineAt(offset);
      offset = line.next;
      if (line.start === line.end || this.isComment(line)) continue;
      if (line.start - line.lineStart <= indent || !(takesPairs || !this.#isOwnLine(line))) break;
      found = line;
    }
    return found;
  }

  /** False where a line starts with something that is neither blank nor a comment: nearly all lines do. */
  #mayGoOnAt(offset: number): boolean {
    if (this.#isBlankAt(offset) || isLineEnd(this.#text.charCodeAt(offset))) return true;
    return this.#dialect.comments.includes(this.#text.charAt(offset));
  }

  /** Whether a line that stands deeper than the one before has a reading of its own. */
  #isOwnLine({ start, end }: Line): boolean {
    if (this.#text.charCodeAt(start) === BRACKET) return true;
    const delimiter = this.#findDelimiter(start, end);
    return delimiter > start && !COMPARISON.test(this.#text.slice(Math.max(delimiter - 2, start), delimiter));
  }

  #trimEnd(start: number, end: number): number {
    let offset = end;
    while (offset > start && this.#isBlankAt(offset - 1)) offset -= 1;
    return offset;
  }

  #isBlankAt(offset: number): boolean {
    const code = this.#text.charCodeAt(offset);
    return code === SPACE || code === TAB;
  }
}
