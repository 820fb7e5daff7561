/**
 * Where a module's diagnostics go: to the debug module that it was given, otherwise, with debugging on, to the error
 * stream, otherwise nowhere. It never fails its caller, and it is never handed configuration values.
 */
import type { DebugModule, DebugOptions } from '../../../interfaces/framework.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';
import { isPlainObject } from './plainCopy.js';

/** How serious a line is. */
export type DebugLevel = 'debug' | 'info' | 'warn' | 'error';

/** In rising order. */
export const LOG_LEVELS: readonly DebugLevel[] = ['debug', 'info', 'warn', 'error'];

/** The debug module of last resort. The only place of the product that prints. */
const stderrDebugModule: DebugModule = {
  log(level, message, details) {
    const suffix = details === undefined ? '' : ` ${JSON.stringify(details)}`;
    process.stderr.write(`[${level}] ${message}${suffix}\n`);
  },
};

const SWITCHES = ['enableRequestLogging', 'enablePerformanceMonitoring'] as const;

export class DebugLog {
  readonly #moduleId: string;
  #options: boolean | DebugOptions | undefined;
  #target: DebugModule | undefined;

  constructor(moduleId: string) {
    this.#moduleId = moduleId;
  }

  /** `true` and an object turn debugging on, `false` silences the debug module too, undefined leaves it to that. */
  setOptions(options: boolean | DebugOptions | undefined): void {
    this.#options = options;
  }

  setTarget(target: DebugModule | undefined): void {
    this.#target = target;
  }

  log(level: DebugLevel, message: string, details?: Record<string, unknown>): void {
    const target = this.#target ?? (this.#options === undefined ? undefined : stderrDebugModule);
    const { logLevel = 'debug' } = typeof this.#options === 'object' ? this.#options : {};
    const isTooLow = LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(logLevel);
    if (target === undefined || this.#options === false || isTooLow) return;
    // A failure is dropped: diagnostics are not worth failing for, and there is nobody left to tell.
    callQuietly(
      () => target.log(level, `${this.#moduleId}: ${message}`, details),
      () => undefined,
    );
  }

  /** One line for a transfer or message, at level `debug`; an options object must ask for these. */
  logRequest(message: string, details: Record<string, unknown>): void {
    const asked = typeof this.#options !== 'object' || this.#options.enableRequestLogging === true;
    if (asked) this.log('debug', message, details);
  }
}

/**
 * The value of the option `debug`.
 *
 * @throws ERR_INVALID_OPTION for anything but a boolean or `DebugOptions`.
 */
export function checkDebugOption(value: unknown): boolean | DebugOptions {
  if (typeof value === 'boolean') return value;
  if (!isPlainObject(value)) throw invalidDebug('debug', 'a boolean or an object');
  for (const key of SWITCHES) {
    const flag = value[key];
    if (flag !== undefined && typeof flag !== 'boolean') throw invalidDebug(`debug.${key}`, 'a boolean');
  }
  const level = value.logLevel;
  if (level !== undefined && !LOG_LEVELS.includes(level as DebugLevel)) {
    throw invalidDebug('debug.logLevel', `one of ${LOG_LEVELS.join(', ')}`);
  }
  return value;
}

/**
 * Calls a function of somebody else's that may be asynchronous, without waiting for it. What it throws, or rejects with
 * later, only goes to `onFailure`: an unhandled rejection would end the process.
 */
export function callQuietly(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const returned = call();
    if (typeof returned === 'object' && returned !== null) Promise.resolve(returned).catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}

/**
 * What may be logged of an error: our own messages never hold values; of a foreign error, whose message might, only
 * its name and code.
 */
export function describeError(error: unknown): string {
  if (error instanceof PersistenceError) return error.message;
  if (!(error instanceof Error)) return typeof error;
  const code: unknown = (error as { code?: unknown }).code;
  return typeof code === 'string' ? `${error.name} ${code}` : error.name;
}

function invalidDebug(key: string, expected: string): Error {
  return persistenceError('ERR_INVALID_OPTION', `${key} must be ${expected}`);
}
