/**
 * Edits a TOML text along a difference. What stays keeps every byte: comments, spelling of dates and numbers, dotted keys,
 * inline tables, the order of tables. A new key stands behind the last one of its table, before the next header; a new table
 * behind the last one of the table that it is in.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { ArrayDifference, Difference, MemberDifference, ObjectDifference } from '../../edits/Difference.js';
import { stayingItems } from '../../edits/stayingItems.js';
import { valueAfter } from '../../edits/valueAfter.js';
import { isObject } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import type { EditedText, LostLayout } from '../Codec.js';
import { editList, type ListOutput, type ListStyle, type NewEntry } from '../text/bracketedList.js';
import { linesOf } from '../text/lines.js';
import { newlineOf } from '../text/newlineOf.js';
import { Splices } from '../text/Splices.js';
import { isReservedKey, toFile } from './tomlNull.js';
import { TomlPlaces } from './tomlPlaces.js';
import type { TomlArray, TomlInlineTable, TomlPair, TomlValue } from './tomlStatements.js';
import {
  blocksOf,
  dottedPairsOf,
  tomlTree,
  type TomlBlock,
  type TomlNode,
  type TomlTable,
  type TomlTables,
} from './tomlTree.js';
import { formatKey, isArrayOfTables, isSection, writeInline, writeSection, writeToml } from './tomlWriter.js';

const { COMMENTS_LOST } = CONFIG_PERSISTENCE_CONSTANTS.FORMATTING;

const COMMENT = /#[^\r\n]*/y;
const INDENTED_ITEM = /\[[ \t]*(?:#[^\r\n]*)?[\r\n]+([ \t]+)\S/;
const FLOAT = /^[-+]?[\d_]+(?:\.[\d_]+)?(?:[eE][-+]?\d+)?$/;
const DEFAULT_UNIT = '  ';
/** What a literal string cannot hold. */
const NOT_LITERAL = /['\p{Cc}]/u;

/** Undefined where something is nested in a way that only a new text can change. */
export function editToml(text: string, before: ConfigurationValue, difference: Difference): EditedText | undefined {
  if (difference.kind !== 'object' || !isObject(before) || hasReservedKey(difference)) return undefined;
  if (text.trim() === '')
    return { text: writeToml(toFile(valueAfter(before, difference)) as ConfigurationObject, undefined), lost: [] };
  const edit = new TomlEdit(text);
  edit.editRoot(before, difference);
  return edit.result();
}

class TomlEdit {
  readonly #text: string;
  readonly #root: TomlTable;
  readonly #places: TomlPlaces;
  readonly #style: ListStyle;
  readonly #newline: string;
  readonly #lost: LostLayout[] = [];
  readonly #path: (string | number)[] = [];
  #splices = new Splices();
  /** Removed together, because they share the empty lines between them. */
  #removed: TomlBlock[] = [];

  constructor(text: string) {
    this.#text = text;
    const tree = tomlTree(text);
    this.#root = tree.root;
    this.#places = new TomlPlaces(text, tree);
    this.#newline = newlineOf(text);
    const unit = INDENTED_ITEM.exec(text)?.[1] ?? DEFAULT_UNIT;
    this.#style = { newline: this.#newline, unit, comment: COMMENT, separator: ' ', padding: '', opensEmpty: false };
  }

  result(): EditedText {
    return { text: this.#splices.apply(this.#text), lost: this.#lost };
  }

  editRoot(before: ConfigurationObject, difference: ObjectDifference): void {
    this.#editTable(this.#root, before, difference);
    this.#cutBlocks();
  }

  #editTable(table: TomlTable, before: ConfigurationObject, { members, added }: ObjectDifference): void {
    for (const [key, member] of members) {
      if (member.kind === 'same') continue;
      const node = table.members.get(key);
      if (node === undefined) throw new RangeError('the text is not what the difference starts from');
      this.#path.push(key);
      this.#editMember(table, node, key, before[key] as ConfigurationValue, member);
      this.#path.pop();
    }
    for (const { key, value } of added) this.#add(table, key, value);
  }

  #editMember(
    parent: TomlTable,
    node: TomlNode,
    key: string,
    before: ConfigurationValue,
    member: MemberDifference,
  ): void {
    if (member.kind === 'removed') return this.#remove(node);
    let within: Difference = { kind: 'same' };
    if (member.kind === 'renamed') {
      ({ within } = member);
      for (const { start, end } of node.mentions) this.#splices.replace(start, end, formatKey(member.key));
    } else within = member;
    if (within.kind === 'same') return;
    if (node.kind === 'value') return this.#editValue(node.pair.value, before, within);
    if (node.kind === 'table' && within.kind === 'object' && isObject(before)) {
      const isGone = within.added.length === 0 && [...within.members.values()].every(({ kind }) => kind === 'removed');
      const isEditable = (node.block !== undefined || !isGone) && !hasReservedKey(within);
      if (isEditable) return this.#editTable(node, before, within);
    }
    if (node.kind === 'tables' && within.kind === 'array' && Array.isArray(before)) {
      if (this.#editTables(parent, node, before, within)) return;
    }
    this.#tellComments(node);
    this.#remove(node);
    this.#add(parent, member.kind === 'renamed' ? member.key : key, valueAfter(before, within));
  }

  /** False where the array becomes one that cannot have headers. */
  #editTables(
    parent: TomlTable,
    { elements }: TomlTables,
    before: readonly ConfigurationValue[],
    difference: ArrayDifference,
  ): boolean {
    const { items } = difference;
    if (items.length === 0 || !isArrayOfTables(toFile(valueAfter([...before], difference)))) return false;
    const staying = stayingItems(difference);
    if (staying.size === 0) return false;
    const path = elements[0]?.path ?? parent.path;
    const kept = new Set<number>();
    let anchor: number | undefined;
    let leading: string[] = [];
    for (const [index, item] of items.entries()) {
      if (item.kind === 'inserted') {
        const section = this.#section(path, [item.value] as ConfigurationValue[]);
        if (anchor === undefined) leading.push(section);
        else this.#splices.insert(anchor, this.#places.spaced(anchor, section));
        continue;
      }
      const element = elements[item.from];
      const value = before[item.from];
      if (element === undefined || !isObject(value))
        throw new RangeError('the text is not what the difference starts from');
      const [start, end] = this.#places.regionOf(element);
      const edit = (): void => this.#editElement(index, element, value, item.within);
      if (staying.has(index)) {
        edit();
        kept.add(item.from);
        for (const section of leading) this.#splices.insert(start, section + this.#newline + this.#newline);
        leading = [];
        anchor = end;
        continue;
      }
      const moved = this.#apart(edit, start, end).trimEnd();
      if (anchor === undefined) leading.push(moved);
      else this.#splices.insert(anchor, this.#places.spaced(anchor, moved));
    }
    for (const [index, element] of elements.entries()) if (!kept.has(index)) this.#removed.push(...blocksOf(element));
    return true;
  }

  #editElement(index: number, element: TomlTable, before: ConfigurationObject, within: Difference): void {
    if (within.kind === 'same') return;
    this.#path.push(index);
    if (within.kind !== 'object' || hasReservedKey(within)) throw new RangeError('an element that is written anew');
    this.#editTable(element, before, within);
    this.#path.pop();
  }

  #editValue(value: TomlValue, before: ConfigurationValue, difference: Difference): void {
    if (difference.kind === 'same') return;
    if (value.kind === 'array' && difference.kind === 'array' && Array.isArray(before)) {
      return this.#editArray(value, before, difference);
    }
    if (value.kind === 'inline' && difference.kind === 'object' && isObject(before)) {
      if (this.#editInlineTable(value, before, difference)) return;
    }
    const old = this.#text.slice(value.start, value.end);
    if (value.kind === 'array' && this.#hasComment(value)) this.#tellLost();
    this.#splices.replace(value.start, value.end, newSpelling(old, valueAfter(before, difference)));
  }

  #editArray(
    { start, end, items }: TomlArray,
    before: readonly ConfigurationValue[],
    difference: ArrayDifference,
  ): void {
    const staying = stayingItems(difference);
    const moved = new Map<number, string>();
    for (const [index, item] of difference.items.entries()) {
      if (item.kind === 'inserted') continue;
      const old = items[item.from];
      if (old === undefined) throw new RangeError('the text is not what the difference starts from');
      const edit = (): void => {
        this.#path.push(index);
        this.#editValue(old.value, before[item.from] as ConfigurationValue, item.within);
        this.#path.pop();
      };
      if (staying.has(index)) edit();
      else moved.set(index, this.#apart(edit, old.start, old.end));
    }
    const output: ListOutput = difference.items.map((item, index): number | NewEntry => {
      if (item.kind === 'inserted') return () => writeInline(toFile(item.value));
      return staying.has(index) ? item.from : () => moved.get(index) ?? '';
    });
    editList(this.#splices, this.#text, { open: start + 1, close: end - 1, entries: items }, output, this.#style);
  }

  /** False where dotted keys in it make tables of their own that change. */
  #editInlineTable(
    { start, end, pairs }: TomlInlineTable,
    before: ConfigurationObject,
    { members, added }: ObjectDifference,
  ): boolean {
    if (hasReservedKey({ members, added })) return false;
    const changed = (pair: TomlPair): MemberDifference => members.get(pair.parts[0]?.name ?? '') ?? { kind: 'same' };
    if (pairs.some((pair) => pair.parts.length > 1 && changed(pair).kind !== 'same')) return false;
    const output: (number | NewEntry)[] = [];
    for (const [index, pair] of pairs.entries()) {
      const member = changed(pair);
      const [part] = pair.parts;
      if (member.kind === 'removed' || part === undefined) continue;
      output.push(index);
      this.#path.push(part.name);
      if (member.kind === 'renamed') this.#splices.replace(part.start, part.end, formatKey(member.key));
      const within = member.kind === 'renamed' ? member.within : member;
      this.#editValue(pair.value, before[part.name] as ConfigurationValue, within);
      this.#path.pop();
    }
    output.push(
      ...added.map(
        ({ key, value }) =>
          () =>
            `${formatKey(key)} = ${writeInline(toFile(value))}`,
      ),
    );
    const style = { ...this.#style, padding: ' ' };
    if (added.length === 0 && output.length === pairs.length) return true;
    editList(this.#splices, this.#text, { open: start + 1, close: end - 1, entries: pairs }, output, style);
    return true;
  }

  #remove(node: TomlNode): void {
    const pairs = dottedPairsOf(node);
    this.#places.noteRemoved(pairs);
    for (const { start, end } of pairs) this.#splices.cut(...linesOf(this.#text, start, end, '#'));
    this.#removed.push(...blocksOf(node));
  }

  #cutBlocks(): void {
    for (const [start, end] of this.#places.cutsOf(this.#removed)) this.#splices.cut(start, end);
  }

  #add(table: TomlTable, key: string, value: ConfigurationValue): void {
    const written = toFile(value);
    if (isSection(written) && table.dotted === undefined) {
      const section = this.#section([...table.path, key], value);
      const { offset, isBefore } = this.#places.sectionPlace(table);
      this.#splices.insert(offset, isBefore ? section + this.#newline : this.#places.spaced(offset, section));
      return;
    }
    const place = this.#places.pairPlace(table);
    const line = `${place.prefix}${formatKey(key)}${place.equals}${writeInline(written)}`;
    this.#splices.insert(place.offset, place.before + line + place.after);
  }

  #section(path: readonly string[], value: ConfigurationValue): string {
    return writeSection(path, toFile(value)).join(this.#newline);
  }

  /** The text of a part with its edits, which are not made where it stands. */
  #apart(edit: () => void, start: number, end: number): string {
    const [outside, removed] = [this.#splices, this.#removed];
    this.#splices = new Splices();
    this.#removed = [];
    edit();
    this.#cutBlocks();
    const text = this.#splices.apply(this.#text, start, end);
    this.#splices = outside;
    this.#removed = removed;
    return text;
  }

  #hasComment(value: TomlValue): boolean {
    if (value.kind === 'scalar') return false;
    const entries = value.kind === 'array' ? value.items : value.pairs;
    let from = value.start;
    for (const { start, end } of [...entries, { start: value.end, end: value.end }]) {
      if (this.#text.slice(from, start).includes('#')) return true;
      from = end;
    }
    return false;
  }

  #tellComments(node: TomlNode): void {
    const cuts = this.#places.cutsOf(blocksOf(node));
    if (cuts.some(([start, end]) => this.#text.slice(start, end).includes('#'))) this.#tellLost();
  }

  #tellLost(): void {
    this.#lost.push({ path: formatPath(this.#path), description: COMMENTS_LOST });
  }
}

/** Whether the only key of a table, before or after, stands in the file in another way than in the value. */
function hasReservedKey({ members, added }: Pick<ObjectDifference, 'members' | 'added'>): boolean {
  const old = [...members.keys()];
  const left = [...members].flatMap(([key, member]) => {
    if (member.kind === 'removed') return [];
    return [member.kind === 'renamed' ? member.key : key];
  });
  const isReserved = (keys: readonly string[]): boolean => keys.length === 1 && keys.some(isReservedKey);
  return isReserved(old) || isReserved([...left, ...added.map(({ key }) => key)]);
}

/** A float stays one, and a string keeps its kind of quotes where they can hold it. */
function newSpelling(old: string, value: ConfigurationValue): string {
  if (typeof value === 'number' && Number.isSafeInteger(value) && FLOAT.test(old) && /[.eE]/.test(old))
    return `${value}.0`;
  const isLiteral = old.startsWith("'") && !old.startsWith("'''");
  if (typeof value === 'string' && isLiteral && !NOT_LITERAL.test(value)) return `'${value}'`;
  return writeInline(toFile(value));
}
