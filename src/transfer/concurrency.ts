/** Bounded work on many items. */

/** The results in the order of the items, a few of them being worked on ahead of the one that is taken. */
export async function* mapAhead<T, R>(
  items: Iterable<T>,
  ahead: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R, void> {
  const pending: Promise<R>[] = [];
  try {
    for (const item of items) {
      const started = work(item);
      // Nobody waits for it while one before it has failed.
      started.catch(() => undefined);
      pending.push(started);
      if (pending.length < ahead) continue;
      const [next] = pending.splice(0, 1);
      if (next !== undefined) yield await next;
    }
    for (const next of pending) yield await next;
  } finally {
    await Promise.allSettled(pending);
  }
}

/** Every item once, a few at a time; after a failure none more is begun, and those that were begun are waited for. */
export async function forEachBounded<T>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const run = async (): Promise<void> => {
    for (;;) {
      const next = failure === undefined ? iterator.next() : undefined;
      if (next === undefined || next.done === true) return;
      try {
        await work(next.value);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, run));
  if (failure !== undefined) throw failure.error;
}
