// @ts-check
// Times pieces of work in interleaved rounds, so that a slow minute of the machine falls on everybody alike.

/**
 * One line of a comparison.
 *
 * @typedef {object} Entry
 * @property {string} name
 * @property {(sample: number) => unknown} run The timed work; awaited where it gives a promise.
 * @property {(sample: number) => unknown} [before] Untimed, in front of each sample.
 * @property {() => unknown} [beforeTurn] Untimed, in front of each turn.
 * @property {() => unknown} [afterTurn] Untimed, behind each turn.
 */

/**
 * @typedef {object} Plan
 * @property {number} rounds
 * @property {number} samples Samples of each entry in a round, the first one of a turn being thrown away.
 * @property {number} [batch] Runs in one sample, for work too short for the clock.
 */

/**
 * @typedef {object} Figures
 * @property {string} name
 * @property {number} medianMs Of one run.
 * @property {number} lowMs First quartile.
 * @property {number} highMs Third quartile.
 * @property {number} samples
 */

/**
 * Every round gives each entry one turn. The order is turned by one from round to round and reversed in every second
 * round, because what one product leaves unflushed is paid for by the one behind it.
 *
 * @param {Entry[]} entries
 * @param {Plan} plan
 * @param {() => Promise<unknown>} [settle] Untimed, between turns: flushes what the turn before left behind.
 * @returns {Promise<Figures[]>} In the order of the entries.
 */
export async function measure(entries, plan, settle = () => Promise.resolve()) {
  /** @type {Map<Entry, number[]>} */
  const timings = new Map(entries.map((entry) => [entry, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const entry of ordered(entries, round)) {
      await settle();
      await entry.beforeTurn?.();
      const turn = await takeTurn(entry, plan);
      timings.get(entry)?.push(...turn);
      await entry.afterTurn?.();
    }
  }
  return entries.map((entry) => summarize(entry.name, timings.get(entry) ?? []));
}

/** @param {Entry} entry @param {Plan} plan */
async function takeTurn(entry, { samples, batch = 1 }) {
  /** @type {number[]} */
  const timings = [];
  // Sample 0 meets cold processor caches and is not counted.
  for (let sample = 0; sample <= samples; sample += 1) {
    await entry.before?.(sample);
    const start = performance.now();
    for (let run = 0; run < batch; run += 1) {
      const result = entry.run(sample);
      if (result instanceof Promise) await result;
    }
    const elapsed = (performance.now() - start) / batch;
    if (sample > 0) timings.push(elapsed);
  }
  return timings;
}

/** The turns of one round. @template T @param {readonly T[]} entries @param {number} round */
export function ordered(entries, round) {
  const shift = round % entries.length;
  const turned = [...entries.slice(shift), ...entries.slice(0, shift)];
  return round % 2 === 0 ? turned : turned.reverse();
}

/** @param {string} name @param {number[]} timings @returns {Figures} */
export function summarize(name, timings) {
  const sorted = timings.toSorted((left, right) => left - right);
  return {
    name,
    medianMs: quantile(sorted, 0.5),
    lowMs: quantile(sorted, 0.25),
    highMs: quantile(sorted, 0.75),
    samples: sorted.length,
  };
}

/** Between neighbours by straight line. @param {readonly number[]} sorted @param {number} share */
export function quantile(sorted, share) {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
}
