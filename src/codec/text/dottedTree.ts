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
import { setMember } from '../../value/valueDomain.js';
import { isTextValue } from './typedText.js';

const { MAX_DEPTH } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

const OWN_VALUE_KEY = '~';
const RESERVED_ROOT_KEY = /^~+$/;

interface Branch {
  value: ConfigurationValue | undefined;
  readonly members: Map<string, Branch>;
}

/** Why a path was not taken. */
export type DottedProblem = 'duplicate' | 'depth';

/** The members that a file has for a root: of an object its own, and one that stands for any other value. */
export function membersOfRoot(root: ConfigurationValue): [string, ConfigurationValue][] {
  if (!isObject(root)) return [[OWN_VALUE_KEY, root]];
  const members = Object.entries(root);
  const [[key, value] = ['', null]] = members;
  const isReserved = members.length === 1 && RESERVED_ROOT_KEY.test(key) && isTextValue(value);
  return isReserved ? [[`~${key}`, value]] : members;
}

/** What stands in a file at the place of an object: perhaps a value, and what stands below it. */
export interface ObjectInFile {
  /** Written under the object's own name. */
  readonly ownValue: ConfigurationValue | undefined;
  readonly members: readonly (readonly [string, ConfigurationValue])[];
}

/** Tells the own value of an object, which is no root, from its other members. */
export function splitOwnValue(object: ConfigurationObject): ObjectInFile {
  const members = Object.entries(object);
  const ownValue =
    members.length > 1 ? members.find(([key, value]) => key === OWN_VALUE_KEY && isTextValue(value)) : undefined;
  return { ownValue: ownValue?.[1], members: members.filter((member) => member !== ownValue) };
}

/** Collects the leaves of a file. */
export class DottedTree {
  readonly #root: Branch = { value: undefined, members: new Map() };

  /** Takes a leaf; where it cannot, says why. */
  addLeaf(path: readonly string[], value: ConfigurationValue): DottedProblem | undefined {
    const branch = this.#reach(path);
    if (typeof branch === 'string') return branch;
    if (branch.value !== undefined || branch.members.has(OWN_VALUE_KEY)) return 'duplicate';
    branch.value = value;
    return undefined;
  }

  /** Takes an object that may stay without members; where it cannot, says why. */
  addObject(path: readonly string[]): DottedProblem | undefined {
    const branch = this.#reach(path);
    return typeof branch === 'string' ? branch : undefined;
  }

  #reach(path: readonly string[]): Branch | DottedProblem {
    if (path.length > MAX_DEPTH) return 'depth';
    let branch = this.#root;
    for (const key of path) {
      if (key === OWN_VALUE_KEY && branch.value !== undefined) return 'duplicate';
      branch = memberOf(branch, key);
    }
    return branch;
  }

  /** The root, still unchecked. */
  toValue(): ConfigurationValue {
    const { members } = this.#root;
    const [[key, branch] = ['', undefined]] = members;
    const isReserved = members.size === 1 && branch?.members.size === 0 && RESERVED_ROOT_KEY.test(key);
    if (!isReserved) return toObject(this.#root);
    return key === OWN_VALUE_KEY ? leafValue(branch) : { [key.slice(1)]: leafValue(branch) };
  }
}

function memberOf(branch: Branch, key: string): Branch {
  const known = branch.members.get(key);
  if (known !== undefined) return known;
  const member: Branch = { value: undefined, members: new Map() };
  branch.members.set(key, member);
  return member;
}

function toObject({ value, members }: Branch): ConfigurationObject {
  const object: ConfigurationObject = {};
  if (value !== undefined) object[OWN_VALUE_KEY] = value;
  for (const [key, member] of members) {
    setMember(object, key, member.members.size === 0 ? leafValue(member) : toObject(member));
  }
  return object;
}

function leafValue({ value }: Branch): ConfigurationValue {
  return value === undefined ? {} : value;
}

function isObject(value: ConfigurationValue): value is ConfigurationObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
