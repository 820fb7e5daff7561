/** Checks the last argument of the module's methods. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type {
  BackupOptions,
  CleanupOptions,
  DeleteBackupOptions,
  LoadOptions,
  MutationOptions,
  OperationOptions,
  QueryOptions,
  RollbackOptions,
  SaveOptions,
  UpdateOptions,
  UpkeepOptions,
} from '../../interfaces/options.js';
import { persistenceError } from '../errors/PersistenceError.js';

const { FILE_LOCKING, IMPORT_EXPORT, OPERATION_OPTIONS, PERFORMANCE_LIMITS } = CONFIG_PERSISTENCE_CONSTANTS;

const CHECKSUM = /^[0-9a-f]{64}$/u;

/** Method to its options. */
interface OptionsOf {
  saveConfiguration: SaveOptions;
  loadConfiguration: LoadOptions;
  deleteConfiguration: MutationOptions;
  updateConfiguration: UpdateOptions;
  verifyConfigurationIntegrity: OperationOptions;
  getConfigurationMetadata: OperationOptions;
  setConfigurationMetadata: MutationOptions;
  createBackup: BackupOptions;
  listBackups: QueryOptions;
  restoreFromBackup: SaveOptions;
  deleteBackup: DeleteBackupOptions;
  cleanupOldBackups: CleanupOptions;
  rotateBackupEncryption: UpkeepOptions;
  getVersionHistory: QueryOptions;
  compareVersions: QueryOptions;
  rollbackToVersion: RollbackOptions;
}

type Method = keyof OptionsOf;
type OptionKey = { [M in Method]: keyof OptionsOf[M] }[Method];

const EVERY = ['signal', 'timeout'] as const;
const UPKEEP = [...EVERY, 'lockTimeout'] as const;
const MUTATION = [...UPKEEP, 'format', 'expectedChecksum', 'user'] as const;
const SAVE = [...MUTATION, 'description', 'tags'] as const;
const UNFORMATTED = [...UPKEEP, 'expectedChecksum', 'user', 'description', 'tags'] as const;

/** The keys that each method does something with. One that it would ignore is refused: somebody relies on it. */
const TAKEN = {
  saveConfiguration: SAVE,
  loadConfiguration: [...EVERY, 'format', 'copy'],
  deleteConfiguration: MUTATION,
  updateConfiguration: [...SAVE, 'initial'],
  verifyConfigurationIntegrity: [...EVERY, 'format'],
  getConfigurationMetadata: [...EVERY, 'format'],
  setConfigurationMetadata: MUTATION,
  createBackup: UNFORMATTED,
  listBackups: EVERY,
  restoreFromBackup: SAVE,
  deleteBackup: [...UPKEEP, 'expectedChecksum'],
  cleanupOldBackups: [...UPKEEP, 'filePath', 'dryRun'],
  rotateBackupEncryption: UPKEEP,
  getVersionHistory: EVERY,
  compareVersions: EVERY,
  rollbackToVersion: [...UNFORMATTED, 'onConflict'],
} as const satisfies { readonly [M in Method]: readonly (keyof OptionsOf[M])[] };

/** Methods whose list lacks a key of their options; the assignment below does not compile unless there are none. */
type Incomplete = { [M in Method]: Exclude<keyof OptionsOf[M], (typeof TAKEN)[M][number]> }[Method];
const LISTS: [Incomplete] extends [never] ? Readonly<Record<Method, readonly string[]>> : never = TAKEN;

/** Whether a value is right, and the words for what is. */
type Rule = readonly [(value: unknown) => boolean, string];

const RULES: Readonly<Record<OptionKey, Rule>> = {
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
  user: [
    isText(1, OPERATION_OPTIONS.MAX_USER_LENGTH),
    `a string of 1 to ${OPERATION_OPTIONS.MAX_USER_LENGTH} characters`,
  ],
  description: [
    isText(0, OPERATION_OPTIONS.MAX_DESCRIPTION_LENGTH),
    `a string of at most ${OPERATION_OPTIONS.MAX_DESCRIPTION_LENGTH} characters`,
  ],
  tags: [
    isTags,
    `a list of at most ${OPERATION_OPTIONS.MAX_TAGS} strings of 1 to ${OPERATION_OPTIONS.MAX_TAG_LENGTH} characters`,
  ],
  initial: [() => true, 'a configuration'],
  filePath: [(value) => typeof value === 'string', 'a path'],
  dryRun: [(value) => typeof value === 'boolean', 'true or false'],
  onConflict: [(value) => value === 'keep-remote' || value === 'manual', 'keep-remote or manual'],
};

/**
 * The options of a method as they are, with none given as an empty object.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` that names the key; also for a key that the method does nothing with,
 *   because a misspelt or ignored `expectedChecksum` would be a lost update.
 */
export function checkOperationOptions<M extends Method>(method: M, options: OptionsOf[M] | undefined): OptionsOf[M] {
  if (options === undefined) return {};
  if (typeof options !== 'object' || (options as object | null) === null) {
    throw persistenceError('ERR_INVALID_OPTION', 'the options of an operation must be an object');
  }
  for (const [key, value] of Object.entries(options)) {
    if (!LISTS[method].includes(key)) throw persistenceError('ERR_INVALID_OPTION', `${key} is no option of ${method}`);
    checkValue(key, RULES[key as OptionKey], value);
  }
  return options;
}

/** @throws PersistenceError `ERR_INVALID_OPTION` for a `timeout` of `acquireFileLock` that is none. */
export function checkLockTimeout(timeout: number | undefined): void {
  checkValue('timeout', RULES.lockTimeout, timeout);
}

function checkValue(key: string, [isRight, expected]: Rule, value: unknown): void {
  if (value !== undefined && !isRight(value)) {
    throw persistenceError('ERR_INVALID_OPTION', `${key} must be ${expected}`);
  }
}

function isMilliseconds(min: number, max: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= min && value <= max;
}

function isText(minLength: number, maxLength: number): (value: unknown) => boolean {
  return (value) =>
    typeof value === 'string' && value.length >= minLength && value.length <= maxLength && value.isWellFormed();
}

function isTags(value: unknown): boolean {
  const { MAX_TAGS, MAX_TAG_LENGTH } = OPERATION_OPTIONS;
  return Array.isArray(value) && value.length <= MAX_TAGS && value.every(isText(1, MAX_TAG_LENGTH));
}
