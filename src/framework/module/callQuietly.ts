/** Calls of functions that somebody else has given, and whose failure is nobody's here. */

/**
 * Calls a function that may be asynchronous, without waiting for it. What it throws, or rejects with later, only goes to
 * `onFailure`: an unhandled rejection would end the process.
 */
export function callQuietly(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const returned = call();
    if (typeof returned === 'object' && returned !== null) Promise.resolve(returned).catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}
