/**
 * The leases that this process holds, given back when it exits by itself or a signal ends it.
 *
 * A process that is killed cannot do that and need not: the others see that it is gone and take its locks over. What this
 * spares is the wait of observers that cannot see it, on another host or in another container. A signal that the
 * application listens to itself is left to it: it may want to save before it goes, and gives its locks back as it exits.
 */
import { onExit } from 'signal-exit';
import type { LockLease } from '../storage/ConfigStore.js';

const held = new Set<LockLease>();
let stopListening: (() => void) | undefined;

/** From now on the lease is given back at exit. */
export function holdLease(lease: LockLease): void {
  stopListening ??= onExit(releaseAllNow);
  held.add(lease);
}

/** It has been given back, or will be otherwise. */
export function dropLease(lease: LockLease): void {
  held.delete(lease);
}

/** Leaves the process as it was before the first lease, unless another module still holds one. */
export function endHolding(): void {
  if (held.size > 0) return;
  stopListening?.();
  stopListening = undefined;
}

function releaseAllNow(): void {
  for (const lease of held) {
    try {
      lease.releaseNow();
    } catch {
      // The process is ending: there is nobody left to tell, and the others can take the lock over.
    }
  }
}
