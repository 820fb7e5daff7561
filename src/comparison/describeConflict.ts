/** Puts a place where two sides disagree into words, for everything that finds such places. */
import { ConflictType, DifferenceSeverity } from '../../interfaces/enums.js';
import type { ConfigurationConflict } from '../../interfaces/versions.js';
import { plainCopyOf } from '../value/copyOnWriteView.js';
import { formatPath, type ValuePath } from '../value/valuePath.js';
import { compareValues } from './compareValues.js';
import { kindOf, type MaybeValue } from './valueKinds.js';

/** One place in all three configurations; undefined where one has nothing there. */
export interface States {
  readonly base: MaybeValue;
  readonly local: MaybeValue;
  readonly remote: MaybeValue;
}

/** Its values are plain copies, absent or undefined where there is nothing. */
export function describeConflict(path: ValuePath, states: States): ConfigurationConflict {
  const { base, local, remote } = states;
  return {
    path: formatPath(path),
    type: typeOf(states),
    localValue: local === undefined ? undefined : plainCopyOf(local),
    remoteValue: remote === undefined ? undefined : plainCopyOf(remote),
    ...(base === undefined ? {} : { baseValue: plainCopyOf(base) }),
    autoResolvable: meanTheSame(local, remote),
  };
}

function typeOf({ local, remote }: States): ConflictType {
  if (local === undefined || remote === undefined) return ConflictType.DELETION_CONFLICT;
  return kindOf(local) === kindOf(remote) ? ConflictType.MODIFICATION_CONFLICT : ConflictType.TYPE_CONFLICT;
}

function meanTheSame(local: MaybeValue, remote: MaybeValue): boolean {
  if (local === undefined || remote === undefined) return false;
  const { differences, isComplete } = compareValues(local, remote);
  return isComplete && differences.every(({ severity }) => severity === DifferenceSeverity.COSMETIC);
}
