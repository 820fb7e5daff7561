/**
 * Walks through two values at once and tells a visitor what is the same and what is not, without judging it.
 *
 * Every place of the two values is visited once, so a walk is linear in their size. Object members are matched by key,
 * in any order; array items as alignItems.ts says. Exchanging the two values exchanges the answers and nothing else.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import type { ValuePath } from '../value/valuePath.js';
import { NO_PARTNER } from './alignByContent.js';
import { alignItems, type AlignmentContext, type ArrayAlignment } from './alignItems.js';
import { compareOrder } from './compareOrder.js';
import { EqualityClasses } from './EqualityClasses.js';
import { isIdentical, isObject } from './valueKinds.js';

/** The same place on its way through either value; valid during the call only. */
export interface Place {
  readonly first: ValuePath;
  readonly second: ValuePath;
}

/** A member of an object or an item of an array that only one of the two has. */
export interface LoneMember {
  readonly step: string | number;
  readonly value: ConfigurationValue;
}

/** Two arrays whose common items stand in another order. */
export interface Reordering extends ArrayAlignment {
  readonly first: readonly ConfigurationValue[];
  readonly second: readonly ConfigurationValue[];
}

export interface DifferenceVisitor {
  /** Both are the same scalar, or both are empty containers of one kind. */
  meetSame?(): void;
  /** Both are scalars or of different kinds, and differ. */
  meetChange(place: Place, first: ConfigurationValue, second: ConfigurationValue): void;
  /** One container has members or items that the other has not; once for each pair of containers. */
  meetLoneMembers(place: Place, removed: readonly LoneMember[], added: readonly LoneMember[]): void;
  /** The order of the items differs; whether they differ inside is told apart from it. */
  meetReordering(place: Place, reordering: Reordering): void;
}

/** @param classes numbers equal values. */
export function walkDifferences(
  first: ConfigurationValue,
  second: ConfigurationValue,
  visitor: DifferenceVisitor,
  classes = new EqualityClasses(),
): void {
  let order: number | undefined;
  // One direction for the whole pair, from its content: the same alignments whichever of the two comes first.
  const isReversed = (): boolean => (order ??= compareOrder(first, second)) > 0;
  new DifferenceWalk(visitor, { classes, isReversed }).compare(first, second);
}

class DifferenceWalk {
  readonly #visitor: DifferenceVisitor;
  readonly #alignment: AlignmentContext;
  readonly #place: { first: (string | number)[]; second: (string | number)[] } = { first: [], second: [] };

  constructor(visitor: DifferenceVisitor, alignment: AlignmentContext) {
    this.#visitor = visitor;
    this.#alignment = alignment;
  }

  compare(first: ConfigurationValue, second: ConfigurationValue): void {
    if (Array.isArray(first) && Array.isArray(second)) this.#compareArrays(first, second);
    else if (isObject(first) && isObject(second)) this.#compareObjects(first, second);
    else if (isIdentical(first, second)) this.#visitor.meetSame?.();
    else this.#visitor.meetChange(this.#place, first, second);
  }

  #compareObjects(first: ConfigurationObject, second: ConfigurationObject): void {
    const [firstKeys, secondKeys] = [Object.keys(first), Object.keys(second)];
    if (firstKeys.length + secondKeys.length === 0) return this.#visitor.meetSame?.();
    const removed: LoneMember[] = [];
    for (const key of firstKeys) {
      const value = first[key] as ConfigurationValue;
      if (Object.hasOwn(second, key)) this.#compareAt(key, key, [value, second[key] as ConfigurationValue]);
      else removed.push({ step: key, value });
    }
    const addedKeys = secondKeys.filter((key) => !Object.hasOwn(first, key));
    const added = addedKeys.map((key) => ({ step: key, value: second[key] as ConfigurationValue }));
    this.#tellLoneMembers(removed, added);
  }

  #compareArrays(first: readonly ConfigurationValue[], second: ConfigurationValue[]): void {
    if (first.length + second.length === 0) return this.#visitor.meetSame?.();
    const alignment = alignItems(first, second, this.#alignment);
    const { partners, matches } = alignment;
    if (!isInOrder(matches)) this.#visitor.meetReordering(this.#place, { first, second, ...alignment });
    const isLone = new Array<boolean>(first.length).fill(true);
    const added: LoneMember[] = [];
    for (const [index, partner] of partners.entries()) {
      const value = second[index] as ConfigurationValue;
      if (partner === NO_PARTNER) {
        added.push({ step: index, value });
      } else {
        isLone[partner] = false;
        this.#compareAt(partner, index, [first[partner] as ConfigurationValue, value]);
      }
    }
    const removed: LoneMember[] = [];
    for (const [step, value] of first.entries()) {
      if (isLone[step] === true) removed.push({ step, value });
    }
    this.#tellLoneMembers(removed, added);
  }

  #compareAt(
    firstStep: string | number,
    secondStep: string | number,
    [first, second]: readonly [ConfigurationValue, ConfigurationValue],
  ): void {
    this.#place.first.push(firstStep);
    this.#place.second.push(secondStep);
    this.compare(first, second);
    this.#place.first.pop();
    this.#place.second.pop();
  }

  #tellLoneMembers(removed: readonly LoneMember[], added: readonly LoneMember[]): void {
    if (removed.length + added.length > 0) this.#visitor.meetLoneMembers(this.#place, removed, added);
  }
}

/** Whether the partners come in the same order in both arrays. */
function isInOrder(partners: Int32Array): boolean {
  let last = NO_PARTNER;
  for (const partner of partners) {
    if (partner === NO_PARTNER) continue;
    if (partner < last) return false;
    last = partner;
  }
  return true;
}
