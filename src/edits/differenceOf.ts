/**
 * The smallest difference between two values: members matched by key, items by identity and content, a key that goes while
 * an equal value comes under another one as a rename.
 */
import type { ConfigurationObject, ConfigurationValue } from '../../interfaces/value.js';
import { NO_PARTNER } from '../comparison/alignByContent.js';
import { alignItems, type AlignmentContext } from '../comparison/alignItems.js';
import { EqualityClasses } from '../comparison/EqualityClasses.js';
import { isObject } from '../comparison/valueKinds.js';
import { isEqualValue } from '../value/valueEquality.js';
import type {
  AddedMember,
  ArrayDifference,
  Difference,
  ItemDifference,
  MemberDifference,
  ObjectDifference,
  Same,
} from './Difference.js';

/** Of nothing. */
const NO_CLASS = -1;

const SAME: Same = { kind: 'same' };

export function differenceOf(before: ConfigurationValue, after: ConfigurationValue): Difference {
  return compare(before, after, { classes: new EqualityClasses(), isReversed: () => false });
}

function compare(before: ConfigurationValue, after: ConfigurationValue, context: AlignmentContext): Difference {
  // Most parts of a configuration stay as they are, and to tell that costs a fraction of what looking closer does.
  if (isEqualValue(before, after)) return SAME;
  if (Array.isArray(before) && Array.isArray(after)) return compareArrays(before, after, context);
  if (isObject(before) && isObject(after)) return compareObjects(before, after, context);
  return { kind: 'replaced', value: after };
}

function compareObjects(
  before: ConfigurationObject,
  after: ConfigurationObject,
  context: AlignmentContext,
): ObjectDifference | Same {
  const members = new Map<string, MemberDifference>();
  const removed: string[] = [];
  let isSame = true;
  for (const [key, value] of Object.entries(before)) {
    const member = Object.hasOwn(after, key)
      ? compare(value, after[key] as ConfigurationValue, context)
      : ({ kind: 'removed' } as const);
    members.set(key, member);
    if (member.kind === 'removed') removed.push(key);
    if (member.kind !== 'same') isSame = false;
  }
  const added: AddedMember[] = Object.keys(after)
    .filter((key) => !Object.hasOwn(before, key))
    .map((key) => ({ key, value: after[key] as ConfigurationValue }));
  if (isSame && added.length === 0) return SAME;
  return { kind: 'object', members, added: takeRenames({ before, members, removed, added, context }) };
}

/**
 * Items without a partner become partners of those that went from the same place: an item whose identity changed is the same
 * piece of text.
 */
function withReplacements(partners: Int32Array, oldCount: number): Int32Array {
  const taken = new Set(partners);
  const filled = partners.slice();
  let from = 0;
  for (const [index, partner] of partners.entries()) {
    if (partner !== NO_PARTNER) from = partner + 1;
    else if (from < oldCount && !taken.has(from)) {
      filled[index] = from;
      from += 1;
    }
  }
  return filled;
}

interface LoneMembers {
  readonly before: ConfigurationObject;
  readonly members: Map<string, MemberDifference>;
  readonly removed: readonly string[];
  readonly added: readonly AddedMember[];
  readonly context: AlignmentContext;
}

/** Turns each removed member with an equal added one, and no other equal one, into a rename. Returns the other added ones. */
function takeRenames({ before, members, removed, added, context }: LoneMembers): readonly AddedMember[] {
  if (removed.length === 0 || added.length === 0) return added;
  const { classes } = context;
  const goneClasses = classes.classesOf(removed.map((key) => before[key] as ConfigurationValue));
  const newClasses = classes.classesOf(added.map(({ value }) => value));
  const gone = onlyOnes(goneClasses);
  const fresh = onlyOnes(newClasses);
  return added.filter(({ key }, index) => {
    const equality = newClasses[index] ?? NO_CLASS;
    const from = gone.get(equality);
    if (from === undefined || fresh.get(equality) === undefined) return true;
    members.set(removed[from] ?? key, { kind: 'renamed', key, within: SAME });
    return false;
  });
}

/** The index of each class that is met once; undefined for one that is met again. */
function onlyOnes(classes: readonly number[]): ReadonlyMap<number, number | undefined> {
  const indexes = new Map<number, number | undefined>();
  for (const [index, equality] of classes.entries()) indexes.set(equality, indexes.has(equality) ? undefined : index);
  return indexes;
}

function compareArrays(
  before: readonly ConfigurationValue[],
  after: readonly ConfigurationValue[],
  context: AlignmentContext,
): ArrayDifference | Same {
  const partners = withReplacements(alignItems(before, after, context).partners, before.length);
  let isSame = before.length === after.length;
  const items = after.map((value, index): ItemDifference => {
    const from = partners[index] ?? NO_PARTNER;
    if (from === NO_PARTNER) {
      isSame = false;
      return { kind: 'inserted', value };
    }
    const within = compare(before[from] as ConfigurationValue, value, context);
    if (from !== index || within.kind !== 'same') isSame = false;
    return { kind: 'kept', from, within };
  });
  return isSame ? SAME : { kind: 'array', items };
}
