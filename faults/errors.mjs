// @ts-check
// What errors say, for the judgements and the messages of the suite.
import { PersistenceError } from '../dist/src/errors/PersistenceError.js';

/** @param {unknown} error @returns {string | undefined} */
export function codeOf(error) {
  return error instanceof PersistenceError ? error.code : undefined;
}

/** @param {unknown} error */
export function describe(error) {
  if (error instanceof PersistenceError) return `${error.code} (${error.message})`;
  return error instanceof Error ? `an error without a code: ${error.stack ?? error.message}` : String(error);
}
