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
import { LARGEST_INTEGER } from './tomlSpelling.js';

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
  const keys = Object.keys(value);
  const copy: ConfigurationObject = {};
  for (const key of keys) {
    const isReserved = keys.length === 1 && RESERVED_KEY.test(key);
    setMember(copy, isReserved ? `~${key}` : key, toFile(value[key] ?? null));
  }
  return copy;
}

/**
 * A copy of a parsed document as the value that it means, still unchecked. A string that starts with `mark` loses it; an
 * integer that the parser gave as BigInt becomes a number where that is exact, and stays a BigInt where it is not.
 */
export function fromFile(parsed: unknown, mark: string | undefined, depth = 0): unknown {
  if (typeof parsed === 'string')
    return mark !== undefined && parsed.startsWith(mark) ? parsed.slice(mark.length) : parsed;
  if (typeof parsed === 'bigint') return exactNumber(parsed) ?? parsed;
  // What is nested deeper is refused by the check that follows; a Date is a value that was not marked.
  if (typeof parsed !== 'object' || parsed === null || parsed instanceof Date || depth > MAX_DEPTH) return parsed;
  if (Array.isArray(parsed)) return parsed.map((item) => fromFile(item, mark, depth + 1));
  const keys = Object.keys(parsed);
  const [first] = keys;
  const members = parsed as Record<string, unknown>;
  const isReserved = keys.length === 1 && first !== undefined && RESERVED_KEY.test(first);
  if (isReserved && first === NULL_KEY && members[first] === true) return null;
  const copy: ConfigurationObject = {};
  for (const key of keys) {
    const name = isReserved && key !== NULL_KEY ? key.slice(1) : key;
    setMember(copy, name, fromFile(members[key], mark, depth + 1) as ConfigurationValue);
  }
  return copy;
}

function exactNumber(integer: bigint): number | undefined {
  const number = Number(integer);
  const is64Bit = integer <= LARGEST_INTEGER && integer >= -LARGEST_INTEGER;
  return is64Bit && BigInt(number) === integer ? number : undefined;
}
