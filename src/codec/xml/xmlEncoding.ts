/** The encoding of an XML document: by its byte order mark, or by its declaration. */

/** What a document may declare. */
export const KNOWN_ENCODINGS = ['UTF-8', 'US-ASCII', 'ISO-8859-1', 'UTF-16'] as const;

/** A declaration stands in the first line, and has no other characters than these. */
const DECLARATION = /^<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][\w.-]*)["']/;
const DECLARATION_BYTES = 200;
const LATIN_1 = /^(?:iso-8859-1|latin1)$/i;
const ASCII = /^us-ascii$/i;

/** Encodings other than UTF-8 that a document can have, by the names that Node has for them. */
export type XmlEncoding = 'latin1' | 'utf-16le' | 'utf-16be';

/** By the first bytes of a file; undefined for UTF-8, and for what is none of the known ones. */
export function encodingOfXml(bytes: Uint8Array): XmlEncoding | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, DECLARATION_BYTES));
  return LATIN_1.test(declaredEncoding(start.toString('latin1')) ?? '') ? 'latin1' : undefined;
}

export function isKnownEncoding(name: string): boolean {
  return LATIN_1.test(name) || KNOWN_ENCODINGS.some((known) => known.toLowerCase() === name.toLowerCase());
}

/** The highest character that a document can hold as it is; others need a reference. */
export function highestXmlCharacter(text: string): string {
  const name = declaredEncoding(text.slice(0, DECLARATION_BYTES)) ?? '';
  if (LATIN_1.test(name)) return '\u00ff';
  return ASCII.test(name) ? '\u007f' : '\u{10ffff}';
}

function declaredEncoding(text: string): string | undefined {
  return DECLARATION.exec(text)?.[1];
}
