/**
 * Nested objects as a list of dotted paths and back, for the formats whose files are flat: INI and .properties.
 *
 * A file of another program may give a value to a key that also has keys below it (`log=x`, `log.level=y`). Such an own
 * value is the member `~` of the object: `{ log: { "~": "x", level: "y" } }`. A root that is no object is the own value of
 * the whole file, so the file has the one key `~`. An object whose only member is `~`, `~~` and so on would be taken for
 * that, so as a root it gets one more `~` in the file.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationObject, ConfigurationValue } from '../../../interfaces/value.js';
import { isObject, setMember } from '../../value/valueDomain.js';
import { parseFailureAt, type TextPosition } from './parseFailure.js';
import { isTextValue } from './typedText.js';

const { MAX_DEPTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

export const OWN_VALUE_KEY = '~';
const NO_MEMBERS: ReadonlyMap<string, never> = new Map<string, never>();
const RESERVED_ROOT_KEY = /^~+$/;

/** The members that a file has for a root: of an object its own, and one that stands for any other value. */
export function membersOfRoot(root: ConfigurationValue): [string, ConfigurationValue][] {
  if (!isObject(root)) return [[OWN_VALUE_KEY, root]];
  const members = Object.entries(root);
  return isReservedRoot(root) ? members.map(([key, value]) => [`~${key}`, value]) : members;
}

/** Whether a root would be taken for one that is no object. */
export function isReservedRoot(root: ConfigurationObject): boolean {
  const members = Object.entries(root);
  const [[key, value] = ['', null]] = members;
  return members.length === 1 && RESERVED_ROOT_KEY.test(key) && isTextValue(value);
}

/** Tells the own value of an object, which is no root, from its other members. */
export function splitOwnValue(object: ConfigurationObject): {
  readonly ownValue: ConfigurationValue | undefined;
  readonly members: readonly [string, ConfigurationValue][];
} {
  const members = Object.entries(object);
  const ownValue =
    members.length > 1 ? members.find(([key, value]) => key === OWN_VALUE_KEY && isTextValue(value)) : undefined;
  return { ownValue: ownValue?.[1], members: members.filter((member) => member !== ownValue) };
}

/** Collects the leaves of a file. */
export class DottedTree {
  readonly #root = new Branch();
  readonly #duplicateReason: string;

  /** @param duplicateReason what to say where the file gives a second value to a path. */
  constructor(duplicateReason: string) {
    this.#duplicateReason = duplicateReason;
  }

  /** @throws PersistenceError `ERR_PARSE` with the position, where the path has a value already or is too long. */
  addLeaf(path: readonly string[], value: ConfigurationValue, position: TextPosition): void {
    const branch = this.#reach(path, position);
    if (branch.value !== undefined || branch.members.has(OWN_VALUE_KEY)) this.#refuseDuplicate(position);
    branch.value = value;
  }

  /** Adds an object that may stay without members. It throws what `addLeaf` throws. */
  addObject(path: readonly string[], position: TextPosition): void {
    this.#reach(path, position);
  }

  #reach(path: readonly string[], position: TextPosition): Branch {
    if (path.length > MAX_DEPTH) throw parseFailureAt(position, `nested deeper than ${MAX_DEPTH} levels`);
    let branch = this.#root;
    for (const key of path) {
      if (key === OWN_VALUE_KEY && branch.value !== undefined) this.#refuseDuplicate(position);
      branch = branch.member(key);
    }
    return branch;
  }

  #refuseDuplicate(position: TextPosition): never {
    throw parseFailureAt(position, this.#duplicateReason);
  }

  /** The root, still unchecked. */
  toValue(): ConfigurationValue {
    const { members } = this.#root;
    const [[key, branch] = ['', this.#root]] = members;
    const isReserved = members.size === 1 && branch.members.size === 0 && RESERVED_ROOT_KEY.test(key);
    if (!isReserved) return valueOf(this.#root);
    return key === OWN_VALUE_KEY ? valueOf(branch) : { [key.slice(1)]: valueOf(branch) };
  }
}

/** Nearly all are leaves, so a map is made only for those that are not. */
class Branch {
  value: ConfigurationValue | undefined;
  members: ReadonlyMap<string, Branch> = NO_MEMBERS;

  /** The member of a key, which is made where it is missing. */
  member(key: string): Branch {
    const known = this.members.get(key);
    if (known !== undefined) return known;
    const member = new Branch();
    if (this.members === NO_MEMBERS) this.members = new Map([[key, member]]);
    else (this.members as Map<string, Branch>).set(key, member);
    return member;
  }
}

function valueOf({ value, members }: Branch): ConfigurationValue {
  if (members.size === 0 && value !== undefined) return value;
  const object: ConfigurationObject = {};
  if (value !== undefined) object[OWN_VALUE_KEY] = value;
  for (const [key, member] of members) setMember(object, key, valueOf(member));
  return object;
}
