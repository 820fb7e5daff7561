/** The spans of `keepWithin`, such as `1y5m7d2h`: years, months, days and hours of the calendar. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { HOUR_MS } from './units.js';

const { MAX_KEEP_COUNT } = CONFIG_PERSISTENCE_CONSTANTS.RETENTION;

const SPAN = /^(?:\d+[ymdh])+$/;
const PART = /(\d+)([ymdh])/g;

type Unit = 'y' | 'm' | 'd' | 'h';

/** How many of each unit; what is not written is 0. */
export type KeepSpan = Readonly<Record<Unit, number>>;

/** What a wrong `keepWithin` must be, in words that follow its name. */
export const keepWithinProblem =
  'must be a span of years, months, days and hours such as 30d or 1y5m7d2h, ' +
  `each unit once, together above 0 and none above ${MAX_KEEP_COUNT}`;

/** The span; undefined where the text is none. */
export function parseKeepWithin(text: string): KeepSpan | undefined {
  if (!SPAN.test(text)) return undefined;
  const span = { y: 0, m: 0, d: 0, h: 0 };
  const seen = new Set<string>();
  for (const [, amount, unit] of text.matchAll(PART)) {
    if (seen.has(unit as Unit)) return undefined;
    seen.add(unit as Unit);
    span[unit as Unit] = Number(amount);
  }
  const amounts = Object.values(span);
  return amounts.some((amount) => amount > 0) && amounts.every((amount) => amount <= MAX_KEEP_COUNT) ? span : undefined;
}

/**
 * The epoch millisecond that lies a span before another, by the calendar in UTC: first years and months, then days and
 * hours. A day that the month does not have becomes its last one, so that a month before 31 March is the end of February.
 */
export function beginningOf({ y: years, m: months, d: days, h: hours }: KeepSpan, until: number): number {
  const date = new Date(until);
  const day = date.getUTCDate();
  // Not Date.UTC, which takes the years 0 to 99 for those after 1900.
  date.setUTCFullYear(date.getUTCFullYear() - years, date.getUTCMonth() - months, 1);
  date.setUTCDate(Math.min(day, lastDayOf(date)) - days);
  return date.getTime() - hours * HOUR_MS;
}

function lastDayOf(month: Date): number {
  const date = new Date(month);
  // The day before the first of the next month.
  date.setUTCMonth(date.getUTCMonth() + 1, 0);
  return date.getUTCDate();
}
