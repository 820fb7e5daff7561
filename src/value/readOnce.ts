/**
 * Reads what a caller gives, once: its own enumerable data members, through their descriptors.
 *
 * What is used afterwards is the copy, so no check can be got round by changing the original later, by a getter that
 * answers twice, or by a member that stands on a prototype. A proxy is read like any other object, each trap once.
 */
import { types } from 'node:util';
import { PersistenceError } from '../errors/PersistenceError.js';

/** Makes the error for something that cannot be taken; the reason follows the words for what was given. */
export type Refuse = (reason: string) => PersistenceError;

/** What copies inherit: nothing, whatever somebody has put on `Object.prototype`. (Faster than having no prototype.) */
const NO_MEMBERS = Object.freeze(Object.create(null) as object);

/** An object without members, its own or inherited. */
export function emptyRecord(): Record<string, unknown> {
  return Object.create(NO_MEMBERS) as Record<string, unknown>;
}

/** Gives each member of an object to `take`, in their order. A class instance may be read too where `isPlain` is false. */
export function readMembers(
  given: object,
  refuse: Refuse,
  take: (key: string, value: unknown) => void,
  isPlain = true,
): void {
  guarded(refuse, () => {
    if (isPlain && !isPlainData(given)) throw refuse('must be a plain object');
    for (const key of Reflect.ownKeys(given)) {
      if (typeof key === 'symbol') throw refuse('must not have symbols as keys');
      take(key, memberOf(given, key, refuse));
    }
  });
}

/** The items of a list. */
export function itemsOf(given: readonly unknown[], refuse: Refuse): unknown[] {
  return guarded(refuse, () => {
    const { length } = given;
    return Array.from({ length }, (_, index) => memberOf(given, String(index), refuse));
  });
}

/**
 * A frozen copy of plain objects and lists, however deep, with copies of bytes: a caller who wipes a key afterwards must not
 * make anybody encrypt with zeros. Functions are the caller's own still; instances of classes too where they may be.
 */
export function copyOnce(given: unknown, refuse: Refuse, mayHaveInstances = false): unknown {
  /** Ends circles: what was met before is its copy. */
  const known = new Map<object, unknown>();
  const copyOf = (value: unknown): unknown => {
    if (types.isUint8Array(value)) return new Uint8Array(value);
    if (typeof value !== 'object' || value === null) return value;
    if (!Array.isArray(value) && !isPlainData(value)) {
      if (mayHaveInstances) return value;
      throw refuse('must be a plain object, and so must what is in it');
    }
    if (known.has(value)) return known.get(value);
    const copy: object = Array.isArray(value) ? [] : {};
    known.set(value, copy);
    const take = (key: string | number, member: unknown): void => setOwn(copy, key, copyOf(member));
    if (Array.isArray(value)) for (const [index, item] of itemsOf(value, refuse).entries()) take(index, item);
    else readMembers(value, refuse, take);
    return Object.freeze(copy);
  };
  return guarded(refuse, () => copyOf(given));
}

/** Defines instead of assigning: a member called `__proto__` stays a member, and no setter on a prototype is called. */
export function setOwn(target: object, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

/** True for an object that has no class, whichever realm (`vm` context) it comes from. */
export function isPlainData(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  const isObject = typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null;
  return isObject && Object.hasOwn(prototype, 'isPrototypeOf');
}

function memberOf(given: object, key: string, refuse: Refuse): unknown {
  const descriptor = Object.getOwnPropertyDescriptor(given, key);
  if (descriptor === undefined) throw refuse('must be a list without holes');
  if (!('value' in descriptor)) throw refuse(`must not have getters or setters such as ${key}`);
  if (descriptor.enumerable !== true) throw refuse(`must not have hidden members such as ${key}`);
  return descriptor.value;
}

/** A trap of a proxy may throw anything, and its text may quote anything. */
function guarded<T>(refuse: Refuse, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof PersistenceError ? error : refuse('throws when it is read');
  }
}
