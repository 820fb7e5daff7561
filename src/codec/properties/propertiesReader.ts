/**
 * The lines of a .properties file by the rules of `java.util.Properties.load`, with the places of their parts: one pass over
 * the text, whose time and memory grow with its length.
 */
import { afterLineEnd, codesOf, endOfLine, isLineEnd } from '../text/textLines.js';
import { parseFailure } from '../text/parseFailure.js';
import { findMalformedEscape } from './propertiesEscapes.js';

/** Where the parts of a key with its value stand in the text, as offsets. The value may go on over several lines. */
export interface PropertyPlace {
  /** Of the first character of its line; blanks before the key come after it. */
  readonly lineStart: number;
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly valueStart: number;
  readonly valueEnd: number;
  /** Of the line that follows. */
  readonly next: number;
}

const [TAB = 0, FORM_FEED = 0, SPACE = 0] = codesOf('\t\f ');
const [EXCLAMATION_MARK = 0, NUMBER_SIGN = 0, COLON = 0, EQUALS_SIGN = 0, BACKSLASH = 0] = codesOf('!#:=\\');

/** A backslash at the end of a line takes the line end away, and the blanks that the next line starts with. */
const CONTINUATION = /\\(?:(?:\r\n?|\n)[ \t\f]*|[^])/g;
const ESCAPE = /\\(?:u([\dA-Fa-f]{4})|[^]|$)/g;
const HEXADECIMAL = 16;
const ESCAPES: Readonly<Record<string, string>> = { '\\t': '\t', '\\n': '\n', '\\r': '\r', '\\f': '\f' };

/** Calls `onProperty` for each key with its value, and `onComment` for each line of a comment, in the order of the file. */
export function scanProperties(
  text: string,
  onProperty: (place: PropertyPlace) => void,
  onComment?: (lineStart: number) => void,
): void {
  let offset = 0;
  while (offset < text.length) {
    const lineStart = offset;
    const keyStart = skipBlanks(text, offset);
    const first = text.charCodeAt(keyStart);
    if (keyStart >= text.length || isLineEnd(first)) {
      offset = afterLineEnd(text, keyStart);
    } else if (first === NUMBER_SIGN || first === EXCLAMATION_MARK) {
      onComment?.(lineStart);
      offset = afterLineEnd(text, endOfLine(text, keyStart));
    } else {
      const keyEnd = endOfKey(text, keyStart);
      const valueStart = afterSeparator(text, keyEnd);
      const valueEnd = endOfValue(text, valueStart);
      const next = afterLineEnd(text, valueEnd);
      // Nothing but line ends that a backslash took away is an empty line.
      if (keyEnd > keyStart || valueStart > keyEnd) {
        onProperty({ lineStart, keyStart, keyEnd, valueStart, valueEnd, next });
      }
      offset = next;
    }
  }
}

/**
 * What a key or a value in the text stands for.
 *
 * @throws PersistenceError `ERR_PARSE` with its position, where a `\u` is not followed by four hexadecimal digits.
 */
export function unescapeProperty(text: string, start: number, end: number): string {
  const raw = text.slice(start, end);
  if (!raw.includes('\\')) return raw;
  const joined = raw.replace(CONTINUATION, (found) => (/^\\[\r\n]/.test(found) ? '' : found));
  return joined.replace(ESCAPE, (escape: string, digits: string | undefined) => {
    if (digits !== undefined) return String.fromCharCode(parseInt(digits, HEXADECIMAL));
    if (escape === '\\u') {
      const reason = 'an escape that starts with \\u is not followed by four hexadecimal digits';
      throw parseFailure(text, findMalformedEscape(text), reason);
    }
    return ESCAPES[escape] ?? escape.slice(1);
  });
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === FORM_FEED;
}

function skipBlanks(text: string, start: number): number {
  let offset = start;
  while (isBlank(text.charCodeAt(offset))) offset += 1;
  return offset;
}

/** Behind a backslash and what it belongs to: a character, or a line end with the blanks after it. */
function afterBackslash(text: string, offset: number): number {
  if (offset + 1 >= text.length) return text.length;
  return isLineEnd(text.charCodeAt(offset + 1)) ? skipBlanks(text, afterLineEnd(text, offset + 1)) : offset + 2;
}

function endOfKey(text: string, start: number): number {
  let offset = start;
  while (offset < text.length) {
    const code = text.charCodeAt(offset);
    if (code === BACKSLASH) offset = afterBackslash(text, offset);
    else if (code === EQUALS_SIGN || code === COLON || isBlank(code) || isLineEnd(code)) break;
    else offset += 1;
  }
  return offset;
}

/** Behind blanks, one `=` or `:` and blanks, all of which may be missing. */
function afterSeparator(text: string, start: number): number {
  const offset = skipBlanksAndContinuations(text, start);
  const code = text.charCodeAt(offset);
  return code === EQUALS_SIGN || code === COLON ? skipBlanksAndContinuations(text, offset + 1) : offset;
}

function skipBlanksAndContinuations(text: string, start: number): number {
  let offset = skipBlanks(text, start);
  while (text.charCodeAt(offset) === BACKSLASH && isLineEnd(text.charCodeAt(offset + 1))) {
    offset = skipBlanks(text, afterLineEnd(text, offset + 1));
  }
  return offset;
}

function endOfValue(text: string, start: number): number {
  let offset = start;
  while (offset < text.length) {
    const code = text.charCodeAt(offset);
    if (code === BACKSLASH) offset = afterBackslash(text, offset);
    else if (isLineEnd(code)) break;
    else offset += 1;
  }
  return offset;
}
