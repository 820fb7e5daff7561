/** What a version changed, in the words of the history. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ChangeType } from '../../../interfaces/enums.js';
import type { ChangeDescription } from '../../../interfaces/versions.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { plainCopyOf } from '../../value/copyOnWriteView.js';
import { formatPath, type ValuePath } from '../../value/valuePath.js';
import {
  copyOrders,
  describeAddition,
  describeChange,
  describeRemoval,
  describeReordering,
} from './describeDifference.js';
import { EqualityClasses } from './EqualityClasses.js';
import { findSingleMove } from './itemOrder.js';
import { pairRenamed } from './pairRenamed.js';
import type { MaybeValue } from './valueKinds.js';
import {
  walkDifferences,
  type DifferenceVisitor,
  type LoneMember,
  type Place,
  type Reordering,
} from './walkDifferences.js';

const { MAX_CHANGES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

export interface DescribedChanges {
  readonly changes: ChangeDescription[];
  /** False where there are more changes than `changes` lists. */
  readonly isComplete: boolean;
}

/**
 * The changes from `parent` to `value`, at most `COMPARISON.MAX_CHANGES` of them; empty for equal values. Without a parent,
 * which is the first version, it is one addition at the root that repeats no values.
 *
 * Paths and values are those of `compareValues`. A member that was removed and one that was added to the same object with
 * an equal value are one `renamed`, and an item that stands elsewhere in its array is one `moved`: both at the new path,
 * with the old path in the description and without values, since those did not change. Where a rename is not certain, it
 * is told as a deletion and an addition; several moves in one array, or two neighbours that changed places, as one
 * `modified` of that array.
 */
export function describeChanges(parent: MaybeValue, value: ConfigurationValue): DescribedChanges {
  if (parent === undefined) {
    const changes = [{ type: ChangeType.ADDED, path: formatPath([]), description: 'first version' }];
    return { changes, isComplete: true };
  }
  const classes = new EqualityClasses();
  const list = new ChangeList(classes);
  walkDifferences(parent, value, { visitor: list, classes });
  return { changes: list.changes, isComplete: list.isComplete };
}

class ChangeList implements DifferenceVisitor {
  readonly changes: ChangeDescription[] = [];
  isComplete = true;
  readonly #classes: EqualityClasses;

  constructor(classes: EqualityClasses) {
    this.#classes = classes;
  }

  meetSame(): void {
    // No change.
  }

  meetChange(place: Place, first: ConfigurationValue, second: ConfigurationValue): void {
    const { description } = describeChange(first, second);
    this.#list(ChangeType.MODIFIED, place.second, () => ({
      oldValue: plainCopyOf(first),
      newValue: plainCopyOf(second),
      description,
    }));
  }

  meetLoneMembers(place: Place, removed: readonly LoneMember[], added: readonly LoneMember[]): void {
    const renamed = pairRenamed(removed, added, this.#classes);
    const targets = new Set(renamed.values());
    for (const member of removed) {
      const target = renamed.get(member);
      if (target === undefined) this.#listDeletion(place, member);
      else this.#listRelocation(place, member.step, target.step);
    }
    for (const member of added) {
      if (!targets.has(member)) this.#listAddition(place, member);
    }
  }

  meetReordering(place: Place, reordering: Reordering): void {
    const move = findSingleMove(reordering.partners);
    if (move !== undefined) return this.#listRelocation(place, move.from, move.to);
    const { description } = describeReordering(reordering);
    this.#list(ChangeType.MODIFIED, place.second, () => {
      const [oldValue, newValue] = copyOrders(reordering);
      return { oldValue, newValue, description };
    });
  }

  #listDeletion(place: Place, member: LoneMember): void {
    const { description } = describeRemoval(member);
    this.#list(ChangeType.DELETED, [...place.first, member.step], () => ({
      oldValue: plainCopyOf(member.value),
      description,
    }));
  }

  #listAddition(place: Place, member: LoneMember): void {
    const { description } = describeAddition(member);
    this.#list(ChangeType.ADDED, [...place.second, member.step], () => ({
      newValue: plainCopyOf(member.value),
      description,
    }));
  }

  #listRelocation(place: Place, from: string | number, to: string | number): void {
    const isMove = typeof to === 'number';
    const oldPath = formatPath([...place.first, from]);
    this.#list(isMove ? ChangeType.MOVED : ChangeType.RENAMED, [...place.second, to], () => ({
      description: `${isMove ? 'moved' : 'renamed'} from ${oldPath}`,
    }));
  }

  /** Paths and copies are made for listed changes only. */
  #list(type: ChangeType, path: ValuePath, details: () => Partial<ChangeDescription>): void {
    if (this.changes.length < MAX_CHANGES) this.changes.push({ type, path: formatPath(path), ...details() });
    else this.isComplete = false;
  }
}
