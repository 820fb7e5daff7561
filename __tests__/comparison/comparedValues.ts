/** Values for comparisons: pairs that have much in common, every place of a value, and values that count their readers. */
import fc from 'fast-check';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { setMember } from '../../src/value/valueDomain.js';
import { formatPath } from '../../src/value/valuePath.js';
import { value as domainValue } from '../codec/domainValues.js';

const scalar = fc.constantFrom<ConfigurationValue>(0, 1, 2, NaN, '', 'a', 'A', ' a', '1', true, false, null);
const key = fc.constantFrom('a', 'b', 'id', 'name', 'key', 'constructor', 'toString', 'hasOwnProperty');

/** From few scalars and keys, so that two of them share places, items and identities by chance. */
export const similarValue: fc.Arbitrary<ConfigurationValue> = fc.letrec<{ tree: ConfigurationValue }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'medium', withCrossShrink: true },
    scalar,
    fc.array(tie('tree'), { maxLength: 6 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map(toObject),
    fc.array(fc.tuple(fc.nat(5), tie('tree')), { maxLength: 4 }).map(toIdentifiedItems),
  ),
})).tree;

/** Similar values, and the hostile ones of every format. */
export const anyValue = fc.oneof({ weight: 4, arbitrary: similarValue }, { weight: 1, arbitrary: domainValue(true) });

/** The same value with the keys of every object in the opposite order. */
export function withReversedKeys(value: ConfigurationValue): ConfigurationValue {
  if (Array.isArray(value)) return value.map(withReversedKeys);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, withReversedKeys(member)] as const);
  return toObject(members.reverse());
}

/** What stands at every place of a value, by its path. */
export function placesOf(value: ConfigurationValue): Map<string, ConfigurationValue> {
  const places = new Map<string, ConfigurationValue>();
  collectPlaces(value, [], places);
  return places;
}

function collectPlaces(
  value: ConfigurationValue,
  path: readonly (string | number)[],
  places: Map<string, ConfigurationValue>,
): void {
  places.set(formatPath(path), value);
  if (typeof value !== 'object' || value === null) return;
  for (const name of Object.keys(value)) {
    const step = Array.isArray(value) ? Number(name) : name;
    collectPlaces((value as ConfigurationObject)[name]!, [...path, step], places);
  }
}

/** A view of a value that counts how often any part of it is read. */
export function counted(value: ConfigurationValue, counter: { reads: number }): ConfigurationValue {
  if (typeof value !== 'object' || value === null) return value;
  const views = new Map<PropertyKey, unknown>();
  return new Proxy(value, {
    get(target, name, receiver) {
      counter.reads += 1;
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'object' || member === null) return member;
      if (!views.has(name)) views.set(name, counted(member as ConfigurationValue, counter));
      return views.get(name);
    },
  });
}

/** `count` items made by their index. */
export function listOf(count: number, itemAt: (index: number) => ConfigurationValue): ConfigurationValue[] {
  return Array.from({ length: count }, (_, index) => itemAt(index));
}

function toObject(members: readonly (readonly [string, ConfigurationValue])[]): ConfigurationObject {
  const object: ConfigurationObject = {};
  for (const [name, member] of members) setMember(object, name, member);
  return object;
}

function toIdentifiedItems(items: readonly (readonly [number, ConfigurationValue])[]): ConfigurationValue[] {
  return items.map(([id, content]) => ({ id, content }));
}
