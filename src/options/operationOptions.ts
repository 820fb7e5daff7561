/** Reads and checks the last argument of the methods, once. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConflictResolution } from '../../interfaces/enums.js';
import type { IConfigPersistenceModule } from '../../interfaces/IConfigPersistenceModule.js';
import { composeMessage, PersistenceError } from '../errors/PersistenceError.js';
import { encryptionProblem } from '../packing/checkEncryption.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { didYouMean } from './didYouMean.js';
import { copyOnce, emptyRecord, itemsOf, readMembers } from '../value/readOnce.js';
import { HOME_ADVICE } from '../value/pathText.js';

const { ERROR_MESSAGES, FILE_LOCKING, FORMATTING, IMPORT_EXPORT, LIVE, OPERATION_OPTIONS, PERFORMANCE_LIMITS } =
  CONFIG_PERSISTENCE_CONSTANTS;

const CHECKSUM = /^[0-9a-f]{64}$/u;

const EVERY = ['signal', 'timeout'] as const;
const UPKEEP = [...EVERY, 'lockTimeout'] as const;
const MUTATION = [...UPKEEP, 'format', 'expectedChecksum', 'user'] as const;
const SAVE = [...MUTATION, 'description', 'tags'] as const;
const CONTENT = [...SAVE, 'preserveFormatting'] as const;
const TRANSFER = [...UPKEEP, 'user', 'progress', 'validate'] as const;
const EXPORT = [...TRANSFER, 'exportPath', 'overwrite', 'includeMetadata', 'compression', 'encryption'] as const;
const IMPORT = [...TRANSFER, 'format', 'conflictResolution', 'dryRun', 'encryption', 'description', 'tags'] as const;
const UNFORMATTED = [...UPKEEP, 'expectedChecksum', 'user', 'description', 'tags'] as const;

/** The keys that each method does something with. One that it would ignore is refused: somebody relies on it. */
const TAKEN = {
  saveConfiguration: CONTENT,
  loadConfiguration: [...EVERY, 'format', 'copy'],
  deleteConfiguration: MUTATION,
  updateConfiguration: [...CONTENT, 'initial'],
  verifyConfigurationIntegrity: [...EVERY, 'format'],
  getConfigurationMetadata: [...EVERY, 'format'],
  setConfigurationMetadata: MUTATION,
  createBackup: UNFORMATTED,
  listBackups: EVERY,
  restoreFromBackup: [...SAVE, 'validate'],
  deleteBackup: [...UPKEEP, 'expectedChecksum'],
  cleanupOldBackups: [...UPKEEP, 'filePath', 'dryRun'],
  forgetHistory: [...UPKEEP, 'before'],
  rotateBackupEncryption: UPKEEP,
  getVersionHistory: EVERY,
  compareVersions: EVERY,
  rollbackToVersion: [...UNFORMATTED, 'onConflict', 'validate'],
  migrateConfiguration: [...MUTATION, 'dryRun'],
  exportConfiguration: [...EXPORT, 'format'],
  exportConfigurations: [...EXPORT, 'baseDirectory'],
  importConfiguration: [...IMPORT, 'expectedChecksum'],
  importConfigurations: [...IMPORT, 'targetDirectory', 'baseDirectory'],
  convertConfiguration: [...TRANSFER, 'expectedChecksum', 'sourceFormat', 'targetFormat', 'overwrite', 'dryRun'],
  validateImportData: EVERY,
  getOperationHistory: EVERY,
  verifyOperationHistory: EVERY,
  getStorageStatistics: EVERY,
  validateStorageHealth: [...EVERY, 'only', 'maxDurationMs'],
  repairStorage: [...UPKEEP, 'only', 'dryRun'],
  withFileLock: ['lockTimeout', 'timeout', 'signal'],
  watchConfiguration: ['signal', 'since', 'polling', 'interval', 'persistent'],
} as const;

export type OperationMethod = keyof typeof TAKEN;
/** Method to its options, which are its last parameter. */
export type OptionsOf = { [M in OperationMethod]: Last<Required<Parameters<IConfigPersistenceModule[M]>>> };
type Last<P extends unknown[]> = P extends [...unknown[], infer L] ? L : never;
type OptionKey = { [M in OperationMethod]: keyof OptionsOf[M] }[OperationMethod];

/** Keys that a method's list lacks, or has although its options do not; the assignment below compiles only without any. */
type Wrong = {
  [M in OperationMethod]:
    Exclude<keyof OptionsOf[M], (typeof TAKEN)[M][number]> | Exclude<(typeof TAKEN)[M][number], keyof OptionsOf[M]>;
}[OperationMethod];
const LISTS: [Wrong] extends [never] ? Readonly<Record<OperationMethod, readonly string[]>> : never = TAKEN;

/** Whether a value is right, and the words for what is. */
type Rule = readonly [(value: unknown) => boolean, string];

const FLAG: Rule = [(value) => typeof value === 'boolean', 'true or false'];
const PATH: Rule = [(value) => typeof value === 'string', 'a path'];
const FOLDER: Rule = [(value) => typeof value === 'string' && !value.startsWith('~'), `a path (${HOME_ADVICE})`];
const CHECKSUM_OR_NULL: Rule = [
  (value) => value === null || (typeof value === 'string' && CHECKSUM.test(value)),
  'a lower-case SHA-256 in hexadecimal, or null',
];
const FORMAT: Rule = [
  (value) => (IMPORT_EXPORT.SUPPORTED_FORMATS as readonly unknown[]).includes(value),
  `one of ${IMPORT_EXPORT.SUPPORTED_FORMATS.join(', ')}`,
];

const RULES: Readonly<Record<OptionKey, Rule>> = {
  signal: [(value) => value instanceof AbortSignal, 'an AbortSignal'],
  timeout: [isMilliseconds(1, PERFORMANCE_LIMITS.MAX_TIMER_MS), 'milliseconds from 1'],
  lockTimeout: [
    isMilliseconds(0, FILE_LOCKING.MAX_LOCK_TIMEOUT_MS),
    `milliseconds from 0 to ${FILE_LOCKING.MAX_LOCK_TIMEOUT_MS}`,
  ],
  format: FORMAT,
  copy: [(value) => value === 'view' || value === 'plain' || value === 'frozen', 'view, plain or frozen'],
  expectedChecksum: CHECKSUM_OR_NULL,
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
  preserveFormatting: [
    (value) => (FORMATTING.PRESERVE_CHOICES as readonly unknown[]).includes(value),
    `one of ${FORMATTING.PRESERVE_CHOICES.join(', ')}`,
  ],
  initial: [() => true, 'a configuration'],
  progress: [(value) => typeof value === 'function', 'a function'],
  exportPath: PATH,
  baseDirectory: FOLDER,
  targetDirectory: FOLDER,
  overwrite: FLAG,
  includeMetadata: FLAG,
  compression: FLAG,
  validate: FLAG,
  sourceFormat: FORMAT,
  targetFormat: FORMAT,
  conflictResolution: [
    (value) => (Object.values(ConflictResolution) as unknown[]).includes(value),
    `one of ${Object.values(ConflictResolution).join(', ')}`,
  ],
  encryption: [
    (value) => typeof value === 'boolean' || encryptionProblem(value) === undefined,
    'true, false, or an object with one key of 32 bytes or one passphrase',
  ],
  since: CHECKSUM_OR_NULL,
  polling: FLAG,
  interval: [
    isMilliseconds(LIVE.MIN_INTERVAL_MS, PERFORMANCE_LIMITS.MAX_TIMER_MS),
    `milliseconds from ${LIVE.MIN_INTERVAL_MS}`,
  ],
  persistent: FLAG,
  filePath: PATH,
  dryRun: FLAG,
  before: [(value) => typeof value === 'number' && Number.isFinite(value), 'epoch milliseconds'],
  only: [isSelection, 'a list of names of checks and types of issues'],
  maxDurationMs: [isMilliseconds(0, PERFORMANCE_LIMITS.MAX_TIMER_MS), 'milliseconds from 0'],
  onConflict: [(value) => value === 'keep-remote' || value === 'manual', 'keep-remote or manual'],
};

const NONE = Object.freeze(emptyRecord());

/**
 * The options of a method as a frozen copy, so that what was checked is what counts, whatever the caller does with its own
 * object afterwards. A key whose value is undefined is left out.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` that names the key; also for a key that the method does nothing with,
 *   because a misspelt or ignored `expectedChecksum` would be a lost update. `ERR_INVALID_CONFIGURATION_DATA` for `initial`.
 */
export function checkOperationOptions<M extends OperationMethod>(
  method: M,
  options: OptionsOf[M] | undefined,
): OptionsOf[M] {
  if (options === undefined) return NONE;
  if (typeof options !== 'object' || (options as object | null) === null) {
    throw invalid('the options of an operation must be an object');
  }
  const read = emptyRecord();
  const refuse = (reason: string): PersistenceError => invalid(`the options of ${method} ${reason}`);
  readMembers(options, refuse, (key, given) => {
    const taken = LISTS[method];
    if (!taken.includes(key)) {
      const advice = didYouMean(key, taken) || `; it takes ${taken.join(', ')}`;
      throw invalid(`${key} is no option of ${method}${advice}`);
    }
    const value = ownValue(key, given);
    checkValue(key, RULES[key as OptionKey], value);
    if (value !== undefined) read[key] = value;
  });
  return Object.freeze(read);
}

/** @throws PersistenceError `ERR_INVALID_OPTION` for a `timeout` of `acquireFileLock` that is none. */
export function checkLockTimeout(timeout: number | undefined): void {
  checkValue('timeout', RULES.lockTimeout, timeout);
}

/** What a caller could change afterwards is copied; a signal is meant to change. */
function ownValue(key: string, given: unknown): unknown {
  if (key === 'tags' && Array.isArray(given)) {
    return Object.freeze(itemsOf(given, (reason) => invalid(`${key} ${reason}`)));
  }
  if (key === 'only' && Array.isArray(given)) {
    return Object.freeze(itemsOf(given, (reason) => invalid(`${key} ${reason}`)));
  }
  if (key === 'encryption') return copyOnce(given, (reason) => invalid(`${key} ${reason}`), false);
  // Whether the format has a form for every number is known later, and checked there.
  return key === 'initial' && given !== undefined ? copyIntoDomain(given, { nonFiniteNumbers: true }) : given;
}

function checkValue(key: string, [isRight, expected]: Rule, value: unknown): void {
  if (value !== undefined && !isRight(value)) throw invalid(`${key} must be ${expected}`);
}

/** "Invalid option", where the one of `configure()` is an invalid module option. */
function invalid(reason: string): PersistenceError {
  const message = composeMessage(ERROR_MESSAGES.INVALID_OPERATION_OPTION, reason, undefined);
  return new PersistenceError('ERR_INVALID_OPTION', message);
}

function isMilliseconds(min: number, max: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= min && value <= max;
}

function isText(minLength: number, maxLength: number): (value: unknown) => boolean {
  return (value) =>
    typeof value === 'string' && value.length >= minLength && value.length <= maxLength && value.isWellFormed();
}

function isSelection(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}

function isTags(value: unknown): boolean {
  const { MAX_TAGS, MAX_TAG_LENGTH } = OPERATION_OPTIONS;
  return Array.isArray(value) && value.length <= MAX_TAGS && value.every(isText(1, MAX_TAG_LENGTH));
}
