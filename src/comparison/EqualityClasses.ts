/**
 * Gives deeply equal values the same number, so that they can be compared, counted and aligned as integers.
 *
 * A container's content is spelled with the numbers of its members, never with their text, and remembered: numbering a
 * value with everything inside is linear in its size, at whatever depth it is asked for again. The order of an object's
 * keys does not count; NaN equals NaN and `-0` equals `0`. The values must not change while the numbers are in use.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { isIdentical, isScalar, type MaybeValue, type Scalar } from './valueKinds.js';

export class EqualityClasses {
  readonly #scalars = new Map<Scalar, number>();
  readonly #keys = new Map<string, number>();
  readonly #contents = new Map<string, number>();
  readonly #containers = new Map<object, number>();
  #nextClass = 0;

  /** The same number for deeply equal values, another one for any other value. */
  classOf(value: ConfigurationValue): number {
    if (isScalar(value)) return this.#number(this.#scalars, value);
    const known = this.#containers.get(value);
    if (known !== undefined) return known;
    const content = Array.isArray(value) ? `[${this.classesOf(value).join()}]` : this.#spellMembers(value);
    const found = this.#number(this.#contents, content);
    this.#containers.set(value, found);
    return found;
  }

  classesOf(items: readonly ConfigurationValue[]): number[] {
    return items.map((item) => this.classOf(item));
  }

  /** Whether both are deeply equal, or both are absent. */
  areEqual(first: MaybeValue, second: MaybeValue): boolean {
    if (first === undefined || second === undefined) return first === second;
    return isIdentical(first, second) || this.classOf(first) === this.classOf(second);
  }

  #spellMembers(object: ConfigurationObject): string {
    const members = Object.keys(object).map(
      (key) => `${this.#number(this.#keys, key)}:${this.classOf(object[key] as ConfigurationValue)}`,
    );
    return `{${members.sort().join()}}`;
  }

  #number<Content>(numbers: Map<Content, number>, content: Content): number {
    const known = numbers.get(content);
    if (known !== undefined) return known;
    const given = this.#nextClass++;
    numbers.set(content, given);
    return given;
  }
}
