/**
 * What a module keeps of its debug log: the newest entries, in memory, and the settings that say which.
 *
 * An entry keeps a reference to what its caller gave, not a copy, and nothing that is large. Secrets are left out when the
 * entries are shown.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { DebugConfig, DebugEntryLevel, DebugLogEntry } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { Redact } from '../../logging/redaction.js';
import { isLargerThan, isPlainlySmall } from './dataSize.js';
import { isPlainObject } from './plainCopy.js';

const { MAX_LOG_ENTRIES, MAX_LOGGED_DATA_SIZE, OMITTED_DATA } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

const LEVELS: readonly DebugEntryLevel[] = ['trace', 'debug', 'info', 'warn', 'error'];
const SWITCHES = ['enabled', 'recordStack', 'consoleOutput', 'trackDataFlow'] as const;
/** Of the original host, about the log files that this one does not write; welcome while these are off. */
const FILE_SETTINGS = ['maxFileSize', 'maxLogFiles'] as const;

/** What a caller says of one entry. */
export interface NewEntry {
  readonly level: DebugEntryLevel;
  readonly message: string;
  readonly method?: string | undefined;
  readonly data?: unknown;
}

interface KeptEntry extends NewEntry {
  readonly timestamp: number;
  /** For the stack. */
  readonly at: Error | undefined;
}

export class DebugEntries {
  /** In force. Subclasses of a module reach it as `debugConfig` and may set its members. */
  readonly config: DebugConfig = {
    enabled: true,
    level: 'debug',
    recordStack: true,
    maxLogEntries: MAX_LOG_ENTRIES,
    consoleOutput: false,
    trackDataFlow: false,
  };
  readonly #moduleId: string;
  #entries: KeptEntry[] = [];

  constructor(moduleId: string) {
    this.#moduleId = moduleId;
  }

  /** Whether entries of this level are kept and passed on. */
  takes(level: DebugEntryLevel): boolean {
    return this.config.enabled && LEVELS.indexOf(level) >= LEVELS.indexOf(this.config.level);
  }

  add({ level, message, method, data }: NewEntry): void {
    const isKept = data === undefined || isPlainlySmall(data) || !isLargerThan(data, MAX_LOGGED_DATA_SIZE);
    // One shape for all of them, and no more work than that: every operation of a module adds an entry.
    this.#entries.push({
      timestamp: Date.now(),
      level,
      message: message.length > MAX_LOGGED_DATA_SIZE ? message.slice(0, MAX_LOGGED_DATA_SIZE) : message,
      method,
      data: isKept ? data : OMITTED_DATA,
      at: level === 'error' && this.config.recordStack ? new Error('Stack trace') : undefined,
    });
    this.#trim();
  }

  /** Copies, oldest first: of one level, or of all; the newest `limit` of them, or all. */
  list(redact: Redact, level?: DebugEntryLevel, limit?: number): DebugLogEntry[] {
    const chosen = level === undefined ? this.#entries : this.#entries.filter((entry) => entry.level === level);
    const newest = limit !== undefined && limit > 0 ? chosen.slice(-limit) : chosen;
    return newest.map(({ timestamp, level: itsLevel, message, method, data, at }) => ({
      timestamp,
      level: itsLevel,
      message,
      moduleId: this.#moduleId,
      ...(method === undefined ? {} : { method }),
      ...(data === undefined ? {} : { data: redact({ data }).data }),
      ...(at?.stack === undefined ? {} : { stack: at.stack }),
    }));
  }

  clear(): void {
    this.#entries = [];
  }

  /**
   * Takes the settings that are given; a refused call changes nothing.
   *
   * @throws ERR_INVALID_OPTION for a key that there is not, a value of the wrong type, and `enableFileLogging: true`.
   */
  configure(changes: unknown): void {
    if (!isPlainObject(changes)) throw invalid('the debug configuration', 'a plain object');
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    for (const [key, value] of given) checkSetting(key, value);
    Object.assign(this.config, Object.fromEntries(given));
    this.#trim();
  }

  #trim(): void {
    const { maxLogEntries } = this.config;
    // Set by a subclass directly it may be anything.
    const most = maxLogEntries >= 0 && maxLogEntries <= MAX_LOG_ENTRIES ? maxLogEntries : MAX_LOG_ENTRIES;
    while (this.#entries.length > most) this.#entries.shift();
  }
}

function checkSetting(key: string, value: unknown): void {
  if (isOneOf(SWITCHES, key)) return requireThat(typeof value === 'boolean', key, 'a boolean');
  if (key === 'level') return requireThat(isOneOf(LEVELS, value), key, `one of ${LEVELS.join(', ')}`);
  if (key === 'maxLogEntries') {
    const fits = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_LOG_ENTRIES;
    return requireThat(fits, key, `a whole number from 0 to ${MAX_LOG_ENTRIES}`);
  }
  if (key === 'enableFileLogging') {
    return requireThat(value === false, key, 'false: this host writes no log files; use the option logger');
  }
  if (!isOneOf(FILE_SETTINGS, key)) throw invalid(key, `one of ${[...SWITCHES, 'level', 'maxLogEntries'].join(', ')}`);
}

function requireThat(fits: boolean, key: string, expected: string): void {
  if (!fits) throw invalid(key, expected);
}

function isOneOf(list: readonly string[], value: unknown): boolean {
  return typeof value === 'string' && list.includes(value);
}

function invalid(key: string, expected: string): Error {
  return persistenceError('ERR_INVALID_OPTION', `${key} must be ${expected}`);
}
