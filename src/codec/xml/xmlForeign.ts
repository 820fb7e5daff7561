/**
 * The XML of other programs as a value, and back in the same shape.
 *
 * ```xml
 * <web-app version="4.0">            { "web-app": { "@version": "4.0",
 *   <port>80</port>                      "port": 80,
 *   <role>a</role><role>b</role>         "role": ["a", "b"],
 *   <name lang="en">x</name>             "name": { "@lang": "en", "#text": "x" } } }
 * </web-app>
 * ```
 *
 * The root element is the only member of the root object. Attributes are members with an `@`, text beside attributes is
 * `#text`, elements of one name in one parent are an array. Texts and attributes are typed text (see `typedText.ts`). Names
 * keep their prefixes. Not kept: comments, processing instructions, layout between elements, and the order between
 * elements of different names where they alternate.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { refuse, setMember } from '../../value/valueDomain.js';
import { formatPath } from '../../value/valuePath.js';
import { decodeText, encodeText, isTextValue } from '../text/typedText.js';
import type { XmlElement } from './xmlReader.js';
import {
  closeElement,
  escapeXmlAttribute,
  escapeXmlText,
  isXmlName,
  isXmlText,
  limitCharacters,
  USUAL_LAYOUT,
  XML_DECLARATION,
  type XmlLayout,
} from './xmlText.js';

export const ATTRIBUTE_PREFIX = '@';
export const TEXT_KEY = '#text';

/** The value of a document, still unchecked. */
export function readForeignXml(root: XmlElement): ConfigurationValue {
  return membersOf([root]);
}

/**
 * The document of a value in the shape above. The caller must check that the text reads back as the same value: not every
 * case that fails is found here.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the path of what the shape cannot hold.
 */
export function writeForeignXml(value: ConfigurationValue): string {
  const [root, ...others] = isTextValue(value) ? [] : Object.entries(value);
  if (root === undefined || others.length > 0) refuseForeign([], ROOT_REASON);
  return XML_DECLARATION + new ForeignWriter(USUAL_LAYOUT, encodeElementText).write(root[0], root[1], '');
}

export const NO_PLACE = 'it cannot be told where between the elements of other names it belongs; edit the file itself';
export const MIXED_REASON = 'text cannot stand beside child elements';
export const NAME_REASON = 'the key cannot name an element';
export const ROOT_REASON = 'a document has one root element, and this file of another program stays one';

/** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` that names the path. */
export function refuseForeign(path: readonly string[], reason: string): never {
  refuse([{ path: formatPath(path), reason }]);
  throw new TypeError(reason);
}

function membersOf(elements: readonly XmlElement[]): ConfigurationObject {
  const groups = new Map<string, ConfigurationValue[]>();
  for (const element of elements) {
    const group = groups.get(element.name) ?? [];
    groups.set(element.name, group);
    group.push(contentOf(element));
  }
  const members: ConfigurationObject = {};
  for (const [name, group] of groups) setMember(members, name, group.length === 1 ? (group[0] ?? null) : group);
  return members;
}

/** The path of an element whose children of different names alternate, so that their order may mean something. */
export function findAlternating(element: XmlElement, path: readonly string[] = []): readonly string[] | undefined {
  const { children, name } = element;
  const here = [...path, name];
  if (isAlternating(children)) return here;
  for (const child of children) {
    const found = child.children.length === 0 ? undefined : findAlternating(child, here);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether elements of one name stand in several places, with others between. */
export function isAlternating(children: readonly XmlElement[]): boolean {
  const seen = new Set<string>();
  let last: string | undefined;
  for (const { name } of children) {
    if (name !== last && seen.has(name)) return true;
    seen.add(name);
    last = name;
  }
  return false;
}

/** What an element holds. */
export function contentOf({ attributes, children, text }: XmlElement): ConfigurationValue {
  if (attributes.size === 0) return children.length === 0 ? decodeElementText(text) : membersOf(children);
  const content: ConfigurationObject = {};
  for (const [name, value] of attributes) content[ATTRIBUTE_PREFIX + name] = decodeText(value);
  if (text !== '') content[TEXT_KEY] = decodeElementText(text);
  for (const [name, member] of Object.entries(membersOf(children))) setMember(content, name, member);
  return content;
}

/** Typed text, but an array that could be repeated elements is not written as text, so it is not read from it either. */
export function decodeElementText(text: string): ConfigurationValue {
  const value = decodeText(text);
  return isRepeatable(value) ? text : value;
}

function encodeElementText(value: ConfigurationValue): string {
  return typeof value === 'string' && decodeElementText(value) === value ? value : encodeText(value);
}

/** Two items or more, none of them an array: one element for each. */
export function isRepeatable(value: ConfigurationValue): value is ConfigurationValue[] {
  return Array.isArray(value) && value.length > 1 && !value.some((item) => Array.isArray(item));
}

type TextEncoder = (value: ConfigurationValue) => string;

export interface ForeignWriterOptions {
  readonly path?: readonly string[];
  readonly itemsOf?: (value: ConfigurationValue) => readonly ConfigurationValue[];
}

/** Writes elements in the shape of foreign documents. */
export class ForeignWriter {
  readonly #layout: XmlLayout;
  readonly #encodeText: TextEncoder;
  readonly #path: string[];
  readonly #itemsOf: (value: ConfigurationValue) => readonly ConfigurationValue[];

  /**
   * @param encode the text of a value that has no elements.
   * @param options `path` of the element that is written, without its last step, for refusals; `itemsOf` what a member has
   *   elements for.
   */
  constructor(layout: XmlLayout, encode: TextEncoder, options: ForeignWriterOptions = {}) {
    this.#layout = layout;
    this.#encodeText = encode;
    this.#path = [...(options.path ?? [])];
    this.#itemsOf = options.itemsOf ?? itemsOf;
  }

  /** The lines of an element, each with its indentation and its end. */
  write(name: string, content: ConfigurationValue, indent: string): string {
    this.#path.push(name);
    const text = this.#write(name, content, indent);
    this.#path.pop();
    return text;
  }

  #write(name: string, content: ConfigurationValue, indent: string): string {
    if (name === TEXT_KEY) this.#refuse(MIXED_REASON);
    if (!isXmlName(name)) this.#refuse(NAME_REASON);
    if (isTextValue(content)) return closeElement(`${indent}<${name}`, name, this.text(content), this.#layout);
    const members = Object.entries(content);
    const attributes = members.filter(([key]) => key.startsWith(ATTRIBUTE_PREFIX));
    const head = `${indent}<${name}${attributes.map(([key, value]) => ` ${this.attribute(key, value)}`).join('')}`;
    const others = members.filter(([key]) => !key.startsWith(ATTRIBUTE_PREFIX));
    const [[firstKey, firstValue] = ['', null]] = others;
    if (others.length === 1 && firstKey === TEXT_KEY) {
      return closeElement(head, name, this.text(firstValue), this.#layout);
    }
    const inner = indent + this.#layout.indent;
    const children = others.flatMap(([key, value]) => this.#itemsOf(value).map((item) => this.write(key, item, inner)));
    const isEmpty = children.length === 0;
    return closeElement(head, name, isEmpty ? '' : this.#layout.lineEnd + children.join('') + indent, this.#layout);
  }

  /** An attribute with its value. */
  attribute(key: string, value: ConfigurationValue): string {
    const name = key.slice(ATTRIBUTE_PREFIX.length);
    if (!isXmlName(name) || !isTextValue(value)) this.#refuse('the member cannot be an attribute');
    const text = limitCharacters(escapeXmlAttribute(this.#fit(this.#encodeText(value))), this.#layout);
    return `${name}="${text}"`;
  }

  /** The content of an element that has no other elements in it. */
  text(value: ConfigurationValue): string {
    if (!isTextValue(value) || isRepeatable(value)) this.#refuse('the value cannot be the text of an element');
    return limitCharacters(escapeXmlText(this.#fit(this.#encodeText(value))), this.#layout);
  }

  #fit(text: string): string {
    if (!isXmlText(text)) this.#refuse('the text has characters that XML forbids');
    return text;
  }

  #refuse(reason: string): never {
    refuseForeign(this.#path, reason);
  }
}

/** What a member has elements for. */
function itemsOf(value: ConfigurationValue): readonly ConfigurationValue[] {
  return isRepeatable(value) ? value : [value];
}
