/** What every path must be before anything looks for it: the checks that need no file system. */
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../errors/PersistenceError.js';

const { MAX_FILENAME_BYTES, MAX_PATH_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;
const { MAX_CACHED_FOLDERS } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;

const CONTROL_CHARACTERS = /\p{Cc}/u;
// Devices on Windows, with any extension.
const RESERVED_NAME = /^(con|prn|aux|nul|conin\$|conout\$|com[1-9¹²³]|lpt[1-9¹²³]) *(\..*)?$/iu;
const WINDOWS_FORBIDDEN = /[<>:"|?*]|[. ]$/u;

/** About a path that begins with `~`. */
export const HOME_ADVICE = '~ is not expanded; use os.homedir(), or ./~ for a name that begins so';

/** Texts that passed: the checks cost more than a cached load otherwise takes. */
const accepted = new LRUCache<string, true>({ max: MAX_CACHED_FOLDERS });

/** @throws PersistenceError `ERR_INVALID_FILE_PATH` */
export function requirePathText(given: unknown): string {
  if (typeof given !== 'string') {
    throw invalidPath(undefined, `a path is a string, not ${given === null ? 'null' : typeof given}`);
  }
  if (accepted.has(given)) return given;
  if (given === '') throw invalidPath(given, 'the path is empty');
  if (given.length > MAX_PATH_LENGTH) throw invalidPath(undefined, `longer than ${MAX_PATH_LENGTH} characters`);
  if (CONTROL_CHARACTERS.test(given)) throw invalidPath(given, 'it contains control characters');
  // A separator there and a letter of a name here: such a file could not move to Windows, nor be reached under this name.
  if (process.platform !== 'win32' && given.includes('\\')) throw invalidPath(given, 'it contains a backslash; use /');
  if (!given.isWellFormed()) throw invalidPath(given, 'it contains half of a surrogate pair');
  // What a shell makes of it no program does; a folder called ~ would be made instead.
  if (given.startsWith('~')) throw invalidPath(given, HOME_ADVICE);
  if (/[\\/]$/u.test(given)) throw invalidPath(given, 'it names a folder; name a file');
  for (const segment of given.split(/[\\/]/u)) checkSegment(given, segment);
  accepted.set(given, true);
  return given;
}

/** True for a name that means a device on Windows, with any extension. */
export function isReservedName(segment: string): boolean {
  return RESERVED_NAME.test(segment);
}

function checkSegment(given: string, segment: string): void {
  if (Buffer.byteLength(segment) > MAX_FILENAME_BYTES) {
    throw invalidPath(given, `a name in it is longer than ${MAX_FILENAME_BYTES} bytes`);
  }
  if (process.platform !== 'win32') return;
  if (isReservedName(segment)) throw invalidPath(given, 'a name in it is reserved on Windows');
  const isDrive = /^[A-Za-z]:$/u.test(segment);
  const isStep = segment === '.' || segment === '..';
  if (!isDrive && !isStep && WINDOWS_FORBIDDEN.test(segment)) {
    throw invalidPath(given, 'a name in it has characters that Windows forbids');
  }
}

/** The error for a path that must not be used; `path` is left out where it cannot be shown. */
export function invalidPath(path: string | undefined, reason: string): Error {
  return persistenceError('ERR_INVALID_FILE_PATH', reason, { filePath: path });
}
