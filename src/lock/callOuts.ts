/**
 * The functions of callers that run under a lock, and what they must not wait for.
 *
 * Whatever such a function asks for the same lock would wait for the function itself to end, until the time is over. So
 * it is refused at once. Work that it only starts, and that runs when it has ended, is not affected.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { persistenceError } from '../errors/PersistenceError.js';
import type { Location } from '../storage/port/ConfigStore.js';

interface CallOut {
  readonly location: Location;
  /** The running function that this one was called from. */
  readonly outer: CallOut | undefined;
  isRunning: boolean;
}

// One for all modules of the process: another one that asks for the lock would wait just as long.
const callOuts = new AsyncLocalStorage<CallOut>();
let runningCount = 0;

/** Runs a caller's function under the lock of a configuration. */
export async function callOut<T>(location: Location, call: () => T | Promise<T>): Promise<T> {
  const own: CallOut = { location, outer: running(callOuts.getStore()), isRunning: true };
  runningCount += 1;
  try {
    return await callOuts.run(own, call);
  } finally {
    own.isRunning = false;
    runningCount -= 1;
    // Up to Node 22 every promise of the process costs more while a storage is in use.
    if (runningCount === 0) callOuts.disable();
  }
}

/**
 * @param path of a configuration, as it was given or with its links followed.
 * @throws PersistenceError `ERR_INVALID_REQUEST` where a function that runs under its lock asks.
 */
export function refuseReentry(path: string): void {
  for (let own = running(callOuts.getStore()); own !== undefined; own = running(own.outer)) {
    const { absolute, real } = own.location;
    if (path !== absolute && path !== real) continue;
    const reason = 'it was asked for inside mutate, which it would wait for; return the new value from mutate instead';
    throw persistenceError('ERR_INVALID_REQUEST', reason);
  }
}

function running(callOut: CallOut | undefined): CallOut | undefined {
  let own = callOut;
  while (own?.isRunning === false) own = own.outer;
  return own;
}
