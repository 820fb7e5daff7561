/** Whether one side of a conflict has done everything that the other side has done. */
import type { EqualityClasses } from './EqualityClasses.js';
import { isObject, memberOf, type MaybeValue } from './valueKinds.js';

/** Three states of one place; undefined where a state has nothing there. */
export interface ThreeStates {
  readonly base: MaybeValue;
  readonly outer: MaybeValue;
  readonly inner: MaybeValue;
}

/**
 * True where every change from `base` to `inner` is among those from `base` to `outer`, so that taking `outer` loses
 * nothing. Objects are looked at member by member; arrays count where both sides only added items or both only removed
 * some, and one did more of it.
 */
export function containsChange({ base, outer, inner }: ThreeStates, classes: EqualityClasses): boolean {
  if (classes.areEqual(inner, base) || classes.areEqual(inner, outer)) return true;
  // A removed container, or one that only `inner` has, is a change of its own beside those of its members.
  if (inner === undefined || (base === undefined && outer === undefined)) return false;
  const states = [base, outer, inner].filter((state) => state !== undefined);
  if (states.every(isObject)) {
    const keys = new Set(states.flatMap((state) => Object.keys(state)));
    return [...keys].every((key) => {
      const memberAt = (state: MaybeValue) => (isObject(state) ? memberOf(state, key) : undefined);
      return containsChange({ base: memberAt(base), outer: memberAt(outer), inner: memberAt(inner) }, classes);
    });
  }
  if (states.every((state) => Array.isArray(state))) {
    const [baseItems, outerItems, innerItems] = [base, outer, inner].map((state) =>
      Array.isArray(state) ? classes.classesOf(state) : [],
    ) as [number[], number[], number[]];
    return areInRow([baseItems, innerItems, outerItems]) || areInRow([outerItems, innerItems, baseItems]);
  }
  return false;
}

/** Whether each list holds all items of the one before it, in the same order. */
function areInRow([small, middle, large]: readonly [number[], number[], number[]]): boolean {
  return isWithin(small, middle) && isWithin(middle, large);
}

function isWithin(part: readonly number[], whole: readonly number[]): boolean {
  let found = 0;
  for (const item of whole) {
    if (item === part[found]) found++;
  }
  return found === part.length;
}
