/** Lines of a text that entries stand on, and what belongs to an entry beside itself. */
import { behindLineEnd, blanksBefore, isLineEnd } from './bracketedList.js';

/** Where the line of a place ends, before its line end. */
export function endOfLine(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && !isLineEnd(text.charAt(end))) end += 1;
  return end;
}

/** Whether nothing but blanks stands before a place in its line. */
export function startsItsLine(text: string, offset: number): boolean {
  const before = blanksBefore(text, offset);
  return before === 0 || isLineEnd(text.charAt(before - 1));
}

/**
 * All lines of an entry, with the line end; the comment lines above it go with it where it is alone with them between two
 * blank lines, so that they are about nothing else, and one of the blank lines.
 *
 * @param start where the entry starts, as the first thing in its line.
 * @param end in its last line.
 */
export function linesOf(text: string, start: number, end: number, mark: string): readonly [start: number, end: number] {
  const first = blanksBefore(text, start);
  const lineEnd = endOfLine(text, end);
  const next = behindLineEnd(text, lineEnd);
  if (next >= text.length && lineEnd === text.length) return [lineBreakBefore(text, first), lineEnd];
  const blankEnd = endOfLine(text, next);
  const comments = ownComments(text, first, mark);
  if (comments === first || text.slice(next, blankEnd).trim() !== '') return [first, next];
  return [comments, behindLineEnd(text, blankEnd)];
}

/** Where the comment lines above a line start, if a blank line stands before them; otherwise where the line does. */
function ownComments(text: string, lineStart: number, mark: string): number {
  let start = lineStart;
  while (start > 0) {
    const before = startOfLineBefore(text, start);
    const line = text.slice(before, start).trim();
    if (line === '') return start;
    if (!line.startsWith(mark)) return lineStart;
    start = before;
  }
  return lineStart;
}

function startOfLineBefore(text: string, lineStart: number): number {
  let start = lineBreakBefore(text, lineStart);
  while (start > 0 && !isLineEnd(text.charAt(start - 1))) start -= 1;
  return start;
}

/** Where the line break before a line starts. */
function lineBreakBefore(text: string, lineStart: number): number {
  if (text.startsWith('\r\n', lineStart - 2)) return Math.max(0, lineStart - 2);
  return Math.max(0, lineStart - 1);
}
