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
import { ConventionList, type Conventions } from '../conventions.js';
import { isTomlInteger } from './tomlSpelling.js';

const { FORMAT_CONVENTIONS, VALUE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

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
    const member = value[key] as ConfigurationValue;
    setMember(copy, isReserved(key, keys.length) ? `~${key}` : key, toFile(member));
  }
  return copy;
}

/** Where `toFile` gives something else than the value. */
export function findTomlConventions(value: ConfigurationValue): Conventions {
  const found = new ConventionList();
  const look = (place: ConfigurationValue): void => {
    if (place === null) return found.add(FORMAT_CONVENTIONS.NULL_AS_TABLE);
    if (typeof place !== 'object') return;
    if (Array.isArray(place)) {
      for (const [index, item] of place.entries()) found.at(index, () => look(item));
      return;
    }
    const members = Object.entries(place);
    for (const [key, member] of members) {
      found.at(key, () => {
        if (isReserved(key, members.length)) found.add(FORMAT_CONVENTIONS.RESERVED_KEY);
        look(member);
      });
    }
  };
  look(value);
  return found;
}

/** Whether a key may mean something else than itself, alone in its table. */
export function isReservedKey(key: string): boolean {
  return RESERVED_KEY.test(key);
}

/** Whether a table with this key, and so many in all, is one of those that mean null, or would be taken for one. */
function isReserved(key: string, keys: number): boolean {
  return keys === 1 && RESERVED_KEY.test(key);
}

/** A parsed document as the value that it means, still unchecked. */
export interface TomlContent {
  readonly value: unknown;
  /** Whether there are integers in it that JavaScript cannot hold exactly; they are BigInts. */
  readonly hasInexactNumbers: boolean;
}

/**
 * A copy of a parsed document as the value that it means. A string that starts with `mark` loses it; an integer that the
 * parser gave as BigInt becomes a number where that is exact.
 */
export function fromFile(parsed: unknown, mark: string): TomlContent {
  const reading = new TomlReading(mark);
  const value = reading.read(parsed, 0);
  return { value, hasInexactNumbers: reading.hasInexactNumbers };
}

class TomlReading {
  hasInexactNumbers = false;
  readonly #mark: string;

  constructor(mark: string) {
    this.#mark = mark;
  }

  read(parsed: unknown, depth: number): unknown {
    if (typeof parsed === 'string') return parsed.startsWith(this.#mark) ? parsed.slice(this.#mark.length) : parsed;
    if (typeof parsed === 'bigint') return this.#readInteger(parsed);
    // What is nested deeper is refused by the check that follows; a Date is a value that was not marked.
    if (typeof parsed !== 'object' || parsed === null || parsed instanceof Date || depth > VALUE_LIMITS.MAX_DEPTH) {
      return parsed;
    }
    if (Array.isArray(parsed)) return parsed.map((item) => this.read(item, depth + 1));
    return this.#readTable(parsed as Readonly<Record<string, unknown>>, depth + 1);
  }

  #readTable(table: Readonly<Record<string, unknown>>, depth: number): ConfigurationValue {
    const keys = Object.keys(table);
    const copy: ConfigurationObject = {};
    for (const key of keys) {
      const member = table[key];
      const isEscaped = isReserved(key, keys.length) && key !== NULL_KEY;
      if (key === NULL_KEY && member === true && keys.length === 1) return null;
      setMember(copy, isEscaped ? key.slice(1) : key, this.read(member, depth) as ConfigurationValue);
    }
    return copy;
  }

  #readInteger(integer: bigint): number | bigint {
    const number = Number(integer);
    if (isTomlInteger(integer) && BigInt(number) === integer) return number;
    this.hasInexactNumbers = true;
    return integer;
  }
}
