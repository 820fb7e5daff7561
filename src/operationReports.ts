/** What a running module tells about its work: in the debug log, and to the application's `alerts`. Never a value. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { IssueSeverity } from '../interfaces/enums.js';
import type { LoggingOptions } from '../interfaces/logging.js';
import type { HealthCheckResult } from '../interfaces/health.js';
import type { PersistenceAlert } from '../interfaces/messages.js';
import type { ConfigPersistenceOptions } from '../interfaces/options.js';
import type { OperationEnd, OperationObserver } from './engine/Operations.js';
import { hasErrorCode, PersistenceError } from './errors/PersistenceError.js';
import { callQuietly, describeError, type DebugLevel } from './framework/module/DebugLog.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;
const { SLOW_OPERATION_THRESHOLD_MS } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

export type Log = (level: DebugLevel, message: string, details?: Record<string, unknown>) => void;

/** What surrounds the operations: the RCC module, or nothing. */
export interface Host {
  /** Names this instance in the records of its locks. */
  readonly id: string;
  readonly log: Log;
  /** Told of what somebody should know of, besides the log and the option `alerts`. */
  readonly alert?: (alert: PersistenceAlert) => void;
  /** Told what the options `logger` and `redact` say, by which `log` goes from then on. */
  readonly takeLogging?: (options: LoggingOptions) => void;
  /** Told what each periodic health check came to, and each other one that has changed the state. */
  readonly health?: (result: HealthCheckResult) => void;
}

/** What the parts of a running module tell. */
export interface OperationReports {
  readonly observers: readonly OperationObserver[];
  readonly alert: (alert: PersistenceAlert) => void;
  /** Told what a function of the caller threw that is only told something. */
  readonly onListenerFailure: (error: unknown) => void;
  /** Told why files that are watched are only looked at from time to time. */
  readonly onWatchFallback: (filePath: string, reason: string) => void;
  /** Told when the history of operations cannot be written. */
  readonly onHistoryFailure: (error: Error) => void;
  readonly onMaintenanceFailure: (location: { readonly name: string }, error: Error) => void;
  readonly onHealth: (result: HealthCheckResult) => void;
  /** Told why a periodic health check could not be made. */
  readonly onHealthFailure: (error: Error) => void;
}

/** Tells an alert to whoever listens. It stands in the log by then. */
export function tellAlert(host: Host, { alerts }: ConfigPersistenceOptions, alert: PersistenceAlert): void {
  // What the application does with an alert must not change how the operation ends.
  const report = (error: unknown): void => {
    host.log('error', 'the alerts option failed', { error: error instanceof Error ? error.name : typeof error });
  };
  callQuietly(() => typeof alerts === 'function' && alerts(alert), report);
  callQuietly(() => host.alert?.(alert), report);
}

/** @param module its options in force, some of which change while it runs, and what its relative paths mean. */
export function reportsTo(
  host: Host,
  module: { readonly given: ConfigPersistenceOptions; fullPathOf(filePath: string): string },
): OperationReports {
  const { log } = host;
  const options = module.given;
  const alert = (told: PersistenceAlert): void => {
    const { type, filePath, backupId, description } = told;
    log('warn', description, { type, filePath, ...(backupId === undefined ? {} : { backupId }) });
    tellAlert(host, options, told);
  };
  return {
    observers: [
      (end) =>
        logEnd(log, { ...end, filePath: end.filePath === '' ? '' : module.fullPathOf(end.filePath) }, module.given),
    ],
    alert,
    onListenerFailure: (error) => {
      log('error', 'a listener failed', { error: error instanceof Error ? error.name : typeof error });
    },
    onWatchFallback: (filePath, description) => {
      alert({ type: 'watching-by-polling', severity: IssueSeverity.LOW, filePath, description, timestamp: Date.now() });
    },
    onHistoryFailure: (error) => {
      const description = `${WARNING_MESSAGES.HISTORY_NOT_WRITTEN}: ${describeError(error)}`;
      const { filePath = '' } = error instanceof PersistenceError ? error : {};
      alert({
        type: 'history-not-written',
        severity: IssueSeverity.MEDIUM,
        filePath,
        description,
        timestamp: Date.now(),
      });
    },
    onHealth: (result) => {
      callQuietly(
        () => host.health?.(result),
        (error) => {
          log('error', 'the health report was not taken', { error: describeError(error) });
        },
      );
    },
    onHealthFailure: (error) => {
      log('error', 'a health check could not be made', { error: describeError(error) });
    },
    onMaintenanceFailure: ({ name }, error) => {
      // Somebody else works with the file, and will look after it.
      if (hasErrorCode(error, 'ERR_LOCK_TIMEOUT')) return;
      const description = `${WARNING_MESSAGES.BACKUPS_NOT_MAINTAINED}: ${error.message}`;
      const severity = IssueSeverity.HIGH;
      alert({ type: 'backup-failure', severity, filePath: name, description, timestamp: Date.now() });
    },
  };
}

function logEnd(
  log: Log,
  { operationType, filePath, durationMs, error }: OperationEnd,
  { debug }: ConfigPersistenceOptions,
): void {
  // What ended well, and how long each took: an options object must ask for that.
  const isMonitoring = typeof debug !== 'object' || debug.enablePerformanceMonitoring === true;
  const details = {
    operationType,
    // Empty where the operation is about no file, or about those of all configurations.
    ...(filePath === '' ? {} : { filePath }),
    ...(isMonitoring ? { durationMs: Math.round(durationMs) } : {}),
  };
  if (error !== undefined) {
    const code = error instanceof PersistenceError ? error.code : error.name;
    log('error', 'operation failed', { ...details, code });
  } else if (durationMs > SLOW_OPERATION_THRESHOLD_MS) {
    log('warn', 'operation was slow', details);
  } else if (isMonitoring) {
    log('debug', 'operation ended', details);
  }
}
