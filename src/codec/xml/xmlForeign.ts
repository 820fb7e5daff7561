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
import { setMember } from '../../value/valueDomain.js';
import { decodeText, encodeText, isTextValue } from '../text/typedText.js';
import type { XmlElement } from './xmlReader.js';
import {
  closeElement,
  escapeXmlAttribute,
  escapeXmlText,
  INDENT,
  isXmlName,
  isXmlText,
  XML_DECLARATION,
} from './xmlText.js';

const ATTRIBUTE_PREFIX = '@';
const TEXT_KEY = '#text';

/** The value of a document, still unchecked. */
export function readForeignXml(root: XmlElement): ConfigurationValue {
  return membersOf([root]);
}

/**
 * The document of a value in the shape above. The caller must check that the text reads back as the same value: not every
 * case that fails is found here.
 *
 * @throws UnfitError where the shape cannot hold the value.
 */
export function writeForeignXml(value: ConfigurationValue): string {
  const [[name, content] = ['', null], ...others] = isTextValue(value) ? [] : Object.entries(value);
  if (others.length > 0) throw new UnfitError();
  return XML_DECLARATION + writeElement(name, content, '');
}

/** Ends the writing of a value that the shape cannot hold. */
export class UnfitError extends Error {}

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

function contentOf({ attributes, children, text }: XmlElement): ConfigurationValue {
  if (attributes.size === 0) return children.length === 0 ? decodeElementText(text) : membersOf(children);
  const content: ConfigurationObject = {};
  for (const [name, value] of attributes) content[ATTRIBUTE_PREFIX + name] = decodeText(value);
  if (text !== '') content[TEXT_KEY] = decodeElementText(text);
  for (const [name, member] of Object.entries(membersOf(children))) setMember(content, name, member);
  return content;
}

/** Typed text, but an array that could be repeated elements is not written as text, so it is not read from it either. */
function decodeElementText(text: string): ConfigurationValue {
  const value = decodeText(text);
  return isRepeatable(value) ? text : value;
}

function encodeElementText(value: ConfigurationValue): string {
  if (!isTextValue(value) || isRepeatable(value)) throw new UnfitError();
  const text = typeof value === 'string' && decodeElementText(value) === value ? value : encodeText(value);
  return escapeXmlText(requireXmlText(text));
}

/** Two items or more, none of them an array: one element for each. */
function isRepeatable(value: ConfigurationValue): value is ConfigurationValue[] {
  return Array.isArray(value) && value.length > 1 && !value.some((item) => Array.isArray(item));
}

function writeElement(name: string, content: ConfigurationValue, indent: string): string {
  if (!isXmlName(name)) throw new UnfitError();
  if (isTextValue(content)) return closeElement(`${indent}<${name}`, name, encodeElementText(content));
  const members = Object.entries(content);
  const attributes = members.filter(([key]) => key.startsWith(ATTRIBUTE_PREFIX));
  const head = `${indent}<${name}${attributes.map(([key, value]) => writeAttribute(key, value)).join('')}`;
  const others = members.filter(([key]) => !key.startsWith(ATTRIBUTE_PREFIX));
  const [[firstKey, firstValue] = ['', null]] = others;
  if (others.length === 1 && firstKey === TEXT_KEY) return closeElement(head, name, encodeElementText(firstValue));
  const children = others.flatMap(([key, value]) =>
    (isRepeatable(value) ? value : [value]).map((item) => writeElement(key, item, indent + INDENT)),
  );
  return closeElement(head, name, children.length === 0 ? '' : `\n${children.join('')}${indent}`);
}

function writeAttribute(key: string, value: ConfigurationValue): string {
  const name = key.slice(ATTRIBUTE_PREFIX.length);
  if (!isXmlName(name) || !isTextValue(value)) throw new UnfitError();
  return ` ${name}="${escapeXmlAttribute(requireXmlText(encodeText(value)))}"`;
}

function requireXmlText(text: string): string {
  if (!isXmlText(text)) throw new UnfitError();
  return text;
}
