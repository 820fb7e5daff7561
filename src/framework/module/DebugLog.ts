/**
 * Where a module's diagnostics go: to the debug module and the logger that it was given; where there is neither, with
 * debugging on, to the error stream, otherwise nowhere. It never fails its caller, and it is never handed configuration
 * values; what looks like a secret in the details is left out all the same.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { DebugOptions } from '../../../interfaces/framework.js';
import type { Logger, LoggingOptions } from '../../../interfaces/logging.js';
import { persistenceError, PersistenceError } from '../../errors/PersistenceError.js';
import { redactorOf, type Redact } from '../../logging/redaction.js';
import type { DebugEntries, NewEntry } from './DebugEntries.js';
import { stderrDebugModule, type DebugTarget } from './debugTargets.js';
import { isPlainObject } from './plainCopy.js';

const { LOGGER_LEVEL } = CONFIG_PERSISTENCE_CONSTANTS.LOGGING;

/** How serious a line is. */
export type DebugLevel = 'debug' | 'info' | 'warn' | 'error';

/** In rising order. */
export const LOG_LEVELS: readonly DebugLevel[] = ['debug', 'info', 'warn', 'error'];

const SWITCHES = ['enableRequestLogging', 'enablePerformanceMonitoring'] as const;

export class DebugLog {
  readonly #moduleId: string;
  readonly #entries: DebugEntries | undefined;
  #options: boolean | DebugOptions | undefined;
  #target: DebugTarget | undefined;
  #logger: Logger | undefined;
  #redact = redactorOf();
  #isLogging = false;

  /** @param entries what the module keeps of its log, and its settings; none where nobody can ask for them. */
  constructor(moduleId: string, entries?: DebugEntries) {
    this.#moduleId = moduleId;
    this.#entries = entries;
  }

  /** Takes secrets out of details, as the option `redact` says. */
  get redact(): Redact {
    return this.#redact;
  }

  /** `true` and an object turn debugging on, `false` silences everybody, undefined leaves it to whoever gets the lines. */
  setOptions(options: boolean | DebugOptions | undefined): void {
    this.#options = options;
  }

  setTarget(target: DebugTarget | undefined): void {
    this.#target = target;
  }

  setLogging({ logger, redact }: LoggingOptions): void {
    this.#logger = logger;
    this.#redact = redactorOf(redact);
  }

  log(level: DebugLevel, message: string, details?: Record<string, unknown>): void {
    this.write({ level, message, data: details });
  }

  /** As `log`, for an entry of any level: keeps it, and passes it on with its data and method as details. */
  write(entry: NewEntry): void {
    if (this.#entries?.takes(entry.level) === false) return;
    this.#entries?.add(entry);
    this.#tell(entry.level === 'trace' ? 'debug' : entry.level, entry);
  }

  /** One line for a transfer or message, at level `debug`; an options object must ask for these, as for keeping them. */
  logRequest(message: string, details: Record<string, unknown>): void {
    const entry = { level: 'debug', message, data: details } as const;
    if (this.#entries?.takes('debug') === false) return;
    const isTracked = this.#entries?.config.trackDataFlow === true;
    if (isTracked) this.#entries.add(entry);
    const isAsked = typeof this.#options !== 'object' || this.#options.enableRequestLogging === true;
    if (isTracked || isAsked) this.#tell('debug', entry);
  }

  /** Tells a debug module of the original host's form, which gets no data, that something passed. */
  noteFlow(sourceId: string, targetId: string, transferId: string, type: string | undefined): void {
    if (this.#options === false) return;
    tellQuietly(() => this.#target?.recordDataFlow?.(sourceId, targetId, { transferId, type, dataOmitted: true }));
  }

  /** Tells such a debug module of a new connection. */
  noteConnection(direction: 'input' | 'output'): void {
    if (this.#options === false) return;
    tellQuietly(() => this.#target?.addModuleConnection?.(this.#moduleId, direction));
  }

  #tell(level: DebugLevel, { message, method, data }: NewEntry): void {
    if (this.#options === false) return;
    const { logLevel = 'debug' } = typeof this.#options === 'object' ? this.#options : {};
    if (isBelow(level, logLevel)) return;
    const logger = this.#loggerFor(level);
    const isPrinting = this.#options !== undefined || this.#entries?.config.consoleOutput === true;
    const target = this.#target ?? (isPrinting && this.#logger === undefined ? stderrDebugModule : undefined);
    if (target === undefined && logger === undefined) return;
    const details = detailsOf(data, method);
    const shown = details === undefined ? undefined : this.#redact(details);
    tellQuietly(() => target?.log(level, `${this.#moduleId}: ${message}`, shown));
    if (logger !== undefined) this.#tellLogger(logger, level, message, { moduleId: this.#moduleId, ...shown });
  }

  /** The logger, where it is to get a line of this level. */
  #loggerFor(level: DebugLevel): Logger | undefined {
    // What it does with the module makes no lines of its own, which would have no end.
    const isAsked = !this.#isLogging && (this.#options !== undefined || !isBelow(level, LOGGER_LEVEL));
    return isAsked ? this.#logger : undefined;
  }

  #tellLogger(logger: Logger, level: DebugLevel, message: string, details: object): void {
    this.#isLogging = true;
    tellQuietly(() => (logger.isLevelEnabled?.(level) === false ? undefined : logger[level](details, message)));
    this.#isLogging = false;
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

/** A failure is dropped: diagnostics are not worth failing for, and there is nobody left to tell. */
function tellQuietly(tell: () => unknown): void {
  callQuietly(tell, () => undefined);
}

/** What callers give with a line may be anything; debug modules and loggers get an object. */
function detailsOf(data: unknown, method: string | undefined): Record<string, unknown> | undefined {
  if (data === undefined && method === undefined) return undefined;
  const members = isPlainObject(data) ? data : data === undefined ? {} : { data };
  return method === undefined ? members : { ...members, method };
}

function isBelow(level: DebugLevel, least: DebugLevel): boolean {
  return LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least);
}

function invalidDebug(key: string, expected: string): Error {
  return persistenceError('ERR_INVALID_OPTION', `${key} must be ${expected}`);
}
