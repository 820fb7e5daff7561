/** Deep comparison of two values of the domain; the order of an object's keys does not count. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { isObject } from './valueDomain.js';
import { formatPath, type ValuePath } from './valuePath.js';

const { MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** Where two values differ, as paths in reading order, at most ten; empty where they are equal. */
export function findDifferences(left: ConfigurationValue, right: ConfigurationValue): string[] {
  return findDifferingPaths(left, right, MAX_REPORTED_PATHS).map(formatPath);
}

/** The same places as keys and indexes, at most `max` of them. */
export function findDifferingPaths(left: ConfigurationValue, right: ConfigurationValue, max: number): ValuePath[] {
  const comparison = new Comparison(max);
  comparison.compare(left, right);
  return comparison.found;
}

/** Whether two values are equal, as quickly as that can be told. */
export function isEqualValue(left: ConfigurationValue, right: ConfigurationValue | undefined): boolean {
  if (Object.is(left, right)) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    for (let index = 0; index < left.length; index++) {
      if (!isEqualValue(left[index] as ConfigurationValue, right[index])) return false;
    }
    return true;
  }
  if (!isObject(left) || right === undefined || !isObject(right)) return false;
  const keys = Object.keys(left);
  if (Object.keys(right).length !== keys.length) return false;
  for (const key of keys) {
    if (!Object.hasOwn(right, key) || !isEqualValue(left[key] as ConfigurationValue, right[key])) return false;
  }
  return true;
}

class Comparison {
  readonly found: ValuePath[] = [];
  readonly #max: number;
  readonly #path: (string | number)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  compare(left: ConfigurationValue | undefined, right: ConfigurationValue | undefined): void {
    if (this.found.length >= this.#max || Object.is(left, right)) return;
    if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
      for (let index = 0; index < left.length; index++) this.#step(index, left[index], right[index]);
    } else if (isObject(left) && isObject(right)) {
      this.#compareMembers(left, right);
    } else {
      this.found.push([...this.#path]);
    }
  }

  #compareMembers(left: ConfigurationObject, right: ConfigurationObject): void {
    const keys = Object.keys(left);
    for (const key of keys) this.#step(key, left[key], Object.hasOwn(right, key) ? right[key] : undefined);
    if (Object.keys(right).length === keys.length) return;
    for (const key of Object.keys(right)) {
      if (!Object.hasOwn(left, key)) this.#step(key, undefined, right[key]);
    }
  }

  #step(key: string | number, left: ConfigurationValue | undefined, right: ConfigurationValue | undefined): void {
    this.#path.push(key);
    this.compare(left, right);
    this.#path.pop();
  }
}
