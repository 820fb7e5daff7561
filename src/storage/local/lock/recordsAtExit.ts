/**
 * The owner records of this process, taken away when it exits by itself: of a program that saves and ends, each run would
 * leave one for others to sweep. One listener for all, and none while there are no records.
 */

const removers = new Set<() => void>();

/** From now on this is called when the process exits. @returns ends that; further calls do nothing. */
export function removeAtExit(remove: () => void): () => void {
  if (removers.size === 0) process.on('exit', removeAll);
  removers.add(remove);
  return () => {
    if (removers.delete(remove) && removers.size === 0) process.removeListener('exit', removeAll);
  };
}

function removeAll(): void {
  for (const remove of [...removers]) {
    try {
      remove();
    } catch {
      // The process is ending: there is nobody left to tell, and others sweep it.
    }
  }
}
