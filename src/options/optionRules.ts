/**
 * The rule of each configuration key: its type and range, and the key that it is another spelling of.
 *
 * Every value is checked here and nowhere else, so that what the managers receive is right.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { encryptionProblem } from '../packing/checkEncryption.js';
import { INI_OWNERS } from '../codec/ini/iniDialects.js';
import { OLD_YAML } from '../codec/yaml/yamlSettings.js';
import { policyProblem } from '../backup/retention/checkPolicy.js';
import { expectationProblem } from '../schema/checkExpectations.js';
import { HOME_ADVICE } from '../value/pathText.js';
import { LOG_LEVELS } from '../framework/module/DebugLog.js';
import { loggerProblem, redactProblem } from '../logging/checkLogging.js';

const {
  BACKUP_SETTINGS,
  FILE_LOCKING,
  FORMATTING,
  IMPORT_EXPORT,
  OPERATION_OPTIONS,
  PERFORMANCE_LIMITS,
  PERMISSIONS,
  VERSION_CONTROL,
} = CONFIG_PERSISTENCE_CONSTANTS;

/** What is wrong with a value, in words that follow the key; undefined where it is right. */
export type Check = (value: unknown) => string | undefined;

export interface OptionRule {
  readonly check: Check;
  /** The key that counts, where this one is its other spelling. */
  readonly meaning?: string;
  /** False while the part of the product that reads it does not exist. */
  readonly isEffective: boolean;
  /** Members of its value that nothing reads. */
  readonly idleMembers?: readonly string[];
  readonly isRuntimeTunable: boolean;
}

const MAX_MODE = 0o777;

const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const author: Check = (value) =>
  typeof value === 'string' && value !== '' && value.length <= OPERATION_OPTIONS.MAX_USER_LENGTH
    ? undefined
    : `must be a string of 1 to ${OPERATION_OPTIONS.MAX_USER_LENGTH} characters`;
const store: Check = (value) =>
  typeof value === 'object' && value !== null && 'createStore' in value && typeof value.createStore === 'function'
    ? undefined
    : 'must be what memoryStore() or another provider of a store gives';
const action: Check = (value) => (typeof value === 'function' ? undefined : 'must be a function');

/** Control characters are never part of a folder's or file's name on purpose. */
const path: Check = (value) => {
  const isPath = typeof value === 'string' && value !== '' && !/\p{Cc}/u.test(value) && value.isWellFormed();
  if (!isPath) return 'must be a non-empty path without control characters';
  return value.startsWith('~') ? `must be a full path: ${HOME_ADVICE}` : undefined;
};

function integer(min: number, max: number): Check {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? undefined
      : `must be a whole number from ${min} to ${max}`;
}

function oneOf(values: readonly string[]): Check {
  return (value) =>
    typeof value === 'string' && values.includes(value) ? undefined : `must be one of ${values.join(', ')}`;
}

function listOf(check: Check, what: string): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length === 0) return `must be a non-empty list of ${what}`;
    const problem = value.map((item) => check(item)).find((one) => one !== undefined);
    return problem === undefined ? undefined : `must be a non-empty list of ${what}; each ${problem}`;
  };
}

/** A plain object whose members are among the given ones, each right by its own rule. */
function record(members: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'must be an object';
    for (const [key, member] of Object.entries(value)) {
      const check = Object.hasOwn(members, key) ? members[key] : undefined;
      if (check === undefined) return `has the unknown member ${key}`;
      const problem = member === undefined ? undefined : check(member);
      if (problem !== undefined) return `.${key} ${problem}`;
    }
    return undefined;
  };
}

const debug: Check = (value) =>
  typeof value === 'boolean'
    ? undefined
    : record({ enableRequestLogging: flag, enablePerformanceMonitoring: flag, logLevel: oneOf(LOG_LEVELS) })(value);

const retentionCount = integer(BACKUP_SETTINGS.MIN_RETENTION_COUNT, BACKUP_SETTINGS.MAX_RETENTION_COUNT);
const mode = integer(0, MAX_MODE);
const durationMs = integer(1, PERFORMANCE_LIMITS.MAX_TIMER_MS);

const permissions = record(Object.fromEntries(Object.keys(PERMISSIONS).map((name) => [permissionKey(name), mode])));

/** `CONFIG_FILE` is `configFile`, `CONFIG_DIR` is `configDirectory`. */
export function permissionKey(name: string): string {
  const [owner = '', kind] = name.toLowerCase().split('_');
  return `${owner}${kind === 'dir' ? 'Directory' : 'File'}`;
}

function fixed(check: Check): OptionRule {
  return { check, isEffective: true, isRuntimeTunable: false };
}

function tunable(check: Check): OptionRule {
  return { check, isEffective: true, isRuntimeTunable: true };
}

/** Key to rule. */
export const OPTION_RULES: Readonly<Record<string, OptionRule>> = {
  defaultConfigPath: fixed(path),
  metadataDirectory: fixed(path),
  lockDirectory: fixed(path),
  backupDirectory: fixed(path),
  tempDirectory: fixed(path),
  archiveDirectory: fixed(path),
  allowedDirectories: fixed(listOf(path, 'paths')),
  enableCaching: tunable(flag),
  cacheTTL: tunable(durationMs),
  maxConcurrentOperations: fixed(integer(1, PERFORMANCE_LIMITS.MAX_CONCURRENT_OPERATIONS_LIMIT)),
  maxVersionHistory: fixed(integer(0, VERSION_CONTROL.MAX_VERSION_HISTORY_LIMIT)),
  operationTimeout: fixed(durationMs),
  lockTimeout: fixed(integer(0, FILE_LOCKING.MAX_LOCK_TIMEOUT_MS)),
  staleLockThreshold: fixed(
    integer(FILE_LOCKING.MIN_STALE_LOCK_THRESHOLD_MS, FILE_LOCKING.MAX_STALE_LOCK_THRESHOLD_MS),
  ),
  supportedFormats: fixed(listOf(oneOf(IMPORT_EXPORT.SUPPORTED_FORMATS), 'formats')),
  // A temporary file has the mode of the file that it becomes, from its first moment.
  permissions: { ...fixed(permissions), idleMembers: ['tempFile', 'tempDirectory'] },
  preserveFormatting: fixed(oneOf(FORMATTING.PRESERVE_CHOICES)),
  owner: fixed(oneOf([OLD_YAML, ...Object.keys(INI_OWNERS)])),
  comments: fixed(flag),
  documents: fixed(flag),
  inlineComments: fixed(flag),
  user: fixed(author),
  validate: fixed(action),
  schema: fixed(expectationProblem('schema')),
  defaults: fixed(expectationProblem('defaults')),
  migrations: fixed(expectationProblem('migrations')),
  store: fixed(store),
  strictConnections: fixed(flag),
  validationTimeout: fixed(durationMs),
  inPlaceFallback: fixed(flag),
  debug: tunable(debug),
  logger: tunable(loggerProblem),
  redact: tunable(redactProblem),
  autoBackupEnabled: fixed(flag),
  enableBackup: { ...fixed(flag), meaning: 'autoBackupEnabled' },
  backupRetentionCount: tunable(retentionCount),
  retentionCount: { ...tunable(retentionCount), meaning: 'backupRetentionCount' },
  retentionPolicy: tunable(policyProblem),
  backupMergeWindow: tunable(integer(0, PERFORMANCE_LIMITS.MAX_TIMER_MS)),
  compressionEnabled: fixed(flag),
  encryption: fixed(encryptionProblem),
  autoRecover: fixed(flag),
  enableHealthChecks: tunable(flag),
  healthCheckInterval: tunable(durationMs),
  alerts: fixed((value) => flag(value) && action(value) && 'must be true, false or a function'),
  strictOptions: fixed(flag),
};

/** Undefined for a key that there is not. */
export function ruleOf(key: string): OptionRule | undefined {
  return Object.hasOwn(OPTION_RULES, key) ? OPTION_RULES[key] : undefined;
}
