/** An INI file as its sections and lines, with what is told by the lines around a new one: see `iniEdit.ts`. */
import { endOfLine, lineEndOf, separatorLike, startOfLineBefore } from '../text/textLines.js';
import { PathTree } from '../text/PathTree.js';
import type { IniDialect } from './iniDialects.js';
import { pathOfSection } from './iniNames.js';
import { keyOfPair } from './iniReader.js';
import { scanIni, type IniHeader, type IniPair } from './iniScanner.js';

/** A section's header with the lines up to the next header; the first part of a file has none. */
export interface IniPart {
  readonly kind: 'part';
  readonly path: readonly string[];
  readonly header: IniHeader | undefined;
  readonly pairs: IniLine[];
  /** Of the next header's line, or the end of the text. */
  end: number;
}

export interface IniLine extends IniPair {
  readonly kind: 'line';
  readonly path: readonly string[];
  readonly part: IniPart;
  readonly isItem: boolean;
}

const USUAL_SEPARATOR = ' = ';

export class IniLayout {
  readonly text: string;
  readonly dialect: IniDialect;
  readonly lineEnd: string;
  /** In the order of the file; the first has no header. */
  readonly parts: IniPart[] = [];
  readonly tree = new PathTree<IniPart | IniLine>();
  readonly #comments = new Set<number>();
  #firstLine: IniLine | undefined;
  #closedAt = -1;

  constructor(text: string, dialect: IniDialect) {
    this.text = text;
    this.dialect = dialect;
    this.lineEnd = lineEndOf(text);
    let part = this.#addPart([], undefined);
    scanIni(text, dialect, {
      onHeader: (header) => {
        part.end = header.lineStart;
        part = this.#addPart(pathOfSection(text.slice(header.nameStart, header.nameEnd), dialect), header);
      },
      onPair: (pair) => this.#addLine(part, pair),
      onComment: (lineStart) => this.#comments.add(lineStart),
    });
  }

  isComment(lineStart: number): boolean {
    return this.#comments.has(lineStart);
  }

  isHeader(lineStart: number): boolean {
    return this.text.slice(lineStart, endOfLine(this.text, lineStart)).trimStart().startsWith('[');
  }

  /** Where a line is put that is the last of a part: behind its last pair, or its header. */
  endOfPairs({ header, pairs }: IniPart): number | undefined {
    return pairs.at(-1)?.next ?? header?.next;
  }

  /** Where what belongs to a part ends: before blank lines and the comment that stands above the next header. */
  endOfPart(part: IniPart): number {
    let end = part.end;
    const start = this.endOfPairs(part) ?? 0;
    if (end < this.text.length) end = this.#skipBack(end, start, (line) => this.isComment(line));
    return this.#skipBack(end, start, (line) => this.#isBlank(line, end));
  }

  /** Whether a line that is put at an offset would continue a value, because a backslash stands before. */
  isOpenAt(offset: number): boolean {
    if (this.dialect.backslashContinues === 'never' || offset === this.#closedAt) return false;
    // Further lines at this offset come behind the first one.
    this.#closedAt = offset;
    const start = this.#skipBack(offset, 0, (line) => this.dialect.comments.includes(this.#firstCharacter(line)));
    return /\\[ \t]*(?:\r\n?|\n)$/.test(this.text.slice(startOfLineBefore(this.text, start) ?? start, start));
  }

  #firstCharacter(lineStart: number): string {
    // A blank line has none that starts a comment.
    return this.text.slice(lineStart, endOfLine(this.text, lineStart)).trimStart().charAt(0) || ' ';
  }

  /** Where the next part starts with the comment above its header. */
  startOfNext(part: IniPart): number {
    const start = this.endOfPairs(part) ?? 0;
    return this.#skipBack(part.end, start, (line) => this.isComment(line));
  }

  /** A new line in the way of those around it. */
  formatLine(key: string, value: string, part: IniPart | undefined): string {
    const sibling = part?.pairs.findLast(({ hasDelimiter }) => hasDelimiter) ?? this.#firstLine;
    const indent = sibling === undefined ? '' : this.text.slice(sibling.lineStart, sibling.keyStart);
    const line = `${indent}${key}${this.separatorFor(key, sibling)}${value}`;
    return (value === '' ? line.trimEnd() : line) + this.lineEnd;
  }

  separatorFor(key: string, sibling: IniLine | undefined): string {
    const model = sibling ?? this.#firstLine;
    if (model === undefined) return USUAL_SEPARATOR;
    const { keyStart, keyEnd, valueStart, contentEnd, isContinued } = model;
    const separator = separatorLike(this.text.slice(keyEnd, valueStart), keyEnd - keyStart, key.length);
    // An empty value has no blank before it.
    const isEmpty = valueStart >= contentEnd || isContinued;
    return isEmpty && /^[ \t]/.test(separator) && !/[ \t]$/.test(separator) ? `${separator} ` : separator;
  }

  /** Whether the sections are set apart by blank lines; where there is only one, they should be. */
  get hasBlankLines(): boolean {
    const [, first, ...others] = this.parts;
    const headers = first === undefined || first.header?.lineStart !== 0 ? [first, ...others] : others;
    return headers.every((part) => part?.header === undefined || this.#isAfterBlank(part.header.lineStart));
  }

  #isAfterBlank(lineStart: number): boolean {
    const start = this.#skipBack(lineStart, 0, (line) => this.isComment(line));
    const above = startOfLineBefore(this.text, start);
    return above === undefined || this.#isBlank(above, start);
  }

  #skipBack(from: number, limit: number, isSkipped: (lineStart: number) => boolean): number {
    let start = from;
    let above = startOfLineBefore(this.text, start);
    while (above !== undefined && above >= limit && isSkipped(above)) {
      start = above;
      above = startOfLineBefore(this.text, start);
    }
    return start;
  }

  #isBlank(lineStart: number, limit: number): boolean {
    return /^[ \t]*(?:[\r\n]|$)/.test(this.text.slice(lineStart, limit));
  }

  #addPart(path: readonly string[], header: IniHeader | undefined): IniPart {
    const part: IniPart = { kind: 'part', path, header, pairs: [], end: this.text.length };
    this.parts.push(part);
    this.tree.add(path, part);
    return part;
  }

  #addLine(part: IniPart, pair: IniPair): void {
    const { key, isItem } = keyOfPair(this.text, pair, this.dialect);
    const line: IniLine = { ...pair, kind: 'line', path: [...part.path, key], part, isItem };
    if (pair.hasDelimiter) this.#firstLine ??= line;
    part.pairs.push(line);
    this.tree.add(line.path, line);
  }
}
