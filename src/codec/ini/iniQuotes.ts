/**
 * Quotes in the general dialect of INI.
 *
 * What stands in them is taken literally, but for a JSON string that this module wrote because the value needed one. Those
 * are told by being exactly what would be written. `"C:\temp\new"` would be too, for a text with a tab and a line feed in it,
 * so in what looks like a path a control character is always written `\uXXXX`.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { findStringEnd } from '../json/jsonStrings.js';
import { decodeText, hexadecimalOf, parseJson, stringifyText } from '../text/typedText.js';

const { MAX_PATH_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;

const BLANKS_OR_COMMENT = /^[ \t]*(?:[;#].*)?$/s;
const COMMENT = /(?:^;|^#(?=[ \t]|$)|[ \t][;#])/;
/** Other readers cut values at these characters or take them for quotes, and nobody sees the last ones. */
const NEEDS_QUOTES = /[;#\p{Cc}\u2028\u2029\uFEFF]|^["'[]/u;
/** No reader shows them, or they end a line. */
const INVISIBLE = /[\p{Cc}\u2028\u2029\uFEFF]/u;
/** The next line would continue such a value. */
const CONTINUES = /[ \t]\\$/;
const LOOKS_LIKE_PATH = /^"(?:(?:[A-Za-z]:|\.{1,2}|~|%\w+%|\$\w+|\$\{\w+\})\\|\\\\)/;
const SHORT_ESCAPE = /\\(?:([bfnrt])|.)/g;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
const ONLY_ESCAPED_QUOTES = /^(?:[^\\]|\\")*$/;

export interface QuotedText {
  readonly value: string;
  /** Behind the closing quote. */
  readonly end: number;
}

/** The string that a value in quotes stands for; undefined where the quotes are part of a string. */
export function readOwnQuotes(text: string): QuotedText | undefined {
  if (text.startsWith("'")) {
    const end = text.indexOf("'", 1);
    return isEnd(text, end) ? { value: text.slice(1, end), end: end + 1 } : undefined;
  }
  if (!text.startsWith('"')) return undefined;
  const end = findStringEnd(text, 1);
  if (isEnd(text, end)) return { value: contentOf(text.slice(0, end + 1)), end: end + 1 };
  // The path of a folder may end in a backslash.
  const last = text.indexOf('"', 1);
  return isEnd(text, last) ? { value: text.slice(1, last), end: last + 1 } : undefined;
}

/** The quotes of a string that needs them. */
export function quoteOwn(value: string): string {
  const text = stringifyText(value);
  if (text.length > MAX_PATH_LENGTH || !LOOKS_LIKE_PATH.test(text)) return text;
  return text.replace(SHORT_ESCAPE, (escape, name: string | undefined) =>
    name === undefined ? escape : `\\u${hexadecimalOf(SHORT_ESCAPES[name] ?? '')}`,
  );
}

/** Whether a string can stand without quotes, for this module's reader and for those of others. */
export function isPlainForAll(value: string): boolean {
  return !NEEDS_QUOTES.test(value) && isPlainForUs(value);
}

/** Whether it can for this module's reader. */
export function isPlainForUs(value: string): boolean {
  if (value !== value.trim() || INVISIBLE.test(value) || /^["']/.test(value) || CONTINUES.test(value)) return false;
  return !COMMENT.test(value) && decodeText(value) === value;
}

function isEnd(text: string, quote: number): boolean {
  return quote !== -1 && BLANKS_OR_COMMENT.test(text.slice(quote + 1));
}

/** @param text with its quotes. */
function contentOf(text: string): string {
  const literal = text.slice(1, -1);
  if (!literal.includes('\\')) return literal;
  const content = parseJson(text);
  if (typeof content !== 'string') return literal;
  // Half a surrogate pair is refused later, and not read as something else.
  const isOwn = quoteOwn(content) === text && !(isPlainForAll(content) && content.isWellFormed());
  // A quote that has a backslash before it has not ended the string.
  return isOwn || ONLY_ESCAPED_QUOTES.test(literal) ? content : literal;
}
