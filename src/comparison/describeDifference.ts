/**
 * What a difference is called and how much it matters, in one place. The words name places and kinds, never a value:
 * configurations hold secrets, and words end up in logs.
 *
 * | what happened | type | severity |
 * |---|---|---|
 * | a member or an item was removed | deletion | breaking |
 * | a member or an item was added | addition | minor |
 * | a scalar became one of another kind, `null` included | type-change | breaking |
 * | a scalar became a container or the other way round, an array an object or the other way round | structure-change | breaking |
 * | a scalar became another one of its kind | value-change | significant |
 * | a string changed in letter case only | value-change | minor |
 * | a string changed in white space at its ends only, and has more than white space | value-change | cosmetic |
 * | items identified by `id`, `name` or `key` stand in another order | structure-change | minor |
 * | other items stand in another order: there, the order is part of the value | structure-change | significant |
 *
 * Cosmetic is only what cannot matter to an application. Letter case can (passwords, paths), and so can the order of
 * items that have names (rules of a firewall), white space inside a string, and a string of nothing else (a separator).
 */
import { DifferenceSeverity, DifferenceType } from '../../interfaces/enums.js';
import type { ConfigurationDifference } from '../../interfaces/versions.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { formatPath } from '../value/valuePath.js';
import { NO_PARTNER } from './alignByContent.js';
import { isObject, isScalar, kindOf, type Scalar } from './valueKinds.js';
import type { LoneMember, Place, Reordering } from './walkDifferences.js';

/** For two values at one place that differ and are not two arrays or two objects. */
export function describeChange(
  place: Place,
  first: ConfigurationValue,
  second: ConfigurationValue,
): ConfigurationDifference {
  return {
    path: formatPath(place.second),
    ...classifyChange(first, second),
    version1Value: plainCopyOf(first),
    version2Value: plainCopyOf(second),
  };
}

export function describeRemoval(place: Place, { step, value }: LoneMember): ConfigurationDifference {
  return {
    path: formatPath([...place.first, step]),
    type: DifferenceType.DELETION,
    severity: DifferenceSeverity.BREAKING,
    description: `${nameMember(step)} removed`,
    version1Value: plainCopyOf(value),
  };
}

export function describeAddition(place: Place, { step, value }: LoneMember): ConfigurationDifference {
  return {
    path: formatPath([...place.second, step]),
    type: DifferenceType.ADDITION,
    severity: DifferenceSeverity.MINOR,
    description: `${nameMember(step)} added`,
    version2Value: plainCopyOf(value),
  };
}

/**
 * The order before and after is shown by the items that both arrays hold: by the values of the member that identifies
 * them, else by the items themselves. Never more of them: other items may hold reordered arrays too, and copies inside
 * copies would not be linear.
 */
export function describeReordering(
  place: Place,
  { first, second, matches, member }: Reordering,
): ConfigurationDifference {
  const nameOf = (item: ConfigurationValue) =>
    plainCopyOf(member !== undefined && isObject(item) ? (item[member] as Scalar) : item);
  const before = matches.filter((partner) => partner !== NO_PARTNER).sort();
  const after = second.filter((_, index) => matches[index] !== NO_PARTNER);
  return {
    path: formatPath(place.second),
    type: DifferenceType.STRUCTURE_CHANGE,
    severity: member === undefined ? DifferenceSeverity.SIGNIFICANT : DifferenceSeverity.MINOR,
    description: 'order of items changed',
    version1Value: Array.from(before, (index) => nameOf(first[index] as ConfigurationValue)),
    version2Value: after.map(nameOf),
  };
}

function nameMember(step: string | number): string {
  return typeof step === 'number' ? 'item' : 'member';
}

function classifyChange(
  first: ConfigurationValue,
  second: ConfigurationValue,
): Pick<ConfigurationDifference, 'type' | 'severity' | 'description'> {
  const [firstKind, secondKind] = [kindOf(first), kindOf(second)];
  if (firstKind !== secondKind) {
    const type = isScalar(first) && isScalar(second) ? DifferenceType.TYPE_CHANGE : DifferenceType.STRUCTURE_CHANGE;
    return { type, severity: DifferenceSeverity.BREAKING, description: `${firstKind} became ${secondKind}` };
  }
  const type = DifferenceType.VALUE_CHANGE;
  if (typeof first === 'string' && typeof second === 'string') {
    const text = first.trim();
    if (text !== '' && text === second.trim()) {
      const description = 'string changed in white space at its ends only';
      return { type, severity: DifferenceSeverity.COSMETIC, description };
    }
    if (first.toLowerCase() === second.toLowerCase()) {
      return { type, severity: DifferenceSeverity.MINOR, description: 'string changed in letter case only' };
    }
  }
  return { type, severity: DifferenceSeverity.SIGNIFICANT, description: `${secondKind} changed` };
}
