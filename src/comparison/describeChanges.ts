/** What a version changed, in the words of the history. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ChangeType, DifferenceType } from '../../interfaces/enums.js';
import type { ChangeDescription, ConfigurationDifference } from '../../interfaces/versions.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { formatPath } from '../value/valuePath.js';
import { itemAt, NO_PARTNER } from './alignByContent.js';
import { BoundedList } from './BoundedList.js';
import { describeAddition, describeChange, describeRemoval, describeReordering } from './describeDifference.js';
import { EqualityClasses } from './EqualityClasses.js';
import { isScalar, type MaybeValue } from './valueKinds.js';
import { walkDifferences, type DifferenceVisitor, type LoneMember, type Place } from './walkDifferences.js';

const { MAX_CHANGES, MIN_TELLING_STRING_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

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

/**
 * What a removed member is called now: the one added member with an equal value, if no second one was removed or added
 * with it. Its value must be telling: a container that is not empty, or a longer string. Of arrays there are no pairs: equal
 * items have been found wherever they stand.
 */
function pairRenamed(
  removed: readonly LoneMember[],
  added: readonly LoneMember[],
  classes: EqualityClasses,
): ReadonlyMap<LoneMember, LoneMember> {
  const pairs = new Map<LoneMember, LoneMember>();
  if (removed.length === 0 || added.length === 0) return pairs;
  const targets = findUnique(added, classes);
  for (const [valueClass, member] of findUnique(removed, classes)) {
    const target = targets.get(valueClass);
    if (member !== undefined && target !== undefined) pairs.set(member, target);
  }
  return pairs;
}

/** Candidates by the class of their value; undefined where several have it. */
function findUnique(members: readonly LoneMember[], classes: EqualityClasses): Map<number, LoneMember | undefined> {
  const unique = new Map<number, LoneMember | undefined>();
  for (const member of members) {
    if (!isTelling(member.value)) continue;
    const valueClass = classes.classOf(member.value);
    unique.set(valueClass, unique.has(valueClass) ? undefined : member);
  }
  return unique;
}

function isTelling(value: ConfigurationValue): boolean {
  if (isScalar(value)) return typeof value === 'string' && value.length >= MIN_TELLING_STRING_LENGTH;
  return Object.keys(value).length > 0;
}

/**
 * The one item whose move, from an index of the first array to one of the second, explains the whole difference in order,
 * for partners that are not in order. Undefined where it takes several moves, or where two neighbours changed places,
 * since either of them may have moved.
 */
function findSingleMove(partners: Int32Array): { from: number; to: number } | undefined {
  const places = [...partners.keys()].filter((index) => partners[index] !== NO_PARTNER);
  const before = partners.filter((partner) => partner !== NO_PARTNER);
  const sorted = before.toSorted();
  const start = before.findIndex((partner, rank) => partner !== sorted[rank]);
  const end = before.findLastIndex((partner, rank) => partner !== sorted[rank]);
  if (end - start === 1) return undefined;
  const [first, last] = [itemAt(sorted, start), itemAt(sorted, end)];
  // Without the item that moved, the others are in order.
  const wentBack = before.subarray(start, end).every((partner, rank) => partner === sorted[start + rank + 1]);
  if (wentBack) return { from: first, to: itemAt(places, end) };
  const wentAhead = sorted.subarray(start, end).every((partner, rank) => partner === before[start + rank + 1]);
  return wentAhead ? { from: last, to: itemAt(places, start) } : undefined;
}
