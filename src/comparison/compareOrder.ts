/** A total order of values by their content alone, which gives a pair of values one direction, whichever comes first. */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { isIdentical, isObject, kindOf } from './valueKinds.js';

/**
 * Negative, zero or positive, as a sort function answers; zero only for deeply equal values. The order means nothing but
 * that it is always the same. Linear in the size of the values, but for the sorting of keys.
 */
export function compareOrder(first: ConfigurationValue, second: ConfigurationValue): number {
  if (isIdentical(first, second)) return 0;
  if (Array.isArray(first) && Array.isArray(second)) return compareItems(first, second);
  if (isObject(first) && isObject(second)) return compareMembers(first, second);
  const [firstKind, secondKind] = [kindOf(first), kindOf(second)];
  if (firstKind !== secondKind) return firstKind < secondKind ? -1 : 1;
  // Two different scalars of one kind; NaN is neither below nor above any number, so it goes last by rule.
  return Number.isNaN(second) || (!Number.isNaN(first) && (first as string) < (second as string)) ? -1 : 1;
}

function compareItems(first: readonly ConfigurationValue[], second: readonly ConfigurationValue[]): number {
  let order = first.length - second.length;
  for (let index = 0; order === 0 && index < first.length; index++) {
    order = compareOrder(first[index] as ConfigurationValue, second[index] as ConfigurationValue);
  }
  return order;
}

function compareMembers(first: ConfigurationObject, second: ConfigurationObject): number {
  const keys = Object.keys(first).sort();
  const order = compareItems(keys, Object.keys(second).sort());
  const membersOf = (object: ConfigurationObject) => keys.map((key) => object[key] as ConfigurationValue);
  return order === 0 ? compareItems(membersOf(first), membersOf(second)) : order;
}
