// @ts-check
// Tells which points of an operation would be the same experiment twice, so that only one of them is run. Whatever was under
// way at the same time makes a point one of its own, because nobody knows which of two calls comes first the next time.
import { kindOfFile } from './fileKinds.mjs';

/** @import { Call } from './FaultyFileOperations.mjs' */

const LOOKS = new Set([
  'close',
  'read',
  'fstat',
  'stat',
  'lstat',
  'realpath',
  'readlink',
  'readdir',
  'opendir',
  'statfs',
  'statNow',
  'lstatNow',
  'realpathNow',
  'readdirNow',
  'readFileNow',
]);

/** How the points at the calls of `innerRounds` are told of. */
export const INNER_ROUND = 'inside of rounds of equal calls that only look';

/** So many rounds are left of those that repeat: the first and the last. */
const ROUNDS_KEPT = 2;

/**
 * Whether what is there right after a call is what is there right before the next one: nothing else was under way.
 *
 * @param {readonly Call[]} calls
 * @param {number} index
 */
export function isNextTheSameState(calls, index) {
  return calls[index]?.isAlone === true && calls[index + 1]?.isAlone === true;
}

/**
 * The calls before which the disk is as it was before the call ahead of them, and stays as it is up to the next one: those
 * inside a row of calls that only look. The first and the last of a row are not among them. A flush does not only look.
 *
 * @param {readonly Call[]} calls
 * @returns {Set<Call>}
 */
export function insideOfLooks(calls) {
  const isQuiet = (/** @type {number} */ index) => onlyLooks(calls[index]) && isNextTheSameState(calls, index);
  return new Set(calls.filter((_, index) => isQuiet(index - 1) && isQuiet(index)));
}

/**
 * The calls of all rounds but the first and the last, where the same calls on files of the same kinds are made round after
 * round and only look, as when a folder of many backups is gone through.
 *
 * @param {readonly Call[]} calls
 * @returns {Set<Call>}
 */
export function innerRounds(calls) {
  const kinds = calls.map(kindOfCall);
  const found = new Set();
  for (let start = 0; start < calls.length;) {
    const { length, rounds } = roundsAt(kinds, start);
    const all = calls.slice(start, start + length * rounds);
    const isListing = rounds > ROUNDS_KEPT && all.every(onlyLooks);
    if (isListing) for (const call of all.slice(length, -length)) found.add(call);
    start += isListing ? all.length : 1;
  }
  return found;
}

/** The shortest sequence that starts there and comes more often than is kept. @param {readonly string[]} kinds @param {number} start */
function roundsAt(kinds, start) {
  const longest = Math.floor((kinds.length - start) / (ROUNDS_KEPT + 1));
  for (let length = 1; length <= longest; length++) {
    let end = start + length;
    while (end < kinds.length && kinds[end] === kinds[end - length]) end += 1;
    const rounds = Math.floor((end - start) / length);
    if (rounds > ROUNDS_KEPT) return { length, rounds };
  }
  return { length: 1, rounds: 1 };
}

/** @param {Call} call */
function kindOfCall({ kind, path, to, creates = false }) {
  return [kind, creates, kindOfFile(path), to === undefined ? '' : kindOfFile(to)].join(' ');
}

/** @param {Call | undefined} call */
function onlyLooks(call) {
  return call !== undefined && (LOOKS.has(call.kind) || (call.kind === 'open' && call.creates !== true));
}
