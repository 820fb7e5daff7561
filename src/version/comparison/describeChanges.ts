/** What a version changed, in the words of the history. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ChangeType, DifferenceType } from '../../../interfaces/enums.js';
import type { ChangeDescription, ConfigurationDifference } from '../../../interfaces/versions.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { formatPath } from '../../value/valuePath.js';
import { BoundedList } from './BoundedList.js';
import { describeAddition, describeChange, describeRemoval, describeReordering } from './describeDifference.js';
import { EqualityClasses } from './EqualityClasses.js';
import { findSingleMove } from './itemOrder.js';
import { pairRenamed } from './pairRenamed.js';
import type { MaybeValue } from './valueKinds.js';
import { walkDifferences, type DifferenceVisitor, type Place } from './walkDifferences.js';

const { MAX_CHANGES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** Every other difference is a modification. */
const CHANGE_TYPES: ReadonlyMap<DifferenceType, ChangeType> = new Map([
  [DifferenceType.ADDITION, ChangeType.ADDED],
  [DifferenceType.DELETION, ChangeType.DELETED],
]);

/**
 * The changes from `parent` to `value`, complete or the first `COMPARISON.MAX_CHANGES` of them; empty for equal values. Without a parent,
 * which is the first version, it is one addition at the root that repeats no values.
 *
 * Paths and values are those of `compareValues`. A member that was removed and one that was added to the same object with
 * an equal value are one `renamed`, and an item that stands elsewhere in its array is one `moved`: both at the new path,
 * with the old path in the description and without values, since those did not change. Where a rename is not certain, it
 * is told as a deletion and an addition; several moves in one array, or two neighbours that changed places, as one
 * `modified` of that array.
 */
export function describeChanges(
  parent: MaybeValue,
  value: ConfigurationValue,
): { changes: ChangeDescription[]; isComplete: boolean } {
  if (parent === undefined) {
    const changes = [{ type: ChangeType.ADDED, path: formatPath([]), description: 'first version' }];
    return { changes, isComplete: true };
  }
  const classes = new EqualityClasses();
  const list = new BoundedList<ChangeDescription>(MAX_CHANGES);
  const visitor: DifferenceVisitor = {
    meetChange(place, before, after) {
      list.add(() => changeOf(describeChange(place, before, after)));
    },
    meetLoneMembers(place, removed, added) {
      const renamed = pairRenamed(removed, added, classes);
      const targets = new Set(renamed.values());
      for (const member of removed) {
        const target = renamed.get(member);
        if (target === undefined) list.add(() => changeOf(describeRemoval(place, member)));
        else list.add(() => relocationOf(place, member.step, target.step));
      }
      for (const member of added) {
        if (!targets.has(member)) list.add(() => changeOf(describeAddition(place, member)));
      }
    },
    meetReordering(place, reordering) {
      const move = findSingleMove(reordering.partners);
      if (move === undefined) list.add(() => changeOf(describeReordering(place, reordering)));
      else list.add(() => relocationOf(place, move.from, move.to));
    },
  };
  walkDifferences(parent, value, visitor, classes);
  return { changes: list.items, isComplete: list.isComplete };
}

function changeOf({
  type,
  path,
  version1Value,
  version2Value,
  description,
}: ConfigurationDifference): ChangeDescription {
  return {
    type: CHANGE_TYPES.get(type) ?? ChangeType.MODIFIED,
    path,
    ...(version1Value === undefined ? {} : { oldValue: version1Value }),
    ...(version2Value === undefined ? {} : { newValue: version2Value }),
    description,
  };
}

/** Of a member to another name, or of an item to another index. */
function relocationOf(place: Place, from: string | number, to: string | number): ChangeDescription {
  const [type, verb] = typeof to === 'number' ? [ChangeType.MOVED, 'moved'] : [ChangeType.RENAMED, 'renamed'];
  const description = `${verb} from ${formatPath([...place.first, from])}`;
  return { type, path: formatPath([...place.second, to]), description };
}
