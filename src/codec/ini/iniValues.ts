/**
 * Values in INI files, as the rules of a dialect have them: typed text (see `typedText.ts`) with the quotes, the comments
 * and the continuation lines of the INI world.
 *
 * In the general dialect `"..."` and `'...'` are taken literally, backslashes included, because a Windows path is what they
 * are mostly about. An exception is what this module writes, a JSON string where one is needed; see `iniQuotes.ts`.
 */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { findStringEnd } from '../json/jsonStrings.js';
import { decodeArray, decodeText } from '../text/typedText.js';
import type { IniDialect } from './iniDialects.js';
import { readTemplate } from './iniInterpolation.js';
import { readOwnQuotes } from './iniQuotes.js';

const LINE_END = /\r\n?|\n/;
/** Behind a blank, or instead of a value; `#ff8000` is a value. */
const COMMENT_AFTER_BLANK = /(?:^;|^#(?=[ \t]|$)|[ \t][;#]).*$/s;
const BLANKS = ' \t';

export interface IniText {
  readonly value: ConfigurationValue;
  /** Where the value ends, quotes included, in the text that was read; blanks or a comment may follow. */
  readonly end: number;
}

/** What stands behind the delimiter of a line, blanks at both ends removed. */
export function readIniValue(text: string, dialect: IniDialect): IniText {
  if (dialect.hasOwnQuotes) {
    const quoted = readOwnQuotes(text);
    if (quoted !== undefined) return quoted;
  } else if (dialect.quotesAnywhere) {
    return readWithQuotesAnywhere(text, dialect);
  } else if (text !== '' && dialect.quotes.includes(text.charAt(0))) {
    const enclosed = readEnclosed(text, dialect);
    if (enclosed !== undefined) return enclosed;
  }
  const array = text.startsWith('[') ? readArray(text, dialect) : undefined;
  if (array !== undefined) return array;
  const bare = trimBlanks(text.slice(0, findInlineComment(text, dialect)));
  return { value: decodeBare(bare, dialect), end: bare.length };
}

/** What stands behind the delimiter of a line and in those that continue it. */
export function readContinuedValue(text: string, dialect: IniDialect): IniText {
  const lines = text.split(LINE_END);
  const isJoined = dialect.backslashContinues !== 'never' && /\\[ \t]*$/.test(lines[0] ?? '');
  if (isJoined) return { ...readIniValue(joinBackslashed(lines, dialect), dialect), end: text.length };
  const contents = lines.map((line) => contentOfContinuation(line, dialect)).filter((line) => line !== undefined);
  return { value: decodeBare(contents.join('\n'), dialect), end: text.length };
}

/** What a line adds to a value that goes on by indentation; undefined where it is a comment. */
export function contentOfContinuation(line: string, dialect: IniDialect): string | undefined {
  const text = trimBlanks(line);
  if (text !== '' && dialect.comments.includes(text.charAt(0))) return undefined;
  return trimBlanks(text.slice(0, findInlineComment(text, dialect)));
}

export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANKS.includes(text.charAt(start))) start += 1;
  while (end > start && BLANKS.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Quotes that are part of a string stay so, though typed text could take them for its own. */
function decodeBare(text: string, { hasInterpolation }: IniDialect): ConfigurationValue {
  const value = /^["']/.test(text) ? text : decodeText(text);
  return hasInterpolation && typeof value === 'string' ? readTemplate(value) : value;
}

/** A list in the spelling of JSON; undefined where the value is none, or something else than a comment follows. */
function readArray(text: string, dialect: IniDialect): IniText | undefined {
  const end = endOfBrackets(text);
  const rest = text.slice(end);
  if (trimBlanks(rest.slice(0, findInlineComment(rest, dialect))) !== '') return undefined;
  const value = decodeArray(text.slice(0, end));
  return value === undefined ? undefined : { value, end };
}

/** Behind the bracket that closes the first one; the end of the text where none does. */
function endOfBrackets(text: string): number {
  let depth = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const character = text.charAt(offset);
    if (character === '"') {
      const end = findStringEnd(text, offset + 1);
      if (end === -1) break;
      offset = end;
    } else if (character === '[') {
      depth += 1;
    } else if (character === ']') {
      depth -= 1;
      if (depth === 0) return offset + 1;
    }
  }
  return text.length;
}

/** Where a comment starts behind a value without quotes; the end where there is none. */
function findInlineComment(text: string, { inlineComments, needsBlank }: IniDialect): number {
  if (inlineComments === '') return text.length;
  if (needsBlank) {
    const found = text.search(COMMENT_AFTER_BLANK);
    return found === -1 ? text.length : found;
  }
  for (let offset = 0; offset < text.length; offset++) {
    if (inlineComments.includes(text.charAt(offset))) return offset;
  }
  return text.length;
}

function joinBackslashed(lines: readonly string[], { escapes, comments, backslashStandsFor }: IniDialect): string {
  // Where a backslash is an escape, it takes away nothing but the line end.
  const parts = lines.map((line) => (escapes === undefined ? trimBlanks(line) : line));
  const isComment = (part: string) => escapes === undefined && part !== '' && comments.includes(part.charAt(0));
  const [first = '', ...others] = parts;
  return trimBlanks(
    [first, ...others.filter((part) => !isComment(part))]
      .map((part) => (part.endsWith('\\') ? part.slice(0, -1) + backslashStandsFor : part))
      .join(''),
  );
}

/** A value that is in quotes as a whole; undefined where something else than a comment follows them, or they stay open. */
function readEnclosed(text: string, dialect: IniDialect): IniText | undefined {
  const quote = text.charAt(0);
  const escapes = quote === '"' || !dialect.escapesInQuotesOnly ? dialect.escapes : undefined;
  let content = '';
  for (let offset = 1; offset < text.length; offset++) {
    const character = text.charAt(offset);
    if (character === quote) {
      const rest = trimBlanks(text.slice(offset + 1));
      return rest === '' || dialect.inlineComments.includes(rest.charAt(0))
        ? { value: content, end: offset + 1 }
        : undefined;
    }
    const escaped = character === '\\' ? escapes?.[text.charAt(offset + 1)] : undefined;
    content += escaped ?? character;
    if (escaped !== undefined) offset += 1;
  }
  return undefined;
}

/** As git reads: quotes open and close anywhere, escapes work inside and outside of them. */
function readWithQuotesAnywhere(text: string, dialect: IniDialect): IniText {
  const { quotes, escapes, inlineComments } = dialect;
  let content = '';
  let isQuoted = false;
  let isPlain = true;
  /** Lengths of the content and the text without blanks that a comment or the end follows. */
  let kept = { content: 0, end: 0 };
  for (let offset = 0; offset < text.length; offset++) {
    const character = text.charAt(offset);
    const escaped = character === '\\' ? escapes?.[text.charAt(offset + 1)] : undefined;
    if (!isQuoted && inlineComments.includes(character)) break;
    if (quotes.includes(character)) isQuoted = !isQuoted;
    else content += escaped ?? character;
    if (escaped !== undefined) offset += 1;
    if (escaped !== undefined || quotes.includes(character)) isPlain = false;
    if (isQuoted || !BLANKS.includes(character)) kept = { content: content.length, end: offset + 1 };
  }
  const value = content.slice(0, kept.content);
  return { value: isPlain ? decodeBare(value, dialect) : value, end: kept.end };
}
