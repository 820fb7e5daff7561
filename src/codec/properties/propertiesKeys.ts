/** Nested objects as the dotted keys of a .properties file, and back: see PropertiesCodec.ts. */
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { membersOfRoot, splitOwnValue } from '../text/dottedTree.js';
import { isTextValue } from '../text/typedText.js';

/** A value that stands in one line, and the keys from the root to it. */
export interface PropertyLeaf {
  readonly path: readonly string[];
  readonly value: ConfigurationValue;
}

/** Calls for every line that a value needs, in its order. */
export function leavesOf(
  path: readonly string[],
  value: ConfigurationValue,
  visit: (leaf: PropertyLeaf) => void,
): void {
  if (path.length === 0) {
    for (const [key, member] of membersOfRoot(value)) leavesOf([key], member, visit);
  } else if (isTextValue(value)) {
    visit({ path, value });
  } else {
    const { ownValue, members } = splitOwnValue(value);
    if (ownValue !== undefined) visit({ path, value: ownValue });
    for (const [key, member] of members) leavesOf([...path, key], member, visit);
  }
}

export function joinKey(path: readonly string[]): string {
  return path.map(escapeSegment).join('.');
}

export function splitKey(key: string): string[] {
  const parts = key.split('.');
  if (!key.includes('~')) return parts;
  return parts.map((part) => part.replace(/~1|~0(?=0*1)/g, (escape) => (escape === '~1' ? '.' : '~')));
}

export function escapeSegment(key: string): string {
  return key.replace(/~(?=0*1)/g, '~0').replaceAll('.', '~1');
}
