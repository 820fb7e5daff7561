/**
 * A quick way into the value domain for what a reader has just built: plain objects and arrays, each in one place only, that
 * nobody else holds. Most of what `copyIntoDomain` guards against cannot be in them, so a look is enough and no copy is made.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { copyIntoDomain, type DomainOptions } from './valueDomain.js';

const { MAX_DEPTH, MAX_NODES, MAX_KEY_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/**
 * The value itself where everything in it is in the domain already; otherwise what `copyIntoDomain` makes of it.
 *
 * @throws PersistenceError what `copyIntoDomain` throws.
 */
export function acceptFresh(value: unknown, options: DomainOptions): ConfigurationValue {
  const isOrdinary = value !== null && new FreshLook(options.nonFiniteNumbers).isOrdinary(value, 1);
  return isOrdinary ? (value as ConfigurationValue) : copyIntoDomain(value, options);
}

class FreshLook {
  readonly #nonFiniteNumbers: boolean;
  #nodes = 0;

  constructor(nonFiniteNumbers: boolean) {
    this.#nonFiniteNumbers = nonFiniteNumbers;
  }

  /** False where `copyIntoDomain` would refuse or change something. */
  isOrdinary(value: unknown, depth: number): boolean {
    switch (typeof value) {
      case 'string':
        return value.isWellFormed();
      case 'number':
        return (this.#nonFiniteNumbers || Number.isFinite(value)) && !Object.is(value, -0);
      case 'boolean':
        return true;
      case 'object':
        return value === null || (depth <= MAX_DEPTH && this.#isOrdinaryContainer(value, depth + 1));
      default:
        return false;
    }
  }

  #isOrdinaryContainer(container: object, depth: number): boolean {
    if (Array.isArray(container)) {
      this.#nodes += container.length;
      return this.#nodes <= MAX_NODES && container.every((item) => this.isOrdinary(item, depth));
    }
    if (Object.getPrototypeOf(container) !== Object.prototype) return false;
    const keys = Object.keys(container);
    this.#nodes += keys.length;
    if (this.#nodes > MAX_NODES) return false;
    for (const key of keys) {
      if (key.length > MAX_KEY_LENGTH || key === '__proto__' || !key.isWellFormed()) return false;
      if (!this.isOrdinary((container as Record<string, unknown>)[key], depth)) return false;
    }
    return true;
  }
}
