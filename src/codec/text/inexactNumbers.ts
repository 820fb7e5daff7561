/** Refuses numbers that a parser could read only by rounding, with their paths. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { refuse, type DomainProblem } from '../../value/valueDomain.js';
import { formatPath, type ValuePath } from '../../value/valuePath.js';
import { formatPosition, positionOf } from './parseFailure.js';

const { MAX_DEPTH, MAX_REPORTED_PATHS } = CONFIG_PERSISTENCE_CONSTANTS.VALUE_LIMITS;

/** Stands in a parsed value where the file has a number that JavaScript cannot hold; any BigInt means the same. */
export const INEXACT_NUMBER = 0n;

const REASON = 'is beyond what JavaScript holds exactly; write it as a string';

/** @throws PersistenceError `ERR_INVALID_CONFIGURATION_DATA` with the paths of all BigInts in the value, at most ten. */
export function refuseInexactNumbers(value: unknown): void {
  const problems: DomainProblem[] = [];
  collect(value, [], problems);
  refuse(problems);
}

/** The refusal of one such number, whose place in the text is known. */
export function inexactNumberAt(text: string, offset: number, path: ValuePath): DomainProblem {
  return { path: formatPath(path), reason: `the number at ${formatPosition(positionOf(text, offset))} ${REASON}` };
}

function collect(value: unknown, path: (string | number)[], problems: DomainProblem[]): void {
  if (problems.length >= MAX_REPORTED_PATHS || path.length > MAX_DEPTH) return;
  if (typeof value === 'bigint') problems.push({ path: formatPath(path), reason: `the number ${REASON}` });
  if (typeof value !== 'object' || value === null) return;
  for (const key of Array.isArray(value) ? value.keys() : Object.keys(value)) {
    path.push(key);
    collect((value as Record<string | number, unknown>)[key], path, problems);
    path.pop();
  }
}
