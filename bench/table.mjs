// @ts-check
// Lays figures out as plain text tables.

/** @import { Figures } from './measure.mjs' */

/**
 * A figure with what is asked of it.
 *
 * @typedef {Figures & { ratio: number, target?: number, reached?: boolean }} Rated
 */

/**
 * Puts every figure in relation to a reference and to its target, which is a highest ratio.
 *
 * @param {Figures[]} figures
 * @param {string} reference The name of the entry that counts as 1.
 * @param {Record<string, number>} [targets] Highest ratio by name.
 * @returns {Rated[]}
 */
export function rate(figures, reference, targets = {}) {
  const base = figures.find(({ name }) => name === reference)?.medianMs ?? NaN;
  return figures.map((figure) => {
    const ratio = figure.medianMs / base;
    const target = targets[figure.name];
    return target === undefined ? { ...figure, ratio } : { ...figure, ratio, target, reached: ratio <= target };
  });
}

/** @param {string} title @param {string} referenceSign Stands for the reference in the heading, such as `C`. @param {Rated[]} rows */
export function ratedTable(title, referenceSign, rows) {
  const hasTargets = rows.some(({ target }) => target !== undefined);
  const heading = ['', 'median', 'middle half', 'samples', `x ${referenceSign}`];
  const lines = rows.map((row) => {
    const figures = [formatMs(row.medianMs), `${formatMs(row.lowMs)} .. ${formatMs(row.highMs)}`];
    const line = [row.name, ...figures, String(row.samples), formatRatio(row.ratio)];
    return hasTargets ? [...line, ...targetCells(row)] : line;
  });
  if (hasTargets) heading.push('target', 'reached');
  return table(title, heading, lines);
}

/** @param {Rated} row */
function targetCells({ target, reached }) {
  return target === undefined ? ['', ''] : [`<= ${formatRatio(target)}`, reached === true ? 'yes' : 'NO'];
}

/** First column to the left, all others to the right. @param {string} title @param {string[]} heading @param {string[][]} rows */
export function table(title, heading, rows) {
  const widths = heading.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)));
  /** @param {string[]} row */
  const line = (row) =>
    widths
      .map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return ['', title, rule, line(heading), rule, ...rows.map(line)].join('\n');
}

/** Three figures that matter, with the unit that shows them. @param {number} ms */
export function formatMs(ms) {
  if (!Number.isFinite(ms)) return '-';
  return Math.abs(ms) < 1 ? `${(ms * 1000).toPrecision(3)} us` : `${ms.toFixed(ms < 100 ? 2 : 0)} ms`;
}

/** @param {number} ratio */
function formatRatio(ratio) {
  if (!Number.isFinite(ratio)) return '-';
  return Math.abs(ratio) < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

/**
 * How many of the figures that have a target reach it, anywhere in the results.
 *
 * @param {unknown} results
 * @returns {{ reached: number, targets: number }}
 */
export function countTargets(results) {
  if (typeof results !== 'object' || results === null) return { reached: 0, targets: 0 };
  const own = /** @type {Partial<Rated>} */ (results).reached;
  let [reached, targets] = [own === true ? 1 : 0, own === undefined ? 0 : 1];
  for (const member of Object.values(results)) {
    const inner = countTargets(member);
    reached += inner.reached;
    targets += inner.targets;
  }
  return { reached, targets };
}
