/**
 * The value domain: what a configuration may be, in every format.
 *
 * `copyIntoDomain` is the same check before every write and after every read. It gives a fresh value that shares nothing
 * with its input, so aliases become copies and later changes by the caller have no effect. Only two things are
 * normalised: an `undefined` member counts as absent, and `-0` becomes `0`.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { isPlainData, setOwn } from './readOnce.js';
import { formatPath } from './valuePath.js';

const { MAX_DEPTH, MAX_NODES, MAX_KEY_LENGTH, MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const ACCESSOR = 'a getter or setter is no data; store its value';

export interface DomainOptions {
  /** Whether NaN and the infinities are allowed; the format decides. */
  readonly nonFiniteNumbers: boolean;
}

/** One place that is outside the domain, and why. */
export interface DomainProblem {
  readonly path: string;
  readonly reason: string;
}

/**
 * A fresh copy of `input`, every part of it checked.
 *
 * @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the refused paths, at most ten of them.
 */
export function copyIntoDomain(input: unknown, options: DomainOptions): ConfigurationValue {
  const copier = new DomainCopier(options);
  const copy = copier.copyRoot(input);
  refuse(copier.problems);
  return copy;
}

/** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` that lists the problems, where there are any. */
export function refuse(problems: readonly DomainProblem[]): void {
  if (problems.length === 0) return;
  const listed = problems.map(({ path, reason }) => `${path}: ${reason}`).join('; ');
  throw persistenceError('ERR_INVALID_CONFIGURATION_DATA', listed, { paths: problems.map(({ path }) => path) });
}

/** Sets a member as own data, whatever its key: plain assignment would call a setter that somebody put on a prototype. */
export function setMember(target: ConfigurationObject, key: string, value: ConfigurationValue): void {
  if (key in Object.prototype) setOwn(target, key, value);
  else target[key] = value;
}

export function isObject(value: ConfigurationValue | undefined): value is ConfigurationObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

class DomainCopier {
  readonly problems: DomainProblem[] = [];
  readonly #options: DomainOptions;
  readonly #path: (string | number)[] = [];
  readonly #ancestors: object[] = [];
  #nodes = 0;

  constructor(options: DomainOptions) {
    this.#options = options;
  }

  copyRoot(input: unknown): ConfigurationValue {
    if (input === null || input === undefined) {
      this.#report(`${String(input)} is no configuration; give an object, or delete the configuration instead`);
      return null;
    }
    return this.#copy(input);
  }

  #copy(input: unknown): ConfigurationValue {
    switch (typeof input) {
      case 'string':
        if (!input.isWellFormed()) this.#report('the string has half of a surrogate pair; no encoding can hold it');
        return input;
      case 'number':
        if (!Number.isFinite(input) && !this.#options.nonFiniteNumbers) {
          this.#report(`${input} has no form in this format; use null or a string, or save as YAML or TOML`);
        }
        return input === 0 ? 0 : input;
      case 'boolean':
        return input;
      case 'object':
        return input === null ? null : this.#copyContainer(input);
      case 'undefined':
        return this.#refused('undefined inside an array cannot be stored; use null');
      case 'function':
        return this.#refused('a function is no data; leave it out');
      case 'symbol':
        return this.#refused('a symbol is no data; use a string');
      default:
        return this.#refused('a BigInt has no form in every format; use a number or a string');
    }
  }

  #copyContainer(input: object): ConfigurationValue {
    if (this.#ancestors.length >= MAX_DEPTH) {
      const reason = this.#ancestors.includes(input)
        ? 'the value contains itself; store an identifier instead of the reference'
        : `nested deeper than ${MAX_DEPTH} levels`;
      return this.#refused(reason);
    }
    this.#ancestors.push(input);
    const copy = Array.isArray(input) ? this.#copyArray(input as unknown[]) : this.#copyObject(input);
    this.#ancestors.pop();
    return copy;
  }

  #copyArray(input: readonly unknown[]): ConfigurationValue {
    // Array.prototype, Object.prototype, null: a subclass has one prototype more. Compared by depth, because an array
    // may come from another realm (a vm context, structuredClone in a test runner).
    if (prototypeDepth(input) !== 2) return this.#refused('an instance of an array subclass; use a plain array');
    if (!this.#count(input.length)) return null;
    // Own keys of a dense array without extras: its indexes and `length`.
    if (Reflect.ownKeys(input).length !== input.length + 1) {
      return this.#refused('the array has holes or named properties; use null for a hole and an object for names');
    }
    const copy: ConfigurationValue[] = [];
    for (let index = 0; index < input.length; index++) {
      this.#path.push(index);
      const descriptor = Object.getOwnPropertyDescriptor(input, index);
      const isAccessor = descriptor !== undefined && !('value' in descriptor);
      copy.push(isAccessor ? this.#refused(ACCESSOR) : this.#copy(descriptor?.value));
      this.#path.pop();
      if (this.#isGivingUp()) break;
    }
    return copy;
  }

  #copyObject(input: object): ConfigurationValue {
    if (!isPlainData(input)) {
      return this.#refused(`an instance of ${className(input)}; convert it to a plain object, string or number`);
    }
    const keys = Reflect.ownKeys(input);
    if (!this.#count(keys.length)) return null;
    const copy: ConfigurationObject = {};
    for (const key of keys) {
      this.#path.push(typeof key === 'symbol' ? key.toString() : key);
      this.#copyMember(copy, key, Object.getOwnPropertyDescriptor(input, key));
      this.#path.pop();
      if (this.#isGivingUp()) break;
    }
    return copy;
  }

  #copyMember(copy: ConfigurationObject, key: string | symbol, descriptor: PropertyDescriptor | undefined): void {
    if (typeof key === 'symbol') return this.#report('a symbol cannot be a key; use a string');
    if (descriptor === undefined) return;
    if (!('value' in descriptor)) return this.#report(ACCESSOR);
    if (descriptor.enumerable !== true) return this.#report('a hidden property would be lost; make it enumerable');
    if (descriptor.value === undefined) return;
    const problem = keyProblem(key);
    if (problem !== undefined) return this.#report(problem);
    setMember(copy, key, this.#copy(descriptor.value));
  }

  #count(members: number): boolean {
    this.#nodes += members;
    if (this.#nodes <= MAX_NODES) return true;
    this.#report(`more than ${MAX_NODES} members and items in total`);
    return false;
  }

  #isGivingUp(): boolean {
    return this.problems.length >= MAX_REPORTED_PATHS || this.#nodes > MAX_NODES;
  }

  #refused(reason: string): null {
    this.#report(reason);
    return null;
  }

  #report(reason: string): void {
    if (this.problems.length < MAX_REPORTED_PATHS) this.problems.push({ path: formatPath(this.#path), reason });
  }
}

function keyProblem(key: string): string | undefined {
  if (key === '__proto__') return 'the key would set a prototype; rename it';
  if (key.length > MAX_KEY_LENGTH) return `the key is longer than ${MAX_KEY_LENGTH} characters`;
  if (!key.isWellFormed()) return 'the key has half of a surrogate pair; no encoding can hold it';
  return undefined;
}

function prototypeDepth(input: object): number {
  let depth = 0;
  for (let up: unknown = Object.getPrototypeOf(input); up !== null && depth <= 2; up = Object.getPrototypeOf(up))
    depth++;
  return depth;
}

function className(input: object): string {
  const { constructor } = input as { constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'a class';
}
