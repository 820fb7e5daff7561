/**
 * What has to happen to an old value so that it becomes a new one, as a tree of the shape of the old value: codecs walk it
 * beside the places of the old text and change only what differs.
 *
 * The order of keys is not a difference: the file keeps its own. The order of items is.
 */
import type { ConfigurationValue } from '../../interfaces/value.js';

export type Difference = Same | Replaced | ObjectDifference | ArrayDifference;

export interface Same {
  readonly kind: 'same';
}

/** A scalar that became another one, or a value that became one of another kind. */
export interface Replaced {
  readonly kind: 'replaced';
  readonly value: ConfigurationValue;
}

/** Objects on both sides. */
export interface ObjectDifference {
  readonly kind: 'object';
  /** Every key of the old object, in its order. */
  readonly members: ReadonlyMap<string, MemberDifference>;
  /** What only the new object has, in its order. */
  readonly added: readonly AddedMember[];
}

export type MemberDifference = Difference | RemovedMember | RenamedMember;

export interface RemovedMember {
  readonly kind: 'removed';
}

/** The same member under another key, and what changed inside it. */
export interface RenamedMember {
  readonly kind: 'renamed';
  readonly key: string;
  readonly within: Difference;
}

export interface AddedMember {
  readonly key: string;
  readonly value: ConfigurationValue;
}

/** Arrays on both sides. */
export interface ArrayDifference {
  readonly kind: 'array';
  /**
   * Every item of the new array, in its order. Items of the old array that none of them comes from are removed; indexes
   * that do not rise are moves.
   */
  readonly items: readonly ItemDifference[];
}

export type ItemDifference = KeptItem | InsertedItem;

export interface KeptItem {
  readonly kind: 'kept';
  /** Its index in the old array. */
  readonly from: number;
  readonly within: Difference;
}

export interface InsertedItem {
  readonly kind: 'inserted';
  readonly value: ConfigurationValue;
}
