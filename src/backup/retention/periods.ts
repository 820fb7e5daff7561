/** The hours, days, weeks, months and years that the keep rules count. */
import { DAY_MS, HOUR_MS } from './units.js';

/**
 * The number of the period that a backup belongs to; the same for backups of one period, lower for earlier ones.
 *
 * @param createdAt epoch milliseconds.
 * @param position in the list, for the rule that counts the backups themselves.
 */
export type PeriodNumber = (createdAt: number, position: number) => number;

const DAYS_PER_WEEK = 7;
/** ISO weeks begin on Monday, and the epoch began on a Thursday. */
const EPOCH_WEEKDAY = 3;
const MONTHS_PER_YEAR = 12;

/** Rule to its periods, all in UTC: a day does not depend on where, or before which change of clocks, it is counted. */
export const COUNTED_PERIODS = {
  keepLast: (_createdAt, position) => position,
  keepHourly: (createdAt) => Math.floor(createdAt / HOUR_MS),
  keepDaily: dayOf,
  keepWeekly: (createdAt) => Math.floor((dayOf(createdAt) + EPOCH_WEEKDAY) / DAYS_PER_WEEK),
  keepMonthly: (createdAt) => yearOf(createdAt) * MONTHS_PER_YEAR + new Date(createdAt).getUTCMonth(),
  keepYearly: yearOf,
} satisfies Record<string, PeriodNumber>;

export type CountedRule = keyof typeof COUNTED_PERIODS;

function dayOf(createdAt: number): number {
  return Math.floor(createdAt / DAY_MS);
}

function yearOf(createdAt: number): number {
  return new Date(createdAt).getUTCFullYear();
}
