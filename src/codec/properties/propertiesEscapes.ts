/** The escapes of .properties files: a malformed one, and those that a text in the style of a file needs. */
import { hexadecimalOf } from '../text/typedText.js';

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

const NAMED_ESCAPES: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\f': '\\f' };
const MARKS = '=:#!\\ ';
/** What is escaped in a key, in a value, and in a value of a file that escapes more than it must. */
const IN_KEY = /[\\=: ]|^[#!]|[^!-~]/g;
const IN_VALUE = /\\|^[=: ]|[^ -~]/g;
const IN_VALUE_EAGERLY = /[\\=:#!]|^ |[^ -~]/g;
/** Characters that nobody sees, or that end a line for some readers. */
const INVISIBLE = /[\p{Cc}\p{Cs}\u2028\u2029\uFEFF\uFFFE\uFFFF]/u;
const LAST_LATIN_1 = '\u00ff';

/** How a file spells what could be spelled in several ways. */
export interface PropertiesStyle {
  /** The highest character that stands in it as it is. */
  readonly highest: string;
  /** Marks are escaped in values, though they need not be. */
  readonly isEager: boolean;
}

/** The highest character that a new text can have in a file without an escape, whatever that file's encoding. */
export function highestCharacter(text: string): string {
  if (!/[^\0-\u007f]/.test(text)) return '~';
  return /[^\0-\u00ff]/.test(text) ? '\u{10ffff}' : LAST_LATIN_1;
}

export function escapePropertyKey(key: string, style: PropertiesStyle): string {
  return key.replace(IN_KEY, (character) => escapeCharacter(character, style));
}

export function escapePropertyValue(value: string, style: PropertiesStyle): string {
  return value.replace(style.isEager ? IN_VALUE_EAGERLY : IN_VALUE, (character) => escapeCharacter(character, style));
}

function escapeCharacter(character: string, { highest }: PropertiesStyle): string {
  if (MARKS.includes(character)) return `\\${character}`;
  const isKept = character > '~' && (character <= highest || highest > LAST_LATIN_1) && !INVISIBLE.test(character);
  return isKept ? character : (NAMED_ESCAPES[character] ?? `\\u${hexadecimalOf(character)}`);
}
