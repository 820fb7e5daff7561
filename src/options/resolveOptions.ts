/** From what callers configure to what the managers work with: checked, complete, with absolute paths. */
import { basename, dirname, join, resolve, sep } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type { ConfigPersistenceOptions, PermissionOptions } from '../../interfaces/options.js';
import type { RetentionSettings } from '../backup/RetentionSettings.js';
import { hasKeepRules } from '../backup/retention/keepRules.js';
import type { CacheSettings } from '../cache/ConfigurationCache.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { ExpectationOptions } from '../schema/Expectations.js';
import type { HealthSchedule } from '../health/PeriodicHealth.js';
import type { StoreProvider } from '../storage/port/StoreProvider.js';
import { didYouMean } from './didYouMean.js';
import { OPTION_RULES, permissionKey, ruleOf } from './optionRules.js';

const {
  BACKUP_SETTINGS,
  CACHE_SETTINGS,
  FILE_LOCKING,
  FILE_SYSTEM,
  FORMATTING,
  MESSAGING,
  HEALTH_MONITORING,
  IMPORT_EXPORT,
  INTEGRITY_CHECKING,
  PERFORMANCE_LIMITS,
  PERMISSIONS,
  VERSION_CONTROL,
  WARNING_MESSAGES,
} = CONFIG_PERSISTENCE_CONSTANTS;

/** Every option with its value in force. */
export type ResolvedOptions = Readonly<ReturnType<typeof resolveOptions>>;

/** `./config/config.json`. */
export const DEFAULT_CONFIG_PATH = `${FILE_SYSTEM.DEFAULT_CONFIG_DIR}/${FILE_SYSTEM.DEFAULT_CONFIG_FILENAME}`;

/** `provider.json` beside the default configuration. */
export function providerPathBeside(defaultConfigPath: string): string {
  return join(dirname(defaultConfigPath), FILE_SYSTEM.PROVIDER_CONFIG_FILENAME);
}

/**
 * Checks each key; other spellings have been turned into their main keys before. `warnings` are about each key or member
 * that has no effect: unknown, or not read by anything. `unknown` are the keys that there are not.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` that names the first wrong key. Never shows its value.
 */
export function checkOptions(options: Readonly<Record<string, unknown>>): { warnings: string[]; unknown: string[] } {
  const warnings: string[] = [];
  const unknown: string[] = [];
  for (const [key, value] of Object.entries(options)) {
    const rule = ruleOf(key);
    if (rule === undefined) {
      unknown.push(key);
      warnings.push(unknownOption(key));
      continue;
    }
    const problem = rule.check(value);
    if (problem !== undefined) throw persistenceError('ERR_INVALID_OPTION', `${key} ${problem}`);
    if (!rule.isEffective) warnings.push(`${WARNING_MESSAGES.NO_EFFECT_YET}: ${key}`);
    const idle = (rule.idleMembers ?? []).filter((member) => (value as Record<string, unknown>)[member] !== undefined);
    warnings.push(...idle.map((member) => `${WARNING_MESSAGES.NO_EFFECT_YET}: ${key}.${member}`));
  }
  return { warnings, unknown };
}

/** The words about a key that there is not, and about the one that was probably meant. */
export function unknownOption(key: string): string {
  return `${WARNING_MESSAGES.UNKNOWN_OPTION}: ${key}${didYouMean(key, Object.keys(OPTION_RULES))}`;
}

/** Whether a key may be configured while the module runs. */
export function isTunableOption(key: string): boolean {
  return ruleOf(key)?.isRuntimeTunable === true;
}

/** The options in force, from checked ones; relative folders are relative to `workingDirectory`. */
export function resolveOptions(options: ConfigPersistenceOptions, workingDirectory: string) {
  const defaultConfigPath = options.defaultConfigPath ?? DEFAULT_CONFIG_PATH;
  const home = dirname(resolve(workingDirectory, defaultConfigPath));
  const folder = (given: string | undefined, standard: string): string =>
    given === undefined ? join(home, basename(standard)) : resolve(workingDirectory, given);
  const own = {
    metadataDirectory: folder(options.metadataDirectory, FILE_SYSTEM.METADATA_DIR),
    lockDirectory: folder(options.lockDirectory, FILE_SYSTEM.LOCK_DIR),
    backupDirectory: folder(options.backupDirectory, FILE_SYSTEM.BACKUP_DIR),
    tempDirectory: folder(options.tempDirectory, FILE_SYSTEM.TEMP_DIR),
    archiveDirectory: folder(options.archiveDirectory, FILE_SYSTEM.ARCHIVE_DIR),
  };
  if (own.archiveDirectory === own.backupDirectory) {
    throw persistenceError('ERR_INVALID_OPTION', 'archiveDirectory must be another folder than backupDirectory');
  }
  const further = (options.allowedDirectories ?? []).map((directory) => resolve(workingDirectory, directory));
  const formats: readonly string[] = options.supportedFormats ?? IMPORT_EXPORT.SUPPORTED_FORMATS;
  return {
    /** Absolute; what the paths of methods are relative to. */
    workingDirectory,
    /** As configured, for reports. */
    defaultConfigPath,
    ...own,
    ownDirectories: Object.values(own),
    /** Those in which no configuration can be: not the folder of the default one, nor any that this is in. */
    ignoredDirectories: Object.values(own).filter((folder) => !isAtOrBelow(home, folder)),
    /** Absolute; the working directory and the module's own folders included. */
    allowedDirectories: [workingDirectory, home, ...Object.values(own), ...further],
    cache: resolveCache(options),
    maxConcurrentOperations: options.maxConcurrentOperations ?? PERFORMANCE_LIMITS.MAX_CONCURRENT_OPERATIONS,
    maxVersionHistory: options.maxVersionHistory ?? VERSION_CONTROL.MAX_VERSION_HISTORY,
    operationTimeout: options.operationTimeout ?? PERFORMANCE_LIMITS.MAX_OPERATION_TIME_MS,
    lockTimeout: options.lockTimeout ?? FILE_LOCKING.DEFAULT_LOCK_TIMEOUT_MS,
    staleLockThreshold: options.staleLockThreshold ?? FILE_LOCKING.STALE_LOCK_THRESHOLD_MS,
    supportedFormats: Object.values(ConfigurationFormat).filter((format) => formats.includes(format)),
    layout: { preserve: options.preserveFormatting ?? FORMATTING.PRESERVE },
    texts: textSettingsOf(options),
    permissions: permissionsOf(options.permissions),
    user: options.user,
    validate: options.validate,
    expectations: pickExpectations(options),
    strictConnections: options.strictConnections ?? false,
    validationTimeout: options.validationTimeout ?? MESSAGING.VALIDATION_TIMEOUT_MS,
    inPlaceFallback: options.inPlaceFallback ?? FILE_SYSTEM.IN_PLACE_FALLBACK,
    autoBackupEnabled: options.autoBackupEnabled ?? BACKUP_SETTINGS.AUTO_BACKUP_ENABLED,
    autoRecover: options.autoRecover ?? INTEGRITY_CHECKING.AUTO_REPAIR_ENABLED,
    encryption: options.encryption,
    retention: resolveRetention(options),
    /** Files of this machine where it is left out. */
    store: options.store as StoreProvider | undefined,
  };
}

/** What the codecs are told about the texts of files. */
function textSettingsOf({ owner, comments, documents, inlineComments }: ConfigPersistenceOptions) {
  return { owner, comments, documents, inlineComments };
}

function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(join(folder, sep));
}

function pickExpectations(options: ConfigPersistenceOptions): ExpectationOptions {
  const { schema, migrations } = options;
  return { schema, defaults: options.defaults as object | undefined, migrations };
}

/** Whether the cache is used, and how long. */
export function resolveCache(options: ConfigPersistenceOptions): CacheSettings {
  return {
    isEnabled: options.enableCaching ?? CACHE_SETTINGS.ENABLE_CACHING,
    timeToLiveMs: options.cacheTTL ?? CACHE_SETTINGS.CONFIG_CACHE_TTL_MS,
  };
}

/** Whether the storage is checked from time to time, and how often. */
export function resolveHealthSchedule(options: ConfigPersistenceOptions): HealthSchedule {
  return {
    isEnabled: options.enableHealthChecks ?? HEALTH_MONITORING.ENABLE_HEALTH_CHECKS,
    intervalMs: options.healthCheckInterval ?? HEALTH_MONITORING.HEALTH_CHECK_INTERVAL_MS,
  };
}

/** The policy in force: the count and the compression that are configured apart count where the policy has none. */
export function resolveRetention(options: ConfigPersistenceOptions): RetentionSettings {
  const { retentionPolicy: given = {} } = options;
  const hasOtherLimit = hasKeepRules(given) || given.maxAgeHours !== undefined || given.maxTotalBytes !== undefined;
  const standard = hasOtherLimit ? undefined : BACKUP_SETTINGS.DEFAULT_RETENTION_COUNT;
  const maxCount = given.maxCount ?? options.backupRetentionCount ?? standard;
  const isCompressing = given.compressionEnabled ?? options.compressionEnabled ?? BACKUP_SETTINGS.COMPRESSION_ENABLED;
  const mergeWindowMs = options.backupMergeWindow ?? BACKUP_SETTINGS.MERGE_WINDOW_MS;
  return { policy: { ...given, ...(maxCount === undefined ? {} : { maxCount }) }, isCompressing, mergeWindowMs };
}

function permissionsOf(given: PermissionOptions = {}): Required<PermissionOptions> {
  const standard = Object.entries(PERMISSIONS).map(([name, mode]) => [permissionKey(name), mode] as const);
  return { ...Object.fromEntries(standard), ...given } as Required<PermissionOptions>;
}
