/** New text for a value that goes on over several lines by their indentation: lines that stay keep all their bytes. */
import type { IniDialect } from './iniDialects.js';
import { writeTemplate } from './iniInterpolation.js';
import { contentOfContinuation, readContinuedValue } from './iniValues.js';

const LINE = /[^\r\n]*(\r\n?|\n|$)/g;

/** What to put in the place of a part of the old value's text. */
export interface ContinuedEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly hasLostComment: boolean;
}

interface ValueLine {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly content: string;
}

/**
 * @param old from the start of the value to its end.
 * @returns undefined where the new value has no such spelling.
 */
export function hasInnerComment(old: string, dialect: IniDialect): boolean {
  return splitLines(old, dialect).comments.length > 0;
}

export function spellContinued(old: string, value: string, dialect: IniDialect): ContinuedEdit | undefined {
  if (dialect.indentContinues === 'never' || /\\[ \t]*[\r\n]/.test(old)) return undefined;
  const { lines, comments, lineEnd } = splitLines(old, dialect);
  const written = dialect.hasInterpolation ? writeTemplate(value) : value;
  if (written === undefined) return undefined;
  const wanted = written.split('\n');
  let first = 0;
  while (first < lines.length && first < wanted.length && lines[first]?.content === wanted[first]) first += 1;
  let last = 0;
  const most = Math.min(lines.length, wanted.length) - first;
  while (last < most && lines.at(-1 - last)?.content === wanted.at(-1 - last)) last += 1;
  const model = lines.find((line, index) => index > 0 && line.content !== '')?.text ?? '';
  const indent = /^[ \t]*/.exec(model)?.[0] ?? '';
  const start = first === 0 ? 0 : (lines[first - 1]?.end ?? 0);
  const isInserted = first > 0 && first + last === lines.length;
  const end = isInserted ? start : last === 0 ? old.length : (lines[lines.length - last]?.start ?? old.length);
  const middle = wanted.slice(first, wanted.length - last);
  const texts = middle.map((line, index) => (line === '' || first + index === 0 ? line : indent + line));
  // The line ends stand before each line but the first, and behind it where old lines follow.
  const opening = first > 0 && texts.length > 0 ? lineEnd : '';
  const closing = last > 0 && !isInserted && (texts.length > 0 || first > 0) ? lineEnd : '';
  const text = opening + texts.join(lineEnd) + closing;
  const edited = old.slice(0, start) + text + old.slice(end);
  if (!/[\r\n]/.test(edited) || readContinuedValue(edited, dialect).value !== value) return undefined;
  return { start, end, text, hasLostComment: comments.some((offset) => offset >= start && offset < end) };
}

function splitLines(old: string, dialect: IniDialect): { lines: ValueLine[]; comments: number[]; lineEnd: string } {
  const lines: ValueLine[] = [];
  const comments: number[] = [];
  let lineEnd = '\n';
  for (const found of old.matchAll(LINE)) {
    const [whole, ending = ''] = found;
    if (whole === '' && found.index > 0) break;
    if (ending !== '') lineEnd = ending;
    const text = whole.slice(0, whole.length - ending.length);
    const content = contentOfContinuation(text, dialect);
    if (content === undefined) comments.push(found.index);
    else lines.push({ start: found.index, end: found.index + text.length, text, content });
  }
  return { lines, comments, lineEnd };
}
