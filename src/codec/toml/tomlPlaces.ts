/** Where new keys and tables of a TOML text belong, and what goes with a table that is removed. */
import { behindLineEnd, blanksBefore, indentationAt, isLineEnd } from '../text/bracketedList.js';
import { endOfLine } from '../text/lines.js';
import { newlineOf } from '../text/newlineOf.js';
import type { TomlPair } from './tomlStatements.js';
import { blocksOf, dottedPairsOf, type TomlBlock, type TomlTable, type TomlTree } from './tomlTree.js';
import { formatKey } from './tomlWriter.js';

const SPACED_EQUALS = ' = ';

/** Where a new key is inserted, and what stands around it. */
export interface PairPlace {
  readonly offset: number;
  readonly before: string;
  readonly after: string;
  /** The keys before it, with their dots. */
  readonly prefix: string;
  readonly equals: string;
}

export class TomlPlaces {
  readonly #text: string;
  readonly #blocks: readonly TomlBlock[];
  readonly #newline: string;
  readonly #removed = new Set<TomlPair>();

  constructor(text: string, { blocks }: TomlTree) {
    this.#text = text;
    this.#blocks = blocks;
    this.#newline = newlineOf(text);
  }

  /** From now on nothing is put behind these pairs. */
  noteRemoved(pairs: readonly TomlPair[]): void {
    for (const pair of pairs) this.#removed.add(pair);
  }

  pairPlace(table: TomlTable): PairPlace {
    const { dotted, block } = table;
    const stays = (pair: TomlPair): boolean => !this.#removed.has(pair);
    if (dotted !== undefined) {
      const prefix = dotted.parts.map(({ start, end }) => this.#text.slice(start, end)).join('.');
      const staying = dottedPairsOf(table).filter(stays);
      const last = staying.toSorted((one, other) => one.start - other.start).at(-1);
      return last === undefined ? this.#insteadOf(dotted.last, `${prefix}.`) : this.#behind(last, `${prefix}.`);
    }
    const last = block?.pairs.findLast(stays);
    if (last !== undefined) return this.#behind(last, '');
    if (block?.header !== undefined) {
      const { start, end } = block.header;
      const before = this.#newline + indentationAt(this.#text, start);
      return { offset: endOfLine(this.#text, end), before, after: '', prefix: '', equals: SPACED_EQUALS };
    }
    return block === undefined ? this.#newHeader(table) : this.#firstInFile();
  }

  /** Where a new table of a table is inserted: behind the last of them, or in an empty file at its start. */
  sectionPlace(table: TomlTable): { readonly offset: number; readonly isBefore: boolean } {
    const last = blocksOf(table).at(-1) ?? this.#blocks[0];
    const offset = table.path.length === 0 ? this.#text.length : this.#endOf(last);
    return { offset, isBefore: false };
  }

  /** A section behind a place, with one empty line between. */
  spaced(offset: number, section: string): string {
    const before = this.#text.slice(Math.max(0, offset - LOOK_BACK), offset);
    if (before.trim() === '') return section + this.#newline;
    const isAtLineStart = isLineEnd(before.charAt(before.length - 1));
    if (!isAtLineStart) return this.#newline.repeat(2) + section;
    const hasBlankLine = /(?:\r\n|\r|\n)[ \t]*(?:\r\n|\r|\n)$/.test(before);
    return (hasBlankLine ? '' : this.#newline) + section + this.#newline;
  }

  /** From the header of an element to the end of what is in it; the comments right above the header go with it. */
  regionOf(table: TomlTable): readonly [start: number, end: number] {
    const blocks = blocksOf(table);
    return [this.#startOf(blocks[0]), this.#endOf(blocks.at(-1))];
  }

  /** What goes when blocks are removed: their comments, and the empty lines behind them. */
  cutsOf(removed: readonly TomlBlock[]): (readonly [start: number, end: number])[] {
    const cuts: (readonly [start: number, end: number])[] = [];
    /** Whether everything behind a block goes: then the empty lines before it do too, and the end of the file stays. */
    let isTail = true;
    let behind = this.#blocks.length;
    for (const block of removed.toSorted((left, right) => right.index - left.index)) {
      const end = this.#endOf(block);
      const next = this.#blocks[block.index + 1];
      const nextStart = next === undefined ? this.#text.length : this.#startOf(next);
      const isBlank = this.#text.slice(end, nextStart).trim() === '';
      const start = this.#startOf(block);
      isTail &&= isBlank && behind === block.index + 1;
      behind = block.index;
      if (!isBlank) cuts.push([start, behindLineEnd(this.#text, end)]);
      else if (!isTail) cuts.push([start, nextStart]);
      else cuts.push([this.#behindContent(start), next === undefined ? this.#text.length : nextStart]);
    }
    return cuts;
  }

  /** Behind the line end of the last line with something in it before a place. */
  #behindContent(offset: number): number {
    let end = offset;
    while (end > 0 && /\s/.test(this.#text.charAt(end - 1))) end -= 1;
    return end === 0 ? 0 : Math.min(offset, behindLineEnd(this.#text, endOfLine(this.#text, end)));
  }

  #behind({ start, end, parts, value }: TomlPair, prefix: string): PairPlace {
    const between = this.#text.slice(parts.at(-1)?.end ?? start, value.start);
    const equals = between === '=' ? between : SPACED_EQUALS;
    const before = this.#newline + indentationAt(this.#text, start);
    return { offset: endOfLine(this.#text, end), before, after: '', prefix, equals };
  }

  #insteadOf({ start }: TomlPair, prefix: string): PairPlace {
    const offset = blanksBefore(this.#text, start);
    const before = this.#text.slice(offset, start);
    return { offset, before, after: this.#newline, prefix, equals: SPACED_EQUALS };
  }

  /** Before the first header, and the comments right above it. */
  #firstInFile(): PairPlace {
    const first = this.#blocks[1];
    const common = { prefix: '', equals: SPACED_EQUALS };
    if (first !== undefined) {
      return { ...common, offset: this.#startOf(first), before: '', after: this.#newline.repeat(2) };
    }
    const isOpen = this.#text !== '' && !isLineEnd(this.#text.charAt(this.#text.length - 1));
    return {
      ...common,
      offset: this.#text.length,
      before: isOpen ? this.#newline : '',
      after: isOpen ? '' : this.#newline,
    };
  }

  /** Of a table that only the headers of its own tables tell of. */
  #newHeader(table: TomlTable): PairPlace {
    const [first] = blocksOf(table);
    const header = `[${table.path.map(formatKey).join('.')}]${this.#newline}`;
    const after = this.#newline.repeat(2);
    return { offset: this.#startOf(first), before: header, after, prefix: '', equals: SPACED_EQUALS };
  }

  /** With the comment lines right above the header. */
  #startOf(block: TomlBlock | undefined): number {
    const header = block?.header;
    if (header === undefined) return 0;
    let start = blanksBefore(this.#text, header.start);
    for (;;) {
      const before = this.#lineBefore(start);
      if (before === undefined || !this.#text.slice(before, start).trimStart().startsWith('#')) return start;
      start = before;
    }
  }

  #lineBefore(lineStart: number): number | undefined {
    if (lineStart === 0) return undefined;
    let start = lineStart - 1;
    if (this.#text.startsWith('\r\n', start - 1)) start -= 1;
    while (start > 0 && !isLineEnd(this.#text.charAt(start - 1))) start -= 1;
    return start;
  }

  /** Before the line end of the last line of a block. */
  #endOf(block: TomlBlock | undefined): number {
    const last = block?.pairs.at(-1) ?? block?.header;
    return last === undefined ? 0 : endOfLine(this.#text, last.end);
  }
}

/** Enough for two line ends with blanks between. */
const LOOK_BACK = 200;
