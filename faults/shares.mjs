// @ts-check
// Divides lists of points among the processes of the suite, so that each gets some of every operation.

/** Those whose number, divided by `of`, leaves a rest from `from` to below `to`. @typedef {{ of: number, from: number, to: number }} Share */

/** @type {Share} */
export const EVERYTHING = { of: 1, from: 0, to: 1 };

// A prime number, so that no share has only the points of one side or one successor.
const SLICES = 41;

/** A sample, small enough to be run while nothing else runs. @type {Share} */
export const SAMPLE = { of: SLICES, from: 0, to: 1 };

/** All points, for so many processes. @param {number} processes @returns {Share[]} */
export function sharesOfEverything(processes) {
  return sharesFrom(0, processes);
}

/** What the sample leaves, for so many processes. @param {number} processes @returns {Share[]} */
export function sharesBesidesTheSample(processes) {
  return sharesFrom(SAMPLE.to, processes);
}

/** @param {number} first @param {number} processes @returns {Share[]} */
function sharesFrom(first, processes) {
  const edgeOf = (/** @type {number} */ index) => first + Math.round((index * (SLICES - first)) / processes);
  return Array.from({ length: processes }, (_, index) => ({ of: SLICES, from: edgeOf(index), to: edgeOf(index + 1) }));
}

/** @template T @param {readonly T[]} items @param {Share} share @returns {T[]} */
export function shareOf(items, { of, from, to }) {
  return items.filter((_, index) => index % of >= from && index % of < to);
}
