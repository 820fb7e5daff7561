/** Characters, names, escapes and layout of XML 1.0. */
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
const INDENT = '  ';

const NAME_START = String.raw`:A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}`;
/** Production [5] of XML 1.0, as the source of an expression with the flag `u`. */
export const XML_NAME = String.raw`[${NAME_START}][${NAME_START}\-.\d\u00B7\u0300-\u036F\u203F-\u2040]*`;
const NAME = new RegExp(`^${XML_NAME}$`, 'u');
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const BLANK = /^[ \t\r\n]*$/;

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
  ...{ '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' },
};

export function isXmlName(text: string): boolean {
  return NAME.test(text);
}

/** Whether XML can hold the text; it has no form for most control characters, escaped or not. */
export function isXmlText(text: string): boolean {
  return !FORBIDDEN.test(text);
}

export function isBlankXml(text: string): boolean {
  return BLANK.test(text);
}

/** A carriage return would come back as a line feed if it stood as it is. */
export function escapeXmlText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPES[character] ?? character);
}

/** An attribute in double quotes; blanks other than spaces would come back as spaces. */
export function escapeXmlAttribute(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

/** How a document is laid out. */
export interface XmlLayout {
  /** What each level is indented by. */
  readonly indent: string;
  readonly lineEnd: string;
  /** Higher characters are written as references. */
  readonly highest: string;
}

export const USUAL_LAYOUT: XmlLayout = { indent: INDENT, lineEnd: '\n', highest: '\u{10ffff}' };

/** The lines of an element, from its start tag without the last character and the text of its content. */
export function closeElement(head: string, name: string, content: string, { lineEnd }: XmlLayout): string {
  return content === '' ? `${head}/>${lineEnd}` : `${head}>${content}</${name}>${lineEnd}`;
}

/** A text that is escaped already, with references for what the document's encoding has not. */
export function limitCharacters(text: string, { highest }: Pick<XmlLayout, 'highest'>): string {
  if (highest.length > 1) return text;
  return Array.from(text, (character) =>
    character > highest ? `&#${character.codePointAt(0) ?? 0};` : character,
  ).join('');
}
