/** Finds the edits of a configuration that are lost when another state replaces it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationConflict } from '../../interfaces/versions.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { keepPlaces } from './alignItems.js';
import { describeConflict, type States } from './describeConflict.js';
import { EqualityClasses } from './EqualityClasses.js';
import { isObject, memberOf, type MaybeValue } from './valueKinds.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/**
 * The places where `local` differs from both `base`, which it came from, and `remote`, which replaces it; at most
 * `COMPARISON.MAX_DIFFERENCES`. Empty where `local` is deeply equal to one of the two. That `base` and `remote` are equal
 * somewhere excuses nothing: this is no merge, and an edit there is lost all the same.
 *
 * - `base` undefined: it is not known what was edited, so every place where the two sides differ is a conflict.
 * - `local` undefined: the file was removed, which is always one deletion conflict at the root.
 *
 * Objects are looked into member by member, also where both sides added them. Arrays are one place, unless all three have
 * the same number of items and none of them was moved: then item by item.
 *
 * `autoResolvable` is true where both sides mean the same: they differ in what `compareValues` calls cosmetic only.
 * `resolution` is left to the caller. Values are plain copies, absent or undefined where there is nothing.
 */
export function findConflicts(
  base: MaybeValue,
  local: MaybeValue,
  remote: ConfigurationValue,
): ConfigurationConflict[] {
  const search = new ConflictSearch(base !== undefined);
  search.compare({ base, local, remote });
  return search.conflicts;
}

class ConflictSearch {
  readonly conflicts: ConfigurationConflict[] = [];
  readonly #isBaseKnown: boolean;
  readonly #classes = new EqualityClasses();
  readonly #path: (string | number)[] = [];

  constructor(isBaseKnown: boolean) {
    this.#isBaseKnown = isBaseKnown;
  }

  compare(states: States): void {
    const { base, local, remote } = states;
    if (isObject(local) && isObject(remote) && this.#canLookInto(base, local)) {
      const keys = new Set([...Object.keys(local), ...Object.keys(remote)]);
      for (const key of keys) {
        const baseMember = base && memberOf(base, key);
        this.#searchAt(key, { base: baseMember, local: memberOf(local, key), remote: memberOf(remote, key) });
      }
    } else if (this.#isLostEdit(states)) {
      this.#searchItems(states);
    }
  }

  #searchAt(step: string | number, states: States): void {
    if (this.conflicts.length >= MAX_DIFFERENCES) return;
    this.#path.push(step);
    this.compare(states);
    this.#path.pop();
  }

  /** Not where an empty object was added: it has no member that could tell of the edit. */
  #canLookInto(base: MaybeValue, local: ConfigurationObject): base is ConfigurationObject | undefined {
    return isObject(base) || (base === undefined && (!this.#isBaseKnown || Object.keys(local).length > 0));
  }

  #isLostEdit({ base, local, remote }: States): boolean {
    const isUntouched = this.#isBaseKnown && this.#classes.areEqual(base, local);
    return !isUntouched && !this.#classes.areEqual(local, remote);
  }

  #searchItems(states: States): void {
    const { base, local, remote } = states;
    // Without a base, the two sides are all there is to tell whether items kept their places.
    const origin = this.#isBaseKnown ? base : local;
    if (!Array.isArray(origin) || !Array.isArray(local) || !Array.isArray(remote)) return this.#add(states);
    if (!keepPlaces(origin, local, this.#classes) || !keepPlaces(origin, remote, this.#classes))
      return this.#add(states);
    for (const [index, item] of local.entries()) {
      const baseItem = this.#isBaseKnown ? origin[index] : undefined;
      this.#searchAt(index, { base: baseItem, local: item, remote: remote[index] });
    }
  }

  #add(states: States): void {
    this.conflicts.push(describeConflict(this.#path, states));
  }
}
