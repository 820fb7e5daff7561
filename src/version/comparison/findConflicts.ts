/** Finds what two sides made of one configuration that cannot both be kept. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { ConflictType, DifferenceSeverity } from '../../../interfaces/enums.js';
import type { ConfigurationConflict } from '../../../interfaces/versions.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import { plainCopyOf } from '../../value/copyOnWriteView.js';
import { formatPath } from '../../value/valuePath.js';
import { alignItems } from './alignItems.js';
import { compareValues } from './compareValues.js';
import { containsChange } from './containsChange.js';
import { EqualityClasses } from './EqualityClasses.js';
import { isObject, kindOf, memberOf, type MaybeValue } from './valueKinds.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/** One place in all three configurations; undefined where one has nothing there. */
interface States {
  readonly base: MaybeValue;
  readonly local: MaybeValue;
  readonly remote: MaybeValue;
}

/**
 * Three-way: the places that `local` and `remote` both changed from `base`, differently; at most
 * `COMPARISON.MAX_DIFFERENCES`. Empty where either side is deeply equal to the base or both are to each other.
 *
 * - `base` undefined: it is not known what changed, so every place where the two sides differ is a conflict.
 * - `local` undefined: the file was removed, which is always one deletion conflict at the root.
 *
 * Objects are looked into member by member, also where both sides added them. Arrays are one place, unless all three have
 * the same number of items and both sides changed items without moving any: then item by item.
 *
 * `autoResolvable` is true where taking one side loses nothing that the other did: the sides differ in what
 * `compareValues` calls cosmetic only, or one side's change contains the other's (never, where the base is not known).
 * `resolution` is left to the caller. Values are plain copies, absent or undefined where there is nothing.
 */
export function findConflicts(
  base: MaybeValue,
  local: MaybeValue,
  remote: ConfigurationValue,
): ConfigurationConflict[] {
  const search = new ConflictSearch(base !== undefined);
  if (local === undefined) search.add({ base, local, remote });
  else search.compare({ base, local, remote });
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
    if (isObject(local) && isObject(remote) && (base === undefined || isObject(base))) {
      const keys = new Set([...Object.keys(local), ...Object.keys(remote)]);
      for (const key of keys) {
        const baseMember = base && memberOf(base, key);
        this.#searchAt(key, { base: baseMember, local: memberOf(local, key), remote: memberOf(remote, key) });
      }
    } else if (!this.#isUndisputed(states)) {
      this.#searchDisputed(states);
    }
  }

  add(states: States): void {
    const { base, local, remote } = states;
    this.conflicts.push({
      path: formatPath(this.#path),
      type: typeOf(states),
      localValue: local === undefined ? undefined : plainCopyOf(local),
      remoteValue: remote === undefined ? undefined : plainCopyOf(remote),
      ...(base === undefined ? {} : { baseValue: plainCopyOf(base) }),
      autoResolvable: this.#isAutoResolvable(states),
    });
  }

  #searchAt(step: string | number, states: States): void {
    if (this.conflicts.length >= MAX_DIFFERENCES) return;
    this.#path.push(step);
    this.compare(states);
    this.#path.pop();
  }

  #isUndisputed({ base, local, remote }: States): boolean {
    const areEqual = (first: MaybeValue, second: MaybeValue) => this.#classes.areEqual(first, second);
    return areEqual(local, remote) || (this.#isBaseKnown && (areEqual(base, local) || areEqual(base, remote)));
  }

  #searchDisputed(states: States): void {
    const { base, local, remote } = states;
    // Without a base, the two sides are all there is to tell whether items kept their places.
    const origin = this.#isBaseKnown ? base : local;
    if (!Array.isArray(origin) || !Array.isArray(local) || !Array.isArray(remote)) return this.add(states);
    if (!this.#keepPlaces(origin, local) || !this.#keepPlaces(origin, remote)) return this.add(states);
    for (const [index, item] of local.entries()) {
      const baseItem = this.#isBaseKnown ? origin[index] : undefined;
      this.#searchAt(index, { base: baseItem, local: item, remote: remote[index] });
    }
  }

  #keepPlaces(before: readonly ConfigurationValue[], after: readonly ConfigurationValue[]): boolean {
    if (before.length !== after.length) return false;
    // Any of several equally good alignments will do: where items kept their places, they are partners in all of them.
    const { partners } = alignItems(before, after, { classes: this.#classes, isReversed: () => false });
    return partners.every((partner, index) => partner === index);
  }

  #isAutoResolvable({ base, local, remote }: States): boolean {
    if (local !== undefined && remote !== undefined && differInLooksOnly(local, remote)) return true;
    if (!this.#isBaseKnown) return false;
    return (
      containsChange({ base, outer: local, inner: remote }, this.#classes) ||
      containsChange({ base, outer: remote, inner: local }, this.#classes)
    );
  }
}

function typeOf({ local, remote }: States): ConflictType {
  if (local === undefined || remote === undefined) return ConflictType.DELETION_CONFLICT;
  return kindOf(local) === kindOf(remote) ? ConflictType.MODIFICATION_CONFLICT : ConflictType.TYPE_CONFLICT;
}

function differInLooksOnly(local: ConfigurationValue, remote: ConfigurationValue): boolean {
  const { differences, isComplete } = compareValues(local, remote);
  return isComplete && differences.every(({ severity }) => severity === DifferenceSeverity.COSMETIC);
}
