/** Texts for the formats that are only read, and what becomes of them. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { PersistenceError } from '../../../src/errors/PersistenceError.js';
import { value } from '../domainValues.js';
import { runs } from '../../support/runs.js';

export const SEED = 20_260_718;
export const RUNS = runs(600);
export const root = (nonFiniteNumbers: boolean) => value(nonFiniteNumbers).filter((input) => input !== null);

/** Blanks and comments that both formats have. */
export const gap = fc.constantFrom(
  '',
  '',
  ' ',
  '\n',
  '\r\n',
  '\t',
  '// "x": [1,\n',
  '/* } " \' */',
  '/**/',
  '/*\r\n//*/',
  '//\r',
);
const DAMAGE = [
  '',
  '"',
  "'",
  '[',
  '}',
  ',',
  ':',
  '/',
  '//',
  '/*',
  '\\',
  '\n',
  '0',
  '-',
  '.',
  'e',
  'u00',
  '\\u0061',
  '\0',
];

/** The JSON of a value with something between its tokens, and commas after the last members. */
export function spread(input: ConfigurationValue, gaps: readonly string[], hasTrailingCommas: boolean): string {
  let index = 0;
  const json = JSON.stringify(input);
  return json.replace(/"(?:[^"\\]|\\.)*"|[[\]{}:,]|[^[\]{}:,"]+/g, (token, offset: number) => {
    const isClosing = token === ']' || token === '}';
    const isEmpty = /[[{]/.test(json.charAt(offset - 1));
    const comma = hasTrailingCommas && isClosing && !isEmpty ? `,${gaps[index++ % gaps.length] ?? ''}` : '';
    return `${comma}${token}${gaps[index++ % gaps.length] ?? ''}`;
  });
}

/** The value, or the code of the refusal. */
export function outcome(
  decode: (text: string) => ConfigurationValue,
  text: string,
): { value?: ConfigurationValue; code?: string } {
  try {
    return { value: decode(text) };
  } catch (error) {
    assert.ok(error instanceof PersistenceError, String(error));
    return { code: error.code };
  }
}

/** Of work: how long that takes depends on what else the machine does. */
export function millisecondsSince(start: NodeJS.CpuUsage): number {
  return process.cpuUsage(start).user / 1000;
}

export function refusalOf(decode: (text: string) => unknown, text: string): PersistenceError {
  try {
    decode(text);
  } catch (error) {
    if (error instanceof PersistenceError) return error;
    throw error;
  }
  throw new Error(`not refused: ${text.slice(0, 100)}`);
}

export const damages = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom(...DAMAGE)), { maxLength: 2 });

export function damaged(text: string, damage: readonly (readonly [number, number, string])[]): string {
  return damage.reduce((before, [position, length, inserted]) => {
    const start = position % (before.length + 1);
    return before.slice(0, start) + inserted + before.slice(start + length);
  }, text);
}

export function withoutNegativeZero(input: ConfigurationValue): ConfigurationValue {
  if (input === 0) return 0;
  if (Array.isArray(input)) return input.map(withoutNegativeZero);
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([name, member]) => [name, withoutNegativeZero(member)]));
}
