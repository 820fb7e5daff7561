/**
 * Turns values of the domain into what a TOML document can hold, and back. The difference is null, which TOML has not: it
 * stands in the file as the table `{ "~null" = true }`.
 *
 * So that nobody's own data is taken for it, a table whose only key is `~null`, `~~null` and so on gets one more `~` in
 * the file, and loses it when it is read.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { setMember } from '../../value/valueDomain.js';
import { isTomlInteger } from './tomlSpelling.js';

const { MAX_DEPTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const NULL_KEY = '~null';
const RESERVED_KEY = /^~+null$/;

/** Stands in the file for null; always this same object, so that the writer knows it. */
export const NULL_TABLE: ConfigurationObject = Object.freeze({ [NULL_KEY]: true });

/** A copy of the value as it stands in the file. */
export function toFile(value: ConfigurationValue): ConfigurationValue {
  if (value === null) return NULL_TABLE;
  if (Array.isArray(value)) return value.map((item) => toFile(item));
  if (typeof value !== 'object') return value;
  const members = Object.entries(value);
  const copy: ConfigurationObject = {};
  for (const [key, member] of members) {
    const isReserved = members.length === 1 && RESERVED_KEY.test(key);
    setMember(copy, isReserved ? `~${key}` : key, toFile(member));
  }
  return copy;
}

/**
 * A copy of a parsed document as the value that it means, still unchecked. A string that starts with `mark` loses it; an
 * integer that the parser gave as BigInt becomes a number where that is exact, and stays a BigInt where it is not.
 */
export function fromFile(parsed: unknown, mark: string, depth = 0): unknown {
  if (typeof parsed === 'string') return parsed.startsWith(mark) ? parsed.slice(mark.length) : parsed;
  if (typeof parsed === 'bigint') {
    const number = Number(parsed);
    return isTomlInteger(parsed) && BigInt(number) === parsed ? number : parsed;
  }
  // What is nested deeper is refused by the check that follows; a Date is a value that was not marked.
  if (typeof parsed !== 'object' || parsed === null || parsed instanceof Date || depth > MAX_DEPTH) return parsed;
  if (Array.isArray(parsed)) return parsed.map((item) => fromFile(item, mark, depth + 1));
  const members = Object.entries(parsed) as [string, unknown][];
  const copy: ConfigurationObject = {};
  for (const [key, member] of members) {
    const isReserved = members.length === 1 && RESERVED_KEY.test(key);
    if (isReserved && key === NULL_KEY && member === true) return null;
    const name = isReserved && key !== NULL_KEY ? key.slice(1) : key;
    setMember(copy, name, fromFile(member, mark, depth + 1) as ConfigurationValue);
  }
  return copy;
}
