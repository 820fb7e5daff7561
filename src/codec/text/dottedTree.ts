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
import { parseFailure } from './parseFailure.js';
import { isTextValue } from './typedText.js';

const { MAX_DEPTH, MAX_NODES } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

export const OWN_VALUE_KEY = '~';
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
  readonly #root = new Branch(undefined);
  readonly #text: string;
  readonly #duplicateReason: string;
  #nodes = 0;

  /**
   * @param text of the file, for the places of errors.
   * @param duplicateReason what to say where the file gives a second value to a path.
   */
  constructor(text: string, duplicateReason: string) {
    this.#text = text;
    this.#duplicateReason = duplicateReason;
  }

  /**
   * @param offset where in the text the leaf stands.
   * @throws PersistenceError `ERR_PARSE` with the position, where the path has a value already or is too long, or there are
   *   more members than a configuration may have.
   */
  addLeaf(path: readonly string[], value: ConfigurationValue, offset: number): void {
    const key = path.at(-1);
    if (key === undefined) return;
    const branch = this.#reach(path, path.length - 1, offset);
    if (key === OWN_VALUE_KEY && branch.value !== undefined) this.#refuseDuplicate(offset);
    if (Object.hasOwn(branch.members, key)) {
      const member = branch.branches?.get(key);
      const isFree = member?.value === undefined && !Object.hasOwn(member?.members ?? {}, OWN_VALUE_KEY);
      if (member === undefined || !isFree) this.#refuseDuplicate(offset);
      member.value = value;
    } else {
      this.countNode(offset);
      setMember(branch.members, key, value);
    }
  }

  /** Gives a leaf that was added another value. */
  replaceLeaf(path: readonly string[], value: ConfigurationValue): void {
    const branch = this.#reach(path, path.length - 1, 0);
    const key = path.at(-1) ?? '';
    const member = branch.branches?.get(key);
    if (member === undefined) setMember(branch.members, key, value);
    else member.value = value;
  }

  /** Adds an object that may stay without members. It throws what `addLeaf` throws. */
  addObject(path: readonly string[], offset: number): void {
    this.#reach(path, path.length, offset);
  }

  /** To be called for each item that is added to an array. It throws what `addLeaf` throws. */
  countNode(offset: number): void {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw parseFailure(this.#text, offset, `more than ${MAX_NODES} members and items`);
  }

  /** The branch at the first steps of a path, with those on the way to it. */
  #reach(path: readonly string[], steps: number, offset: number): Branch {
    if (path.length > MAX_DEPTH) throw parseFailure(this.#text, offset, `nested deeper than ${MAX_DEPTH} levels`);
    let branch = this.#root;
    for (let step = 0; step < steps; step++) {
      const key = path[step] ?? '';
      if (key === OWN_VALUE_KEY && branch.value !== undefined) this.#refuseDuplicate(offset);
      branch = branch.branches?.get(key) ?? this.#grow(branch, key, offset);
    }
    return branch;
  }

  /** A branch in the place of a value, which becomes its own value, or of nothing. */
  #grow(branch: Branch, key: string, offset: number): Branch {
    const isThere = Object.hasOwn(branch.members, key);
    if (!isThere) this.countNode(offset);
    const member = new Branch(isThere ? branch.members[key] : undefined);
    setMember(branch.members, key, member.members);
    (branch.branches ??= new Map()).set(key, member);
    return member;
  }

  #refuseDuplicate(offset: number): never {
    throw parseFailure(this.#text, offset, this.#duplicateReason);
  }

  /** The root, still unchecked. To be called once. */
  toValue(): ConfigurationValue {
    const root = valueOf(this.#root) as ConfigurationObject;
    if (!isReservedRoot(root)) return root;
    const [[key, value] = ['', null]] = Object.entries(root);
    return key === OWN_VALUE_KEY ? value : { [key.slice(1)]: value };
  }
}

/** An object that is being built. */
class Branch {
  /** Of the place itself, beside its members. */
  value: ConfigurationValue | undefined;
  readonly members: ConfigurationObject = {};
  /** The members that are objects with lines of their own; few are. */
  branches: Map<string, Branch> | undefined;

  constructor(value: ConfigurationValue | undefined) {
    this.value = value;
  }
}

function valueOf({ value, members, branches }: Branch): ConfigurationValue {
  for (const [key, branch] of branches ?? []) setMember(members, key, valueOf(branch));
  if (value === undefined) return members;
  return Object.keys(members).length === 0 ? value : { [OWN_VALUE_KEY]: value, ...members };
}
