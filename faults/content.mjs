// @ts-check
// The contents that the suite saves: long enough to be torn, and telling when they are.

/**
 * The content of a count.
 *
 * @param {number} count
 * @param {number} [length]
 */
export function contentOf(count, length = 300) {
  return { count, filler: fillerOf(count, length) };
}

/** @param {{ count: number, filler?: string }} data */
export function isWhole({ count, filler }) {
  return Number.isSafeInteger(count) && (filler === undefined || filler === fillerOf(count, filler.length));
}

/** @param {number} count @param {number} length */
function fillerOf(count, length) {
  const piece = `${count}.`;
  return piece.repeat(Math.ceil(length / piece.length));
}
