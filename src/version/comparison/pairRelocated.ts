/** Finds values that were not removed and added but only got another name or place in their container. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { EqualityClasses } from './EqualityClasses.js';
import { isScalar } from './valueKinds.js';
import type { LoneMember } from './walkDifferences.js';

const { MIN_TELLING_STRING_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/**
 * Where a removed member went: the one added member with an equal value, if no second one was removed or added with it.
 * Members of an object must also have a value that is telling: a container that is not empty, or a longer string.
 */
export function pairRelocated(
  removed: readonly LoneMember[],
  added: readonly LoneMember[],
  classes: EqualityClasses,
): ReadonlyMap<LoneMember, LoneMember> {
  const pairs = new Map<LoneMember, LoneMember>();
  if (removed.length === 0 || added.length === 0) return pairs;
  const targets = findUnique(added, classes);
  for (const [valueClass, member] of findUnique(removed, classes)) {
    const target = targets.get(valueClass);
    if (member !== undefined && target !== undefined) pairs.set(member, target);
  }
  return pairs;
}

/** Candidates by the class of their value; undefined where several have it. */
function findUnique(members: readonly LoneMember[], classes: EqualityClasses): Map<number, LoneMember | undefined> {
  const unique = new Map<number, LoneMember | undefined>();
  for (const member of members) {
    if (typeof member.step === 'string' && !isTelling(member.value)) continue;
    const valueClass = classes.classOf(member.value);
    unique.set(valueClass, unique.has(valueClass) ? undefined : member);
  }
  return unique;
}

function isTelling(value: ConfigurationValue): boolean {
  if (isScalar(value)) return typeof value === 'string' && value.length >= MIN_TELLING_STRING_LENGTH;
  return Object.keys(value).length > 0;
}
