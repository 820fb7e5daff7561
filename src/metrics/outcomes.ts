/** How the metrics call the outcome of an operation: a bounded set of names, whatever was thrown. */
import { constants } from 'node:os';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ERROR_CODES } from '../errors/ErrorCode.js';
import { PersistenceError } from '../errors/PersistenceError.js';

const { OUTCOME_OTHER } = CONFIG_PERSISTENCE_CONSTANTS.METRICS;

const KNOWN_CODES = new Set([...Object.keys(ERROR_CODES), ...Object.keys(constants.errno)]);

/** The code of a failure, the package's or the system's. */
export function outcomeOf(error: Error): string {
  return error instanceof PersistenceError && KNOWN_CODES.has(error.code) ? error.code : OUTCOME_OTHER;
}
