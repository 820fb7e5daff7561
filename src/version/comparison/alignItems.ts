/**
 * Decides which items of two arrays are compared with one another.
 *
 * 1. Items that an `id`, `name` or `key` identifies (identifyItems.ts) are matched by it, wherever they are.
 * 2. Arrays that hold the same items in another order are matched item by item: only their order differs.
 * 3. Otherwise the longest common run of items is kept in place (Myers, package `diff`); between two kept items, what was
 *    removed is paired with what was added, in order, so that an item that changed inside is not removed and added again.
 *    Beyond the edit limit nothing is kept, which pairs the arrays by index.
 *
 * Only items that are in both arrays take part in step 3, so arrays that differ everywhere cost nothing, and the edits
 * that are counted are moves and repetitions, not changes. Linear in the number of items, by the bound on edits.
 */
import { diffArrays } from 'diff';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { EqualityClasses } from './EqualityClasses.js';
import { itemAt } from './itemAt.js';
import { identifyItems, type IdentifiedItems, type IdentifyingMember } from './identifyItems.js';

const { MAX_EDIT_LENGTH, MAX_SQUARED_EDITS_PER_ITEM } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** An item of the second array that the first has nothing to compare with. */
export const NO_PARTNER = -1;

export interface ArrayAlignment {
  /** For each item of the second array the index of its partner in the first, or `NO_PARTNER`. */
  readonly partners: Int32Array;
  /** What identified the items; undefined where their content or place did. */
  readonly member: IdentifyingMember | undefined;
}

export interface AlignmentContext {
  readonly classes: EqualityClasses;
  /**
   * Which of several equally good alignments to take: with the opposite answer, exchanged arrays give the same pairs.
   * Asked only where it matters.
   */
  readonly isReversed: () => boolean;
}

export function alignItems(
  first: readonly ConfigurationValue[],
  second: readonly ConfigurationValue[],
  { classes, isReversed }: AlignmentContext,
): ArrayAlignment {
  const identified = identifyItems(first, second);
  if (identified !== undefined) return { partners: partnersByMember(identified), member: identified.member };
  const [firstClasses, secondClasses] = [classes.classesOf(first), classes.classesOf(second)];
  const partners =
    matchSameItems(firstClasses, secondClasses) ?? alignByContent(firstClasses, secondClasses, isReversed);
  return { partners, member: undefined };
}

function partnersByMember({ first, second }: IdentifiedItems): Int32Array {
  return Int32Array.from(second.keys(), (identity) => first.get(identity) ?? NO_PARTNER);
}

/** The partners of arrays that hold the same items, equal ones in order of appearance; otherwise undefined. */
function matchSameItems(first: readonly number[], second: readonly number[]): Int32Array | undefined {
  if (first.length !== second.length) return undefined;
  const nextOfClass = new Map<number, number>();
  const followers = new Int32Array(first.length);
  for (let index = first.length - 1; index >= 0; index--) {
    const itemClass = itemAt(first, index);
    followers[index] = nextOfClass.get(itemClass) ?? NO_PARTNER;
    nextOfClass.set(itemClass, index);
  }
  const partners = new Int32Array(second.length);
  for (const [index, itemClass] of second.entries()) {
    const partner = nextOfClass.get(itemClass) ?? NO_PARTNER;
    if (partner === NO_PARTNER) return undefined;
    partners[index] = partner;
    nextOfClass.set(itemClass, itemAt(followers, partner));
  }
  return partners;
}

function alignByContent(first: readonly number[], second: readonly number[], isReversed: () => boolean): Int32Array {
  const partners = new Int32Array(second.length).fill(NO_PARTNER);
  const [left, right] = [itemsWithin(first, second), itemsWithin(second, first)];
  if (left.indexes.length > 0) {
    if (isReversed()) keepCommonRun(right, left, (index, partner) => (partners[index] = partner));
    else keepCommonRun(left, right, (partner, index) => (partners[index] = partner));
  }
  pairBetweenKept(partners, first.length);
  return partners;
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

function keepCommonRun(from: PickedItems, to: PickedItems, keep: (fromIndex: number, toIndex: number) => void): void {
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
  return Math.min(MAX_EDIT_LENGTH, Math.ceil(Math.sqrt(MAX_SQUARED_EDITS_PER_ITEM * items)));
}

/** Gives the items between two kept ones each other as partners, from the front, as far as there are any. */
function pairBetweenKept(partners: Int32Array, firstLength: number): void {
  let [left, right] = [0, 0];
  for (let index = 0; index <= partners.length; index++) {
    const kept = index === partners.length ? firstLength : itemAt(partners, index);
    if (kept === NO_PARTNER) continue;
    while (left < kept && right < index) partners[right++] = left++;
    left = kept + 1;
    right = index + 1;
  }
}
