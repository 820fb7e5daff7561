/** A YAML text as a tree of places, made of the parser's events and of the marks between them. */
import { CHOMPING_MODE, COLLECTION_STYLE, EVENT_ID, getScalarValue, SCALAR_STYLE, type Event } from 'js-yaml';
import { isLineEnd } from '../text/bracketedList.js';

const ABSENT = -1;
const MERGE_KEY = '<<';

type ContentEvent = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT } | { type: typeof EVENT_ID.POP }>;
type ScalarEvent = Extract<Event, { valueStart: number }>;

interface YamlPlace {
  /** Behind anchor and tag; where a value without text would stand. */
  readonly contentStart: number;
  /** Of a block of text, before the line end of its last line. */
  readonly end: number;
  /** Of the tag. */
  readonly tag?: readonly [start: number, end: number];
}

export interface YamlScalar extends YamlPlace {
  readonly kind: 'scalar';
  readonly style: ScalarEvent['style'];
}

export interface YamlAlias extends YamlPlace {
  readonly kind: 'alias';
}

/** One part of a collection. */
export interface YamlItem {
  /** Of an item, its dash; of a pair, the mark of an explicit key, or its key; between brackets, what comes first. */
  readonly start: number;
  readonly value: YamlNode;
  readonly end: number;
  readonly comma: number;
}

export interface YamlPair extends YamlItem {
  readonly key: YamlNode;
  /** Undefined for a merge key, and for one that is no scalar. */
  readonly name: string | undefined;
  /** Behind the colon; undefined where there is none. */
  readonly colonEnd: number | undefined;
}

export interface YamlMapping extends YamlPlace {
  readonly kind: 'mapping';
  readonly isFlow: boolean;
  /** Behind the opening and of the closing bracket, where there are brackets. */
  readonly brackets: readonly [open: number, close: number] | undefined;
  readonly pairs: readonly YamlPair[];
}

export interface YamlSequence extends YamlPlace {
  readonly kind: 'sequence';
  readonly isFlow: boolean;
  readonly brackets: readonly [open: number, close: number] | undefined;
  readonly items: readonly YamlItem[];
}

export type YamlNode = YamlScalar | YamlAlias | YamlMapping | YamlSequence;

/** The roots of the documents; undefined for one that is empty. */
export function yamlTrees(text: string, events: readonly Event[]): YamlNode[] {
  return new TreeBuilder(text, events).run();
}

/** Where blanks, line ends and comments from a place on end. */
export function skipSeparation(text: string, offset: number): number {
  let at = offset;
  for (;;) {
    const character = text.charAt(at);
    if (character === '#') while (at < text.length && !isLineEnd(text.charAt(at))) at += 1;
    else if (character !== '' && ' \t\r\n\uFEFF'.includes(character)) at += 1;
    else return at;
  }
}

class TreeBuilder {
  readonly #text: string;
  readonly #events: readonly Event[];
  #index = 0;
  /** Behind the last mark or value. */
  #cursor = 0;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  run(): YamlNode[] {
    const roots: YamlNode[] = [];
    while (this.#index < this.#events.length) {
      this.#index += 1;
      roots.push(this.#build());
      this.#index += 1;
    }
    return roots;
  }

  #build(): YamlNode {
    const event = this.#events[this.#index] as ContentEvent;
    this.#index += 1;
    const node = this.#nodeOf(event);
    this.#cursor = Math.max(this.#cursor, node.end);
    return node;
  }

  #nodeOf(event: ContentEvent): YamlNode {
    if (event.type === EVENT_ID.ALIAS) {
      return { kind: 'alias', contentStart: event.anchorStart - 1, end: event.anchorEnd };
    }
    const tag = event.tagStart === ABSENT ? {} : { tag: [event.tagStart, event.tagEnd] as const };
    const marksEnd = Math.max(this.#cursor, event.anchorEnd, event.tagEnd);
    if (event.type === EVENT_ID.SCALAR)
      return { kind: 'scalar', style: event.style, ...tag, ...this.#spanOf(event, marksEnd) };
    const bracket = this.#text.charAt(event.start);
    const isFlow = event.style === COLLECTION_STYLE.FLOW;
    const hasBrackets = isFlow && bracket === (event.type === EVENT_ID.MAPPING ? '{' : '[');
    this.#cursor = hasBrackets ? event.start + 1 : event.start;
    const kept = { isFlow, contentStart: event.start, ...tag };
    if (event.type === EVENT_ID.MAPPING) {
      const pairs = this.#pairs(isFlow);
      return { kind: 'mapping', ...kept, pairs, ...this.#closing(event.start, hasBrackets, pairs.at(-1)?.end) };
    }
    const items = this.#items(isFlow);
    return { kind: 'sequence', ...kept, items, ...this.#closing(event.start, hasBrackets, items.at(-1)?.end) };
  }

  #closing(start: number, hasBrackets: boolean, lastEnd: number | undefined) {
    if (!hasBrackets) return { brackets: undefined, end: lastEnd ?? start };
    const close = skipSeparation(this.#text, this.#cursor);
    return { brackets: [start + 1, close] as const, end: close + 1 };
  }

  #spanOf(event: ScalarEvent, marksEnd: number): { contentStart: number; end: number } {
    const { style, valueStart, valueEnd } = event;
    if (style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK) {
      const contentStart = skipSeparation(this.#text, marksEnd);
      return { contentStart, end: this.#endOfBlock(contentStart, event) };
    }
    if (valueStart === ABSENT) return { contentStart: marksEnd, end: marksEnd };
    return style === SCALAR_STYLE.PLAIN
      ? { contentStart: valueStart, end: valueEnd }
      : { contentStart: valueStart - 1, end: valueEnd + 1 };
  }

  /** Before the line end of the last line; empty lines behind it count only where they are kept. */
  #endOfBlock(header: number, { valueEnd, chomping }: ScalarEvent): number {
    let headerEnd = header;
    while (headerEnd < this.#text.length && !isLineEnd(this.#text.charAt(headerEnd))) headerEnd += 1;
    let end = Math.max(valueEnd, headerEnd);
    const isOver = (): boolean => end > headerEnd && ' \t\r\n'.includes(this.#text.charAt(end - 1));
    if (chomping === CHOMPING_MODE.KEEP)
      return isLineEnd(this.#text.charAt(end - 1)) && end > headerEnd ? end - 1 : end;
    while (isOver()) end -= 1;
    return end;
  }

  #pairs(isFlow: boolean): YamlPair[] {
    const pairs: YamlPair[] = [];
    while (this.#events[this.#index]?.type !== EVENT_ID.POP) {
      const from = skipSeparation(this.#text, this.#cursor);
      const isExplicit = this.#text.charAt(from) === '?' && /\s/.test(this.#text.charAt(from + 1));
      this.#cursor = isExplicit ? from + 1 : from;
      const keyEvent = this.#events[this.#index] as ContentEvent;
      const key = this.#build();
      const colon = skipSeparation(this.#text, key.end);
      const colonEnd = this.#text.charAt(colon) === ':' ? colon + 1 : undefined;
      this.#cursor = colonEnd ?? key.end;
      const value = this.#build();
      const end = Math.max(key.end, colonEnd ?? 0, value.end);
      this.#cursor = end;
      const comma = isFlow ? this.#comma() : ABSENT;
      pairs.push({ start: from, key, name: this.#nameOf(keyEvent), colonEnd, value, end, comma });
    }
    this.#index += 1;
    return pairs;
  }

  #nameOf(event: ContentEvent): string | undefined {
    if (event.type !== EVENT_ID.SCALAR) return undefined;
    if (event.valueStart === ABSENT) return '';
    const name = getScalarValue(this.#text, event);
    return event.style === SCALAR_STYLE.PLAIN && name === MERGE_KEY ? undefined : name;
  }

  #items(isFlow: boolean): YamlItem[] {
    const items: YamlItem[] = [];
    while (this.#events[this.#index]?.type !== EVENT_ID.POP) {
      const start = skipSeparation(this.#text, this.#cursor);
      this.#cursor = isFlow ? start : start + 1;
      const value = this.#build();
      const end = Math.max(this.#cursor, value.end);
      this.#cursor = end;
      items.push({ start, value, end, comma: isFlow ? this.#comma() : ABSENT });
    }
    this.#index += 1;
    return items;
  }

  #comma(): number {
    const at = skipSeparation(this.#text, this.#cursor);
    if (this.#text.charAt(at) !== ',') return ABSENT;
    this.#cursor = at + 1;
    return at;
  }
}
