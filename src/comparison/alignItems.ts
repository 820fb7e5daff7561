/**
 * Decides which items of two arrays are compared with one another.
 *
 * Items that a member identifies, as people do by `id`, `name` or `key`, are matched by it, wherever they are; other arrays
 * are aligned by their content (alignByContent.ts).
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { alignByContent, NO_PARTNER } from './alignByContent.js';
import type { EqualityClasses } from './EqualityClasses.js';
import { isObject, memberOf } from './valueKinds.js';

const { IDENTIFYING_MEMBERS } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

type IdentifyingMember = (typeof IDENTIFYING_MEMBERS)[number];

export interface ArrayAlignment {
  /** For each item of the second array the index of the item in the first that it is compared with, or `NO_PARTNER`. */
  readonly partners: Int32Array;
  /** The same, of those items only that both arrays are known to hold: equal ones, or ones of one identity. */
  readonly matches: Int32Array;
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
  const identified = alignByMember(first, second);
  if (identified !== undefined) return identified;
  return { ...alignByContent(classes.classesOf(first), classes.classesOf(second), isReversed), member: undefined };
}

/** Whether an array still has its items, or what became of them, where they were. */
export function keepPlaces(
  before: readonly ConfigurationValue[],
  after: readonly ConfigurationValue[],
  classes: EqualityClasses,
): boolean {
  if (before.length !== after.length) return false;
  // Any of several equally good alignments will do: where items kept their places, they are partners in all of them.
  const { partners } = alignItems(before, after, { classes, isReversed: () => false });
  return partners.every((partner, index) => partner === index);
}

/**
 * By the member that identifies the items of both arrays: every item is an object that has it, as a string or a number that
 * no other item of its array has, and at least one item is in both arrays. Undefined where no member does that: a member
 * that matches nothing tells two arrays no better apart than their content.
 */
function alignByMember(
  first: readonly ConfigurationValue[],
  second: readonly ConfigurationValue[],
): ArrayAlignment | undefined {
  for (const member of IDENTIFYING_MEMBERS) {
    const firstIndex = indexItems(first, member);
    const secondIndex = firstIndex && indexItems(second, member);
    if (!firstIndex || !secondIndex) continue;
    const partners = Int32Array.from(secondIndex.keys(), (identity) => firstIndex.get(identity) ?? NO_PARTNER);
    if (partners.some((partner) => partner !== NO_PARTNER)) return { partners, matches: partners, member };
  }
  return undefined;
}

/** The index of each item by what identifies it. */
function indexItems(
  items: readonly ConfigurationValue[],
  member: IdentifyingMember,
): ReadonlyMap<string | number, number> | undefined {
  const index = new Map<string | number, number>();
  for (const item of items) {
    const identity = isObject(item) ? memberOf(item, member) : undefined;
    if ((typeof identity !== 'string' && typeof identity !== 'number') || index.has(identity)) return undefined;
    index.set(identity, index.size);
  }
  return index;
}
