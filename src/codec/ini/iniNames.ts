/**
 * Names in INI files: keys, and the dotted names of sections.
 *
 * A character that would not come back is written `~uXXXX`. Only those are, so that the names of other programs
 * (`session.save_path`, `remote "origin"`) stay as they are.
 */
import { hexadecimalOf } from '../text/typedText.js';
import type { IniDialect } from './iniDialects.js';

const ESCAPE = /~u([\dA-F]{4})/g;
const HEXADECIMAL = 16;
const EMPTY_KEY = '~e';

/** Line ends, characters that nobody sees, the escape itself, and what ends a key. */
const UNSAFE_IN_KEY = /[\p{Cc}\u2028\u2029\uFEFF=]|:(?=\s|$)|~(?=u[\dA-F]{4})|^~(?=e$)|^[[;#]|^\s|\s$|\[(?=\]$)/gu;
const UNSAFE_IN_PLAIN_SECTION = /[\p{Cc}\u2028\u2029\uFEFF]|~(?=u[\dA-F]{4})|^\s|\s$/gu;
const UNSAFE_IN_SECTION = /[\p{Cc}\u2028\u2029\uFEFF.\]]|~(?=u[\dA-F]{4})|^\s|\s$/gu;

export function encodeKey(key: string): string {
  return key === '' ? EMPTY_KEY : key.replace(UNSAFE_IN_KEY, escapeCharacter);
}

export function decodeKey(text: string): string {
  return text === EMPTY_KEY ? '' : decodeName(text, encodeKey);
}

/** The name of a section; undefined where the dialect nests no sections in others. */
export function nameOfSection(path: readonly string[], { sections }: IniDialect): string | undefined {
  if (sections === 'dotted') return encodeSection(path);
  const [name] = path;
  return name === undefined || path.length > 1 ? undefined : encodePlainSection(name);
}

/** The path that a section's name stands for. */
export function pathOfSection(name: string, { sections }: IniDialect): string[] {
  return sections === 'dotted' ? decodeSection(name) : [decodeName(name, encodePlainSection)];
}

function encodePlainSection(name: string): string {
  return name.replace(UNSAFE_IN_PLAIN_SECTION, escapeCharacter);
}

export function encodeSection(path: readonly string[]): string {
  return path.map(encodeSegment).join('.');
}

function decodeSection(text: string): string[] {
  return text.split('.').map((segment) => decodeName(segment, encodeSegment));
}

function encodeSegment(segment: string): string {
  return segment.replace(UNSAFE_IN_SECTION, escapeCharacter);
}

/** An escape counts only in a name that is written that way; in any other it is somebody else's text. */
function decodeName(text: string, encode: (name: string) => string): string {
  if (!text.includes('~u')) return text;
  const name = text.replace(ESCAPE, (_, digits: string) => String.fromCharCode(parseInt(digits, HEXADECIMAL)));
  return encode(name) === text ? name : text;
}

function escapeCharacter(character: string): string {
  return `~u${hexadecimalOf(character).toUpperCase()}`;
}
