/** A map of the framework's as a subclass sees it: always as it is now, and not to be changed through it. */
import { persistenceError } from '../../errors/PersistenceError.js';

export class ReadonlyMapView<K, V> implements ReadonlyMap<K, V> {
  readonly [Symbol.toStringTag] = 'Map';
  readonly #entries: () => ReadonlyMap<K, V>;
  readonly #advice: string;

  /**
   * @param entries what is in it now; its values are copies where they must not be changed.
   * @param advice how it is changed.
   */
  constructor(entries: () => ReadonlyMap<K, V>, advice: string) {
    this.#entries = entries;
    this.#advice = advice;
  }

  get size(): number {
    return this.#entries().size;
  }

  get(key: K): V | undefined {
    return this.#entries().get(key);
  }

  has(key: K): boolean {
    return this.#entries().has(key);
  }

  keys(): MapIterator<K> {
    return this.#entries().keys();
  }

  values(): MapIterator<V> {
    return this.#entries().values();
  }

  entries(): MapIterator<[K, V]> {
    return this.#entries().entries();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: ReadonlyMap<K, V>) => void, thisArgument?: unknown): void {
    for (const [key, value] of this) callback.call(thisArgument, value, key, this);
  }

  /** @throws ERR_INVALID_REQUEST always. */
  set(): never {
    throw this.#refusal();
  }

  /** @throws ERR_INVALID_REQUEST always. */
  delete(): never {
    throw this.#refusal();
  }

  /** @throws ERR_INVALID_REQUEST always. */
  clear(): never {
    throw this.#refusal();
  }

  #refusal(): Error {
    return persistenceError('ERR_INVALID_REQUEST', `this map only shows what there is; ${this.#advice}`);
  }
}
