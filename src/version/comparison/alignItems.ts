/**
 * Decides which items of two arrays are compared with one another.
 *
 * Items that an `id`, `name` or `key` identifies (identifyItems.ts) are matched by it, wherever they are; other arrays are
 * aligned by their content (alignByContent.ts).
 */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { alignByContent, NO_PARTNER } from './alignByContent.js';
import type { EqualityClasses } from './EqualityClasses.js';
import { identifyItems, type IdentifiedItems, type IdentifyingMember } from './identifyItems.js';

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
  const identified = identifyItems(first, second);
  if (identified !== undefined) {
    const partners = partnersByMember(identified);
    return { partners, matches: partners, member: identified.member };
  }
  return { ...alignByContent(classes.classesOf(first), classes.classesOf(second), isReversed), member: undefined };
}

function partnersByMember({ first, second }: IdentifiedItems): Int32Array {
  return Int32Array.from(second.keys(), (identity) => first.get(identity) ?? NO_PARTNER);
}
