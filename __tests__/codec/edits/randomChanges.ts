/** Random changes of a value, as programs make them: one key, or a batch of them. */
import fc from 'fast-check';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { isObject } from '../../../src/value/valueDomain.js';

export interface Change {
  /** Where to start looking for a place. */
  readonly seed: number;
  readonly kind: 'set' | 'remove' | 'add' | 'rename' | 'push' | 'drop' | 'move' | 'nest';
  readonly key: string;
  readonly value: ConfigurationValue;
}

export function changeOf(keys: fc.Arbitrary<string>, values: fc.Arbitrary<ConfigurationValue>): fc.Arbitrary<Change> {
  return fc.record({
    seed: fc.nat(),
    kind: fc.constantFrom('set', 'set', 'remove', 'add', 'rename', 'push', 'drop', 'move', 'nest'),
    key: keys,
    value: values,
  });
}

/** The value with the change, or undefined where it has no place for it. The old value stays as it is. */
export function applyChange(value: ConfigurationValue, change: Change): ConfigurationValue | undefined {
  const copy = structuredClone(value);
  const objects: ConfigurationObject[] = [];
  const arrays: ConfigurationValue[][] = [];
  collect(copy, objects, arrays);
  const isOfArray = ['push', 'drop', 'move'].includes(change.kind);
  const isDone = isOfArray ? changeArray(arrays, change) : changeObject(objects, change);
  return isDone ? copy : undefined;
}

function collect(value: ConfigurationValue, objects: ConfigurationObject[], arrays: ConfigurationValue[][]): void {
  if (Array.isArray(value)) {
    arrays.push(value);
    for (const item of value) collect(item, objects, arrays);
  } else if (isObject(value)) {
    objects.push(value);
    for (const member of Object.values(value)) collect(member, objects, arrays);
  }
}

function changeArray(arrays: ConfigurationValue[][], { seed, kind, value }: Change): boolean {
  const array = arrays[seed % Math.max(arrays.length, 1)];
  if (array === undefined || (kind !== 'push' && array.length === 0)) return false;
  if (kind === 'push') array.splice(seed % (array.length + 1), 0, isObject(value) ? 'x' : value);
  else if (kind === 'drop') array.splice(seed % array.length, 1);
  else array.unshift(...array.splice(-1));
  return true;
}

function changeObject(objects: ConfigurationObject[], { seed, kind, key, value }: Change): boolean {
  const object = objects[seed % Math.max(objects.length, 1)];
  if (object === undefined) return false;
  const keys = Object.keys(object);
  const old = keys[(seed >> 3) % Math.max(keys.length, 1)];
  if (kind === 'add' || kind === 'nest') {
    if (Object.hasOwn(object, key)) return false;
    object[key] = kind === 'add' ? value : { [key]: value, n: {} };
    return true;
  }
  if (old === undefined) return false;
  if (kind === 'set') {
    if (typeof object[old] === 'object' && (seed & 1) === 0) return false;
    object[old] = value;
  } else {
    const member = object[old] ?? null;
    Reflect.deleteProperty(object, old);
    if (kind === 'rename') object[key] = member;
  }
  return true;
}
