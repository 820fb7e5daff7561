/**
 * Keeps the spelling of TOML values that JavaScript has no own form for: dates and times, and numbers such as `1.0`, `0xFF`
 * and `1_000`.
 *
 * The parser gives the values but not their spelling. So each such literal is replaced by a string with an unguessable
 * mark, and the text is parsed again: the marked strings then stand where the literals are.
 */
import { randomUUID } from 'node:crypto';
import { parse } from 'smol-toml';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { parseFailure } from '../text/parseFailure.js';
import { findBareValues } from './tomlTokens.js';

const { MAX_DEPTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** One level more than the domain has, for the table that stands for null in the deepest container. */
const PARSER_DEPTH = MAX_DEPTH + 1;

const MAY_HAVE_DATES = /\d{2}:\d{2}|\d{4}-\d{2}-\d{2}/;
const DATE_OR_TIME = /^(?:\d{4}-\d{2}-\d{2}|\d{2}:)/;
const DAY = /^(\d{4}-\d{2}-(\d{2}))/;
const MAY_OVERFLOW = /e\+?[\d_]{3}|[\d_]{300}/i;
const IS_INFINITY = /^[-+]?inf$/;

const LARGEST_INTEGER = 9_223_372_036_854_775_807n;

export interface SpelledTree {
  /** Tables without prototype, arrays, strings, numbers, booleans, dates and BigInts. */
  readonly tree: Record<string, unknown>;
  /** What a marked string starts with; the rest of it is a literal of the file. */
  readonly mark: string;
}

/**
 * The parser with our limits; what it throws has to be translated by the caller.
 *
 * @throws PersistenceError `ERR_PARSE` for a number beyond the range of JavaScript: a float would silently become infinite,
 *   and an integer of millions of digits would keep the parser busy for seconds.
 */
export function parseToml(text: string): Record<string, unknown> {
  if (MAY_OVERFLOW.test(text)) refuseOverflow(text);
  return parse(text, { integersAsBigInt: 'asNeeded', maxDepth: PARSER_DEPTH });
}

/**
 * The tree of a valid text with its dates and times as marked strings; undefined where it has none.
 *
 * @throws PersistenceError `ERR_PARSE` for a day that its month has not, which the parser takes for one of the next month.
 */
export function markDates(text: string): SpelledTree | undefined {
  if (!MAY_HAVE_DATES.test(text)) return undefined;
  return markLiterals(text, (literal, start) => {
    if (isImpossibleDate(literal)) throw parseFailure(text, start, 'the month has no such day');
    return isDateLiteral(literal);
  });
}

function isImpossibleDate(literal: string): boolean {
  const [, date = '', day = ''] = DAY.exec(literal) ?? [];
  return date !== '' && new Date(date).getUTCDate() !== Number(day);
}

/** The tree of a valid text with every literal marked that would be written in another way. */
export function markUnusualSpellings(text: string): SpelledTree | undefined {
  const isUnusual = (literal: string): boolean => String(Number(literal)) !== literal;
  return markLiterals(text, (literal) => literal !== 'true' && literal !== 'false' && isUnusual(literal));
}

export function isDateLiteral(literal: string): boolean {
  return DATE_OR_TIME.test(literal);
}

/** The number that a TOML literal stands for; NaN also where it is none. */
export function numberOfLiteral(literal: string): number {
  if (IS_INFINITY.test(literal)) return literal.startsWith('-') ? -Infinity : Infinity;
  return Number(literal.replaceAll('_', ''));
}

/** Integers of TOML have 64 bits. */
export function isTomlInteger(integer: bigint): boolean {
  return integer <= LARGEST_INTEGER && integer >= -LARGEST_INTEGER;
}

function markLiterals(text: string, isMarked: (literal: string, start: number) => boolean): SpelledTree | undefined {
  const mark = randomUUID();
  let marked = '';
  let copied = 0;
  for (const { start, literal } of findBareValues(text)) {
    if (!isMarked(literal, start)) continue;
    marked += `${text.slice(copied, start)}"${mark}${literal}"`;
    copied = start + literal.length;
  }
  return copied === 0 ? undefined : { tree: parseToml(marked + text.slice(copied)), mark };
}

function refuseOverflow(text: string): void {
  for (const { start, literal } of findBareValues(text)) {
    if (IS_INFINITY.test(literal) || Math.abs(numberOfLiteral(literal)) !== Infinity) continue;
    throw parseFailure(text, start, 'the number is beyond the range of JavaScript; write it as a string');
  }
}
