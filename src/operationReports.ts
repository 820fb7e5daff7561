/** What a running module tells about its work: in the debug log, and to the application's `alerts`. Never a value. */
import { resolve } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { IssueSeverity } from '../interfaces/enums.js';
import type { PersistenceAlert } from '../interfaces/messages.js';
import type { Host } from './compose.js';
import type { OperationEnd } from './engine/Operations.js';
import { hasErrorCode, PersistenceError } from './errors/PersistenceError.js';
import { callQuietly } from './framework/module/callQuietly.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;
const { SLOW_OPERATION_THRESHOLD_MS } = CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS;

type Log = (level: 'debug' | 'warn' | 'error', message: string, details: Record<string, unknown>) => void;

export interface ReportTargets {
  readonly log: Log;
  /** Whether operations that ended well are logged, and how long each took. */
  readonly isMonitoring: () => boolean;
  /** The option `alerts`. */
  readonly listener: ((alert: PersistenceAlert) => unknown) | undefined;
}

export function reportsTo({
  log,
  isMonitoring,
  listener,
}: ReportTargets): Pick<Host, 'observers' | 'alert' | 'onMaintenanceFailure'> {
  const alert = ({ type, filePath, description, ...others }: PersistenceAlert): void => {
    log('warn', description, { type, filePath, backupId: others.backupId });
    // What the application does with an alert must not change how the operation ends.
    callQuietly(
      () => listener?.({ type, filePath, description, ...others }),
      (error) => {
        log('error', 'the alerts option failed', { error: error instanceof Error ? error.name : typeof error });
      },
    );
  };
  return {
    observers: [
      (end) => {
        logEnd(log, end, isMonitoring());
      },
    ],
    alert,
    onMaintenanceFailure: ({ name }, error) => {
      // Somebody else works with the file, and will look after it.
      if (hasErrorCode(error, 'ERR_LOCK_TIMEOUT')) return;
      const description = `${WARNING_MESSAGES.BACKUPS_NOT_MAINTAINED}: ${error.message}`;
      const severity = IssueSeverity.HIGH;
      alert({ type: 'backup-failure', severity, filePath: name, description, timestamp: Date.now() });
    },
  };
}

function logEnd(log: Log, { operationType, filePath, durationMs, error }: OperationEnd, isMonitoring: boolean): void {
  const details = {
    operationType,
    // Empty where the operation is about no file, or about those of all configurations.
    ...(filePath === '' ? {} : { filePath: resolve(filePath) }),
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
