/**
 * The functions of callers that a file waits for, mostly under its lock, and what they must not wait for.
 *
 * Whatever such a function asks for the same lock would wait for the function itself to end, until the time is over. So
 * it is refused at once. Work that it only starts, and that runs when it has ended, is not affected.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { persistenceError } from '../errors/PersistenceError.js';
import type { Location } from '../storage/port/Work.js';

interface RunningCallback {
  readonly location: Location;
  /** The running function that this one was called from. */
  readonly outer: RunningCallback | undefined;
  isRunning: boolean;
}

// One for all modules of the process: another one that asks for the lock would wait just as long.
const callbacks = new AsyncLocalStorage<RunningCallback>();
let runningCount = 0;

/** Runs a caller's function that the changes of a configuration wait for. */
export async function runCallback<T>(location: Location, call: () => T | Promise<T>): Promise<T> {
  const own: RunningCallback = { location, outer: running(callbacks.getStore()), isRunning: true };
  runningCount += 1;
  try {
    return await callbacks.run(own, call);
  } finally {
    own.isRunning = false;
    runningCount -= 1;
    // Up to Node 22 every promise of the process costs more while a storage is in use.
    if (runningCount === 0) callbacks.disable();
  }
}

/**
 * @param path the name or the identity of a configuration.
 * @throws PersistenceError `ERR_INVALID_REQUEST` where a function that runs under its lock asks.
 */
export function refuseReentry(path: string): void {
  for (let own = running(callbacks.getStore()); own !== undefined; own = running(own.outer)) {
    const { name, id } = own.location;
    if (path !== name && path !== id) continue;
    const reason =
      'it was asked for inside mutate, or another function that the same file waits for; return the new value from it instead';
    throw persistenceError('ERR_INVALID_REQUEST', reason);
  }
}

function running(callback: RunningCallback | undefined): RunningCallback | undefined {
  let own = callback;
  while (own?.isRunning === false) own = own.outer;
  return own;
}
