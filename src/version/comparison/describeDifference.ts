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
 * | a string changed in white space or letter case only | value-change | cosmetic |
 * | items identified by `id`, `name` or `key` stand in another order | structure-change | cosmetic |
 * | other items stand in another order: there, the order is part of the value | structure-change | significant |
 */
import { DifferenceSeverity, DifferenceType } from '../../../interfaces/enums.js';
import type { ConfigurationDifference } from '../../../interfaces/versions.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { plainCopyOf } from '../../value/copyOnWriteView.js';
import { isObject, isScalar, kindOf, type Scalar } from './valueKinds.js';
import type { LoneMember, Reordering } from './walkDifferences.js';

export type DifferenceKind = Pick<ConfigurationDifference, 'type' | 'severity' | 'description'>;

/** For two values at one place that differ and are not two arrays or two objects. */
export function describeChange(first: ConfigurationValue, second: ConfigurationValue): DifferenceKind {
  const [firstKind, secondKind] = [kindOf(first), kindOf(second)];
  if (firstKind !== secondKind) {
    const type = isScalar(first) && isScalar(second) ? DifferenceType.TYPE_CHANGE : DifferenceType.STRUCTURE_CHANGE;
    return { type, severity: DifferenceSeverity.BREAKING, description: `${firstKind} became ${secondKind}` };
  }
  const type = DifferenceType.VALUE_CHANGE;
  if (typeof first === 'string' && typeof second === 'string' && lettersOf(first) === lettersOf(second)) {
    const description = 'string changed in white space or letter case only';
    return { type, severity: DifferenceSeverity.COSMETIC, description };
  }
  return { type, severity: DifferenceSeverity.SIGNIFICANT, description: `${secondKind} changed` };
}

export function describeRemoval({ step }: LoneMember): DifferenceKind {
  const description = `${nameMember(step)} removed`;
  return { type: DifferenceType.DELETION, severity: DifferenceSeverity.BREAKING, description };
}

export function describeAddition({ step }: LoneMember): DifferenceKind {
  const description = `${nameMember(step)} added`;
  return { type: DifferenceType.ADDITION, severity: DifferenceSeverity.MINOR, description };
}

export function describeReordering({ member }: Reordering): DifferenceKind {
  return {
    type: DifferenceType.STRUCTURE_CHANGE,
    severity: member === undefined ? DifferenceSeverity.SIGNIFICANT : DifferenceSeverity.COSMETIC,
    description: 'order of items changed',
  };
}

/**
 * What shows the order of items before and after: the values of the member that identifies them, else the items
 * themselves. Identified items may hold more reordered arrays, and copies inside copies would not be linear.
 */
export function copyOrders({ first, second, member }: Reordering): [ConfigurationValue[], ConfigurationValue[]] {
  const copyOrder = (items: readonly ConfigurationValue[]) =>
    items.map((item) => plainCopyOf(member !== undefined && isObject(item) ? (item[member] as Scalar) : item));
  return [copyOrder(first), copyOrder(second)];
}

function nameMember(step: string | number): string {
  return typeof step === 'number' ? 'item' : 'member';
}

function lettersOf(text: string): string {
  return text.replace(/\s+/g, '').toLowerCase();
}
