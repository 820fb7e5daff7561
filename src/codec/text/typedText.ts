/**
 * Values as text, for the formats that only know text: INI, XML and .properties.
 *
 * `true`, `false`, `null`, `{}` and numbers in the spelling of JavaScript are what they look like, an array is its JSON,
 * and everything else is a string as it stands. A string that would be taken for one of those is written as a JSON string,
 * in quotes. Text of other programs is never altered: `007`, `1.10` and `1e3` are strings, because a number written back
 * would look different, and quotes are part of the string unless they are needed as described.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { isObject } from '../../value/valueDomain.js';
import { findStringEnd } from '../json/jsonStrings.js';
import { surveyJson } from '../json/jsonSurvey.js';

const BLANK = /[ \t\r\n]/;
/** Some readers end a line at these characters, drop them or show nothing; JSON itself would leave them raw. */
const INVISIBLE = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/g;
const HEXADECIMAL = 16;
const ESCAPE_DIGITS = 4;

/** What a text stands for. */
export function decodeText(text: string): ConfigurationValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  if (text === '{}') return {};
  if (text.startsWith('"')) return decodeNeededQuotes(text);
  if (text.startsWith('[')) return decodeArray(text) ?? text;
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}

/** The text of a scalar, an array or an empty object; `decodeText` gives the same value back. */
export function encodeText(value: ConfigurationValue): string {
  return typeof value === 'string' && decodeText(value) === value ? value : stringifyText(value);
}

/** JSON in one line, with everything invisible as an escape. */
export function stringifyText(value: ConfigurationValue): string {
  return JSON.stringify(value).replace(INVISIBLE, (character) => `\\u${hexadecimalOf(character)}`);
}

/** The code of a UTF-16 unit in the four digits of an escape. */
export function hexadecimalOf(character: string): string {
  return character.charCodeAt(0).toString(HEXADECIMAL).padStart(ESCAPE_DIGITS, '0');
}

/** A value that `encodeText` can write: everything but an object with members. */
export function isTextValue(
  value: ConfigurationValue,
): value is Exclude<ConfigurationValue, ConfigurationObject> | Record<string, never> {
  return !isObject(value) || Object.keys(value).length === 0;
}

/** The array whose JSON the text is, blanks between its parts aside; undefined where it is none. */
export function decodeArray(text: string): ConfigurationValue[] | undefined {
  const array = parseJson(text) as ConfigurationValue | undefined;
  if (!Array.isArray(array)) return undefined;
  // The check that follows refuses it; to write it again here could overflow the stack.
  if (surveyJson(array).isTooDeep) return array;
  // Anything that JSON would read but write otherwise (1.0, a key twice) is somebody else's text.
  const canonical = stringifyText(array);
  return text === canonical || withoutBlanks(text) === canonical ? array : undefined;
}

/** The JSON value of a text; undefined where it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeNeededQuotes(text: string): string {
  const content = parseJson(text);
  const isNeeded = typeof content === 'string' && stringifyText(content) === text && decodeText(content) !== content;
  return isNeeded ? content : text;
}

/** A valid JSON text without the blanks outside its strings. */
function withoutBlanks(text: string): string {
  let result = '';
  let offset = 0;
  while (offset < text.length) {
    const character = text.charAt(offset);
    const end = character === '"' ? findStringEnd(text, offset + 1) + 1 : offset + 1;
    if (!BLANK.test(character)) result += text.slice(offset, end);
    offset = end;
  }
  return result;
}
