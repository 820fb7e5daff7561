/** Deep comparison of two values of the domain; the order of an object's keys does not count. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { formatPath } from './valuePath.js';

const { MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** Where two values differ, as paths in reading order, at most ten; empty where they are equal. */
export function findDifferences(left: ConfigurationValue, right: ConfigurationValue): string[] {
  const found: string[] = [];
  compare(left, right, [], found);
  return found;
}

function compare(
  left: ConfigurationValue | undefined,
  right: ConfigurationValue | undefined,
  path: (string | number)[],
  found: string[],
): void {
  if (found.length >= MAX_REPORTED_PATHS || Object.is(left, right)) return;
  if (Array.isArray(left) && Array.isArray(right) && left.length === right.length) {
    for (let index = 0; index < left.length; index++) step(left[index], right[index], index, path, found);
  } else if (isObject(left) && isObject(right)) {
    compareMembers(left, right, path, found);
  } else {
    found.push(formatPath(path));
  }
}

function compareMembers(
  left: ConfigurationObject,
  right: ConfigurationObject,
  path: (string | number)[],
  found: string[],
): void {
  const keys = Object.keys(left);
  for (const key of keys) step(left[key], member(right, key), key, path, found);
  if (Object.keys(right).length === keys.length) return;
  for (const key of Object.keys(right)) {
    if (!Object.hasOwn(left, key)) step(undefined, right[key], key, path, found);
  }
}

function step(
  left: ConfigurationValue | undefined,
  right: ConfigurationValue | undefined,
  key: string | number,
  path: (string | number)[],
  found: string[],
): void {
  path.push(key);
  compare(left, right, path, found);
  path.pop();
}

function member(object: ConfigurationObject, key: string): ConfigurationValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: ConfigurationValue | undefined): value is ConfigurationObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
