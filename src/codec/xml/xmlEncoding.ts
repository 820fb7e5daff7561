/** The encoding that an XML document declares. */

/** What a document may declare. */
export const KNOWN_ENCODINGS = ['UTF-8', 'US-ASCII', 'ISO-8859-1', 'UTF-16'] as const;

/** A declaration stands in the first line, and has no other characters than these. */
const DECLARATION = /^<\?xml[ \t\r\n][^>]*?encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][\w.-]*)["']/;
const DECLARATION_LENGTH = 200;
const LATIN_1 = /^(?:iso-8859-1|latin1)$/i;
const ASCII = /^us-ascii$/i;
const UTF_16 = /^utf-16$/i;

/** By the first characters of a file, without byte order mark; undefined where none of the known ones is declared. */
export function declaredXmlEncoding(start: string): 'latin1' | 'utf8' | 'utf16' | undefined {
  const name = declaredEncoding(start) ?? '';
  if (LATIN_1.test(name)) return 'latin1';
  if (UTF_16.test(name)) return 'utf16';
  return isKnownEncoding(name) ? 'utf8' : undefined;
}

export function isKnownEncoding(name: string): boolean {
  return LATIN_1.test(name) || KNOWN_ENCODINGS.some((known) => known.toLowerCase() === name.toLowerCase());
}

/** The highest character that a document can hold as it is; others need a reference. */
export function highestXmlCharacter(text: string): string {
  const name = declaredEncoding(text.slice(0, DECLARATION_LENGTH)) ?? '';
  if (LATIN_1.test(name)) return '\u00ff';
  return ASCII.test(name) ? '\u007f' : '\u{10ffff}';
}

function declaredEncoding(text: string): string | undefined {
  return DECLARATION.exec(text)?.[1];
}
