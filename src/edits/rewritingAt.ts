/** A difference in which the smallest part around a place, that is not written anew yet, is. */
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { ValuePath } from '../value/valuePath.js';
import type { Difference, ItemDifference, MemberDifference } from './Difference.js';

export interface Rewriting {
  readonly difference: Difference;
  /** Where that part is, in the new value. */
  readonly path: ValuePath;
}

/**
 * @param after the value that the difference leads to.
 * @param path a place in it.
 * @returns undefined where that would be the whole value.
 */
export function rewritingAt(difference: Difference, after: ConfigurationValue, path: ValuePath): Rewriting | undefined {
  const found = rewriting(difference, after, path, 0);
  return found === undefined || found.path.length === 0 ? undefined : found;
}

/** Undefined where the part is written anew already: the one around it has to be. */
function rewriting(
  difference: Difference,
  after: ConfigurationValue | undefined,
  path: ValuePath,
  depth: number,
): Rewriting | undefined {
  if (difference.kind === 'replaced' || after === undefined) return undefined;
  const here = { difference: { kind: 'replaced', value: after } as const, path: path.slice(0, depth) };
  const step = path[depth];
  if (step === undefined || difference.kind === 'same') return here;
  if (difference.kind === 'object') {
    if (typeof step !== 'string' || Array.isArray(after) || typeof after !== 'object' || after === null) return here;
    const member = difference.members.get(step);
    if (member === undefined || member.kind === 'removed' || member.kind === 'renamed') return here;
    const inside = rewriting(member, after[step], path, depth + 1);
    if (inside === undefined) return here;
    const members = new Map<string, MemberDifference>(difference.members).set(step, inside.difference);
    return { ...inside, difference: { ...difference, members } };
  }
  if (typeof step !== 'number' || !Array.isArray(after)) return here;
  const item = difference.items[step];
  if (item === undefined || item.kind === 'inserted') return here;
  const inside = rewriting(item.within, after[step], path, depth + 1);
  if (inside === undefined) return here;
  const items: ItemDifference[] = difference.items.with(step, { ...item, within: inside.difference });
  return { ...inside, difference: { kind: 'array', items } };
}
