// @ts-check
// Works through a list with a few workers at once, in the order of the list; and a part of the work one at a time.

/**
 * @template T
 * @param {readonly T[]} items
 * @param {number} workers
 * @param {(item: T) => Promise<void>} work
 */
export async function inParallel(items, workers, work) {
  const queue = items.values();
  const one = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: workers }, one));
}

/**
 * Runs what it is given one after the other, so that what one worker measures is not the work of another.
 *
 * @returns {<T>(work: () => Promise<T>) => Promise<T>}
 */
export function oneAtATime() {
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
