// @ts-check
// Works through a list with a few workers at once, in the order of the list.

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
