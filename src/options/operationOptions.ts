/** Checks the last argument of the module's methods. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type {
  CleanupOptions,
  LoadOptions,
  RollbackOptions,
  SaveOptions,
  UpdateOptions,
} from '../../interfaces/options.js';
import { persistenceError } from '../errors/PersistenceError.js';

const { FILE_LOCKING, IMPORT_EXPORT, PERFORMANCE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

const CHECKSUM = /^[0-9a-f]{64}$/u;

type AnyOptions = LoadOptions & SaveOptions & UpdateOptions & CleanupOptions & RollbackOptions;

/** Keys that only some operations take. */
type SpecialKey = 'filePath' | 'dryRun' | 'onConflict';

/** Key to whether a value is right, and the words for what is. */
const RULES: { [K in keyof Required<AnyOptions>]: readonly [(value: unknown) => boolean, string] } = {
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal'],
  timeout: [isMilliseconds(1, PERFORMANCE_LIMITS.MAX_TIMER_MS), 'milliseconds from 1'],
  lockTimeout: [
    isMilliseconds(0, FILE_LOCKING.MAX_LOCK_TIMEOUT_MS),
    `milliseconds from 0 to ${FILE_LOCKING.MAX_LOCK_TIMEOUT_MS}`,
  ],
  format: [
    (value) => (IMPORT_EXPORT.SUPPORTED_FORMATS as readonly unknown[]).includes(value),
    `one of ${IMPORT_EXPORT.SUPPORTED_FORMATS.join(', ')}`,
  ],
  copy: [(value) => value === 'view' || value === 'plain', 'view or plain'],
  expectedChecksum: [
    (value) => value === null || (typeof value === 'string' && CHECKSUM.test(value)),
    'a lower-case SHA-256 in hexadecimal, or null',
  ],
  user: [isText, 'a non-empty string'],
  description: [(value) => typeof value === 'string' && value.isWellFormed(), 'a string'],
  tags: [(value) => Array.isArray(value) && value.every(isText), 'a list of non-empty strings'],
  initial: [() => true, 'a configuration'],
  filePath: [(value) => typeof value === 'string', 'a path'],
  dryRun: [(value) => typeof value === 'boolean', 'true or false'],
  onConflict: [(value) => value === 'keep-remote' || value === 'manual', 'keep-remote or manual'],
};

const SPECIAL_KEYS: readonly SpecialKey[] = ['filePath', 'dryRun', 'onConflict'];

/**
 * The options as they are, with none given as an empty object.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` that names the key; also for a key that does not exist, because a
 *   misspelt `expectedChecksum` would be a lost update.
 *
 * @param special keys that this operation takes beside the common ones.
 */
export function checkOperationOptions<T extends object>(
  options: T | undefined,
  special: readonly SpecialKey[] = [],
): T {
  if (options === undefined) return {} as T;
  if (typeof options !== 'object' || (options as object | null) === null) {
    throw persistenceError('ERR_INVALID_OPTION', 'the options of an operation must be an object');
  }
  for (const [key, value] of Object.entries(options)) {
    const isSpecial = (SPECIAL_KEYS as readonly string[]).includes(key);
    const isTaken = Object.hasOwn(RULES, key) && (!isSpecial || (special as readonly string[]).includes(key));
    if (!isTaken) throw persistenceError('ERR_INVALID_OPTION', `${key} is no option of an operation`);
    const [isRight, expected] = RULES[key as keyof AnyOptions];
    if (value !== undefined && !isRight(value)) {
      throw persistenceError('ERR_INVALID_OPTION', `${key} must be ${expected}`);
    }
  }
  return options;
}

/** @throws PersistenceError `ERR_INVALID_OPTION` for a lock timeout that is none. */
export function checkLockTimeout(timeout: number | undefined): void {
  checkOperationOptions({ lockTimeout: timeout });
}

function isMilliseconds(min: number, max: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= min && value <= max;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value.isWellFormed();
}
