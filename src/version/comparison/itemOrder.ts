/** What an alignment says about the order of items; items without a partner do not count. */
import { NO_PARTNER } from './alignByContent.js';
import { itemAt } from './itemAt.js';

/** One item that went from an index of the first array to one of the second. */
export interface ItemMove {
  readonly from: number;
  readonly to: number;
}

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
 * The one item whose move explains the whole difference in order, for partners that are not in order. Undefined where it
 * takes several moves, or where two neighbours changed places, since either of them may have moved.
 */
export function findSingleMove(partners: Int32Array): ItemMove | undefined {
  const places = [...partners.keys()].filter((index) => partners[index] !== NO_PARTNER);
  const before = places.map((index) => itemAt(partners, index));
  const sorted = before.toSorted((left, right) => left - right);
  const start = before.findIndex((partner, rank) => partner !== sorted[rank]);
  const end = before.findLastIndex((partner, rank) => partner !== sorted[rank]);
  if (end - start === 1) return undefined;
  const wentBack = isShifted(before, sorted, { from: start, to: end - 1, by: 1 });
  const wentAhead = isShifted(before, sorted, { from: start + 1, to: end, by: -1 });
  if (wentBack) return { from: itemAt(sorted, start), to: itemAt(places, end) };
  if (wentAhead) return { from: itemAt(sorted, end), to: itemAt(places, start) };
  return undefined;
}

/** Whether all items of a range are those that stood `by` places further on. */
function isShifted(
  before: readonly number[],
  sorted: readonly number[],
  { from, to, by }: { from: number; to: number; by: number },
): boolean {
  for (let rank = from; rank <= to; rank++) {
    if (before[rank] !== sorted[rank + by]) return false;
  }
  return true;
}
