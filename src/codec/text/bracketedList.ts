/**
 * Edits of what stands between brackets, separated by commas: objects and arrays of JSON, flow collections of YAML, arrays and
 * inline tables of TOML. Entries that stay keep every byte; a new one stands where it belongs, in the list's own style.
 */
import type { Splices } from './Splices.js';

const ABSENT = -1;
const HAS_LINE_END = /[\r\n]/;
/** Characters of a line whose start is looked for, so that a file of one line does not take forever. */
const MAX_LINE = 10_000;

export interface ListEntry {
  readonly start: number;
  readonly end: number;
  /** Of the comma after it; -1 where there is none. */
  readonly comma: number;
}

export interface BracketedList {
  /** Behind the opening bracket. */
  readonly open: number;
  /** Of the closing bracket. */
  readonly close: number;
  readonly entries: readonly ListEntry[];
}

/** The text of a new entry; in a list over several lines it may have more lines, with this indentation. */
export type NewEntry = (indentation: string | undefined) => string;

/** What the list is to hold: indexes of entries that stay, which rise, and new ones. */
export type ListOutput = readonly (number | NewEntry)[];

export interface ListStyle {
  readonly newline: string;
  /** One more level of indentation. */
  readonly unit: string;
  /** A comment that starts at a place, without the line end after it; sticky. */
  readonly comment: RegExp;
  /** Between entries on one line, where the list has none that show it. */
  readonly separator: string;
  /** Inside of the brackets of a list on one line that was empty. */
  readonly padding: string;
  /** Whether an empty list gets a line for each of its entries. */
  readonly opensEmpty: boolean;
}

export function editList(
  splices: Splices,
  text: string,
  list: BracketedList,
  output: ListOutput,
  style: ListStyle,
): void {
  new ListEdit(splices, text, list, style).run(output);
}

class ListEdit {
  readonly #splices: Splices;
  readonly #text: string;
  readonly #list: BracketedList;
  readonly #style: ListStyle;
  readonly #isTrailing: boolean;

  constructor(splices: Splices, text: string, list: BracketedList, style: ListStyle) {
    this.#splices = splices;
    this.#text = text;
    this.#list = list;
    this.#style = style;
    this.#isTrailing = (list.entries.at(-1)?.comma ?? ABSENT) !== ABSENT;
  }

  run(output: ListOutput): void {
    const { open, close, entries } = this.#list;
    const isBlank = this.#text.slice(open, close).trim() === '';
    if (entries.length === 0 && isBlank) return this.#fill(output as readonly NewEntry[]);
    if (output.length === 0 && !this.#hasComments()) return this.#splices.cut(open, close);
    this.#removeOthers(new Set(output.filter((element) => typeof element === 'number')));
    let anchor: ListEntry | undefined;
    let added: NewEntry[] = [];
    for (const [position, element] of output.entries()) {
      if (typeof element === 'function') {
        added.push(element);
        continue;
      }
      const entry = entries[element];
      if (entry === undefined) throw new RangeError('no such entry');
      this.#add(added, anchor, entry);
      added = [];
      anchor = entry;
      this.#setComma(entry, position < output.length - 1 || this.#isTrailing);
    }
    this.#add(added, anchor, undefined);
  }

  #hasComments(): boolean {
    const { open, close, entries } = this.#list;
    let from = open;
    for (const { start, end } of [...entries, { start: close, end: close }]) {
      if (/[^\s,]/.test(this.#text.slice(from, start))) return true;
      from = end;
    }
    return false;
  }

  /** Of a list that has nothing in it. */
  #fill(added: readonly NewEntry[]): void {
    const { open, close } = this.#list;
    if (added.length === 0) return;
    const { newline, unit, opensEmpty, separator, padding } = this.#style;
    const isOpen = opensEmpty || HAS_LINE_END.test(this.#text.slice(open, close));
    if (!isOpen) {
      const entries = added.map((make) => make(undefined)).join(`,${separator}`);
      return this.#splices.replace(open, close, `${padding}${entries}${padding}`);
    }
    const outer = indentationAt(this.#text, open);
    const inner = outer + unit;
    const lines = added.map((make) => inner + make(inner)).join(`,${newline}`);
    this.#splices.replace(open, close, `${newline}${lines}${newline}${outer}`);
  }

  #setComma({ end, comma }: ListEntry, isWanted: boolean): void {
    if (isWanted && comma === ABSENT) this.#splices.insert(end, ',');
    if (!isWanted && comma !== ABSENT) this.#splices.cut(comma, comma + 1);
  }

  #removeOthers(staying: ReadonlySet<number>): void {
    const { entries } = this.#list;
    const last = largestOf(staying);
    /** Where the entry before ended, where it went too and shared its line. */
    let cutTo: number | undefined;
    for (const [index, { start, end, comma }] of entries.entries()) {
      const before = cutTo;
      cutTo = undefined;
      if (staying.has(index)) continue;
      const after = comma === ABSENT ? end : comma + 1;
      const blanks = blanksBefore(this.#text, start);
      const startsLine = isLineEnd(this.#text.charAt(blanks - 1));
      const lineEnd = startsLine ? this.#endOfLine(after) : undefined;
      if (lineEnd !== undefined) this.#splices.cut(blanks, behindLineEnd(this.#text, lineEnd));
      else if (index < last) this.#splices.cut(start, blanksBehind(this.#text, after));
      else {
        // Behind the last one that stays nothing is left, not even blanks.
        this.#splices.cut(before ?? (last === ABSENT || startsLine ? start : blanks), after);
        cutTo = after;
      }
    }
  }

  /** Adds entries behind one that stays, or at the start; `next` is the one that follows. */
  #add(added: readonly NewEntry[], anchor: ListEntry | undefined, next: ListEntry | undefined): void {
    if (added.length === 0) return;
    const { newline } = this.#style;
    const indentation = this.#indentation();
    const commaOf = (index: number): string =>
      index < added.length - 1 || next !== undefined || this.#isTrailing ? ',' : '';
    const behind = this.#behind(anchor);
    if (indentation !== undefined) {
      const texts = added.map((make, index) => `${newline}${indentation}${make(indentation)}${commaOf(index)}`);
      return this.#splices.insert(this.#endOfLine(behind) ?? behind, texts.join(''));
    }
    const separator = this.#separator();
    const texts = added.map((make, index) => make(undefined) + commaOf(index));
    if (anchor !== undefined) return this.#splices.insert(behind, texts.map((one) => separator + one).join(''));
    const at = next ?? this.#list.entries[0];
    if (at !== undefined)
      return this.#splices.insert(at.start, texts.join(separator) + (next === undefined ? '' : separator));
    this.#splices.insert(behind, texts.join(separator));
  }

  /** Where something new stands: behind an entry with its comma, or behind the comments of a list that has nothing else. */
  #behind(anchor: ListEntry | undefined): number {
    if (anchor !== undefined) return anchor.comma === ABSENT ? anchor.end : anchor.comma + 1;
    const { open, close, entries } = this.#list;
    return entries.length > 0 ? open : open + this.#text.slice(open, close).trimEnd().length;
  }

  /** Of an entry that has a line of its own; undefined where entries share a line with the bracket. */
  #indentation(): string | undefined {
    const { open, close, entries } = this.#list;
    const [first] = entries;
    if (!HAS_LINE_END.test(this.#text.slice(open, first?.start ?? close))) return undefined;
    return first === undefined
      ? indentationAt(this.#text, open) + this.#style.unit
      : indentationAt(this.#text, first.start);
  }

  #separator(): string {
    for (const [index, { comma }] of this.#list.entries.entries()) {
      const next = this.#list.entries[index + 1];
      const between = next === undefined ? undefined : this.#text.slice(comma + 1, next.start);
      if (between !== undefined && /^[ \t]*$/.test(between)) return between;
    }
    return this.#style.separator;
  }

  /** Where the line ends, with nothing but blanks and comments before; undefined where something else comes. */
  #endOfLine(offset: number): number | undefined {
    const { comment } = this.#style;
    let at = blanksBehind(this.#text, offset);
    for (;;) {
      comment.lastIndex = at;
      const found = comment.exec(this.#text);
      if (found === null) break;
      at = blanksBehind(this.#text, at + found[0].length);
    }
    return at >= this.#text.length || isLineEnd(this.#text.charAt(at)) ? at : undefined;
  }
}

function largestOf(indexes: ReadonlySet<number>): number {
  let largest = ABSENT;
  for (const index of indexes) largest = Math.max(largest, index);
  return largest;
}

/** The blanks that the line of a place starts with; none where the line is longer than any that somebody indents. */
export function indentationAt(text: string, offset: number): string {
  let start = offset;
  while (start > 0 && !isLineEnd(text.charAt(start - 1))) {
    if (offset - start > MAX_LINE) return '';
    start -= 1;
  }
  return text.slice(start, Math.min(offset, blanksBehind(text, start)));
}

export function isLineEnd(character: string): boolean {
  return character === '\n' || character === '\r';
}

/** Where the blanks before a place start. */
export function blanksBefore(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && isBlank(text.charAt(start - 1))) start -= 1;
  return start;
}

/** Where the blanks from a place on end. */
function blanksBehind(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && isBlank(text.charAt(end))) end += 1;
  return end;
}

/** Behind the line end that stands at a place. */
export function behindLineEnd(text: string, offset: number): number {
  return text.startsWith('\r\n', offset) ? offset + 2 : Math.min(offset + 1, text.length);
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t';
}
