/** A failure that the operating system reported. `code` is the system's own, such as `EACCES` or `ENOSPC`. */
import { resolve } from 'node:path';
import { types } from 'node:util';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import {
  completeError,
  composeMessage,
  PersistenceError,
  setErrorName,
  type ErrorContext,
} from './PersistenceError.js';

const { isNativeError } = types;
const { ERROR_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export class StorageError extends PersistenceError {
  /** The system call that failed, where it is known. */
  declare readonly syscall?: string;

  constructor(code: string, message: string, context: ErrorContext & { syscall?: string | undefined } = {}) {
    super(code, message, context);
    if (context.syscall !== undefined) this.syscall = context.syscall;
  }
}

setErrorName(StorageError, 'StorageError');

/** What a code means for the user, and the advice that ends its message. */
const ADVICE: Record<string, readonly [string, string]> = {
  EACCES: [
    ERROR_MESSAGES.PERMISSION_DENIED,
    'the system refused access; check the modes and owners of file and folder',
  ],
  EPERM: [ERROR_MESSAGES.PERMISSION_DENIED, 'the system does not permit it; check owner, immutable flag and mount'],
  EROFS: [ERROR_MESSAGES.PERMISSION_DENIED, 'the file system is mounted read-only'],
  ENOSPC: [ERROR_MESSAGES.DISK_FULL, 'nothing was changed; free some space or remove old backups, then try again'],
  EDQUOT: [ERROR_MESSAGES.DISK_FULL, 'the disk quota is used up; nothing was changed'],
  EFBIG: [ERROR_MESSAGES.DISK_FULL, 'the file would exceed the size that the system allows; nothing was changed'],
  EMFILE: [ERROR_MESSAGES.STORAGE_FAILED, 'this process has too many open files; raise the limit or close some'],
  ENFILE: [ERROR_MESSAGES.STORAGE_FAILED, 'the system has too many open files'],
  EIO: [ERROR_MESSAGES.STORAGE_FAILED, 'the medium reported an input or output error; check the disk'],
  ELOOP: [ERROR_MESSAGES.STORAGE_FAILED, 'a symbolic link stands where a file or folder is expected'],
  ENOTDIR: [ERROR_MESSAGES.STORAGE_FAILED, 'a part of the path is not a folder'],
  ENOENT: [ERROR_MESSAGES.STORAGE_FAILED, 'a folder of the path does not exist any more'],
};

/** Linux reports an exceeded quota with a number that Node has no name for. */
const EDQUOT_ERRNO = -122;

/**
 * Wraps what a system call threw; an error that is one of ours already, or none of the system's, is returned as it is.
 */
export function storageError(error: unknown, context: ErrorContext): Error {
  if (error instanceof PersistenceError) {
    completeError(error, context);
    return error;
  }
  // What a caller's own function threw is passed on as it is; a promise must still not be rejected with a non-error.
  if (!isSystemError(error)) return isNativeError(error) ? error : new Error(String(error));
  const code = error.errno === EDQUOT_ERRNO ? 'EDQUOT' : error.code;
  const [what, advice] = ADVICE[code] ?? [ERROR_MESSAGES.STORAGE_FAILED, 'the system refused the operation'];
  const reason = `${code}${error.syscall === undefined ? '' : ` in ${error.syscall}`}${placeOf(error, context)}; ${advice}`;
  return new StorageError(code, composeMessage(what, reason, context.filePath), {
    ...context,
    cause: error,
    syscall: error.syscall,
  });
}

/** Where it failed, if not at the file itself: in a folder for locks, metadata or backups, or beside the file. */
function placeOf({ path }: NodeJS.ErrnoException, { filePath }: ErrorContext): string {
  const isElsewhere = typeof path === 'string' && (filePath === undefined || resolve(path) !== resolve(filePath));
  return isElsewhere ? ` of ${JSON.stringify(path)}` : '';
}

/** True for what Node throws when a system call fails. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  // Not `instanceof`: the error may come from another realm, as in a vm context.
  return isNativeError(error) && typeof (error as NodeJS.ErrnoException).code === 'string' && 'errno' in error;
}

/** True for a system error with one of these codes. */
export function hasSystemCode(error: unknown, ...codes: readonly string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}
