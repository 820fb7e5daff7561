/** Tells the items of two arrays apart by a member that names them, as people do: by `id`, `name` or `key`. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { isObject, memberOf } from './valueKinds.js';

const { IDENTIFYING_MEMBERS } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

export type IdentifyingMember = (typeof IDENTIFYING_MEMBERS)[number];

/** The index of each item by what identifies it. */
type ItemIndex = ReadonlyMap<string | number, number>;

export interface IdentifiedItems {
  readonly member: IdentifyingMember;
  readonly first: ItemIndex;
  readonly second: ItemIndex;
}

/**
 * The member that identifies the items of both arrays: every item is an object that has it, as a string or a number that
 * no other item of its array has, and at least one item is in both arrays. Undefined where no member does that: a member
 * that matches nothing tells two arrays no better apart than their content.
 */
export function identifyItems(
  first: readonly ConfigurationValue[],
  second: readonly ConfigurationValue[],
): IdentifiedItems | undefined {
  for (const member of IDENTIFYING_MEMBERS) {
    const firstIndex = indexItems(first, member);
    const secondIndex = firstIndex && indexItems(second, member);
    if (firstIndex && secondIndex && haveCommonKey(firstIndex, secondIndex)) {
      return { member, first: firstIndex, second: secondIndex };
    }
  }
  return undefined;
}

function indexItems(items: readonly ConfigurationValue[], member: IdentifyingMember): ItemIndex | undefined {
  const index = new Map<string | number, number>();
  for (const item of items) {
    const identity = isObject(item) ? memberOf(item, member) : undefined;
    if ((typeof identity !== 'string' && typeof identity !== 'number') || index.has(identity)) return undefined;
    index.set(identity, index.size);
  }
  return index;
}

function haveCommonKey(first: ItemIndex, second: ItemIndex): boolean {
  for (const identity of first.keys()) {
    if (second.has(identity)) return true;
  }
  return false;
}
