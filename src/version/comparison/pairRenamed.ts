/** Finds members that were not removed and added but only got another name in their object. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationValue } from '../../../interfaces/value.js';
import type { EqualityClasses } from './EqualityClasses.js';
import { isScalar } from './valueKinds.js';
import type { LoneMember } from './walkDifferences.js';

const { MIN_TELLING_STRING_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.COMPARISON;

/**
 * What a removed member is called now: the one added member with an equal value, if no second one was removed or added
 * with it. Its value must be telling: a container that is not empty, or a longer string. Of arrays there are no pairs: equal
 * items have been found wherever they stand.
 */
export function pairRenamed(
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
    if (!isTelling(member.value)) continue;
    const valueClass = classes.classOf(member.value);
    unique.set(valueClass, unique.has(valueClass) ? undefined : member);
  }
  return unique;
}

function isTelling(value: ConfigurationValue): boolean {
  if (isScalar(value)) return typeof value === 'string' && value.length >= MIN_TELLING_STRING_LENGTH;
  return Object.keys(value).length > 0;
}
