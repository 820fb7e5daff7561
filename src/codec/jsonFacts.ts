/**
 * What the checks of a JSON text need and its parsed value does not show, found in one pass.
 *
 * The text must be valid JSON, so the pass only has to tell strings from structure; it takes about half the time of the
 * parser. What looks unusual is only flagged here; `diagnoseJson` then finds the place.
 */
const TAB = 0x09;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const UPPER_E = 0x45;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_E = 0x65;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Every integer with fewer digits is exact as a JavaScript number. */
const FIRST_INEXACT_DIGITS = 16;

export interface JsonFacts {
  /** Members of all objects together as written; more than the value has where a key is written twice. */
  members: number;
  /** Members and items together, at least; the value has at most `containers` more. */
  separators: number;
  containers: number;
  depth: number;
  /** UTF-16 units of the longest string or key, escapes as written. */
  longestString: number;
  /** A number that may have lost digits, may have overflowed or may be a negative zero. */
  hasDoubtfulNumber: boolean;
}

/** Facts about a text that `JSON.parse` accepted. */
export function collectJsonFacts(text: string): JsonFacts {
  const facts = { members: 0, separators: 0, containers: 0, depth: 0, longestString: 0, hasDoubtfulNumber: false };
  let open = 0;
  let offset = 0;
  while (offset < text.length) {
    const code = text.charCodeAt(offset);
    offset += 1;
    if (code === SPACE || code === LINE_FEED || code === TAB) continue;
    if (code === QUOTE) {
      const end = findStringEnd(text, offset);
      if (end - offset > facts.longestString) facts.longestString = end - offset;
      offset = end + 1;
    } else if (code === COLON) {
      facts.members += 1;
    } else if (code === COMMA) {
      facts.separators += 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      facts.containers += 1;
      open += 1;
      if (open > facts.depth) facts.depth = open;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      open -= 1;
    } else if (code === MINUS || isDigit(code)) {
      const start = offset - 1;
      offset = findNumberEnd(text, offset);
      facts.hasDoubtfulNumber ||= isDoubtful(text, start, offset);
    }
  }
  return facts;
}

/** True for an integer that is not the one written, and for a number too large for JavaScript. */
export function isLossyNumber(literal: string): boolean {
  const value = Number(literal);
  if (!Number.isFinite(value)) return true;
  const isLongInteger = literal.length >= FIRST_INEXACT_DIGITS && /^-?\d+$/.test(literal);
  return isLongInteger && String(value) !== literal;
}

/** Offset of the quote that ends the string whose first character stands at `start`; -1 where it does not end. */
export function findStringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, offset: number): boolean {
  let first = offset;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (offset - first) % 2 === 1;
}

function findNumberEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    // Between "+" and "9" stand also "," and "/": the comma ends a number, the slash is nowhere in valid JSON.
    const isPart = (code >= PLUS && code <= DIGIT_9 && code !== COMMA) || code === LOWER_E || code === UPPER_E;
    if (!isPart) break;
    end += 1;
  }
  return end;
}

function isDoubtful(text: string, start: number, end: number): boolean {
  const isShortInteger = end - start < FIRST_INEXACT_DIGITS && text.charCodeAt(start) !== MINUS;
  if (isShortInteger && !hasExponent(text, start, end)) return false;
  const literal = text.slice(start, end);
  return isLossyNumber(literal) || Object.is(Number(literal), -0);
}

function hasExponent(text: string, start: number, end: number): boolean {
  for (let offset = start; offset < end; offset++) {
    const code = text.charCodeAt(offset);
    if (code === LOWER_E || code === UPPER_E) return true;
  }
  return false;
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}
