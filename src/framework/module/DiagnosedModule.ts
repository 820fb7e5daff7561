/**
 * The part of a module that is there from the first: who it is, and its debug log.
 *
 * The log is kept in memory, bounded, and passed on to whoever listens; by default nobody does, and nothing is printed. The
 * names are those of the original host.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type {
  DebugConfig,
  DebugEntryLevel,
  DebugLogEntry,
  DebugModule,
  HostDebugModule,
  ModuleInfo,
} from '../../../interfaces/framework.js';
import type { LoggingOptions } from '../../../interfaces/logging.js';
import { debugTargetOf } from './debugTargets.js';
import { checkModuleInfo } from './moduleInfo.js';
import { giveParts, partsOf } from './ModuleParts.js';
import { copyPlain } from './plainCopy.js';

const { OMITTED_DATA } = CONFIG_PERSISTENCE_CONSTANTS.FRAMEWORK;

export abstract class DiagnosedModule {
  protected readonly info: Readonly<ModuleInfo>;

  /** @throws ERR_INVALID_OPTION where a field of the info is missing, of the wrong type or, but for `description`, empty. */
  constructor(info: ModuleInfo) {
    this.info = checkModuleInfo(info);
    giveParts(this, this.info);
  }

  /** A copy. */
  getInfo(): ModuleInfo {
    return copyPlain(this.info);
  }

  /**
   * Sends the module's diagnostics there instead of the error stream; undefined and null take it away again. One that has
   * `recordDataFlow` or `addModuleConnection` is of the original host's form: `log(message, level, info)`.
   */
  // Two signatures, so that the compiler knows what a function that is given in place is called with.
  setDebugModule(debugModule: DebugModule | undefined): void;
  // eslint-disable-next-line @typescript-eslint/unified-signatures
  setDebugModule(debugModule: HostDebugModule | null): void;
  setDebugModule(debugModule: DebugModule | HostDebugModule | undefined | null): void {
    partsOf(this).debug.setTarget(debugModule ? debugTargetOf(debugModule, this.info) : undefined);
  }

  /**
   * What is kept of the debug log, and whether it is printed. Settings that are not given stay.
   *
   * @throws ERR_INVALID_OPTION for a setting that there is not, or of the wrong type.
   */
  setDebugConfig(config: Partial<DebugConfig>): void {
    partsOf(this).entries.configure(config);
  }

  /** A copy. */
  getDebugConfig(): DebugConfig {
    return { ...partsOf(this).entries.config };
  }

  /** The entries that are kept, of one level or of all, oldest first: the newest `limit` of them, or all. */
  getDebugLogs(level?: DebugEntryLevel, limit?: number): DebugLogEntry[] {
    const { entries, debug } = partsOf(this);
    return entries.list(debug.redact, level, limit);
  }

  clearDebugLogs(): void {
    partsOf(this).entries.clear();
  }

  /** The settings themselves: a member that is set counts from then on. Assigning another object is `setDebugConfig`. */
  protected get debugConfig(): DebugConfig {
    return partsOf(this).entries.config;
  }

  protected set debugConfig(config: Partial<DebugConfig>) {
    this.setDebugConfig(config);
  }

  /** The same as `getDebugLogs()`. */
  protected get debugLogs(): DebugLogEntry[] {
    return this.getDebugLogs();
  }

  /**
   * Writes to the debug log: kept, and passed on to the debug module and the logger, or to the error stream with debugging
   * on. Values under keys such as `password` are left out; others that nobody may see must not be given.
   */
  protected debug(level: DebugEntryLevel, message: string, data?: unknown, method?: string): void {
    const text = typeof message === 'string' ? message : OMITTED_DATA;
    partsOf(this).debug.write({ level, message: text, data, method });
  }

  protected trace(message: string, data?: unknown, method?: string): void {
    this.debug('trace', message, data, method);
  }

  /** At level `debug`. */
  protected log(message: string, data?: unknown, method?: string): void {
    this.debug('debug', message, data, method);
  }

  protected logInfo(message: string, data?: unknown, method?: string): void {
    this.debug('info', message, data, method);
  }

  protected warn(message: string, data?: unknown, method?: string): void {
    this.debug('warn', message, data, method);
  }

  protected error(message: string, data?: unknown, method?: string): void {
    this.debug('error', message, data, method);
  }

  /** For hosts of modules with the options `logger` and `redact`: the lines go by these from now on. */
  protected takeLogging(options: LoggingOptions): void {
    partsOf(this).debug.setLogging(options);
  }
}
