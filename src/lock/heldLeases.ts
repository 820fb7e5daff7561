/**
 * The leases that this process holds, given back when it exits by itself or a signal ends it.
 *
 * A process that is killed cannot do that and need not: the others see that it is gone and take its locks over. What this
 * spares is the wait of observers that cannot see it, on another host or in another container. Nothing is listened to
 * while no lease is held.
 */
import { listenToEndingSignals } from './endingSignals.js';
import type { Lease } from '../storage/port/LockStore.js';

const held = new Set<Lease>();
let stopListening: (() => void) | undefined;

/** From now on the lease is given back at exit. */
export function holdLease(lease: Lease): void {
  held.add(lease);
  stopListening ??= listen();
}

/** It has been given back, or will be otherwise. */
export function dropLease(lease: Lease): void {
  held.delete(lease);
  if (held.size > 0) return;
  stopListening?.();
  stopListening = undefined;
}

function listen(): () => void {
  const stopListeningToSignals = listenToEndingSignals(releaseAllNow);
  process.on('exit', releaseAllNow);
  return () => {
    stopListeningToSignals();
    process.removeListener('exit', releaseAllNow);
  };
}

/** A process that lives on all the same, because somebody else has caught the signal, holds nothing any more. */
function releaseAllNow(): void {
  for (const lease of held) {
    try {
      lease.releaseNow?.();
    } catch {
      // The process is ending: there is nobody left to tell, and the others can take the lock over.
    }
    dropLease(lease);
  }
}
