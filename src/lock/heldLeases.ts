/**
 * The leases that this process holds, given back when it exits by itself.
 *
 * A process that is killed cannot do that and need not: the others see that it is gone and take its locks over. What this
 * spares is the wait of observers that cannot see it, on another host or in another container.
 */
import type { LockLease } from '../storage/ConfigStore.js';

const held = new Set<LockLease>();
let isListening = false;

/** From now on the lease is given back at exit. */
export function holdLease(lease: LockLease): void {
  if (!isListening) process.once('exit', releaseAllNow);
  isListening = true;
  held.add(lease);
}

/** It has been given back, or will be otherwise. */
export function dropLease(lease: LockLease): void {
  held.delete(lease);
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
