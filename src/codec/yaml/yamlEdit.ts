/**
 * Edits a YAML text along a difference. What stays keeps every byte: spelling, quotes, blocks of text, anchors, aliases, merge
 * keys, tags, comments. What is new is written as `yamlWriting` does, with the indentation of its neighbours.
 *
 * What a value has from an alias or a merge key is in another place of the text: a change there becomes an own value.
 */
import { SCALAR_STYLE } from 'js-yaml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { ArrayDifference, Difference, ObjectDifference } from '../../edits/Difference.js';
import { stayingItems } from '../../edits/stayingItems.js';
import { valueAfter } from '../../edits/valueAfter.js';
import { isObject } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import type { EditedText, LostLayout } from '../Codec.js';
import {
  blanksBefore,
  editList,
  isLineEnd,
  type ListOutput,
  type ListStyle,
  type NewEntry,
} from '../text/bracketedList.js';
import { endOfLine, linesOf, startsItsLine } from '../text/lines.js';
import { newlineOf } from '../text/newlineOf.js';
import { Splices } from '../text/Splices.js';
import { isCoreTag, parseYaml } from './yamlParsing.js';
import { isWithoutContent } from './yamlEvents.js';
import type { YamlSettings } from './yamlSettings.js';
import {
  yamlTrees,
  type YamlScalar,
  type YamlMapping,
  type YamlNode,
  type YamlPair,
  type YamlSequence,
} from './yamlTree.js';
import { isCollection, NewYaml } from './yamlNewParts.js';
import { writeDocuments } from './yamlWriting.js';

const { ALIAS_LOST, COMMENTS_LOST } = CONFIG_PERSISTENCE_CONSTANTS.FORMATTING;

const COMMENT = /#[^\r\n]*/y;
const END_OF_DOCUMENT = /^\.\.\.(?=\s|$)/m;
const COMMENT_INSIDE = /(?:^|[\s])#/;
const SAME: Difference = { kind: 'same' };

/** What a value hangs on, which tells how a new one is written there. */
type Holder = { readonly kind: 'flow' } | { readonly kind: 'root' } | MarkHolder<'pair'> | MarkHolder<'item'>;

/** A colon or a dash; new lines are indented by the column of the key or the dash. */
interface MarkHolder<Kind> {
  readonly kind: Kind;
  readonly markEnd: number;
  readonly column: number;
}

/** Undefined where the documents are not the same ones any more. */
export function editYaml(
  text: string,
  before: ConfigurationValue,
  difference: Difference,
  { hasDocuments }: YamlSettings,
): EditedText | undefined {
  const events = parseYaml(text);
  const trees = yamlTrees(text, events);
  const edit = new YamlEdit(text, trees);
  if (!hasDocuments) {
    const [root] = trees;
    if (root === undefined || isWithoutContent(events)) {
      edit.fill(valueAfter(before, difference));
      return edit.result();
    }
    edit.edit(root, before, difference, { kind: 'root' });
    return edit.result();
  }
  if (difference.kind !== 'array' || !Array.isArray(before)) return undefined;
  const { items } = difference;
  const added: ConfigurationValue[] = [];
  for (const [index, item] of items.entries()) {
    const tree = trees[index];
    if (item.kind === 'inserted') added.push(item.value);
    else if (item.from !== index || added.length > 0 || tree === undefined) return undefined;
    else edit.edit(tree, before[index] as ConfigurationValue, item.within, { kind: 'root' });
  }
  if (items.length - added.length !== before.length || before.length === 0) return undefined;
  if (added.length > 0) edit.append(writeDocuments(added));
  return edit.result();
}

class YamlEdit {
  readonly #text: string;
  readonly #new: NewYaml;
  readonly #listStyle: ListStyle;
  readonly #lost: LostLayout[] = [];
  readonly #path: (string | number)[] = [];
  #splices = new Splices();
  /** Whether the place that the way has come to is between brackets. */
  #isInFlow = false;

  constructor(text: string, trees: readonly YamlNode[]) {
    this.#text = text;
    this.#new = new NewYaml(text, trees);
    const newline = newlineOf(text);
    this.#listStyle = { newline, unit: '  ', comment: COMMENT, separator: ' ', padding: '', opensEmpty: false };
  }

  result(): EditedText {
    return { text: this.#splices.apply(this.#text), lost: this.#lost };
  }

  append(documents: string): void {
    this.#insertLines(this.#text.length, documents.replaceAll('\n', this.#listStyle.newline));
  }

  /** Writes a value into a text that has none: behind its comments, before the mark that ends a document. */
  fill(value: ConfigurationValue): void {
    const end = END_OF_DOCUMENT.exec(this.#text)?.index ?? this.#text.length;
    this.#insertLines(end, this.#new.root(value) + this.#listStyle.newline);
  }

  #insertLines(offset: number, lines: string): void {
    const isLineStart = offset === 0 || isLineEnd(this.#text.charAt(offset - 1));
    this.#splices.insert(offset, (isLineStart ? '' : this.#listStyle.newline) + lines);
  }

  edit(node: YamlNode, before: ConfigurationValue, difference: Difference, holder: Holder): void {
    if (difference.kind === 'same') return;
    if (difference.kind === 'object' && node.kind === 'mapping' && isObject(before)) {
      if (this.#editMapping(node, before, difference)) return;
    }
    if (difference.kind === 'array' && node.kind === 'sequence' && Array.isArray(before)) {
      if (this.#editSequence(node, before, difference)) return;
    }
    if (node.kind === 'alias' && difference.kind !== 'replaced') this.#tellLost(ALIAS_LOST);
    this.#replace(node, valueAfter(before, difference), holder);
  }

  #at(step: string | number, edit: () => void): void {
    this.#path.push(step);
    edit();
    this.#path.pop();
  }

  /** False where it has to be written anew: nothing of it stays, or what a merge key brings has to go. */
  #editMapping(node: YamlMapping, before: ConfigurationObject, { members, added }: ObjectDifference): boolean {
    const { pairs, brackets, isFlow } = node;
    const named = new Set(pairs.map(({ name }) => name));
    const merged = [...members].filter(([key, member]) => member.kind !== 'same' && !named.has(key));
    if (merged.some(([, { kind }]) => kind === 'removed' || kind === 'renamed')) {
      this.#tellLost(ALIAS_LOST);
      return false;
    }
    const stays = ({ name }: YamlPair): boolean => name === undefined || members.get(name)?.kind !== 'removed';
    if (isFlow ? brackets === undefined : !pairs.some(stays)) return false;
    const isBlockOfNothing = isFlow && pairs.length === 0;
    if (isBlockOfNothing && added.length > 0 && !this.#isInFlow) return false;
    const own = merged.map(([key, member]) => ({
      key,
      value: valueAfter(before[key] as ConfigurationValue, member as Difference),
    }));
    const column = isFlow ? 0 : this.#columnOf(node.contentStart);
    const wasInFlow = this.#isInFlow;
    this.#isInFlow = isFlow;
    for (const pair of pairs) if (stays(pair)) this.#editPair(pair, before, members, isFlow, column);
    this.#isInFlow = wasInFlow;
    const fresh = [...own, ...added];
    if (brackets !== undefined) {
      const [open, close] = brackets;
      const output: (number | NewEntry)[] = [];
      for (const [index, pair] of pairs.entries()) if (stays(pair)) output.push(index);
      output.push(
        ...fresh.map(
          ({ key, value }) =>
            () =>
              this.#new.flowPair(key, value),
        ),
      );
      if (fresh.length === 0 && output.length === pairs.length) return true;
      editList(this.#splices, this.#text, { open, close, entries: pairs }, output, this.#listStyle);
      return true;
    }
    this.#removeLines(pairs, stays);
    const last = pairs.findLast(stays);
    if (last === undefined) return true;
    const lines = fresh.map(({ key, value }) => this.#new.line(this.#new.pair(key, value), column));
    this.#splices.insert(endOfLine(this.#text, last.end), lines.join(''));
    return true;
  }

  #editPair(
    { name, key, value, colonEnd }: YamlPair,
    before: ConfigurationObject,
    members: ObjectDifference['members'],
    isFlow: boolean,
    column: number,
  ): void {
    const member = name === undefined ? SAME : (members.get(name) ?? SAME);
    if (name === undefined || member.kind === 'removed' || member.kind === 'same') return;
    let within: Difference = SAME;
    if (member.kind === 'renamed') {
      ({ within } = member);
      this.#splices.replace(key.contentStart, key.end, this.#new.key(member.key));
    } else within = member;
    const holder: Holder = isFlow ? { kind: 'flow' } : { kind: 'pair', markEnd: colonEnd ?? key.end, column };
    if (colonEnd === undefined) this.#splices.insert(key.end, ':');
    this.#at(name, () => this.edit(value, before[name] as ConfigurationValue, within, holder));
  }

  #editSequence(node: YamlSequence, before: readonly ConfigurationValue[], difference: ArrayDifference): boolean {
    const { items, brackets, isFlow } = node;
    const staying = stayingItems(difference);
    if (items.length === 0 && !this.#isInFlow) return false;
    if (isFlow ? brackets === undefined : staying.size === 0) return false;
    const column = isFlow ? 0 : this.#columnOf(node.contentStart);
    const wasInFlow = this.#isInFlow;
    this.#isInFlow = isFlow;
    const moved = new Map<number, string>();
    for (const [index, item] of difference.items.entries()) {
      if (item.kind === 'inserted') continue;
      const old = items[item.from];
      if (old === undefined) throw new RangeError('the text is not what the difference starts from');
      const holder: Holder = isFlow ? { kind: 'flow' } : { kind: 'item', markEnd: old.start + 1, column };
      const edit = (): void => {
        this.#at(index, () => this.edit(old.value, before[item.from] as ConfigurationValue, item.within, holder));
      };
      if (staying.has(index)) edit();
      else moved.set(index, this.#apart(edit, old.start, isFlow ? old.end : endOfLine(this.#text, old.end)));
    }
    this.#isInFlow = wasInFlow;
    const output: ListOutput = difference.items.map((item, index): number | NewEntry => {
      if (item.kind === 'kept') return staying.has(index) ? item.from : () => moved.get(index) ?? '';
      return () => (isFlow ? this.#new.flow(item.value) : this.#new.item(item.value));
    });
    if (brackets !== undefined) {
      const [open, close] = brackets;
      editList(this.#splices, this.#text, { open, close, entries: items }, output, this.#listStyle);
      return true;
    }
    this.#editLines(items, output, column);
    return true;
  }

  /** Items below each other. */
  #editLines(items: YamlSequence['items'], output: ListOutput, column: number): void {
    const kept = new Set(output.filter((element) => typeof element === 'number'));
    this.#removeLines(items, (_, index) => kept.has(index));
    let anchor: number | undefined;
    const leading: string[] = [];
    for (const element of output) {
      if (typeof element === 'number') {
        const item = items[element];
        if (item === undefined) throw new RangeError('no such item');
        if (anchor === undefined) this.#insertBefore(item.start, leading, column, items[0]?.start ?? item.start);
        anchor = endOfLine(this.#text, item.end);
      } else if (anchor === undefined) leading.push(element(undefined));
      else this.#splices.insert(anchor, this.#new.line(element(undefined), column));
    }
  }

  /** Before the first item that stays; it may share its line with what stands before the first item that there was. */
  #insertBefore(start: number, texts: readonly string[], column: number, first: number): void {
    if (texts.length === 0) return;
    const lines = texts.map((text) => this.#new.line(text, column));
    const { newline } = this.#listStyle;
    if (startsItsLine(this.#text, first)) {
      const text = lines.join('').slice(newline.length) + newline;
      this.#splices.insert(blanksBefore(this.#text, start), text);
      return;
    }
    const text = lines.join('').slice(newline.length + column);
    this.#splices.insert(first, text + newline + ' '.repeat(column));
  }

  /** Entries below each other; the first one may stand behind a dash. */
  #removeLines<T extends { readonly start: number; readonly end: number }>(
    entries: readonly T[],
    stays: (entry: T, index: number) => boolean,
  ): void {
    const firstStaying = entries.findIndex(stays);
    const [first] = entries;
    const start = entries[firstStaying]?.start;
    const sharesLine = first !== undefined && !startsItsLine(this.#text, first.start);
    if (sharesLine && firstStaying > 0 && start !== undefined) {
      if (COMMENT_INSIDE.test(this.#text.slice(endOfLine(this.#text, first.end), start))) this.#tellLost();
      this.#splices.cut(first.start, start);
    }
    for (const [index, entry] of entries.entries()) {
      if (stays(entry, index) || (sharesLine && index < firstStaying)) continue;
      this.#splices.cut(...linesOf(this.#text, entry.start, entry.end, '#'));
    }
  }

  /** The text of a part with its edits, which are not made where it stands. */
  #apart(edit: () => void, start: number, end: number): string {
    const outside = this.#splices;
    this.#splices = new Splices();
    edit();
    const text = this.#splices.apply(this.#text, start, end);
    this.#splices = outside;
    return text;
  }

  #replace(node: YamlNode, value: ConfigurationValue, holder: Holder): void {
    const { end } = node;
    const isBlock = (node.kind === 'mapping' || node.kind === 'sequence') && !node.isFlow;
    const start = this.#cutCoreTag(node);
    if (node.kind !== 'scalar' && COMMENT_INSIDE.test(this.#text.slice(start, end))) this.#tellLost();
    const quoted = node.kind === 'scalar' ? this.#sameQuotes(node, value) : undefined;
    if (quoted !== undefined) return this.#put(node, start, quoted);
    if (holder.kind === 'flow') return this.#put(node, start, this.#new.flow(value));
    if (holder.kind === 'root') {
      const isBelow = !isCollection(value) || startsItsLine(this.#text, start);
      return this.#splices.replace(start, end, (isBelow ? '' : this.#listStyle.newline) + this.#new.root(value));
    }
    const { markEnd, column } = holder;
    if (!isCollection(value)) {
      const text = this.#new.behindColon(value, column);
      if (!isBlock) return this.#put(node, start, text);
      return this.#splices.replace(this.#endOfMarks(node, markEnd, start), end, ` ${text}`);
    }
    // A collection starts behind the mark, or below the anchor and the tag of the old value.
    const marksEnd = this.#endOfMarks(node, markEnd, start);
    this.#splices.replace(marksEnd, end, this.#collection(value, holder, marksEnd > markEnd));
  }

  #collection(value: ConfigurationValue, { kind, column }: MarkHolder<'pair' | 'item'>, hasMarks: boolean): string {
    if (kind === 'pair') return this.#new.behindColon(value, column);
    return hasMarks ? this.#new.belowDash(value, column) : ` ${this.#new.behindDash(value, column)}`;
  }

  /** In the place of a value, or behind the mark where there was no text. */
  #put({ contentStart, end }: YamlNode, start: number, text: string): void {
    const hasText = end > contentStart;
    const needsBlank = !hasText && !/[\s[{,]/.test(this.#text.charAt(start - 1));
    this.#splices.replace(start, end, needsBlank ? ` ${text}` : text);
  }

  /** A tag of the core schema says something about the old value only. Gives where the value starts without it. */
  #cutCoreTag({ tag, contentStart }: YamlNode): number {
    if (tag === undefined || !isCoreTag(this.#text.slice(...tag))) return contentStart;
    const [start, end] = tag;
    const isLast = this.#text.slice(end, contentStart).trim() === '';
    if (isLast) return start;
    this.#splices.cut(start, end + 1);
    return contentStart;
  }

  /** Behind the anchor and the tag that stay, on the line of the mark. */
  #endOfMarks({ contentStart, tag }: YamlNode, markEnd: number, start: number): number {
    const isCore = tag !== undefined && isCoreTag(this.#text.slice(...tag));
    const between = this.#text.slice(markEnd, isCore ? Math.min(tag[0], start) : contentStart);
    const marks = /^(?:[ \t]+[&!][^\s]*)*/.exec(between)?.[0] ?? '';
    if (COMMENT_INSIDE.test(this.#text.slice(markEnd + marks.length, contentStart))) this.#tellLost();
    return markEnd + marks.length;
  }

  #sameQuotes({ style }: YamlScalar, value: ConfigurationValue): string | undefined {
    if (typeof value !== 'string') return undefined;
    if (style === SCALAR_STYLE.SINGLE_QUOTED) return this.#new.singleQuoted(value);
    return style === SCALAR_STYLE.DOUBLE_QUOTED ? this.#new.doubleQuoted(value) : undefined;
  }

  #columnOf(offset: number): number {
    let start = offset;
    while (start > 0 && !isLineEnd(this.#text.charAt(start - 1))) start -= 1;
    return offset - start;
  }

  #tellLost(description: string = COMMENTS_LOST): void {
    this.#lost.push({ path: formatPath(this.#path), description });
  }
}
