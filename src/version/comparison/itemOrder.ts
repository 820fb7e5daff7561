/** What an alignment says about the order of items; items without a partner do not count. */
import { NO_PARTNER } from './alignByContent.js';

/** Whether the partners come in the same order in both arrays. */
export function isInOrder(partners: Int32Array): boolean {
  let last = NO_PARTNER;
  for (const partner of partners) {
    if (partner === NO_PARTNER) continue;
    if (partner < last) return false;
    last = partner;
  }
  return true;
}

/**
 * The one item whose move, from an index of the first array to one of the second, explains the whole difference in order,
 * for partners that are not in order. Undefined where it takes several moves, or where two neighbours changed places,
 * since either of them may have moved.
 */
export function findSingleMove(partners: Int32Array): { from: number; to: number } | undefined {
  const places = [...partners.keys()].filter((index) => partners[index] !== NO_PARTNER);
  const before = partners.filter((partner) => partner !== NO_PARTNER);
  const sorted = before.toSorted();
  const start = before.findIndex((partner, rank) => partner !== sorted[rank]);
  const end = before.findLastIndex((partner, rank) => partner !== sorted[rank]);
  if (end - start === 1) return undefined;
  const [first, last] = [sorted[start] as number, sorted[end] as number];
  // Without the item that moved, the others are in order.
  const wentBack = before.subarray(start, end).every((partner, rank) => partner === sorted[start + rank + 1]);
  if (wentBack) return { from: first, to: places[end] as number };
  const wentAhead = sorted.subarray(start, end).every((partner, rank) => partner === before[start + rank + 1]);
  return wentAhead ? { from: last, to: places[start] as number } : undefined;
}
