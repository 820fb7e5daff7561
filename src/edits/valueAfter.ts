/** The value that a difference leads to, for what has to be written anew although it was only changed. */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { setMember } from '../value/valueDomain.js';
import type { Difference } from './Difference.js';

export function valueAfter(before: ConfigurationValue, difference: Difference): ConfigurationValue {
  if (difference.kind === 'same') return before;
  if (difference.kind === 'replaced') return difference.value;
  if (difference.kind === 'array') {
    const items = before as readonly ConfigurationValue[];
    return difference.items.map((item) =>
      item.kind === 'inserted' ? item.value : valueAfter(items[item.from] as ConfigurationValue, item.within),
    );
  }
  const members = before as ConfigurationObject;
  const after: ConfigurationObject = {};
  for (const [key, member] of difference.members) {
    const value = members[key] as ConfigurationValue;
    if (member.kind === 'renamed') setMember(after, member.key, valueAfter(value, member.within));
    else if (member.kind !== 'removed') setMember(after, key, valueAfter(value, member));
  }
  for (const { key, value } of difference.added) setMember(after, key, value);
  return after;
}
