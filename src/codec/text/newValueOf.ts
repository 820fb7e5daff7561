/** What an old value becomes by a difference. Parts that stay are shared with it, so nobody may change either of the two. */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { ArrayDifference, Difference, ObjectDifference } from '../../edits/Difference.js';
import { setMember } from '../../value/valueDomain.js';

export function newValueOf(before: ConfigurationValue, difference: Difference): ConfigurationValue {
  switch (difference.kind) {
    case 'same':
      return before;
    case 'replaced':
      return difference.value;
    case 'array':
      return newArrayOf(before as readonly ConfigurationValue[], difference);
    case 'object':
      return newObjectOf(before as ConfigurationObject, difference);
  }
}

function newArrayOf(before: readonly ConfigurationValue[], { items }: ArrayDifference): ConfigurationValue[] {
  return items.map((item) =>
    item.kind === 'inserted' ? item.value : newValueOf(before[item.from] ?? null, item.within),
  );
}

function newObjectOf(before: ConfigurationObject, { members, added }: ObjectDifference): ConfigurationObject {
  const after: ConfigurationObject = {};
  for (const [key, member] of members) {
    const value = before[key] ?? null;
    if (member.kind === 'renamed') setMember(after, member.key, newValueOf(value, member.within));
    else if (member.kind !== 'removed') setMember(after, key, newValueOf(value, member));
  }
  for (const { key, value } of added) setMember(after, key, value);
  return after;
}
