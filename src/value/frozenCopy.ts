/** Values that many may hold at once, because nobody can change them. */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { setMember } from './valueDomain.js';

/** Original to its copy, so that everybody who asks for one value shares one copy of it. */
const copies = new WeakMap<object, ConfigurationValue>();

/** A deeply frozen copy, the same one with every call; the original must not be changed any more. */
export function frozenCopyOf(value: ConfigurationValue): ConfigurationValue {
  if (typeof value !== 'object' || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  const copy = freeze(value);
  copies.set(value, copy);
  return copy;
}

function freeze(value: ConfigurationValue): ConfigurationValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Object.freeze(value.map(freeze)) as ConfigurationValue[];
  const copy: ConfigurationObject = {};
  for (const key of Object.keys(value)) setMember(copy, key, freeze(value[key] as ConfigurationValue));
  return Object.freeze(copy);
}
