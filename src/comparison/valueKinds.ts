/** What kind a value is of, and how much of it there is to compare. */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';

/** Anything that holds no other values. */
export type Scalar = null | boolean | number | string;

/** A value, or nothing at a place where another configuration has one. */
export type MaybeValue = ConfigurationValue | undefined;

/** As JSON tells values apart; every number is one kind. */
export function kindOf(value: ConfigurationValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** True for what has members; an array has items. */
export function isObject(value: MaybeValue): value is ConfigurationObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isScalar(value: ConfigurationValue): value is Scalar {
  return typeof value !== 'object' || value === null;
}

/** True for one and the same scalar, NaN included, or the same container; two equal containers are not looked into. */
export function isIdentical(first: ConfigurationValue, second: ConfigurationValue): boolean {
  return first === second || (Number.isNaN(first) && Number.isNaN(second));
}

/** Own members only: `constructor` and `toString` are keys like any other. */
export function memberOf(object: ConfigurationObject, key: string): MaybeValue {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** How many scalars and empty containers a value is made of; at least 1. */
export function countLeaves(value: ConfigurationValue): number {
  if (isScalar(value)) return 1;
  let leaves = 0;
  for (const member of Object.values<ConfigurationValue>(value)) leaves += countLeaves(member);
  return Math.max(leaves, 1);
}
