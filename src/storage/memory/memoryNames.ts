/**
 * The names of configurations in memory, and the keys that stand for them.
 *
 * A name is normalised as a path is, but belongs to no folder: nothing is looked at, and links do not exist. A key is the
 * name, escaped so that it has no separator; so it can be turned back, and no two names have the same.
 */
import { posix } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';

const { MAX_PATH_LENGTH } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;
const CONTROL_CHARACTERS = /\p{Cc}/u;
/** What names a folder on any system that has some. */
const FOLDER = /(?:^|\/)\.{0,2}$/u;

/** `./a/../app.json` and `app.json` are one configuration. The empty text stays empty. */
export function fullName(given: string): string {
  return given === '' ? '' : posix.normalize(given);
}

/**
 * The full name of what a caller gave.
 *
 * @throws PersistenceError `ERR_INVALID_FILE_PATH` for anything but a text, and for one that is empty, too long, names a
 *   folder, or has control characters or half a surrogate pair in it.
 */
export function requireName(given: unknown): string {
  if (typeof given !== 'string') throw invalidName(undefined, `a name is a string, not ${typeof given}`);
  if (given === '') throw invalidName(given, 'the name is empty');
  if (given.length > MAX_PATH_LENGTH) throw invalidName(undefined, `longer than ${MAX_PATH_LENGTH} characters`);
  if (CONTROL_CHARACTERS.test(given)) throw invalidName(given, 'it contains control characters');
  if (!given.isWellFormed()) throw invalidName(given, 'it contains half of a surrogate pair');
  const name = fullName(given);
  if (FOLDER.test(name)) throw invalidName(given, 'it names a folder; name a configuration');
  return name;
}

/** @param name a full one. */
export function keyOfName(name: string): string {
  return encodeURIComponent(name);
}

/** The full name that a key stands for; undefined for what is no key. */
export function nameOfKey(key: string): string | undefined {
  try {
    const name = requireName(decodeURIComponent(key));
    return keyOfName(name) === key ? name : undefined;
  } catch {
    // Either no escaped text, or not that of a name.
    return undefined;
  }
}

function invalidName(name: string | undefined, reason: string): Error {
  return persistenceError('ERR_INVALID_FILE_PATH', reason, { filePath: name });
}
