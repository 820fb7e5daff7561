/**
 * The base of every error that the module throws.
 *
 * The message says what failed, on which file, why and what to do. It never contains a configuration value.
 */
import type { PersistenceOperationType } from '../../interfaces/enums.js';
import { ERROR_CODES, type ErrorCode } from './ErrorCode.js';

/** What surrounds a failure. */
export interface ErrorContext {
  filePath?: string | undefined;
  operationType?: PersistenceOperationType | undefined;
  /** Dotted places inside the value that were refused. */
  paths?: readonly string[] | undefined;
  cause?: unknown;
}

export class PersistenceError extends Error {
  override readonly name: string = 'PersistenceError';
  /** `ERR_...`, stable; in a `StorageError` the system's code such as `EACCES`. */
  readonly code: string;
  /** The operation that failed, where one was running. */
  operationType: PersistenceOperationType | undefined;
  /** The file as the caller gave it. */
  filePath: string | undefined;
  /** Dotted places inside the configuration that were refused; at most ten. */
  readonly paths: readonly string[] | undefined;

  constructor(code: string, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.operationType = context.operationType;
    this.filePath = context.filePath;
    this.paths = context.paths;
  }
}

/**
 * Builds the error of a code: the code's own words, then the file, then `reason` (why, and what to do).
 */
export function persistenceError(code: ErrorCode, reason: string, context: ErrorContext = {}): PersistenceError {
  return new PersistenceError(code, composeMessage(ERROR_CODES[code], reason, context.filePath), context);
}

/** True for an error of this code. */
export function hasErrorCode(error: unknown, code: ErrorCode): error is PersistenceError {
  return error instanceof PersistenceError && error.code === code;
}

/** `what: "file": reason`, leaving out what is not known. */
export function composeMessage(what: string, reason: string, filePath: string | undefined): string {
  const where = filePath === undefined ? '' : `: ${JSON.stringify(filePath)}`;
  return `${what}${where}: ${reason}`;
}
