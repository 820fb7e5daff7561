/**
 * Which of the backups of one configuration is newer: by the version whose content it has, not by the clock, which may have
 * been put back, or have begun in 1970.
 *
 * A backup of no version (what an editor wrote, or made where a file was damaged) belongs to the version that the clock
 * puts before it. Numbers above that of the present content were given by records that are lost, so they come from before.
 */

interface Ordered {
  readonly id: string;
  readonly createdAt: number;
  /** 0 where it has the content of no version. */
  readonly sequence: number;
}

/** @param present number of the saved version; 0 where that is not known, and the clock decides alone. */
export function newestFirstByVersion<T extends Ordered>(backups: readonly T[], present: number): T[] {
  const byTime = backups.toSorted(compareByTime);
  if (present === 0) return byTime.reverse();
  // Those before all that have a version by the clock are older than all.
  const known = byTime.filter(({ sequence }) => sequence > 0).map((one) => versionOf(one, present));
  let version = known.reduce((lowest, one) => Math.min(lowest, one), present);
  const versions = new Map<T, number>();
  for (const one of byTime) {
    if (one.sequence > 0) version = versionOf(one, present);
    versions.set(one, version);
  }
  const difference = (left: T, right: T): number => (versions.get(left) ?? 0) - (versions.get(right) ?? 0);
  return byTime.sort((left, right) => difference(right, left) || compareByTime(right, left));
}

function versionOf({ sequence }: Ordered, present: number): number {
  return sequence > present ? 0 : sequence;
}

function compareByTime(left: Ordered, right: Ordered): number {
  return left.createdAt - right.createdAt || compareRest(left, right);
}

/** By code units, not by locale, so that the order is the same on every machine. */
function compareRest(left: Ordered, right: Ordered): number {
  if (left.sequence !== right.sequence) return left.sequence - right.sequence;
  return left.id < right.id ? -1 : 1;
}
