/**
 * Writes TOML. Made for people to read: tables as `[sections]`, and inline only what TOML cannot say that way.
 *
 * Order of keys is kept. TOML has no way back from a section to its parent, so a table that has a plain member after it is
 * written with dotted keys (`server.port = 80`), and an array of tables in that place inline.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { isObject } from '../../value/valueDomain.js';
import { NULL_TABLE } from './tomlNull.js';
import { isDateLiteral, isTomlInteger, numberOfLiteral, type SpelledTree } from './tomlSpelling.js';

const BARE_KEY = /^[\w-]+$/;
const MAX_LINE_LENGTH = 100;

interface Member {
  readonly key: string;
  readonly value: ConfigurationValue;
  /** What stood at the same place in the old file. */
  readonly old: unknown;
}

/** The text of a root table; literals of the old file that mean the same value at the same place keep their spelling. */
export function writeToml(root: ConfigurationObject, old: SpelledTree | undefined): string {
  const writer = new TomlWriter(old?.mark);
  writer.writeTable([], root, old?.tree);
  return `${writer.lines.join('\n')}\n`;
}

/** The lines of a member of a table whose path is given, below a header of its own. */
export function writeSection(path: readonly string[], value: ConfigurationValue): string[] {
  const writer = new TomlWriter(undefined);
  writer.writeSection(path, value);
  return writer.lines;
}

/** On one line, as a value behind an equals sign. */
export function writeInline(value: ConfigurationValue): string {
  return new TomlWriter(undefined).inline(value, undefined);
}

class TomlWriter {
  readonly #mark: string | undefined;
  readonly lines: string[] = [];

  constructor(mark: string | undefined) {
    this.#mark = mark;
  }

  /** The members of a table whose header, if it needs one, is already written. */
  writeTable(path: readonly string[], table: ConfigurationObject, old: unknown): void {
    const members = membersOf(table, old);
    const sectionsStart = members.findLastIndex(({ value }) => !isSection(value)) + 1;
    for (const member of members.slice(0, sectionsStart)) this.#writePair([member.key], member);
    for (const member of members.slice(sectionsStart))
      this.writeSection([...path, member.key], member.value, member.old);
  }

  #writePair(path: readonly string[], { value, old }: Member): void {
    if (isTable(value) && Object.keys(value).length > 0) {
      for (const member of membersOf(value, old)) this.#writePair([...path, member.key], member);
      return;
    }
    const line = `${formatPath(path)} = ${this.inline(value, old)}`;
    if (!Array.isArray(value) || line.length <= MAX_LINE_LENGTH) {
      this.lines.push(line);
      return;
    }
    this.lines.push(`${formatPath(path)} = [`);
    for (const [index, item] of value.entries()) this.lines.push(`  ${this.inline(item, itemOf(old, index))},`);
    this.lines.push(']');
  }

  writeSection(path: readonly string[], value: ConfigurationValue, old?: unknown): void {
    if (isTable(value)) {
      const members = Object.values(value);
      // A table that has nothing but sections exists by their headers.
      if (members.length === 0 || !members.every(isSection)) this.#startSection(`[${formatPath(path)}]`);
      this.writeTable(path, value, old);
    } else if (isArrayOfTables(value)) {
      for (const [index, item] of value.entries()) {
        this.#startSection(`[[${formatPath(path)}]]`);
        this.writeTable(path, item, itemOf(old, index));
      }
    }
  }

  #startSection(header: string): void {
    if (this.lines.length > 0) this.lines.push('');
    this.lines.push(header);
  }

  inline(value: ConfigurationValue, old: unknown): string {
    if (Array.isArray(value)) {
      return `[${value.map((item, index) => this.inline(item, itemOf(old, index))).join(', ')}]`;
    }
    if (typeof value !== 'object') return this.#spellingOf(value, old) ?? formatScalar(value);
    const members = membersOf(value ?? NULL_TABLE, old).map(
      (member) => `${formatKey(member.key)} = ${this.inline(member.value, member.old)}`,
    );
    return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
  }

  /** The literal that stood here before, where it means this value. */
  #spellingOf(value: string | number | boolean, old: unknown): string | undefined {
    if (this.#mark === undefined || typeof old !== 'string' || !old.startsWith(this.#mark)) return undefined;
    const literal = old.slice(this.#mark.length);
    if (typeof value === 'string') return value === literal && isDateLiteral(literal) ? literal : undefined;
    const number = numberOfLiteral(literal);
    return value === number || (Number.isNaN(value) && literal.endsWith('nan')) ? literal : undefined;
  }
}

function membersOf(table: ConfigurationObject, old: unknown): Member[] {
  return Object.keys(table).map((key) => ({ key, value: table[key] as ConfigurationValue, old: memberOf(old, key) }));
}

function memberOf(old: unknown, key: string): unknown {
  const isOldTable = typeof old === 'object' && old !== null && Object.hasOwn(old, key);
  return isOldTable ? (old as Record<string, unknown>)[key] : undefined;
}

function itemOf(old: unknown, index: number): unknown {
  return Array.isArray(old) ? (old as unknown[])[index] : undefined;
}

/** Whether the value can stand under a header of its own. */
export function isSection(value: ConfigurationValue): boolean {
  return isTable(value) || isArrayOfTables(value);
}

function isTable(value: ConfigurationValue): value is ConfigurationObject {
  return isObject(value) && value !== NULL_TABLE;
}

export function isArrayOfTables(value: ConfigurationValue): value is ConfigurationObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isTable);
}

function formatPath(path: readonly string[]): string {
  const [first = ''] = path;
  return path.length === 1 ? formatKey(first) : path.map(formatKey).join('.');
}

export function formatKey(key: string): string {
  return BARE_KEY.test(key) ? key : formatString(key);
}

function formatScalar(value: string | number | boolean): string {
  if (typeof value === 'string') return formatString(value);
  return typeof value === 'number' ? formatNumber(value) : String(value);
}

/** TOML's escapes in double quotes are those of JSON; besides, it forbids the character DEL. */
function formatString(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.includes('\u007f') ? quoted.replaceAll('\u007f', String.raw`\u007F`) : quoted;
}

/** Beyond 2^53 only a number whose digits are exact is written as an integer, so that no reader gets another value. */
function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  const digits = String(value);
  if (!Number.isInteger(value) || digits.includes('e')) return digits;
  const integer = BigInt(value);
  return isTomlInteger(integer) && String(integer) === digits ? digits : `${digits}.0`;
}
