/** Finds the escape that the library could not read: it says which one, but not where. */

/** A comment starts a line that does not continue the one before; inside, nothing is an escape. */
const COMMENT = /[ \t\f]*[#!][^\r\n]*/y;
/** The end of a line, and a backslash with all that belongs to it; a line may go on in the middle of an escape. */
const TOKEN = /\r\n?|\n|\\(?:u(?:(?:\\(?:\r\n?|\n)[ \t\f]*)?[\dA-Fa-f]){4}|\r\n|[^u])?/g;

/** The offset of the first malformed `\u` in a text that has one. */
export function findMalformedEscape(text: string): number {
  let offset = skipComment(text, 0);
  for (;;) {
    TOKEN.lastIndex = offset;
    const found = TOKEN.exec(text);
    if (found === null) return offset;
    const [token] = found;
    if (token === '\\') return found.index;
    offset = found.index + token.length;
    if (!token.startsWith('\\')) offset = skipComment(text, offset);
  }
}

function skipComment(text: string, offset: number): number {
  COMMENT.lastIndex = offset;
  return offset + (COMMENT.exec(text)?.[0].length ?? 0);
}
