/**
 * What a DOCTYPE may hold: the name of the root element, and declarations of elements, which change nothing about what a
 * document says. Entities and lists of attributes would, and the parser does not look at any of them.
 *
 * It may also name an external file, as that of every plist does. Such a file is never fetched, as XML leaves it to readers
 * that do not validate; an entity that only it declares is an unknown one.
 */

import { XML_NAME as NAME } from './xmlText.js';

const BLANK = String.raw`[ \t\r\n]`;
const LITERAL = String.raw`(?:"[^"]*"|'[^']*')`;
const PUBLIC_CHARACTER = String.raw` \r\na-zA-Z0-9\-()+,./:=?;!*#@$_%`;
const PUBLIC_LITERAL = String.raw`(?:"[${PUBLIC_CHARACTER}']*"|'[${PUBLIC_CHARACTER}]*')`;
const EXTERNAL = String.raw`${BLANK}+(?:SYSTEM|PUBLIC${BLANK}+${PUBLIC_LITERAL})${BLANK}+${LITERAL}`;
const START = new RegExp(String.raw`^${BLANK}+${NAME}(?:${EXTERNAL})?${BLANK}*(?:\[|$)`, 'u');
/** One thing between the brackets, and nothing else. */
const PART = new RegExp(
  String.raw`${BLANK}+|<!--(?:-?[^-])*-->|<\?(?![xX][mM][lL][\s?])${NAME}(?:\s(?:[^?]|\?(?!>))*)?\?>|<!ELEMENT${BLANK}+${NAME}${BLANK}+([^<>"']+?)${BLANK}*>`,
  'uy',
);
const TOKEN = new RegExp(String.raw`${BLANK}*(${NAME}|[(),|])([?*+]?)`, 'uy');
const END = /^\][ \t\r\n]*$/;

/** @param doctype what stands between the keyword and the end. Returns what is wrong with it; undefined for nothing. */
export function findDoctypeProblem(doctype: string): string | undefined {
  const start = START.exec(doctype)?.[0];
  if (start === undefined) return 'the DOCTYPE is not well-formed';
  if (!start.endsWith('[')) return undefined;
  const isFine = isSubset(doctype, start.length);
  return isFine ? undefined : 'a DOCTYPE may declare elements only, no entities or attributes; remove the others';
}

function isSubset(doctype: string, from: number): boolean {
  let offset = from;
  for (;;) {
    PART.lastIndex = offset;
    const found = PART.exec(doctype);
    if (found === null) return END.test(doctype.slice(offset));
    if (found[1] !== undefined && !isContentModel(found[1])) return false;
    offset = PART.lastIndex;
  }
}

function isContentModel(model: string): boolean {
  if (model === 'EMPTY' || model === 'ANY') return true;
  // Text among elements has a form of its own: `(#PCDATA | a | b)*`.
  if (model.includes('#')) return isMixedModel(model);
  return isGroup(model);
}

function isMixedModel(model: string): boolean {
  return new RegExp(String.raw`^\(${BLANK}*#PCDATA${BLANK}*(?:\)\*?|(?:\|${BLANK}*${NAME}${BLANK}*)+\)\*)$`, 'u').test(
    model,
  );
}

/** `(a, (b | c)*, d?)+`: names and groups, parted by one sign in each group. */
function isGroup(model: string): boolean {
  const signs: (string | undefined)[] = [];
  let isItemDue = true;
  let offset = 0;
  while (offset < model.length) {
    TOKEN.lastIndex = offset;
    const [, token = '', repetition = ''] = TOKEN.exec(model) ?? [];
    if (token === '' || (offset > 0 && signs.length === 0) || (offset === 0 && token !== '(')) return false;
    offset = TOKEN.lastIndex;
    if (token === '(') {
      if (!isItemDue || repetition !== '') return false;
      signs.push(undefined);
    } else if (token === ',' || token === '|') {
      if (isItemDue || repetition !== '' || (signs.at(-1) ?? token) !== token) return false;
      signs[signs.length - 1] = token;
      isItemDue = true;
    } else {
      if (isItemDue === (token === ')')) return false;
      if (token === ')') signs.pop();
      isItemDue = false;
    }
  }
  return signs.length === 0;
}
