/**
 * Defaults: what is laid under a value when it is read, and left out of it again before it is written.
 *
 * What stands in a value counts, `null` included. Objects are gone into, everything else counts as a whole.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { findDifferences } from '../value/valueEquality.js';
import { isObject, setMember } from '../value/valueDomain.js';

/** The value with the defaults under it. Shares what it can with both and changes neither; the value itself where it lacks nothing. */
export function layUnder(value: ConfigurationValue, defaults: ConfigurationValue): ConfigurationValue {
  if (!isObject(value) || !isObject(defaults)) return value;
  let laid = value;
  for (const [key, standard] of Object.entries(defaults)) {
    const present = Object.hasOwn(value, key) ? value[key] : undefined;
    const member = present === undefined ? standard : layUnder(present, standard);
    if (member === present) continue;
    if (laid === value) laid = { ...value };
    setMember(laid, key, member);
  }
  return laid;
}

/**
 * A value without those members that came from the defaults and are as they came. Of an object that came from them as a
 * whole, what was changed in it stays.
 *
 * @param before the value as it stood before the defaults were laid under it.
 */
export function leaveOut(
  value: ConfigurationValue,
  before: ConfigurationValue | undefined,
  defaults: ConfigurationValue,
): ConfigurationValue {
  if (!isObject(value) || !isObject(defaults)) return value;
  const kept: ConfigurationObject = {};
  for (const [key, member] of Object.entries(value)) {
    const own = isObject(before) && Object.hasOwn(before, key) ? before[key] : undefined;
    const standard = Object.hasOwn(defaults, key) ? defaults[key] : undefined;
    const remaining = standard === undefined ? member : remainderOf(member, own, standard);
    if (remaining !== undefined) setMember(kept, key, remaining);
  }
  return kept;
}

/** What is left of a member that has a default; undefined where nothing is. */
function remainderOf(
  member: ConfigurationValue,
  own: ConfigurationValue | undefined,
  standard: ConfigurationValue,
): ConfigurationValue | undefined {
  // Its own value, even one that is equal to the default, was written by somebody.
  if (own !== undefined) return isObject(own) ? leaveOut(member, own, standard) : member;
  if (findDifferences(member, standard).length === 0) return undefined;
  const changed = leaveOut(member, undefined, standard);
  const isEmpty = isObject(changed) && isObject(standard) && Object.keys(changed).length === 0;
  return isEmpty ? undefined : changed;
}
