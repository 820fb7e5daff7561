/**
 * Notices that a signal is about to end the process, and lets it end as it would have without this.
 *
 * A signal that the application listens to is left to it: it may want to save before it goes. Packages that listen only in
 * order to clean up at exit do the same as this one and step back before any listener but their own; so theirs do not
 * count as the application's, or nobody would end the process. The process's own functions are not touched.
 */
import { isMainThread } from 'node:worker_threads';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The kernel does not let a signal end the first process of a container, unless that listens to it. */
const FIRST_PROCESS = 1;

/** Where all copies of this package in one process count their listeners, so that none takes another for the application. */
const OWN_COUNTER = Symbol.for('rcc-config-persistence ending signals');
/** Where signal-exit counts how many of its listeners each signal has: release 4, release 3. */
const SIGNAL_EXIT_COUNTERS = [Symbol.for('signal-exit emitter'), '__signal_exit_emitter__'] as const;

interface Counter {
  count: number;
}

/**
 * Calls `beforeEnd` when SIGINT, SIGTERM or SIGHUP is going to end the process, and then lets it do so. Does nothing in
 * threads, which signals do not reach.
 *
 * @returns ends it; further calls do nothing.
 */
export function listenToEndingSignals(beforeEnd: () => void): () => void {
  if (!isMainThread || process.pid === FIRST_PROCESS) return () => undefined;
  let isListening = true;
  const stop = (): void => {
    if (!isListening) return;
    isListening = false;
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
    ownCounter().count -= 1;
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (process.listenerCount(signal) > cleaningListeners()) return;
    beforeEnd();
    stop();
    // With the last listener gone it has the effect, and the process the exit status, that it would have had at first.
    process.kill(process.pid, sendable(signal));
  };
  ownCounter().count += 1;
  // Before the application's own, so that one of them that listens only once is still there to be counted.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal);
  return stop;
}

/** How many listeners each signal has that only clean up. */
function cleaningListeners(): number {
  const holders = [globalThis, process] as unknown as Record<PropertyKey, Partial<Counter> | undefined>[];
  const [release4, release3] = SIGNAL_EXIT_COUNTERS;
  // Early releases of each kept it at another of the two places, but never at both.
  const others = [release4, release3].map((name) => holders.find((holder) => holder[name] !== undefined)?.[name]);
  return others.reduce((sum, other) => sum + countIn(other), ownCounter().count);
}

function countIn(counter: Partial<Counter> | undefined): number {
  return typeof counter?.count === 'number' ? counter.count : 0;
}

function ownCounter(): Counter {
  const holder = globalThis as unknown as Record<symbol, Counter | undefined>;
  return (holder[OWN_COUNTER] ??= { count: 0 });
}

/** Windows knows SIGHUP as a reason only; whatever is sent there ends the process at once. */
function sendable(signal: NodeJS.Signals): NodeJS.Signals {
  return process.platform === 'win32' ? 'SIGTERM' : signal;
}
