// @ts-check
// The sequence of states that saves, a change of metadata and a delete in turn lead through.

/** @import { Seen } from './judge.mjs' */

const ROUND = 4;
const ANNOTATES = 3;

/** What can be seen after step `number`, which counts from 1; before it there is nothing. @param {number} number @returns {Seen} */
export function stateOf(number) {
  if (number % ROUND === 0) return { count: null };
  if (number % ROUND === ANNOTATES) return { count: number - 1, note: String(number) };
  return { count: number };
}
