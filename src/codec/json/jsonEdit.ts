/**
 * Edits a JSON text, with or without comments, along a difference: everything that stays keeps its bytes.
 *
 * Reads the text once, and of parts that stay only where they end. What it is given has been decoded already, so its form
 * is known to be right.
 */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { ArrayDifference, Difference, MemberDifference, ObjectDifference } from '../../edits/Difference.js';
import { stayingItems } from '../../edits/stayingItems.js';
import {
  editList,
  indentationAt,
  type ListEntry,
  type ListOutput,
  type ListStyle,
  type NewEntry,
} from '../text/bracketedList.js';
import { newlineOf } from '../text/newlineOf.js';
import { Splices } from '../text/Splices.js';
import { endOfComment } from './jsonComments.js';
import { findStringEnd } from './jsonStrings.js';

const COMMENT = /\/\*[^]*?\*\/|\/\/[^\r\n]*/y;
const FIRST_INDENTATION = /[\r\n]([ \t]+)[^\s]/;
/** A line that has only blanks and brackets tells nothing of how names and values are set apart. */
const COLON = /"\s*:([ \t]*)/;
const DEFAULT_UNIT = '  ';
const SAME: Difference = { kind: 'same' };

const QUOTE = 0x22;
const COMMA = 0x2c;
const SLASH = 0x2f;
const COLON_CODE = 0x3a;
const BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const SPACE = 0x20;

export function editJson(text: string, difference: Difference): string {
  return new JsonEdit(text).run(difference);
}

class JsonEdit {
  readonly #text: string;
  readonly #style: ListStyle;
  /** Between a key and its value, the colon included. */
  readonly #colon: string;
  #offset = 0;
  #splices = new Splices();

  constructor(text: string) {
    this.#text = text;
    const blanks = COLON.exec(text)?.[1];
    const isNarrow = blanks === '' && !/[\r\n]/.test(text.trim());
    this.#colon = blanks === '' ? ':' : ': ';
    this.#style = {
      newline: newlineOf(text),
      unit: FIRST_INDENTATION.exec(text)?.[1] ?? DEFAULT_UNIT,
      comment: COMMENT,
      separator: isNarrow ? '' : ' ',
      padding: isNarrow || blanks === '' ? '' : ' ',
      opensEmpty: /[\r\n]/.test(text.trim()),
    };
  }

  run(difference: Difference): string {
    this.#skipBlanks();
    this.#edit(difference);
    return this.#splices.apply(this.#text);
  }

  /** Goes from the start of a value to its end. */
  #edit(difference: Difference): void {
    const start = this.#offset;
    const code = this.#text.charCodeAt(start);
    if (difference.kind === 'object' && code === BRACE) this.#editObject(difference);
    else if (difference.kind === 'array' && code === BRACKET) this.#editArray(difference);
    else {
      this.#skipValue();
      if (difference.kind === 'same') return;
      if (difference.kind !== 'replaced') throw new RangeError('the text is not what the difference starts from');
      const { value } = difference;
      const isLine = !this.#style.opensEmpty || typeof value !== 'object';
      const indentation = isLine ? undefined : indentationAt(this.#text, start);
      this.#splices.replace(start, this.#offset, this.#write(value, indentation));
    }
  }

  #editObject({ members: differences, added }: ObjectDifference): void {
    this.#offset += 1;
    let changes = 0;
    let isListKept = added.length === 0;
    for (const { kind } of differences.values()) {
      if (kind !== 'same') changes += 1;
      if (kind === 'removed') isListKept = false;
    }
    if (isListKept) this.#editMembersInPlace(differences, changes);
    else this.#editMembers(differences, added);
  }

  /** Where every member stays, nothing has to be known of those that are the same, nor of the rest behind the last other. */
  #editMembersInPlace(differences: ObjectDifference['members'], changes: number): void {
    let left = changes;
    while (left > 0) {
      this.#skipBlanks();
      if (this.#text.charCodeAt(this.#offset) !== QUOTE) throw new RangeError('the text is not what it should be');
      const start = this.#offset;
      const difference = differences.get(this.#readKey()) ?? SAME;
      const keyEnd = this.#offset;
      this.#skipColon();
      this.#editMember(difference, start, keyEnd);
      if (difference.kind !== 'same') left -= 1;
      this.#skipBlanks();
      if (this.#text.charCodeAt(this.#offset) === COMMA) this.#offset += 1;
    }
    this.#skipToClosing(1);
  }

  #readKey(): string {
    const start = this.#offset;
    const end = findStringEnd(this.#text, start + 1) + 1;
    const token = this.#text.slice(start + 1, end - 1);
    this.#offset = end;
    return token.includes('\\') ? (JSON.parse(`"${token}"`) as string) : token;
  }

  #skipColon(): void {
    this.#skipBlanks();
    this.#offset += 1;
    this.#skipBlanks();
  }

  #editMembers(differences: ObjectDifference['members'], added: ObjectDifference['added']): void {
    const open = this.#offset;
    const members: ListEntry[] = [];
    const output: (number | NewEntry)[] = [];
    this.#readEntries(CLOSING_BRACE, () => {
      const start = this.#offset;
      const difference = differences.get(this.#readKey()) ?? SAME;
      const end = this.#offset;
      this.#skipColon();
      if (difference.kind !== 'removed') output.push(members.length);
      this.#editMember(difference, start, end);
      members.push({ start, end: this.#offset, comma: -1 });
      return members;
    });
    output.push(...added.map(({ key, value }) => this.#newMember(key, value)));
    editList(this.#splices, this.#text, { open, close: this.#offset - 1, entries: members }, output, this.#style);
  }

  #editMember(difference: MemberDifference, keyStart: number, keyEnd: number): void {
    if (difference.kind === 'removed') return this.#skipValue();
    if (difference.kind !== 'renamed') return this.#edit(difference);
    this.#splices.replace(keyStart, keyEnd, JSON.stringify(difference.key));
    this.#edit(difference.within);
  }

  #editArray(difference: ArrayDifference): void {
    this.#offset += 1;
    const open = this.#offset;
    const staying = stayingItems(difference);
    const targets = new Map<number, { readonly index: number; readonly within: Difference }>();
    for (const [index, item] of difference.items.entries()) {
      if (item.kind === 'kept') targets.set(item.from, { index, within: item.within });
    }
    const entries: ListEntry[] = [];
    /** The texts of items that move, by their new indexes. */
    const moved = new Map<number, string>();
    this.#readEntries(CLOSING_BRACKET, () => {
      const start = this.#offset;
      const target = targets.get(entries.length);
      if (target === undefined) this.#skipValue();
      else if (staying.has(target.index)) this.#edit(target.within);
      else moved.set(target.index, this.#apart(target.within));
      entries.push({ start, end: this.#offset, comma: -1 });
      return entries;
    });
    const output: ListOutput = difference.items.map((item, index) => {
      if (item.kind === 'inserted') return (indentation) => this.#write(item.value, indentation);
      return staying.has(index) ? item.from : () => moved.get(index) ?? '';
    });
    editList(this.#splices, this.#text, { open, close: this.#offset - 1, entries }, output, this.#style);
  }

  /** The text of a value with its edits, which are not made where it stands. */
  #apart(difference: Difference): string {
    const start = this.#offset;
    const outside = this.#splices;
    this.#splices = new Splices();
    this.#edit(difference);
    const text = this.#splices.apply(this.#text, start, this.#offset);
    this.#splices = outside;
    return text;
  }

  /** Reads entries up to behind the closing bracket, and notes the comma after each. */
  #readEntries(closing: number, readEntry: () => ListEntry[]): void {
    this.#skipBlanks();
    while (this.#text.charCodeAt(this.#offset) !== closing) {
      const entries = readEntry();
      this.#skipBlanks();
      if (this.#text.charCodeAt(this.#offset) === COMMA) {
        const last = entries.pop();
        if (last !== undefined) entries.push({ ...last, comma: this.#offset });
        this.#offset += 1;
        this.#skipBlanks();
      } else if (this.#text.charCodeAt(this.#offset) !== closing) throw new RangeError('the text is not JSON');
    }
    this.#offset += 1;
  }

  #skipValue(): void {
    const code = this.#text.charCodeAt(this.#offset);
    if (code === QUOTE) this.#offset = findStringEnd(this.#text, this.#offset + 1) + 1;
    else if (code === BRACE || code === BRACKET) this.#skipToClosing(0);
    else while (isPartOfWord(this.#text.charCodeAt(this.#offset))) this.#offset += 1;
  }

  /** Behind the bracket that closes as many containers as are open here, or those that start here. */
  #skipToClosing(open: number): void {
    const text = this.#text;
    let depth = open;
    let offset = this.#offset;
    do {
      const code = text.charCodeAt(offset);
      if (code === QUOTE) offset = findStringEnd(text, offset + 1);
      else if (code === BRACE || code === BRACKET) depth += 1;
      else if (code === CLOSING_BRACE || code === CLOSING_BRACKET) depth -= 1;
      else if (code === SLASH) offset = endOfComment(text, offset) - 1;
      offset += 1;
    } while (depth > 0 && offset < text.length);
    this.#offset = offset;
  }

  #skipBlanks(): void {
    for (;;) {
      while (this.#text.charCodeAt(this.#offset) <= SPACE) this.#offset += 1;
      if (this.#text.charCodeAt(this.#offset) !== SLASH) return;
      this.#offset = endOfComment(this.#text, this.#offset);
    }
  }

  #newMember(key: string, value: ConfigurationValue): NewEntry {
    return (indentation) => `${JSON.stringify(key)}${this.#colon}${this.#write(value, indentation)}`;
  }

  /** Over several lines where there is an indentation; the first one is not indented. */
  #write(value: ConfigurationValue, indentation: string | undefined): string {
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const { newline, unit, separator, padding } = this.#style;
    if (indentation !== undefined) {
      const text = JSON.stringify(value, undefined, unit);
      const lines = text.replaceAll('\n', newline + indentation);
      return this.#colon === ':' && separator === '' ? JSON.stringify(value) : lines;
    }
    if (separator === '') return JSON.stringify(value);
    if (Array.isArray(value)) return `[${value.map((item) => this.#write(item, undefined)).join(', ')}]`;
    const members = Object.keys(value).map((key) => {
      return JSON.stringify(key) + this.#colon + this.#write(value[key] as ConfigurationValue, undefined);
    });
    return members.length === 0 ? '{}' : `{${padding}${members.join(', ')}${padding}}`;
  }
}

function isPartOfWord(code: number): boolean {
  return (
    code > SPACE &&
    code !== COMMA &&
    code !== CLOSING_BRACE &&
    code !== CLOSING_BRACKET &&
    code !== SLASH &&
    code !== COLON_CODE
  );
}
