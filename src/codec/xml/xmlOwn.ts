/**
 * The XML that this module writes: any value of the domain, its types included.
 *
 * ```xml
 * <config xmlns="urn:rcc:config" type="object">
 *   <server>
 *     <port type="number">80</port>
 *   </server>
 *   <tags type="array">
 *     <item>a</item>
 *   </tags>
 *   <item key="odd key">text</item>
 * </config>
 * ```
 *
 * `type` is object, array, number, boolean, null or json; without it an element is a string, or an object where it has
 * child elements. `json` is a string in JSON's spelling, for text with characters that XML forbids. A member whose key
 * cannot name an element is an `item` with the key in `key`, or in `jkey` in JSON's spelling. The namespace on the root
 * tells these files from those of other programs.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { setMember } from '../../value/valueDomain.js';
import { parseFailure } from '../text/parseFailure.js';
import { parseJson, stringifyText } from '../text/typedText.js';
import type { XmlElement } from './xmlReader.js';
import {
  closeElement,
  escapeXmlAttribute,
  escapeXmlText,
  isBlankXml,
  isXmlText,
  limitCharacters,
  USUAL_LAYOUT,
  XML_DECLARATION,
  type XmlLayout,
} from './xmlText.js';

const OWN_NAMESPACE = 'urn:rcc:config';

const ROOT = 'config';
const ITEM = 'item';
/** Names that no XML tool has trouble with; `xml...` is reserved. */
const SAFE_NAME = /^(?!xml)[A-Za-z_][\w.-]*$/i;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/;

/** True for a document that `writeOwnXml` wrote. */
export function isOwnDocument({ name, attributes }: XmlElement): boolean {
  return name === ROOT && attributes.get('xmlns') === OWN_NAMESPACE;
}

export function writeOwnXml(value: ConfigurationValue): string {
  const writer = new OwnWriter(USUAL_LAYOUT);
  return XML_DECLARATION + writer.writeElement(ROOT, ` xmlns="${OWN_NAMESPACE}"`, value, { indent: '', isRoot: true });
}

/**
 * The value of a document that `isOwnDocument`.
 *
 * @throws PersistenceError `ERR_PARSE` for types, attributes and contents that the convention has not.
 */
export function readOwnXml(root: XmlElement): ConfigurationValue {
  return readValue(root, ['xmlns', 'type']);
}

/** @returns the lines of the element of a member, each with its indentation and its end. */
export function writeOwnMember(key: string, value: ConfigurationValue, indent: string, layout: XmlLayout): string {
  return new OwnWriter(layout).writeMember(key, value, indent);
}

/** The same of an item of an array. */
export function writeOwnItem(value: ConfigurationValue, indent: string, layout: XmlLayout): string {
  return new OwnWriter(layout).writeElement(ITEM, '', value, { indent, isRoot: false });
}

class OwnWriter {
  readonly #layout: XmlLayout;

  constructor(layout: XmlLayout) {
    this.#layout = layout;
  }

  writeElement(
    name: string,
    attributes: string,
    value: ConfigurationValue,
    { indent, isRoot }: { readonly indent: string; readonly isRoot: boolean },
  ): string {
    const type = typeOf(value, isRoot);
    const head = `${indent}<${name}${attributes}${type === undefined ? '' : ` type="${type}"`}`;
    return closeElement(head, name, this.#contentOf(value, indent), this.#layout);
  }

  writeMember(key: string, value: ConfigurationValue, indent: string): string {
    const place = { indent, isRoot: false };
    if (isElementName(key)) return this.writeElement(key, '', value, place);
    return this.writeElement(ITEM, ` ${keyAttributeOf(key, this.#layout)}`, value, place);
  }

  #contentOf(value: ConfigurationValue, indent: string): string {
    const scalar = ownTextOf(value, this.#layout);
    if (scalar !== undefined) return scalar;
    const inner = indent + this.#layout.indent;
    const children = Array.isArray(value)
      ? value.map((item) => this.writeElement(ITEM, '', item, { indent: inner, isRoot: false }))
      : Object.entries(value as ConfigurationObject).map(([key, member]) => this.writeMember(key, member, inner));
    return children.length === 0 ? '' : `${this.#layout.lineEnd}${children.join('')}${indent}`;
  }
}

/** The text of a scalar's element; undefined for objects and arrays. */
export function ownTextOf(value: ConfigurationValue, layout: Pick<XmlLayout, 'highest'>): string | undefined {
  if (value === null) return '';
  if (typeof value === 'object') return undefined;
  if (typeof value !== 'string') return String(value);
  return limitCharacters(escapeXmlText(isXmlText(value) ? value : stringifyText(value)), layout);
}

/** How an `item` has a key that cannot name an element. */
function keyAttributeOf(key: string, layout: Pick<XmlLayout, 'highest'>): string {
  const [name, text] = isXmlText(key) ? ['key', key] : ['jkey', stringifyText(key)];
  return `${name}="${limitCharacters(escapeXmlAttribute(text), layout)}"`;
}

/** The attribute that an element needs because its content alone would be read as something else. */
export function typeOf(value: ConfigurationValue, isRoot: boolean): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'string') return isXmlText(value) ? undefined : 'json';
  if (typeof value !== 'object') return typeof value;
  if (Array.isArray(value)) return 'array';
  return isRoot || Object.keys(value).length === 0 ? 'object' : undefined;
}

/** Some readers make objects of the elements and fail on names that every object has already. */
export function isElementName(key: string): boolean {
  return SAFE_NAME.test(key) && key !== ITEM && key !== 'prototype' && !(key in Object.prototype);
}

function readValue(element: XmlElement, allowed: readonly string[]): ConfigurationValue {
  const { attributes, children, text } = element;
  for (const name of attributes.keys()) {
    if (!allowed.includes(name)) fail(element, 'the element has an attribute that this format has not');
  }
  const type = attributes.get('type');
  const isObject = type === 'object' || (type === undefined && children.length > 0);
  if (isObject || type === 'array') {
    if (!isBlankXml(text)) fail(element, 'an object or array cannot hold text');
    return isObject ? readObject(element) : readArray(element);
  }
  if (children.length > 0) fail(element, 'a scalar cannot have child elements');
  if (type === undefined) return text;
  if (type === 'null' && text === '') return null;
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  if (type === 'number' && NUMBER.test(text) && Number.isFinite(Number(text))) return Number(text);
  if (type === 'json') return readJsonString(element, text);
  return fail(element, 'the type is unknown or does not fit the content');
}

function readObject(element: XmlElement): ConfigurationObject {
  const object: ConfigurationObject = {};
  for (const child of element.children) {
    const key = keyOf(child);
    if (Object.hasOwn(object, key)) fail(child, 'a key is written twice in one object; remove one of the two');
    setMember(object, key, readValue(child, child.name === ITEM ? ['key', 'jkey', 'type'] : ['type']));
  }
  return object;
}

function readArray(element: XmlElement): ConfigurationValue[] {
  return element.children.map((child) => {
    if (child.name !== ITEM) fail(child, 'an array can only hold item elements');
    return readValue(child, ['type']);
  });
}

/** The key of a child of an object. */
export function keyOf(element: XmlElement): string {
  if (element.name !== ITEM) return element.name;
  const { attributes } = element;
  const key = attributes.get('key');
  const jsonKey = attributes.get('jkey');
  if (key !== undefined && jsonKey === undefined) return key;
  if (key === undefined && jsonKey !== undefined) return readJsonString(element, jsonKey);
  return fail(element, 'an item in an object needs its key in the attribute key, or in jkey');
}

function readJsonString(element: XmlElement, text: string): string {
  const content = parseJson(text);
  return typeof content === 'string' ? content : fail(element, 'a string in the spelling of JSON is expected');
}

function fail(element: XmlElement, reason: string): never {
  throw parseFailure(element.source, element.offset, reason);
}
