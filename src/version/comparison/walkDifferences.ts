/**
 * Walks through two values at once and tells a visitor what is the same and what is not, without judging it.
 *
 * Every place of the two values is visited once, so a walk is linear in their size. Object members are matched by key,
 * in any order; array items as alignItems.ts says. Exchanging the two values exchanges the answers and nothing else.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { ValuePath } from '../../value/valuePath.js';
import { NO_PARTNER } from './alignByContent.js';
import { alignItems, type AlignmentContext, type ArrayAlignment } from './alignItems.js';
import { compareOrder } from './compareOrder.js';
import type { EqualityClasses } from './EqualityClasses.js';
import { itemAt } from './itemAt.js';
import { isInOrder } from './itemOrder.js';
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
  meetSame(value: ConfigurationValue): void;
  /** Both are scalars or of different kinds, and differ. */
  meetChange(place: Place, first: ConfigurationValue, second: ConfigurationValue): void;
  /** One container has members or items that the other has not; once for each pair of containers. */
  meetLoneMembers(place: Place, removed: readonly LoneMember[], added: readonly LoneMember[]): void;
  /** The order of the items differs; whether they differ inside is told apart from it. */
  meetReordering(place: Place, reordering: Reordering): void;
}

/** Who is told, and who numbers equal values. */
export interface WalkTools {
  readonly visitor: DifferenceVisitor;
  readonly classes: EqualityClasses;
}

export function walkDifferences(first: ConfigurationValue, second: ConfigurationValue, tools: WalkTools): void {
  new DifferenceWalk(first, second, tools).start();
}

class DifferenceWalk {
  readonly #first: ConfigurationValue;
  readonly #second: ConfigurationValue;
  readonly #visitor: DifferenceVisitor;
  readonly #alignment: AlignmentContext;
  readonly #place: { first: (string | number)[]; second: (string | number)[] } = { first: [], second: [] };
  #order: number | undefined;

  constructor(first: ConfigurationValue, second: ConfigurationValue, { visitor, classes }: WalkTools) {
    this.#first = first;
    this.#second = second;
    this.#visitor = visitor;
    this.#alignment = { classes, isReversed: () => this.#isReversed() };
  }

  start(): void {
    this.#compare(this.#first, this.#second);
  }

  #compare(first: ConfigurationValue, second: ConfigurationValue): void {
    if (Array.isArray(first) && Array.isArray(second)) this.#compareArrays(first, second);
    else if (isObject(first) && isObject(second)) this.#compareObjects(first, second);
    else if (isIdentical(first, second)) this.#visitor.meetSame(second);
    else this.#visitor.meetChange(this.#place, first, second);
  }

  #compareObjects(first: ConfigurationObject, second: ConfigurationObject): void {
    const [firstKeys, secondKeys] = [Object.keys(first), Object.keys(second)];
    if (firstKeys.length + secondKeys.length === 0) return this.#visitor.meetSame(second);
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
    if (first.length + second.length === 0) return this.#visitor.meetSame(second);
    const alignment = alignItems(first, second, this.#alignment);
    const { partners, matches } = alignment;
    if (!isInOrder(matches)) this.#visitor.meetReordering(this.#place, { first, second, ...alignment });
    const isLone = new Array<boolean>(first.length).fill(true);
    const added: LoneMember[] = [];
    for (const [index, partner] of partners.entries()) {
      const value = itemAt(second, index);
      if (partner === NO_PARTNER) {
        added.push({ step: index, value });
      } else {
        isLone[partner] = false;
        this.#compareAt(partner, index, [itemAt(first, partner), value]);
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
    this.#compare(first, second);
    this.#place.first.pop();
    this.#place.second.pop();
  }

  #tellLoneMembers(removed: readonly LoneMember[], added: readonly LoneMember[]): void {
    if (removed.length + added.length > 0) this.#visitor.meetLoneMembers(this.#place, removed, added);
  }

  /** One direction for the whole pair, from its content: the same alignments whichever of the two comes first. */
  #isReversed(): boolean {
    this.#order ??= compareOrder(this.#first, this.#second);
    return this.#order > 0;
  }
}
