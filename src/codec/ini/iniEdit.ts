/** Edits of the lines and sections of an INI file, in the style of those around them. */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { Difference, ItemDifference } from '../../edits/Difference.js';
import { differenceOf } from '../../edits/differenceOf.js';
import { findDifferences } from '../../value/valueEquality.js';
import { isObject, refuse, type DomainProblem } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import type { LostLayout } from '../Codec.js';
import { editDotted, type DottedLines } from '../text/dottedEdit.js';
import { membersOfRoot, splitOwnValue } from '../text/dottedTree.js';
import { startWithOwnComment, withFinalLineEnd } from '../text/textLines.js';
import { Splices } from '../text/Splices.js';
import type { IniDialect } from './iniDialects.js';
import { IniLayout, type IniLine, type IniPart } from './IniLayout.js';
import { encodeKey, nameOfSection } from './iniNames.js';
import { contentOfPair, ITEM_SUFFIX } from './iniReader.js';
import { hasInnerComment, spellContinued } from './iniContinuation.js';
import { spellArray, spellValue, WORD, type IniSpelling } from './iniSpelling.js';
import { readIniValue } from './iniValues.js';
import { isList } from './iniWriter.js';

export interface EditedIni {
  readonly text: string;
  readonly lost: readonly LostLayout[];
  /** False where something could only be written as text that is read as another value. */
  readonly isExact: boolean;
}

/** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the paths of what the dialect has no form for.
 */
export function editIni(
  previous: string,
  before: ConfigurationValue,
  difference: Difference,
  dialect: IniDialect,
): EditedIni {
  let edited: EditedIni | undefined;
  const text = withFinalLineEnd(previous, (whole) => {
    const lines = new IniLines(new IniLayout(whole, dialect));
    editDotted(before, difference, lines);
    edited = { text: lines.toText(), lost: lines.lost, isExact: lines.isExact };
    return edited.text;
  });
  return { lost: [], isExact: true, ...edited, text };
}

class IniLines implements DottedLines {
  readonly lost: LostLayout[] = [];
  isExact = true;
  readonly #layout: IniLayout;
  readonly #splices = new Splices();
  readonly #problems: DomainProblem[] = [];
  /** The root, which had no keys, has got some. */
  #isOpened = false;
  /** Where the lines of a section go, by its path. */
  readonly #places = new Map<string, IniPart | undefined>();
  readonly #removedParts = new Set<IniPart>();
  /** Lines of sections that are not in the file, by their paths. */
  readonly #newSections = new Map<string, { readonly path: readonly string[]; readonly lines: string[] }>();

  constructor(layout: IniLayout) {
    this.#layout = layout;
  }

  toText(): string {
    this.#addNewSections();
    refuse(this.#problems);
    return this.#splices.apply(this.#layout.text);
  }

  replace(path: readonly string[], value: ConfigurationValue, items?: readonly ItemDifference[]): void {
    const fresh = new Map<string, { path: readonly string[]; value: ConfigurationValue }>();
    const objects = new Map<string, readonly string[]>();
    if (path.length === 0) this.#collect(path, Object.fromEntries(membersOfRoot(value)), fresh, objects);
    else this.#collect(path, value, fresh, objects);
    const old = new Map<string, IniLine[]>();
    const parts: { id: string; part: IniPart }[] = [];
    this.#layout.tree.at(path)?.visit((_, entry) => {
      const id = JSON.stringify(entry.path);
      if (entry.kind === 'part') parts.push({ id, part: entry });
      else if (old.has(id)) old.get(id)?.push(entry);
      else old.set(id, [entry]);
    });
    for (const { id, part } of parts) {
      if (part.header !== undefined && !objects.has(id)) this.#removePart(part);
    }
    for (const [id, lines] of old) {
      const leaf = fresh.get(id);
      fresh.delete(id);
      if (leaf === undefined) for (const line of lines) this.#removeLine(line);
      else this.#setLines(lines, leaf.value, leaf.path.length === path.length ? items : undefined);
    }
    for (const { id } of parts) objects.delete(id);
    for (const objectPath of objects.values()) if (objectPath.length > 0) this.#openSection(objectPath);
    for (const leaf of fresh.values()) this.#addLeaf(leaf.path, leaf.value);
  }

  remove(path: readonly string[]): void {
    const lines: IniLine[] = [];
    this.#layout.tree.at(path)?.visit((_, entry) => {
      if (entry.kind === 'part') this.#removePart(entry);
      else lines.push(entry);
    });
    for (const line of lines) this.#removeLine(line);
  }

  add(path: readonly string[], value: ConfigurationValue): void {
    if (!isObject(value)) {
      this.#addLeaf(path, value);
      return;
    }
    const { ownValue, members } = splitOwnValue(value);
    if (ownValue !== undefined) this.#addLeaf(path, ownValue);
    const isPlaceNeeded = members.length === 0 || members.some(([, member]) => !isObject(member));
    if (isPlaceNeeded && this.#partAt(path) === undefined) this.#openSection(path);
    for (const [key, member] of members) this.add([...path, key], member);
  }

  rename(path: readonly string[], key: string): void {
    this.#layout.tree.at(path)?.visit((steps, entry) => {
      const renamed = [...path.slice(0, -1), key, ...steps];
      if (entry.kind === 'part') {
        const name = nameOfSection(renamed, this.#layout.dialect);
        if (entry.header !== undefined && name !== undefined) {
          this.#splices.replace(entry.header.nameStart, entry.header.nameEnd, name);
        }
      } else if (steps.length === 0) {
        this.#splices.replace(entry.keyStart, entry.keyEnd, encodeKey(key) + (entry.isItem ? ITEM_SUFFIX : ''));
      }
    });
  }

  /** What a value has in the file: the values with lines, and the objects with a header of their own. */
  #collect(
    path: readonly string[],
    value: ConfigurationValue,
    leaves: Map<string, { path: readonly string[]; value: ConfigurationValue }>,
    objects: Map<string, readonly string[]>,
  ): void {
    if (!isObject(value)) {
      leaves.set(JSON.stringify(path), { path, value });
      return;
    }
    const { ownValue, members } = path.length === 0 ? asRoot(value) : splitOwnValue(value);
    if (ownValue !== undefined) leaves.set(JSON.stringify(path), { path, value: ownValue });
    const hasHeader = members.length === 0 || this.#layout.tree.at(path)?.entries.some(({ kind }) => kind === 'part');
    if (hasHeader === true) objects.set(JSON.stringify(path), path);
    for (const [key, member] of members) this.#collect([...path, key], member, leaves, objects);
  }

  #partAt(path: readonly string[]): IniPart | undefined {
    const parts = this.#layout.tree.at(path)?.entries.filter((entry): entry is IniPart => entry.kind === 'part') ?? [];
    const left = parts.filter((part) => !this.#removedParts.has(part));
    return left.findLast(({ pairs }) => pairs.length > 0) ?? left.at(-1);
  }

  /** The last part among those that share the most of a path; the last of all where none shares anything. */
  #partNear(path: readonly string[]): IniPart | undefined {
    const near = this.#layout.tree.at(path.slice(0, 1))?.lastNear(path.slice(1));
    return (near?.kind === 'line' ? near.part : near) ?? this.#layout.parts.at(-1);
  }

  #addLeaf(path: readonly string[], value: ConfigurationValue): void {
    const sectionPath = path.slice(0, -1);
    const id = JSON.stringify(sectionPath);
    const part = this.#places.has(id) ? this.#places.get(id) : this.#partAt(sectionPath);
    this.#places.set(id, part);
    const text = this.#linesOf(path, value, part ?? this.#partNear(sectionPath)).join('');
    if (part === undefined) {
      this.#openSection(sectionPath).push(text);
      return;
    }
    const end = this.#layout.endOfPairs(part);
    if (end !== undefined) this.#insertLines(end, text);
    else this.#addFirst(part, text);
  }

  /** Keys of the root in a file that begins with a section, or has nothing but comments: set apart from both. */
  #addFirst(part: IniPart, lines: string): void {
    const { text, lineEnd } = this.#layout;
    const end = this.#layout.endOfPart(part);
    const isApart = end >= text.length || /^[\r\n]/.test(text.slice(end, end + 1));
    this.#insertLines(end, (end > 0 && !this.#isOpened ? lineEnd : '') + lines + (isApart ? '' : lineEnd));
    this.#isOpened = true;
  }

  #insertLines(offset: number, lines: string): void {
    this.#splices.insert(offset, this.#layout.isOpenAt(offset) ? this.#layout.lineEnd + lines : lines);
  }

  #openSection(path: readonly string[]): string[] {
    const id = JSON.stringify(path);
    const section = this.#newSections.get(id) ?? { path, lines: [] };
    this.#newSections.set(id, section);
    return section.lines;
  }

  /** Behind the last section that shares the most of the path. */
  #addNewSections(): void {
    const { text, lineEnd, hasBlankLines, dialect, parts } = this.#layout;
    for (const { path, lines } of this.#newSections.values()) {
      const name = nameOfSection(path, dialect);
      if (name === undefined) {
        this.#problems.push({
          path: formatPath(path),
          reason: 'the owner of the file knows no sections inside others',
        });
        continue;
      }
      const part = this.#partNear(path);
      const offset = part === undefined || part === parts.at(-1) ? text.length : this.#layout.endOfPart(part);
      const isFirst = offset === 0 || (text.slice(0, offset).trim() === '' && part?.header === undefined);
      const gap = !isFirst && hasBlankLines ? lineEnd : '';
      this.#insertLines(offset, `${gap}[${name}]${lineEnd}${lines.join('')}`);
    }
  }

  #linesOf(path: readonly string[], value: ConfigurationValue, part: IniPart | undefined): string[] {
    const { dialect } = this.#layout;
    const key = encodeKey(path.at(-1) ?? '');
    if (Array.isArray(value) && dialect.repeatedKeys === 'list' && value.length < 2 && !dialect.hasItemKeys) {
      this.isExact = false;
    }
    if (!isList(value) || !(dialect.hasItemKeys || dialect.repeatedKeys === 'list')) {
      return Array.isArray(value) && value.length === 0 && !this.isExact ? [] : [this.#lineOf(key, path, value, part)];
    }
    const name = dialect.hasItemKeys ? key + ITEM_SUFFIX : key;
    return value.map((item) => this.#lineOf(name, path, item, part));
  }

  #lineOf(key: string, path: readonly string[], value: ConfigurationValue, part: IniPart | undefined): string {
    return this.#layout.formatLine(key, this.#spell(path, value).text, part);
  }

  #spell(path: readonly string[], value: ConfigurationValue, like = ''): IniSpelling {
    const spelling = spellValue(value, this.#layout.dialect, like);
    if (spelling === undefined) {
      this.#problems.push({ path: formatPath(path), reason: 'the rules of the file have no spelling for this value' });
      return { text: '', isExact: true };
    }
    if (!spelling.isExact) this.isExact = false;
    return spelling;
  }

  #setLines(lines: readonly IniLine[], value: ConfigurationValue, items?: readonly ItemDifference[]): void {
    const [first, ...others] = lines;
    if (first === undefined) return;
    if (items === undefined && this.#isSame(lines, value)) return;
    const isListed = others.length > 0 || first.isItem;
    const { dialect } = this.#layout;
    const isEmptied = Array.isArray(value) && value.length === 0 && !dialect.hasItemKeys;
    if (isListed && (isEmptied || isList(value))) {
      this.#setItems(lines, value, items);
    } else if (isListed || (isList(value) && !this.#isArrayText(first))) {
      const texts = this.#linesOf(first.path, value, first.part);
      this.#splices.replace(first.lineStart, first.next, texts.join(''));
      for (const line of others) this.#removeLine(line);
    } else {
      this.#setValue(first, value);
    }
  }

  #isSame(lines: readonly IniLine[], value: ConfigurationValue): boolean {
    const { text, dialect } = this.#layout;
    const values = lines.map((line) => contentOfPair(text, line, dialect).value);
    const old = lines[0]?.isItem === true || lines.length > 1 ? values : (values[0] ?? null);
    return findDifferences(old, value).length === 0;
  }

  #isArrayText(line: IniLine): boolean {
    const { dialect, text } = this.#layout;
    const isRepeatable = dialect.hasItemKeys || dialect.repeatedKeys === 'list';
    return !isRepeatable || Array.isArray(contentOfPair(text, line, dialect).value);
  }

  /** Lines of the same key, one for each item: those of items that stay do so. */
  #setItems(lines: readonly IniLine[], value: readonly ConfigurationValue[], items?: readonly ItemDifference[]): void {
    const [model] = lines;
    if (model === undefined) return;
    if (value.length < 2 && !model.isItem) this.isExact = false;
    const plan = items ?? this.#planItems(lines, value);
    const kept = new Set<number>();
    let place = model.lineStart;
    let last = -1;
    plan.forEach((item, index) => {
      const line = item.kind === 'kept' ? lines[item.from] : undefined;
      if (item.kind === 'kept' && line !== undefined && item.from > last) {
        last = item.from;
        kept.add(last);
        place = line.next;
        if (item.within.kind !== 'same') this.#setValue(line, value[index] ?? null);
      } else {
        const key = this.#layout.text.slice(model.keyStart, model.keyEnd);
        const isMoved = item.kind === 'kept' && line !== undefined && item.within.kind === 'same';
        const text = isMoved
          ? this.#layout.text.slice(line.lineStart, line.next)
          : this.#lineOf(key, model.path, value[index] ?? null, model.part);
        this.#insertLines(place, text);
      }
    });
    for (const [index, line] of lines.entries()) if (!kept.has(index)) this.#removeLine(line);
  }

  #planItems(lines: readonly IniLine[], value: readonly ConfigurationValue[]): readonly ItemDifference[] {
    const { text, dialect } = this.#layout;
    const difference = differenceOf(
      lines.map((line) => contentOfPair(text, line, dialect).value),
      [...value],
    );
    if (difference.kind === 'array') return difference.items;
    return value.map((_, from): ItemDifference => ({ kind: 'kept', from, within: { kind: 'same' } }));
  }

  #setValue(line: IniLine, value: ConfigurationValue): void {
    const { text, dialect } = this.#layout;
    const old = contentOfPair(text, line, dialect);
    if (findDifferences(old.value, value).length === 0) return;
    const content = text.slice(line.valueStart, line.contentEnd);
    const edited = line.isContinued && typeof value === 'string' ? spellContinued(content, value, dialect) : undefined;
    if (edited?.hasLostComment ?? (line.isContinued && hasInnerComment(content, dialect))) {
      this.lost.push({ path: formatPath([...line.path]), description: 'a comment inside the value was lost' });
    }
    if (edited !== undefined) {
      this.#splices.replace(line.valueStart + edited.start, line.valueStart + edited.end, edited.text);
      return;
    }
    const spelled = this.#spellLike(line, value, content.slice(0, old.end));
    this.#splices.replace(line.valueStart, line.valueStart + old.end, this.#fit(line, spelled, content.slice(old.end)));
  }

  /** @param old the text of the old value, from its start. */
  #spellLike(line: IniLine, value: ConfigurationValue, old: string): string {
    const { dialect } = this.#layout;
    if (Array.isArray(value) && old.startsWith('[')) {
      const text = spellArray(value, old);
      if (findDifferences(readIniValue(text, dialect).value, value).length === 0) return text;
    }
    const quote = /^["']/.exec(old)?.[0] ?? '';
    return this.#spell(line.path, value, isWord(old, dialect) ? WORD : quote).text;
  }

  /** The value with what has to stand around it: a delimiter where there was none, and a blank before a comment. */
  #fit(line: IniLine, value: string, comment: string): string {
    const { text, dialect } = this.#layout;
    const gap =
      comment !== '' && !/^[ \t]/.test(comment) && readIniValue(value + comment, dialect).end !== value.length;
    const spaced = gap ? `${value} ` : value;
    if (!line.hasDelimiter) {
      const key = text.slice(line.keyStart, line.keyEnd);
      return this.#layout.separatorFor(key, undefined) + spaced;
    }
    const separator = text.slice(line.keyEnd, line.valueStart);
    const isSpaced = /^[ \t]/.test(separator) || (separator === ':' && dialect.delimiters === '=: ');
    const needsBlank = value !== '' && isSpaced && !/[ \t]$/.test(separator);
    return needsBlank ? ` ${spaced}` : spaced;
  }

  #removeLine(line: IniLine): void {
    if (this.#removedParts.has(line.part)) return;
    const layout = this.#layout;
    const start = startWithOwnComment(
      layout.text,
      line,
      (lineStart) => layout.isComment(lineStart),
      (lineStart) => !layout.isHeader(lineStart),
    );
    this.#splices.replace(start, line.next, '');
  }

  /** A section with all its lines and comments, and the comment right above its header. */
  #removePart(part: IniPart): void {
    const { header } = part;
    if (header === undefined || this.#removedParts.has(part)) return;
    this.#removedParts.add(part);
    const layout = this.#layout;
    const isLast = part.end >= layout.text.length;
    const start = startWithOwnComment(
      layout.text,
      { lineStart: header.lineStart, next: layout.text.length },
      (lineStart) => layout.isComment(lineStart),
      () => false,
    );
    this.#splices.replace(start, isLast ? layout.text.length : layout.startOfNext(part), '');
  }
}

/** Whether a value stands without quotes though the owner takes it for more than its text: another such word may, too. */
function isWord(content: string, { unsafe }: IniDialect): boolean {
  return unsafe !== undefined && /^\w+$/.test(content) && unsafe.test(content);
}

function asRoot(value: ConfigurationObject): { ownValue: undefined; members: [string, ConfigurationValue][] } {
  return { ownValue: undefined, members: Object.entries(value) };
}
