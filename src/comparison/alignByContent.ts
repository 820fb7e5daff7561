/**
 * Finds partners for the items of two arrays by their content, each item given as the class of its value.
 *
 * 1. The longest common run of items is kept in place (Myers, package `diff`). Beyond the edit limit nothing is kept.
 * 2. Equal items that are left over are paired in order of appearance: they were moved, however many others were too.
 * 3. Between two kept items, what is left of the first is paired with what is left of the second, in order, so that an
 *    item that changed inside is not removed and added again.
 *
 * Only items that are in both arrays take part in step 1, so arrays that differ everywhere cost nothing, and the edits
 * that are counted are moves and repetitions, not changes. Linear in the number of items, by the bound on edits.
 */
import { diffArrays } from 'diff';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { MAX_EDIT_LENGTH, MAX_SQUARED_EDITS_PER_ITEM, MIN_EDIT_LIMIT } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** An item of the second array that the first has nothing to compare with. */
export const NO_PARTNER = -1;

/**
 * See `ArrayAlignment`.
 *
 * @param isReversed see `AlignmentContext`.
 */
export function alignByContent(
  first: readonly number[],
  second: readonly number[],
  isReversed: () => boolean,
): { partners: Int32Array; matches: Int32Array } {
  const kept = keepCommonRun(first, second, isReversed);
  const matches = pairEqualItems(first, second, kept);
  return { partners: pairBetweenKept(kept, matches, first.length), matches };
}

function keepCommonRun(first: readonly number[], second: readonly number[], isReversed: () => boolean): Int32Array {
  const kept = new Int32Array(second.length).fill(NO_PARTNER);
  const [left, right] = [itemsWithin(first, second), itemsWithin(second, first)];
  if (left.indexes.length === 0) return kept;
  if (isReversed()) findCommonRun(right, left, (index, partner) => (kept[index] = partner));
  else findCommonRun(left, right, (partner, index) => (kept[index] = partner));
  return kept;
}

/** Some items of an array, and where in it they are. */
interface PickedItems {
  readonly classes: number[];
  readonly indexes: number[];
}

function itemsWithin(items: readonly number[], others: readonly number[]): PickedItems {
  const known = new Set(others);
  const picked: PickedItems = { classes: [], indexes: [] };
  for (const [index, itemClass] of items.entries()) {
    if (!known.has(itemClass)) continue;
    picked.classes.push(itemClass);
    picked.indexes.push(index);
  }
  return picked;
}

function findCommonRun(from: PickedItems, to: PickedItems, keep: (fromIndex: number, toIndex: number) => void): void {
  const maxEditLength = editLimit(from.indexes.length + to.indexes.length);
  const runs = diffArrays(from.classes, to.classes, { maxEditLength }) ?? [];
  let [fromNext, toNext] = [0, 0];
  for (const { added, removed, count } of runs) {
    for (let item = 0; item < count; item++) {
      if (!added && !removed) keep(itemAt(from.indexes, fromNext), itemAt(to.indexes, toNext));
      if (!added) fromNext++;
      if (!removed) toNext++;
    }
  }
}

function editLimit(items: number): number {
  const affordable = Math.ceil(Math.sqrt(MAX_SQUARED_EDITS_PER_ITEM * items));
  return Math.min(MAX_EDIT_LENGTH, Math.max(MIN_EDIT_LIMIT, affordable));
}

/** The pairs that are kept, and those of equal items that are not: the first one left with the first one left. */
function pairEqualItems(first: readonly number[], second: readonly number[], kept: Int32Array): Int32Array {
  const isTaken = takenOf(kept, first.length);
  /** From the last to the first, so that the first is popped. */
  const leftOfClass = new Map<number, number[]>();
  for (let index = first.length - 1; index >= 0; index--) {
    if (isTaken[index] === 1) continue;
    const itemClass = itemAt(first, index);
    const left = leftOfClass.get(itemClass);
    if (left === undefined) leftOfClass.set(itemClass, [index]);
    else left.push(index);
  }
  return kept.map((partner, index) =>
    partner === NO_PARTNER ? (leftOfClass.get(itemAt(second, index))?.pop() ?? NO_PARTNER) : partner,
  );
}

/** The pairs that match, and of the items between two kept ones those that are left, from the front, while there are any. */
function pairBetweenKept(kept: Int32Array, matches: Int32Array, firstLength: number): Int32Array {
  const isTaken = takenOf(matches, firstLength);
  const partners = matches.slice();
  let [left, right] = [0, 0];
  for (let index = 0; index <= kept.length; index++) {
    const end = index === kept.length ? firstLength : itemAt(kept, index);
    if (end === NO_PARTNER) continue;
    for (; right < index; right++) {
      if (partners[right] !== NO_PARTNER) continue;
      while (left < end && isTaken[left] === 1) left++;
      if (left < end) partners[right] = left++;
    }
    left = end + 1;
    right = index + 1;
  }
  return partners;
}

/** For each item of the first array 1 where it has a partner. */
function takenOf(partners: Int32Array, firstLength: number): Uint8Array {
  const isTaken = new Uint8Array(firstLength);
  for (const partner of partners) {
    if (partner !== NO_PARTNER) isTaken[partner] = 1;
  }
  return isTaken;
}

/** An item at an index that is known to be inside the list, which the type system cannot see. */
export function itemAt<Item>(items: ArrayLike<Item>, index: number): Item {
  return items[index] as Item;
}
