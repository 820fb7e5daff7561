/** Every difference between two values, and how much of them is the same. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ComparisonResult, ConfigurationDifference } from '../../interfaces/versions.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { BoundedList } from './BoundedList.js';
import { describeAddition, describeChange, describeRemoval, describeReordering } from './describeDifference.js';
import { countLeaves } from './valueKinds.js';
import { walkDifferences } from './walkDifferences.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/**
 * Compares two values deeply; types and severities as describeDifference.ts lists them.
 *
 * Order: container by container, what differs inside it, then what was removed from it, then what was added to it.
 *
 * Paths: a deletion's path leads through `first`, every other path through `second`; the two differ where items of an
 * array are not at the same index. `version1Value` and `version2Value` are plain copies of what stands there, absent on
 * the side that has nothing there. For an order of items that changed they are lists of the items that both arrays hold, or
 * of their identifying members where these tell them apart.
 *
 * Similarity is the share of leaves (scalars and empty containers) that are the same in both: 1 only for deeply equal
 * values, 0 where nothing is shared, and the same for exchanged values. A scalar that changed is one leaf, a value that
 * changed its kind counts the leaves of the larger one, and an order of items that changed counts as one leaf that is not
 * shared.
 *
 * @param maxDifferences how many differences to list; default `COMPARISON.MAX_DIFFERENCES`.
 */
export function compareValues(
  first: ConfigurationValue,
  second: ConfigurationValue,
  maxDifferences: number = MAX_DIFFERENCES,
): Pick<ComparisonResult, 'differences' | 'similarity' | 'isComplete'> {
  const list = new BoundedList<ConfigurationDifference>(maxDifferences);
  let [sharedLeaves, allLeaves] = [0, 0];
  walkDifferences(first, second, {
    meetSame() {
      sharedLeaves += 1;
      allLeaves += 1;
    },
    meetChange(place, before, after) {
      allLeaves += Math.max(countLeaves(before), countLeaves(after));
      list.add(() => describeChange(place, before, after));
    },
    meetLoneMembers(place, removed, added) {
      for (const { value } of [...removed, ...added]) allLeaves += countLeaves(value);
      for (const member of removed) list.add(() => describeRemoval(place, member));
      for (const member of added) list.add(() => describeAddition(place, member));
    },
    meetReordering(place, reordering) {
      allLeaves += 1;
      list.add(() => describeReordering(place, reordering));
    },
  });
  return { differences: list.items, similarity: sharedLeaves / allLeaves, isComplete: list.isComplete };
}
