/**
 * Reads a well-formed XML document into a tree of elements, each with text or with child elements, never both, and each with
 * the places of its tags.
 *
 * Comments and processing instructions are left out. A DOCTYPE may declare elements and nothing else (`xmlDoctype.ts`), so
 * there are no entities but the five of XML itself, and no external files.
 */
import { SaxesParser } from 'saxes';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { PersistenceError } from '../../errors/PersistenceError.js';
import { refuseManyMarks } from '../text/entryLimit.js';
import { parseFailure, withTranslation } from '../text/parseFailure.js';
import { findDoctypeProblem } from './xmlDoctype.js';
import { isKnownEncoding, KNOWN_ENCODINGS } from './xmlEncoding.js';
import { findBareAmpersand } from './xmlEntities.js';
import { isBlankXml } from './xmlText.js';

const { MAX_DEPTH, MAX_NODES } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** A scalar in the deepest container has an element of its own. */
const MAX_ELEMENT_DEPTH = MAX_DEPTH + 1;
const NOT_ASCII = /[^\u0000-\u007F]/;
const REFERENCES = ['&'];
const NOT_BLANK = /[^ \t\r\n]/;
/** Most elements have neither, and share these. */
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
const NO_CHILDREN: readonly XmlElement[] = [];
const LOW_SURROGATE = /[\uDC00-\uDFFF]/;

export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  children: readonly XmlElement[];
  /** Empty where there are children. */
  text: string;
  /** The document, and where in it the element starts. */
  readonly source: string;
  readonly offset: number;
  /** Behind the start tag; of an element without an end tag, behind the element. */
  readonly contentStart: number;
  /** Where the end tag starts, or `contentStart`. */
  contentEnd: number;
  /** Behind the element. */
  end: number;
}

/**
 * @throws PersistenceError `ERR_PARSE` for text that is not well-formed, a DOCTYPE, text between elements, nesting beyond
 *   the limit, and a declared encoding that the file has not.
 */
export function readXml(text: string): XmlElement {
  return new XmlReader(text).run();
}

/** Whether a well-formed document has comments or processing instructions. */
export function hasXmlComment(text: string): boolean {
  if (!text.includes('<!--') && !text.includes('<?')) return false;
  let found = 0;
  const parser = new SaxesParser();
  parser.on('comment', () => (found += 1));
  parser.on('processinginstruction', () => (found += 1));
  parser.write(text).close();
  return found > 0;
}

class XmlReader {
  readonly #text: string;
  readonly #parser = new SaxesParser();
  readonly #open: XmlElement[] = [];
  #attributes: Map<string, string> | undefined;
  #nodes = 0;
  #root: XmlElement | undefined;
  /** Where the element that is being opened starts. */
  #offset = 0;
  /** Where the first text of the element that is open starts, blanks aside. */
  #textOffset = 0;
  #isAtEnd = false;

  constructor(text: string) {
    this.#text = text;
    this.#parser.on('error', ({ message }) =>
      this.#fail('the text is not well-formed XML here', this.#offsetOf(message)),
    );
    this.#parser.on('doctype', (doctype) => this.#checkDoctype(doctype));
    this.#parser.on('xmldecl', ({ encoding }) => this.#checkEncoding(encoding));
    this.#parser.on('attribute', ({ name, value }) => {
      this.#countNode();
      this.#attributes ??= new Map();
      if (this.#attributes.has(name)) this.#fail('an attribute is written twice');
      this.#attributes.set(name, value);
    });
    this.#parser.on('opentagstart', () => {
      this.#offset = this.#text.lastIndexOf('<', this.#parser.position - 1);
    });
    this.#parser.on('opentag', ({ name }) => this.#openElement(name));
    this.#parser.on('text', (content) => this.#addText(content, '>'));
    this.#parser.on('cdata', (content) => this.#addText(content, '<![CDATA['));
    this.#parser.on('closetag', ({ isSelfClosing }) => this.#closeElement(isSelfClosing));
  }

  run(): XmlElement {
    // The parser puts a text together from its references, one by one.
    refuseManyMarks(this.#text, REFERENCES);
    withTranslation(
      () => {
        this.#parser.write(this.#text);
        this.#isAtEnd = true;
        this.#parser.close();
      },
      () => this.#failure('the text cannot be read as XML'),
    );
    return this.#root ?? this.#fail('the file has no root element');
  }

  #openElement(name: string): void {
    if (this.#open.length >= MAX_ELEMENT_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
    const parent = this.#open.at(-1);
    if (parent !== undefined) this.#clearBlanks(parent);
    this.#countNode();
    const [contentStart, attributes] = [this.#parser.position, this.#attributes ?? NO_ATTRIBUTES];
    const content = { attributes, children: NO_CHILDREN, text: '' };
    const place = { source: this.#text, offset: this.#offset, contentStart };
    this.#open.push({ name, ...content, ...place, contentEnd: contentStart, end: contentStart });
    this.#attributes = undefined;
  }

  #closeElement(isSelfClosing: boolean): void {
    const element = this.#open.pop();
    if (element === undefined) return;
    element.end = this.#parser.position;
    if (!isSelfClosing) element.contentEnd = this.#text.lastIndexOf('<', element.end - 1);
    const parent = this.#open.at(-1);
    if (parent === undefined) this.#root = element;
    else if (parent.children === NO_CHILDREN) parent.children = [element];
    else (parent.children as XmlElement[]).push(element);
  }

  /** Before there are more of them than a configuration may have, and memory than the process. */
  #countNode(): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) this.#fail(`more than ${MAX_NODES} elements and attributes`);
  }

  /** @param doctype what stands between the keyword and the end. */
  #checkDoctype(doctype: string): void {
    const problem = findDoctypeProblem(doctype);
    if (problem !== undefined) this.#fail(problem, this.#lastOffsetOf('<!DOCTYPE'));
  }

  /** @param opening what stands right before the text. */
  #addText(content: string, opening: string): void {
    const element = this.#open.at(-1);
    if (element === undefined) return;
    // The content first: a text that is put together from very many blank parts is not looked through for each of them.
    if (!isBlankXml(content) && isBlankXml(element.text)) {
      this.#textOffset = this.#firstTextAfter(opening);
    }
    element.text += content;
    if (element.children.length > 0) this.#clearBlanks(element);
  }

  /** Blanks between child elements are layout; anything else there has no place in a value. */
  #clearBlanks(element: XmlElement): void {
    if (!isBlankXml(element.text)) {
      this.#fail('text stands beside child elements; put it into an element of its own', this.#textOffset);
    }
    element.text = '';
  }

  #checkEncoding(encoding: string | undefined): void {
    const isOther = encoding !== undefined && !isKnownEncoding(encoding);
    if (isOther && NOT_ASCII.test(this.#text)) {
      this.#fail(`the declared encoding is not one of ${KNOWN_ENCODINGS.join(', ')}; convert the file`);
    }
  }

  #fail(reason: string, offset?: number): never {
    throw this.#failure(reason, offset);
  }

  #failure(reason: string, offset = this.#currentOffset()): PersistenceError {
    return parseFailure(this.#text, offset, reason);
  }

  /** Of the character that the parser has just read, or the end of the text. */
  #currentOffset(): number {
    if (this.#isAtEnd) return this.#text.length;
    const offset = Math.max(this.#parser.position - 1, 0);
    const isPair = offset > 0 && LOW_SURROGATE.test(this.#text.charAt(offset));
    return isPair ? offset - 1 : offset;
  }

  /** Where the parser's error is about something that started before the character that it has just read. */
  #offsetOf(message: string): number | undefined {
    const ampersand = findBareAmpersand(this.#text, this.#currentOffset());
    if (ampersand !== undefined || this.#isAtEnd) return ampersand;
    if (message.includes('entity')) return this.#lastOffsetOf('&');
    if (message.includes('one root')) return this.#lastOffsetOf('<');
    return message.includes('outside of root') ? this.#firstTextAfter('>') : undefined;
  }

  #lastOffsetOf(opening: string): number {
    return Math.max(this.#text.lastIndexOf(opening, this.#parser.position - 1), 0);
  }

  /** The first character that is no blank, after the last place that something ended at, or the start of the text. */
  #firstTextAfter(opening: string): number {
    const found = this.#text.lastIndexOf(opening, this.#parser.position - 2);
    const start = found === -1 ? 0 : found + opening.length;
    return start + Math.max(this.#text.slice(start).search(NOT_BLANK), 0);
  }
}
