/**
 * The base of every error that the module throws.
 *
 * The message says what failed, on which file, why and what to do. It never contains a configuration value. Members that
 * are not known are absent, so that a printed error shows only what it tells.
 */
import type { PersistenceOperationType } from '../../interfaces/enums.js';
import { ERROR_CODES, type ErrorCode } from './ErrorCode.js';

/** What surrounds a failure. */
export interface ErrorContext {
  filePath?: string | undefined;
  operationType?: PersistenceOperationType | undefined;
  /** Dotted places inside the value that were refused. */
  paths?: readonly string[] | undefined;
  /** Where in a text that could not be read; both count from 1. */
  line?: number | undefined;
  column?: number | undefined;
  /** What a schema library said, word for word. */
  issues?: readonly unknown[] | undefined;
  cause?: unknown;
}

export class PersistenceError extends Error {
  declare readonly name: string;
  /** `ERR_...`, stable; in a `StorageError` the system's code such as `EACCES`. */
  readonly code: string;
  /** The operation that failed, where one was running. */
  declare operationType?: PersistenceOperationType;
  /** The file as the caller gave it. */
  declare filePath?: string;
  /** Dotted places inside the configuration that were refused; at most ten. */
  declare readonly paths?: readonly string[];
  /** The line of the text that could not be read, from 1; LF, CRLF and a lone CR each end one. Absent where not known. */
  declare readonly line?: number;
  /** The column in that line, from 1, in UTF-16 units; a byte order mark is no part of the text. */
  declare readonly column?: number;
  /**
   * What the schema's library said of a value that does not fit. It may quote the value, so it is not enumerable, and is in
   * no message, log line or reply.
   */
  declare readonly issues?: readonly unknown[];

  constructor(code: string, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    if (context.operationType !== undefined) this.operationType = context.operationType;
    if (context.filePath !== undefined) this.filePath = context.filePath;
    if (context.paths !== undefined) this.paths = context.paths;
    if (context.line !== undefined) this.line = context.line;
    if (context.column !== undefined) this.column = context.column;
    if (context.issues !== undefined) Object.defineProperty(this, 'issues', { value: context.issues });
  }
}

setErrorName(PersistenceError, 'PersistenceError');

/** On the prototype: the first line of a stack is written before a constructor could set a member of its own. */
export function setErrorName(errorClass: { readonly prototype: Error }, name: string): void {
  Object.defineProperty(errorClass.prototype, 'name', { value: name, writable: true, configurable: true });
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

/** Says what an error is about where it does not say so yet, in its message too: a path is no configuration value. */
export function completeError(error: PersistenceError, { filePath, operationType }: ErrorContext): void {
  if (operationType !== undefined) error.operationType ??= operationType;
  if (filePath === undefined || error.filePath !== undefined) return;
  error.filePath = filePath;
  const told = JSON.stringify(filePath);
  const { stack, message } = error;
  if (message.includes(told)) return;
  // Behind the first words, which are those of `ERROR_MESSAGES` and have no colon in them.
  error.message = message.replace(/^[^:]*/u, (what) => `${what}: ${told}`);
  // A stack begins with the message that the error was made with.
  if (stack?.includes(message) === true) error.stack = stack.replace(message, () => error.message);
}
