/** Which items of an array keep their places among each other, so that the fewest have to move. */
import type { ArrayDifference } from './Difference.js';

/** Indexes of those items of the new array that stay: their places in the old array rise. Takes n log n steps. */
export function stayingItems({ items }: ArrayDifference): ReadonlySet<number> {
  /** For each length of a rising row the item that ends the one with the smallest end. */
  const ends: number[] = [];
  const before: number[] = [];
  const fromOf = (index: number): number => {
    const item = items[index];
    return item?.kind === 'kept' ? item.from : -1;
  };
  for (const [index, item] of items.entries()) {
    if (item.kind !== 'kept') continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (fromOf(ends[middle] ?? -1) < item.from) low = middle + 1;
      else high = middle;
    }
    before[index] = ends[low - 1] ?? -1;
    ends[low] = index;
  }
  const staying = new Set<number>();
  for (let index = ends.at(-1) ?? -1; index !== -1; index = before[index] ?? -1) staying.add(index);
  return staying;
}
