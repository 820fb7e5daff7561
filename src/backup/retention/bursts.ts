/**
 * Bursts: automatic backups that were made shortly after each other count as one, or forty updates within a second would push
 * out everything from before.
 *
 * A burst begins with its oldest backup, the content from before the changes, and takes less than the window. It is counted
 * from there and not from one backup to the next, so that whoever saves every few seconds keeps more than one, and so that
 * the bursts stay the same when some of their backups are gone.
 */

/**
 * The ids of those that another one stands for, with its id.
 *
 * @param newestFirst automatic ones that can be opened.
 */
export function mergedInBursts(
  newestFirst: readonly { readonly id: string; readonly createdAt: number }[],
  windowMs: number,
): Map<string, string> {
  const merged = new Map<string, string>();
  let first: { readonly id: string; readonly createdAt: number } | undefined;
  for (const one of newestFirst.toReversed()) {
    // Of either sign, because the clock may have been put back within the burst.
    if (first !== undefined && Math.abs(one.createdAt - first.createdAt) < windowMs) merged.set(one.id, first.id);
    else first = one;
  }
  return merged;
}
