/** How a new value is written: in the way of the old one where that can be, and with quotes only where they are needed. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { findDifferences } from '../../value/valueEquality.js';
import { isTextAlike } from '../text/alike.js';
import { stringifyText } from '../text/typedText.js';
import type { IniDialect } from './iniDialects.js';
import { writeTemplate } from './iniInterpolation.js';
import { isPlainForUs, quoteOwn } from './iniQuotes.js';
import { readIniValue } from './iniValues.js';

/** Characters that a line cannot hold, or that nobody would see in it. */
const UNFIT = /[\p{Cc}\u2028\u2029\uFEFF]/u;

/** Instead of a quote: the old value is a word that the owner gives a meaning. */
export const WORD = 'word';

export interface IniSpelling {
  readonly text: string;
  /** False where it reads as another value of the same text: a dialect without quotes has no other way to say it. */
  readonly isExact: boolean;
}

/**
 * @param like the quote that encloses the old value, where one does, or `WORD`.
 * @returns undefined where the dialect has no spelling for the value.
 */
export function spellValue(value: ConfigurationValue, dialect: IniDialect, like = ''): IniSpelling | undefined {
  const candidates = typeof value === 'string' ? spellingsOf(value, dialect, like) : [stringifyText(value)];
  const readings = candidates.map((text) => ({ text, ...readIniValue(text, dialect) }));
  const whole = readings.filter(({ text, end }) => end === text.length);
  const exact = whole.find((reading) => findDifferences(reading.value, value).length === 0);
  if (exact !== undefined) return { text: exact.text, isExact: true };
  const alike = whole.find((reading) => isTextAlike(value, reading.value));
  return alike === undefined ? undefined : { text: alike.text, isExact: false };
}

/** A list in the spelling of an old one: with blanks behind its commas where that has them. */
export function spellArray(value: readonly ConfigurationValue[], old: string): string {
  return /,[ \t]/.test(old) ? `[${value.map(stringifyText).join(', ')}]` : stringifyText([...value]);
}

/** What could stand for a string, the best first. */
function spellingsOf(value: string, dialect: IniDialect, like: string): string[] {
  const isKnownWord = like === WORD && /^\w+$/.test(value);
  const text = dialect.hasInterpolation ? writeTemplate(value) : value;
  const bare = text !== undefined && (isKnownWord || isBare(value, dialect)) ? [text] : [];
  const double = dialect.quotes.includes('"') ? doubleQuoted(value, dialect) : [];
  const single = dialect.quotes.includes("'") && !UNFIT.test(value) ? [`'${value}'`] : [];
  if (like === '"') return [...double, ...bare, ...single];
  if (like === "'") return [...single, ...bare, ...double];
  return [...bare, ...double, ...single];
}

function isBare(value: string, dialect: IniDialect): boolean {
  if (dialect.hasOwnQuotes) return isPlainForUs(value);
  const isContinuing = dialect.backslashContinues !== 'never' && value.endsWith('\\');
  return value === value.trim() && !UNFIT.test(value) && !isContinuing && dialect.unsafe?.test(value) !== true;
}

function doubleQuoted(value: string, { hasOwnQuotes, escapes }: IniDialect): string[] {
  const literal = UNFIT.test(value) ? [] : [`"${value}"`];
  if (hasOwnQuotes) return [...literal, quoteOwn(value)];
  const names = Object.entries(escapes ?? {});
  const escaped = Array.from(value, (character) => {
    const name = names.find(([key, meaning]) => meaning === character && key !== 's')?.[0];
    // An apostrophe is one in these quotes anyway.
    return name === undefined || character === "'" ? character : `\\${name}`;
  }).join('');
  return UNFIT.test(escaped) ? [] : [`"${escaped}"`];
}
