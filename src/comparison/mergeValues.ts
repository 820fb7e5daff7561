/** Brings the edits of two sides together that started from the same configuration. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConflictResolution } from '../../interfaces/enums.js';
import type { ConfigurationConflict } from '../../interfaces/versions.js';
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { setMember } from '../value/valueDomain.js';
import { keepPlaces } from './alignItems.js';
import { BoundedList } from './BoundedList.js';
import { describeConflict, type States } from './describeConflict.js';
import { EqualityClasses } from './EqualityClasses.js';
import { isObject, memberOf, type MaybeValue } from './valueKinds.js';

const { MAX_DIFFERENCES } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

export interface MergeResult {
  /** Plain data that shares nothing with what was merged. */
  readonly value: ConfigurationValue;
  /** Where both sides have edited, and not to the same; at most `COMPARISON.MAX_DIFFERENCES`. */
  readonly conflicts: ConfigurationConflict[];
  /** False where there are more conflicts than are listed. All of them are resolved in the same way. */
  readonly isComplete: boolean;
}

/**
 * The value that has the edits of both sides. A place that only one side has changed since `base`, or removed, is as that
 * side has it. Where both have changed it, and not to the same, objects are looked into, also ones that both have added;
 * anything else is a conflict, in which `remote` wins. Arrays are one place, unless all of them have the same number of
 * items and none was moved: then item by item.
 *
 * `base` undefined: it is not known what was edited. What only one side has stays; different values are conflicts.
 *
 * Keys have the order of `local`, with what only `remote` has behind them. Time grows with the size of the values.
 */
export function mergeValues(base: MaybeValue, local: ConfigurationValue, remote: ConfigurationValue): MergeResult {
  const merge = new Merge(base !== undefined);
  // Two values never merge into none.
  const value = merge.merge({ base, local, remote }) as ConfigurationValue;
  return { value, conflicts: merge.conflicts.items, isComplete: merge.conflicts.isComplete };
}

class Merge {
  readonly conflicts = new BoundedList<ConfigurationConflict>(MAX_DIFFERENCES);
  readonly #isBaseKnown: boolean;
  readonly #classes = new EqualityClasses();
  readonly #path: (string | number)[] = [];

  constructor(isBaseKnown: boolean) {
    this.#isBaseKnown = isBaseKnown;
  }

  /** What stands at a place afterwards; undefined for nothing. */
  merge(states: States): MaybeValue {
    const { base, local, remote } = states;
    if (this.#isRemoteTaken(states)) return copyInOrder(remote, local);
    if (this.#isLocalTaken(states)) return copyInOrder(local, local);
    if (isObject(local) && isObject(remote) && (base === undefined || isObject(base))) {
      return this.#mergeMembers(base, local, remote);
    }
    return this.#mergeItems(states) ?? this.#giveWay(states);
  }

  /** Local has changed nothing here. Without a base, nothing is what a side cannot have removed. */
  #isRemoteTaken({ base, local }: States): boolean {
    return this.#isBaseKnown ? this.#classes.areEqual(base, local) : local === undefined;
  }

  /** Remote has changed nothing here, or the same. */
  #isLocalTaken({ base, local, remote }: States): boolean {
    if (this.#classes.areEqual(local, remote)) return true;
    return this.#isBaseKnown ? this.#classes.areEqual(base, remote) : remote === undefined;
  }

  #mergeMembers(
    base: ConfigurationObject | undefined,
    local: ConfigurationObject,
    remote: ConfigurationObject,
  ): ConfigurationObject {
    const merged: ConfigurationObject = {};
    for (const key of keysInOrder(local, remote)) {
      const states = { base: base && memberOf(base, key), local: memberOf(local, key), remote: memberOf(remote, key) };
      const member = this.#mergeAt(key, states);
      if (member !== undefined) setMember(merged, key, member);
    }
    return merged;
  }

  /** Undefined where the place is none that items can be told apart in. */
  #mergeItems({ base, local, remote }: States): ConfigurationValue[] | undefined {
    // Without a base, the two sides are all there is to tell whether items kept their places.
    const origin = this.#isBaseKnown ? base : local;
    if (!Array.isArray(origin) || !Array.isArray(local) || !Array.isArray(remote)) return undefined;
    if (!keepPlaces(origin, local, this.#classes) || !keepPlaces(origin, remote, this.#classes)) return undefined;
    return local.map((item, index) => {
      const baseItem = this.#isBaseKnown ? origin[index] : undefined;
      return this.#mergeAt(index, { base: baseItem, local: item, remote: remote[index] }) as ConfigurationValue;
    });
  }

  #mergeAt(step: string | number, states: States): MaybeValue {
    this.#path.push(step);
    const merged = this.merge(states);
    this.#path.pop();
    return merged;
  }

  #giveWay(states: States): MaybeValue {
    this.conflicts.add(() => ({
      ...describeConflict(this.#path, states),
      resolution: ConflictResolution.KEEP_REMOTE,
    }));
    return copyInOrder(states.remote, states.local);
  }
}

/** The keys of both, each once, those of `first` first. */
function keysInOrder(first: ConfigurationObject, second: ConfigurationObject): string[] {
  return [...Object.keys(first), ...Object.keys(second).filter((key) => !Object.hasOwn(first, key))];
}

/** A plain copy with the keys of every object in the order that the model has at the same place. */
function copyInOrder<Value extends MaybeValue>(value: Value, model: MaybeValue): Value;
function copyInOrder(value: MaybeValue, model: MaybeValue): MaybeValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const models = Array.isArray(model) ? model : [];
    return value.map((item, index) => copyInOrder(item, models[index]));
  }
  const copy: ConfigurationObject = {};
  const models = isObject(model) ? model : {};
  for (const key of keysInOrder(models, value)) {
    const member = memberOf(value, key);
    if (member !== undefined) setMember(copy, key, copyInOrder(member, memberOf(models, key)));
  }
  return copy;
}
