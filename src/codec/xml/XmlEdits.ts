/** Changes of an XML text at the places of its elements, laid out like what stands around them. */
import type { LostLayout } from '../Codec.js';
import { indentBefore, lineEndOf, startWithOwnComment } from '../text/textLines.js';
import { Splices } from '../text/Splices.js';
import { highestXmlCharacter } from './xmlEncoding.js';
import type { XmlElement } from './xmlReader.js';
import { USUAL_LAYOUT, type XmlLayout } from './xmlText.js';

/** The lines of an element, each with its indentation and its end. */
export type WriteElement = (indent: string, layout: XmlLayout) => string;

/** What happens to the children of an element. */
export interface ChildChanges {
  readonly removed: ReadonlySet<XmlElement>;
  readonly inserted: readonly InsertedChild[];
}

export interface InsertedChild {
  /** A child that stays; where there is neither, the new one is the first. */
  readonly after?: XmlElement | undefined;
  readonly before?: XmlElement | undefined;
  readonly write: WriteElement;
}

const MARKUP = /<!--[^]*?-->|<\?[^]*?\?>/g;
const CDATA = /^<!\[CDATA\[[^]*\]\]>$/;
/** Each with the blanks before it. */
const ATTRIBUTE = /([ \t\r\n]+)([^ \t\r\n=/>]+)[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')/g;
const REST_OF_LINE = /[ \t]*(?:<!--(?:(?!-->|[\r\n])[^])*-->)?[ \t]*(?=[\r\n]|$)/y;
const COMMENT_LINE = /^[ \t]*<!--(?:(?!-->)[^\r\n])*-->[ \t]*(?:[\r\n]|$)/;
const LONGEST_COMMENT_LINE = 1000;

interface AttributePlace {
  /** Of the blanks before it. */
  readonly start: number;
  readonly nameStart: number;
  readonly valueStart: number;
  readonly end: number;
  readonly name: string;
  readonly quote: string;
  readonly gap: string;
}

export class XmlEdits {
  readonly lost: LostLayout[] = [];
  readonly layout: XmlLayout;
  readonly #text: string;
  readonly #splices = new Splices();

  constructor(text: string, root: XmlElement) {
    this.#text = text;
    const [first] = root.children;
    const inner = first === undefined ? undefined : this.#indentOf(first);
    const outer = this.#indentOf(root) ?? '';
    const indent = inner !== undefined && inner.startsWith(outer) && inner !== outer ? inner.slice(outer.length) : '';
    const highest = highestXmlCharacter(text);
    const isUsual = first === undefined || indent === '';
    this.layout = { indent: isUsual ? USUAL_LAYOUT.indent : indent, lineEnd: lineEndOf(text), highest };
  }

  toText(): string {
    return this.#splices.apply(this.#text);
  }

  /**
   * @param escaped what to write; a section of CDATA stays one, with the text as it is.
   * @param path for what is told as lost.
   */
  setText(element: XmlElement, escaped: string, { plain, path }: { plain: string; path: string }): void {
    const { contentStart, contentEnd } = element;
    const old = this.#text.slice(contentStart, contentEnd);
    if (this.#isSelfClosing(element)) {
      if (escaped !== '') this.#open(element, escaped);
    } else if (CDATA.test(old) && !plain.includes(']]>') && plain <= this.layout.highest) {
      this.#splices.replace(contentStart, contentEnd, `<![CDATA[${plain}]]>`);
    } else {
      const parts = textParts(old);
      const [only, ...others] = parts.length > 1 ? parts.filter(({ text }) => text !== '') : parts;
      if (only !== undefined && others.length === 0) {
        this.#splices.replace(contentStart + only.start, contentStart + only.start + only.text.length, escaped);
      } else {
        this.#splices.replace(contentStart, contentEnd, escaped);
        this.lost.push({ path, description: 'comments inside the text were lost' });
      }
    }
  }

  replaceElement(element: XmlElement, write: WriteElement): void {
    const indent = this.#indentOf(element);
    const layout = indent === undefined ? compact(this.layout) : this.layout;
    const lines = write(indent ?? '', layout);
    this.#splices.replace(element.offset, element.end, lines.slice((indent ?? '').length).trimEnd());
  }

  renameElement(element: XmlElement, name: string): void {
    this.#splices.replace(element.offset + 1, element.offset + 1 + element.name.length, name);
    if (this.#isSelfClosing(element)) return;
    const start = element.contentEnd + '</'.length;
    this.#splices.replace(start, start + element.name.length, name);
  }

  /** @param text the whole attribute, in double quotes. */
  addAttribute(element: XmlElement, text: string): void {
    const last = this.#attributesOf(element).at(-1);
    const offset = last?.end ?? element.offset + 1 + element.name.length;
    this.#splices.insert(offset, (last?.gap ?? ' ') + (last?.quote === "'" ? inSingleQuotes(text) : text));
  }

  replaceAttribute(element: XmlElement, name: string, text: string | undefined): void {
    const place = this.#attributesOf(element).find((attribute) => attribute.name === name);
    if (place === undefined) return;
    if (text === undefined) this.#splices.replace(place.start, place.end, '');
    else this.#splices.replace(place.nameStart, place.end, place.quote === "'" ? inSingleQuotes(text) : text);
  }

  changeChildren(parent: XmlElement, { removed, inserted }: ChildChanges): void {
    if (removed.size === 0 && inserted.length === 0) return;
    if (inserted.length === 0 && removed.size === parent.children.length) {
      this.#empty(parent);
      return;
    }
    for (const child of removed) this.#remove(child);
    if (parent.children.length === 0) this.#fill(parent, inserted);
    else for (const child of inserted) this.#insert(parent, child);
  }

  #isSelfClosing({ contentStart, end }: XmlElement): boolean {
    return contentStart === end;
  }

  /** Gives an element without an end tag one. */
  #open({ name, contentStart }: XmlElement, content: string): void {
    const head = this.#text.slice(0, contentStart - '/>'.length).trimEnd().length;
    this.#splices.replace(head, contentStart, `>${content}</${name}>`);
  }

  /** Blanks between tags would be its text. */
  #empty({ contentStart, contentEnd, children }: XmlElement): void {
    let rest = '';
    let offset = contentStart;
    for (const { offset: start, end } of children) {
      rest += this.#text.slice(offset, start);
      offset = end;
    }
    rest += this.#text.slice(offset, contentEnd);
    this.#splices.replace(contentStart, contentEnd, (rest.match(MARKUP) ?? []).join(''));
  }

  #remove(child: XmlElement): void {
    const indent = this.#indentOf(child);
    const lineEnd = this.#restOfLine(child.end);
    if (indent === undefined || lineEnd === undefined) {
      this.#splices.replace(child.offset, child.end, '');
      return;
    }
    const next = lineEnd + (/^(?:\r\n?|\n)/.exec(this.#text.slice(lineEnd, lineEnd + 2))?.[0].length ?? 0);
    const isComment = (lineStart: number) =>
      COMMENT_LINE.test(this.#text.slice(lineStart, lineStart + LONGEST_COMMENT_LINE));
    const isLast = /^[ \t]*<\//.test(this.#text.slice(next, next + LONGEST_COMMENT_LINE));
    const range = { lineStart: child.offset - indent.length, next: isLast ? this.#text.length : next };
    const start = startWithOwnComment(this.#text, range, isComment, (lineStart) => this.#endsElement(lineStart));
    this.#splices.replace(start, next, '');
  }

  /** Whether a line is the last of an element, and not the first of the parent. */
  #endsElement(lineStart: number): boolean {
    return /^[ \t]*<(?:\/|.*(?:\/>|<\/[^<]*>)[ \t]*$)/m.test(
      this.#text.slice(lineStart, lineStart + LONGEST_COMMENT_LINE),
    );
  }

  #insert(parent: XmlElement, { after, before, write }: InsertedChild): void {
    const neighbour = after ?? before;
    const indent = this.#indentOf(neighbour ?? parent.children[0] ?? parent);
    if (indent === undefined) {
      const offset = after?.end ?? before?.offset ?? parent.contentStart;
      this.#splices.insert(offset, write('', compact(this.layout)));
    } else if (before !== undefined && after === undefined) {
      this.#splices.insert(before.offset - indent.length, write(indent, this.layout));
    } else {
      const offset = after === undefined ? parent.contentStart : (this.#restOfLine(after.end) ?? after.end);
      const isPartOfLine = after !== undefined && this.#restOfLine(after.end) === undefined;
      const lines = this.layout.lineEnd + withoutLineEnd(write(indent, this.layout));
      this.#splices.insert(offset, isPartOfLine ? lines + this.layout.lineEnd + indent : lines);
    }
  }

  /** The first children of an element. */
  #fill(parent: XmlElement, inserted: readonly InsertedChild[]): void {
    const outer = this.#indentOf(parent);
    const layout = outer === undefined ? compact(this.layout) : this.layout;
    const lines = inserted.map(({ write }) => write((outer ?? '') + layout.indent, layout)).join('');
    const content = layout.lineEnd + withoutLineEnd(lines);
    const closing = layout.lineEnd === '' ? '' : layout.lineEnd + (outer ?? '');
    if (this.#isSelfClosing(parent)) {
      this.#open(parent, content + closing);
      return;
    }
    const old = this.#text.slice(parent.contentStart, parent.contentEnd);
    const kept = old.trimEnd();
    this.#splices.replace(parent.contentStart + kept.length, parent.contentEnd, content + closing);
  }

  /** The blanks before an element that starts its line; undefined where it does not. */
  #indentOf({ offset }: XmlElement): string | undefined {
    return indentBefore(this.#text, offset);
  }

  /** The end of a line on which nothing but a comment follows; undefined where something else does. */
  #restOfLine(offset: number): number | undefined {
    REST_OF_LINE.lastIndex = offset;
    return REST_OF_LINE.test(this.#text) ? REST_OF_LINE.lastIndex : undefined;
  }

  #attributesOf({ offset, name, contentStart }: XmlElement): AttributePlace[] {
    const from = offset + 1 + name.length;
    return Array.from(this.#text.slice(from, contentStart).matchAll(ATTRIBUTE), (found) => {
      const [whole, gap = '', attribute = '', value = ''] = found;
      const start = from + found.index;
      const end = start + whole.length;
      const place = { start, nameStart: start + gap.length, valueStart: end - value.length, end };
      return { ...place, name: attribute, quote: value.charAt(0), gap };
    });
  }
}

/** All in one line. */
function compact(layout: XmlLayout): XmlLayout {
  return { ...layout, indent: '', lineEnd: '' };
}

function withoutLineEnd(lines: string): string {
  return lines.replace(/(?:\r\n?|\n)$/, '');
}

/** An attribute in double quotes, in single ones. */
function inSingleQuotes(attribute: string): string {
  const start = attribute.indexOf('"');
  const value = attribute
    .slice(start + 1, -1)
    .replaceAll("'", '&apos;')
    .replaceAll('&quot;', '"');
  return `${attribute.slice(0, start)}'${value}'`;
}

/** What stands between comments and instructions. */
function textParts(content: string): { readonly start: number; readonly text: string }[] {
  const parts = [];
  let start = 0;
  for (const found of content.matchAll(MARKUP)) {
    parts.push({ start, text: content.slice(start, found.index) });
    start = found.index + found[0].length;
  }
  parts.push({ start, text: content.slice(start) });
  return parts;
}
