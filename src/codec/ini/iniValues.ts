/**
 * Values in INI files: typed text (see `typedText.ts`) with the quotes and the comments of the INI world.
 *
 * `;` or `#` after a blank starts a comment, but a value such as `#ff8000` is a value. `"..."` is a JSON string and `'...'`
 * is taken literally; quotes that fit neither are part of the string, as are the backslashes of a Windows path without
 * quotes.
 */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { findStringEnd } from '../json/jsonStrings.js';
import { decodeArray, decodeText, parseJson, stringifyText } from '../text/typedText.js';

const COMMENT = /(?:^;|^#(?=[ \t]|$)|[ \t][;#]).*$/s;
const BLANKS = ' \t';
const BLANKS_OR_COMMENT = /^[ \t]*(?:[;#].*)?$/s;
/** Other readers cut values at these characters or take them for quotes, and nobody sees the last ones. */
const NEEDS_QUOTES = /[;#\p{Cc}\u2028\u2029\uFEFF]|^["'[]/u;

/** What stands after the `=` of a line, blanks at both ends removed. */
export function decodeIniValue(text: string): ConfigurationValue {
  const quoted = decodeQuoted(text)?.content;
  if (quoted !== undefined) return quoted;
  const array = text.startsWith('[') ? decodeArray(text) : undefined;
  if (array !== undefined) return array;
  const bare = trimBlanks(text.replace(COMMENT, ''));
  return /^["']/.test(bare) ? bare : decodeText(bare);
}

/** Whether a comment follows the value, in what `decodeIniValue` takes. */
export function hasTrailingComment(text: string): boolean {
  const quoted = decodeQuoted(text);
  if (quoted !== undefined) return quoted.end < text.length;
  return COMMENT.test(text) && !(text.startsWith('[') && decodeArray(text) !== undefined);
}

/** The text of a value that `isTextValue`. */
export function encodeIniValue(value: ConfigurationValue): string {
  if (typeof value !== 'string') return stringifyText(value);
  const isPlain = value === value.trim() && !NEEDS_QUOTES.test(value) && decodeIniValue(value) === value;
  return isPlain ? value : stringifyText(value);
}

export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANKS.includes(text.charAt(start))) start += 1;
  while (end > start && BLANKS.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** The string that a value in quotes stands for, and where these end; undefined where the quotes are part of a string. */
function decodeQuoted(text: string): { readonly content: string; readonly end: number } | undefined {
  const isLiteral = text.startsWith("'");
  if (!isLiteral && !text.startsWith('"')) return undefined;
  const end = isLiteral ? text.indexOf("'", 1) : findStringEnd(text, 1);
  if (end === -1 || !BLANKS_OR_COMMENT.test(text.slice(end + 1))) return undefined;
  const content = isLiteral ? text.slice(1, end) : parseJson(text.slice(0, end + 1));
  return typeof content === 'string' ? { content, end: end + 1 } : undefined;
}
