/** Lines of a file that is edited: how they end, and which comment above one goes with it. */

const LINE_END = /\r\n?|\n/;
/** `name = value` behind the mark of a comment: a setting that somebody switched off, and no remark about the next one. */
const LOOKS_LIKE_DATA = /^[ \t\f]*[#;!]+[ \t]*[\w.\-[\]]+[ \t]*[=:][^=/]/;

const LINE_FEED = '\n'.charCodeAt(0);
const CARRIAGE_RETURN = '\r'.charCodeAt(0);
/** Enough of a line to tell what it starts with. */
const LOOKAHEAD = 200;

/** The codes of the characters of a text, which a loop compares faster. */
export function codesOf(characters: string): readonly number[] {
  return Array.from(characters, (character) => character.charCodeAt(0));
}

const [TAB = 0, SPACE = 0] = codesOf('\t ');

function isBlankCode(code: number): boolean {
  return code === TAB || code === SPACE;
}

export function isLineEnd(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN;
}

/** Of the line that an offset is in: where its end begins, or the text ends. */
export function endOfLine(text: string, start: number): number {
  let offset = start;
  while (offset < text.length && !isLineEnd(text.charCodeAt(offset))) offset += 1;
  return offset;
}

/** The start of the next line, from the end of one. */
export function afterLineEnd(text: string, offset: number): number {
  const isPair = text.charCodeAt(offset) === CARRIAGE_RETURN && text.charCodeAt(offset + 1) === LINE_FEED;
  return Math.min(offset + (isPair ? 2 : 1), text.length);
}

/** How the first line ends; a line feed where there is only one line. */
export function lineEndOf(text: string): string {
  return LINE_END.exec(text)?.[0] ?? '\n';
}

function endsLine(text: string): boolean {
  return text.endsWith('\n') || text.endsWith('\r');
}

/** Adds lines to a text that are whole, though the last of the old ones has no end; that one is missing again afterwards. */
export function withFinalLineEnd(text: string, edit: (text: string) => string): string {
  if (text === '' || endsLine(text)) return edit(text);
  return edit(text + lineEndOf(text)).replace(/(?:\r\n?|\n)$/, '');
}

/** Of the line before the one that starts at an offset; undefined for the first. */
export function startOfLineBefore(text: string, lineStart: number): number | undefined {
  if (lineStart === 0) return undefined;
  const isPair = text.charCodeAt(lineStart - 1) === LINE_FEED && text.charCodeAt(lineStart - 2) === CARRIAGE_RETURN;
  return startOfLine(text, lineStart - (isPair ? 2 : 1));
}

/** Goes back no further than to the line end before. */
function startOfLine(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isLineEnd(text.charCodeAt(start - 1))) start -= 1;
  return start;
}

/** The blanks before a place that is the first in its line; undefined where something else stands before it. */
export function indentBefore(text: string, offset: number): string | undefined {
  let start = offset;
  while (start > 0 && isBlankCode(text.charCodeAt(start - 1))) start -= 1;
  return start === 0 || isLineEnd(text.charCodeAt(start - 1)) ? text.slice(start, offset) : undefined;
}

export interface LineRange {
  readonly lineStart: number;
  readonly next: number;
}

/**
 * Where to start when a setting is removed: at its line, or at the comment above it where that is unmistakably its own. That
 * is one that stands right above it and not at the top of the file, says nothing that looks like a setting, and has no other
 * setting right below.
 *
 * @param isComment whether a comment starts the line at an offset.
 * @param mayStandAbove whether a comment below the line at an offset, if that is not blank, is none about a group.
 */
export function startWithOwnComment(
  text: string,
  { lineStart, next }: LineRange,
  isComment: (lineStart: number) => boolean,
  mayStandAbove: (lineStart: number) => boolean = () => true,
): number {
  const isAlone =
    next >= text.length || isComment(next) || /^[ \t\f]*(?:[\r\n[]|$)/.test(text.slice(next, next + LOOKAHEAD));
  if (!isAlone) return lineStart;
  let start = lineStart;
  let above = startOfLineBefore(text, start);
  while (above !== undefined && isComment(above)) {
    if (LOOKS_LIKE_DATA.test(text.slice(above, start))) return lineStart;
    start = above;
    above = startOfLineBefore(text, start);
  }
  return above === undefined || !(isBlankLine(text, above, start) || mayStandAbove(above)) ? lineStart : start;
}

function isBlankLine(text: string, start: number, end: number): boolean {
  return text.slice(start, end).trim() === '';
}

const SEPARATOR = /^([ \t\f]*)([=:]?)([ \t\f]*)/;

/**
 * What to write between a new key and its value, as a sibling has it; where that is aligned with others by blanks, the value
 * comes into the same column.
 *
 * @param separator of the sibling; without a mark and blanks where it has none.
 */
export function separatorLike(separator: string, siblingLength: number, keyLength: number): string {
  const [whole = '', before = '', mark = '', after = ''] = SEPARATOR.exec(separator) ?? [];
  if (before.length <= 1 || /[\t\f]/.test(before)) return whole;
  return ' '.repeat(Math.max(siblingLength + before.length - keyLength, 1)) + mark + after;
}
