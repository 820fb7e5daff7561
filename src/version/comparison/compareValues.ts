/** Every difference between two values, and how much of them is the same. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationDifference } from '../../../interfaces/versions.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { plainCopyOf } from '../../value/copyOnWriteView.js';
import { formatPath, type ValuePath } from '../../value/valuePath.js';
import {
  copyOrders,
  describeAddition,
  describeChange,
  describeRemoval,
  describeReordering,
  type DifferenceKind,
} from './describeDifference.js';
import { EqualityClasses } from './EqualityClasses.js';
import { countLeaves } from './valueKinds.js';
import {
  walkDifferences,
  type DifferenceVisitor,
  type LoneMember,
  type Place,
  type Reordering,
} from './walkDifferences.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

export interface Comparison {
  /** Container by container: what differs inside it, then what was removed from it, then what was added to it. */
  readonly differences: readonly ConfigurationDifference[];
  /** See `compareValues`; of the whole values, also where the list was cut. */
  readonly similarity: number;
  /** False where there are more differences than `differences` lists. */
  readonly isComplete: boolean;
}

/**
 * Compares two values deeply; types and severities as describeDifference.ts lists them.
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
): Comparison {
  const list = new DifferenceList(maxDifferences);
  walkDifferences(first, second, { visitor: list, classes: new EqualityClasses() });
  return { differences: list.differences, similarity: list.similarity(), isComplete: list.isComplete };
}

class DifferenceList implements DifferenceVisitor {
  readonly differences: ConfigurationDifference[] = [];
  isComplete = true;
  readonly #maxDifferences: number;
  #sharedLeaves = 0;
  #allLeaves = 0;

  constructor(maxDifferences: number) {
    this.#maxDifferences = maxDifferences;
  }

  similarity(): number {
    return this.#sharedLeaves / this.#allLeaves;
  }

  meetSame(): void {
    this.#sharedLeaves += 1;
    this.#allLeaves += 1;
  }

  meetChange(place: Place, first: ConfigurationValue, second: ConfigurationValue): void {
    this.#allLeaves += Math.max(countLeaves(first), countLeaves(second));
    this.#list(place.second, () => ({
      ...describeChange(first, second),
      version1Value: plainCopyOf(first),
      version2Value: plainCopyOf(second),
    }));
  }

  meetLoneMembers(place: Place, removed: readonly LoneMember[], added: readonly LoneMember[]): void {
    for (const member of removed) {
      this.#allLeaves += countLeaves(member.value);
      const difference = () => ({ ...describeRemoval(member), version1Value: plainCopyOf(member.value) });
      this.#list([...place.first, member.step], difference);
    }
    for (const member of added) {
      this.#allLeaves += countLeaves(member.value);
      const difference = () => ({ ...describeAddition(member), version2Value: plainCopyOf(member.value) });
      this.#list([...place.second, member.step], difference);
    }
  }

  meetReordering(place: Place, reordering: Reordering): void {
    this.#allLeaves += 1;
    this.#list(place.second, () => {
      const [version1Value, version2Value] = copyOrders(reordering);
      return { ...describeReordering(reordering), version1Value, version2Value };
    });
  }

  /** Paths and copies are made for listed differences only. */
  #list(path: ValuePath, difference: () => DifferenceKind & Partial<ConfigurationDifference>): void {
    if (this.differences.length < this.#maxDifferences) {
      this.differences.push({ path: formatPath(path), ...difference() });
    } else {
      this.isComplete = false;
    }
  }
}
