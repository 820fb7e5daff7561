/**
 * Listens to signals of callers, which may be given to any number of operations at once.
 *
 * Node warns of more than ten listeners on one signal, because they are usually a leak. Here they are as many as there are
 * operations, so all of them share one listener, which is there only while one of them runs.
 */

interface Forwarder {
  readonly actions: Set<() => void>;
  readonly forward: () => void;
}

const forwarders = new WeakMap<AbortSignal, Forwarder>();

/**
 * Calls `action` once when the signal is aborted; never where it has been already.
 *
 * @returns ends it; further calls do nothing.
 */
export function onAbort(signal: AbortSignal, action: () => void): () => void {
  const { actions, forward } = forwarders.get(signal) ?? startForwarding(signal);
  actions.add(action);
  return () => {
    if (!actions.delete(action) || actions.size > 0) return;
    signal.removeEventListener('abort', forward);
    forwarders.delete(signal);
  };
}

function startForwarding(signal: AbortSignal): Forwarder {
  const actions = new Set<() => void>();
  const forward = (): void => {
    for (const action of actions) action();
  };
  const forwarder = { actions, forward };
  signal.addEventListener('abort', forward, { once: true });
  forwarders.set(signal, forwarder);
  return forwarder;
}
