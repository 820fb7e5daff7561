/**
 * A difference between two values as changes of dotted paths, for the formats whose files are flat: the way through the
 * difference is the same for INI and .properties, what happens to the lines is each format's own.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import type { Difference, ItemDifference, MemberDifference, ObjectDifference } from '../../edits/Difference.js';
import { isObject } from '../../value/valueDomain.js';
import { OWN_VALUE_KEY } from './dottedTree.js';
import { valueAfter } from '../../edits/valueAfter.js';

/** What a format does to its lines. Paths are those of the value; of the root the path is empty. */
export interface DottedLines {
  /**
   * A value that may be all of a new one, whatever stood there: only the lines that differ change.
   *
   * @param items where arrays stand on both sides.
   */
  replace(path: readonly string[], value: ConfigurationValue, items?: readonly ItemDifference[]): void;
  remove(path: readonly string[]): void;
  add(path: readonly string[], value: ConfigurationValue): void;
  /** The last step of the path becomes another one. */
  rename(path: readonly string[], key: string): void;
}

export function editDotted(before: ConfigurationValue, difference: Difference, lines: DottedLines): void {
  new DottedWalk(lines).walk(before, difference);
}

class DottedWalk {
  readonly #lines: DottedLines;
  readonly #path: string[] = [];

  constructor(lines: DottedLines) {
    this.#lines = lines;
  }

  walk(before: ConfigurationValue, difference: Difference): void {
    if (difference.kind === 'same') return;
    if (difference.kind === 'object' && isObject(before) && !isShapedAnew(before, difference)) {
      for (const [key, member] of difference.members) this.#walkMember(key, before[key] ?? null, member);
      for (const { key, value } of difference.added) this.#lines.add([...this.#path, key], value);
    } else {
      const items = difference.kind === 'array' ? difference.items : undefined;
      this.#lines.replace([...this.#path], valueAfter(before, difference), items);
    }
  }

  #walkMember(key: string, before: ConfigurationValue, member: MemberDifference): void {
    if (member.kind === 'same') return;
    if (member.kind === 'removed') {
      this.#lines.remove([...this.#path, key]);
    } else if (member.kind === 'renamed') {
      if (member.within.kind === 'same') {
        this.#lines.rename([...this.#path, key], member.key);
      } else {
        this.#lines.remove([...this.#path, key]);
        this.#lines.add([...this.#path, member.key], valueAfter(before, member.within));
      }
    } else {
      this.#path.push(key);
      this.walk(before, member);
      this.#path.pop();
    }
  }
}

/** Whether the members alone do not say where their lines are: an own value comes or goes, or the object is or gets empty. */
function isShapedAnew(before: ConfigurationObject, { members, added }: ObjectDifference): boolean {
  if (members.size === 0 || hasReservedKey(Object.keys(before))) return true;
  if (hasReservedKey(added.map(({ key }) => key))) return true;
  let isEmptied = added.length === 0;
  for (const member of members.values()) {
    if (member.kind === 'renamed' && hasReservedKey([member.key])) return true;
    if (member.kind !== 'removed') isEmptied = false;
  }
  return isEmptied;
}

function hasReservedKey(keys: readonly string[]): boolean {
  return keys.some((key) => key.startsWith(OWN_VALUE_KEY) && key.endsWith(OWN_VALUE_KEY));
}
