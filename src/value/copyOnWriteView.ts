/**
 * A view of a value that behaves like a copy of it and costs nothing until it is used.
 *
 * Reading goes through to the shared original; the first change of an object or array gives that one container its own
 * members. The original never changes. Keys, order, equality, `JSON.stringify`, spreading, freezing and `console.log` are
 * those of plain data; only `structuredClone` and worker messages, which take no proxies, need a plain copy.
 */
import { inspect } from 'node:util';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { setMember } from './valueDomain.js';

const { PLAIN_BELOW_NODES } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;

type Container = ConfigurationObject | ConfigurationValue[];

/** A view of a container; any other value is its own copy. */
export function viewOf(original: ConfigurationValue): ConfigurationValue {
  if (typeof original !== 'object' || original === null) return original;
  const target: Container = Array.isArray(original) ? [] : {};
  // `util.inspect` looks at a proxy's target, not through its traps, and the target of an unused view is empty.
  Object.defineProperty(target, inspect.custom, {
    value: (depth: number, options: object, print: typeof inspect) => print(original, { ...options, depth }),
    configurable: true,
    enumerable: false,
  });
  return new Proxy(target, new ViewHandler(original));
}

/** A plain copy, for values that are small enough to be copied at once. */
export function plainCopyOf(value: ConfigurationValue): ConfigurationValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plainCopyOf);
  const copy: ConfigurationObject = {};
  for (const key of Object.keys(value)) setMember(copy, key, plainCopyOf(value[key] as ConfigurationValue));
  return copy;
}

/** Members and items in a value; stops soon after there are more than `limit`. */
function countUpTo(value: ConfigurationValue, limit: number): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  let count = members.length;
  for (const member of members) {
    if (count > limit) return count;
    count += countUpTo(member, limit - count);
  }
  return count;
}

class ViewHandler implements ProxyHandler<Container> {
  readonly #original: Container;
  /** Views of members, so that reading one twice gives the same object. */
  readonly #members = new Map<string, ConfigurationValue>();
  #hasOwnMembers = false;

  constructor(original: Container) {
    this.#original = original;
  }

  get(target: Container, key: string | symbol, receiver: unknown): unknown {
    const isShared = !this.#hasOwnMembers && typeof key === 'string' && Object.hasOwn(this.#original, key);
    return isShared ? this.#member(key) : Reflect.get(target, key, receiver);
  }

  has(target: Container, key: string | symbol): boolean {
    return Reflect.has(this.#source(target), key);
  }

  ownKeys(target: Container): (string | symbol)[] {
    return Reflect.ownKeys(this.#source(target));
  }

  getOwnPropertyDescriptor(target: Container, key: string | symbol): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.#source(target), key);
    if (this.#hasOwnMembers || descriptor === undefined || typeof key !== 'string') return descriptor;
    return { ...descriptor, value: this.#member(key) };
  }

  set(target: Container, key: string | symbol, value: unknown, receiver: unknown): boolean {
    this.#giveOwnMembers(target);
    return Reflect.set(target, key, value, receiver);
  }

  deleteProperty(target: Container, key: string | symbol): boolean {
    this.#giveOwnMembers(target);
    return Reflect.deleteProperty(target, key);
  }

  defineProperty(target: Container, key: string | symbol, descriptor: PropertyDescriptor): boolean {
    this.#giveOwnMembers(target);
    return Reflect.defineProperty(target, key, descriptor);
  }

  preventExtensions(target: Container): boolean {
    this.#giveOwnMembers(target);
    return Reflect.preventExtensions(target);
  }

  setPrototypeOf(target: Container, prototype: object | null): boolean {
    this.#giveOwnMembers(target);
    return Reflect.setPrototypeOf(target, prototype);
  }

  #source(target: Container): Container {
    return this.#hasOwnMembers ? target : this.#original;
  }

  #member(key: string): ConfigurationValue {
    const known = this.#members.get(key);
    if (known !== undefined) return known;
    const value = (this.#original as ConfigurationObject)[key] as ConfigurationValue;
    if (typeof value !== 'object' || value === null) return value;
    // Proxies slow down whoever reads everything, and most containers are small.
    const own = countUpTo(value, PLAIN_BELOW_NODES) > PLAIN_BELOW_NODES ? viewOf(value) : plainCopyOf(value);
    this.#members.set(key, own);
    return own;
  }

  #giveOwnMembers(target: Container): void {
    if (this.#hasOwnMembers) return;
    Reflect.deleteProperty(target, inspect.custom);
    for (const key of Object.keys(this.#original)) setMember(target as ConfigurationObject, key, this.#member(key));
    this.#hasOwnMembers = true;
  }
}
