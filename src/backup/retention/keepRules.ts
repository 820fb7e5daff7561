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
import { tooOldReason } from './ageLimit.js';
import { beginningOf, keepWithinProblem, parseKeepWithin } from './keepWithin.js';
import { COUNTED_PERIODS, type CountedRule, type PeriodNumber } from './periods.js';
import type { RetentionCandidate } from './RetentionCandidate.js';
import { keep, remove, type Verdict, type Verdicts } from './Verdict.js';

const { BACKUP_REASONS } = CONFIG_PERSISTENCE_CONSTANTS;

/** The rules that keep so many of something. */
export const COUNTED_RULES = Object.keys(COUNTED_PERIODS) as CountedRule[];

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
  const counters = countersOf(policy);
  const beginning = beginningOfWithin(newestFirst, policy.keepWithin, now);
  const keptTags = new Set(policy.keepTags);
  const judge = (candidate: RetentionCandidate, position: number): Verdict => {
    const counting = counters.filter((counter) => counter.keeps(candidate.createdAt, position)).map(({ name }) => name);
    const isWithin = candidate.createdAt >= beginning;
    const isTagged = candidate.tags.some((tag) => keptTags.has(tag));
    const keeping = [...counting, ...(isWithin ? ['keepWithin'] : []), ...(isTagged ? ['keepTags'] : [])];
    if (keeping.length === 0) return remove(BACKUP_REASONS.NO_KEEP_RULE);
    const tooOld = isWithin || isTagged ? undefined : tooOldReason(candidate.createdAt, policy.maxAgeHours, now);
    return tooOld === undefined ? keep(`${BACKUP_REASONS.KEPT_BY} ${keeping.join(', ')}`) : remove(tooOld);
  };
  return new Map(newestFirst.map((candidate, position) => [candidate, judge(candidate, position)]));
}

/** Goes through the backups, newest first, and keeps the first of each period until its count is used up. */
class PeriodCounter {
  readonly name: CountedRule;
  readonly #periodOf: PeriodNumber;
  #left: number;
  #last: number | undefined;

  constructor(name: CountedRule, count: number) {
    this.name = name;
    this.#periodOf = COUNTED_PERIODS[name];
    this.#left = count;
  }

  keeps(createdAt: number, position: number): boolean {
    if (this.#left === 0) return false;
    const period = this.#periodOf(createdAt, position);
    if (period === this.#last) return false;
    this.#last = period;
    this.#left -= 1;
    return true;
  }
}

function countersOf(rules: KeepRules): PeriodCounter[] {
  return COUNTED_RULES.flatMap((name) => {
    const count = rules[name];
    return count === undefined ? [] : [new PeriodCounter(name, count)];
  });
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
