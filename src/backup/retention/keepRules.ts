/**
 * The keep rules: which backups stay, in the manner of restic's `forget`.
 *
 * - `keepLast` keeps the newest so many.
 * - `keepHourly`, `keepDaily`, `keepWeekly`, `keepMonthly` and `keepYearly` go back over the last so many hours, days, ISO
 *   weeks, months or years that have a backup at all, and keep the newest backup of each. Periods begin and end in UTC.
 * - `keepWithin` keeps what is not older than the newest backup by more than its span. A newest backup from the future
 *   would end all others, so the newest counts that is not from the future.
 * - `keepTags` keeps what carries one of the tags.
 *
 * A backup stays if any rule keeps it; what none keeps goes. The rules take the place of `maxCount`, `maxTotalBytes` and
 * the strategy's choice. `maxAgeHours` still ends what is too old, unless `keepWithin` or `keepTags` keeps it.
 *
 * Differs from restic: periods are in UTC instead of local time, and the oldest backup gets no exception while a rule has
 * periods left.
 *
 * Source: https://restic.readthedocs.io/en/stable/060_forget.html
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { BackupRetentionPolicy, KeepRules } from '../../../interfaces/backups.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { beginningOf, keepWithinProblem, parseKeepWithin } from './keepWithin.js';
import { removeTooOld } from './limits.js';
import type { RetentionCandidate } from './RetentionCandidate.js';
import { DAY_MS, HOUR_MS } from './units.js';
import { keep, remove, type Verdict, type Verdicts } from './Verdict.js';

const { BACKUP_REASONS } = CONFIG_PERSISTENCE_CONSTANTS;

/**
 * The number of the period that a backup belongs to; the same for backups of one period, lower for earlier ones.
 *
 * @param createdAt epoch milliseconds.
 * @param position in the list, for the rule that counts the backups themselves.
 */
type PeriodNumber = (createdAt: number, position: number) => number;

const DAYS_PER_WEEK = 7;
/** ISO weeks begin on Monday, and the epoch began on a Thursday. */
const EPOCH_WEEKDAY = 3;
const MONTHS_PER_YEAR = 12;

/** Rule to its periods, all in UTC: a day does not depend on where, or before which change of clocks, it is counted. */
const COUNTED_PERIODS = {
  keepLast: (_createdAt, position) => position,
  keepHourly: (createdAt) => Math.floor(createdAt / HOUR_MS),
  keepDaily: dayOf,
  keepWeekly: (createdAt) => Math.floor((dayOf(createdAt) + EPOCH_WEEKDAY) / DAYS_PER_WEEK),
  keepMonthly: (createdAt) => yearOf(createdAt) * MONTHS_PER_YEAR + new Date(createdAt).getUTCMonth(),
  keepYearly: yearOf,
} satisfies Record<string, PeriodNumber>;

/** The rules that keep so many of something. */
export const COUNTED_RULES = Object.keys(COUNTED_PERIODS) as (keyof typeof COUNTED_PERIODS)[];

/** Whether the keep rules decide instead of the limits. */
export function hasKeepRules(rules: KeepRules): boolean {
  return [...COUNTED_RULES, 'keepWithin' as const, 'keepTags' as const].some((name) => rules[name] !== undefined);
}

/**
 * The verdict on each backup.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` where `keepWithin` cannot be read.
 */
export function applyKeepRules(
  newestFirst: readonly RetentionCandidate[],
  policy: BackupRetentionPolicy,
  now: number,
): Verdicts {
  const counters = COUNTED_RULES.flatMap((name) => {
    const count = policy[name];
    return count === undefined ? [] : [{ name, keeps: counterOf(COUNTED_PERIODS[name], count) }];
  });
  const beginning = beginningOfWithin(newestFirst, policy.keepWithin, now);
  const keptTags = new Set(policy.keepTags);
  const judge = (candidate: RetentionCandidate, position: number): Verdict => {
    const counting = counters.filter(({ keeps }) => keeps(candidate.createdAt, position)).map(({ name }) => name);
    const isWithin = candidate.createdAt >= beginning;
    const isTagged = candidate.tags.some((tag) => keptTags.has(tag));
    const keeping = [...counting, ...(isWithin ? ['keepWithin'] : []), ...(isTagged ? ['keepTags'] : [])];
    if (keeping.length === 0) return remove(BACKUP_REASONS.NO_KEEP_RULE);
    const tooOld = isWithin || isTagged ? undefined : removeTooOld(candidate, policy, now);
    return tooOld ?? keep(`${BACKUP_REASONS.KEPT_BY} ${keeping.join(', ')}`);
  };
  return new Map(newestFirst.map((candidate, position) => [candidate, judge(candidate, position)]));
}

/** To be asked about the backups, newest first: keeps the first of each period until the count is used up. */
function counterOf(periodOf: PeriodNumber, count: number): (createdAt: number, position: number) => boolean {
  let left = count;
  let last: number | undefined;
  return (createdAt, position) => {
    if (left === 0) return false;
    const period = periodOf(createdAt, position);
    if (period === last) return false;
    last = period;
    left -= 1;
    return true;
  };
}

/** From when on `keepWithin` keeps; never where it is not given. */
function beginningOfWithin(
  newestFirst: readonly RetentionCandidate[],
  keepWithin: string | undefined,
  now: number,
): number {
  if (keepWithin === undefined) return Infinity;
  const span = parseKeepWithin(keepWithin);
  if (span === undefined) throw persistenceError('ERR_INVALID_OPTION', `keepWithin ${keepWithinProblem}`);
  return beginningOf(span, newestFirst.find(({ createdAt }) => createdAt <= now)?.createdAt ?? now);
}

function dayOf(createdAt: number): number {
  return Math.floor(createdAt / DAY_MS);
}

function yearOf(createdAt: number): number {
  return new Date(createdAt).getUTCFullYear();
}
