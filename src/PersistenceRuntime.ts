/**
 * The life of one set of services: its options over calls of `configure()`, its start and its end.
 *
 * It decides when there are services to ask and which options they work with; what is asked of them is `ConfigPersistence`'s.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { IssueSeverity } from '../interfaces/enums.js';
import type { LoggingOptions } from '../interfaces/logging.js';
import type { PersistenceAlert } from '../interfaces/messages.js';
import type { RetentionSettings } from './backup/RetentionSettings.js';
import { compose, endServices, type Internals, type Services } from './compose.js';
import { leadingToCaller } from './errors/callerStack.js';
import { hasErrorCode } from './errors/PersistenceError.js';
import { storageError } from './errors/StorageError.js';
import { DebugLog, describeError } from './framework/module/DebugLog.js';
import { Lifecycle } from './framework/module/Lifecycle.js';
import { OperationMetrics } from './metrics/OperationMetrics.js';
import { reportsTo, tellAlert, type Host, type OperationReports } from './operationReports.js';
import { ModuleOptions, type OptionChanges } from './options/ModuleOptions.js';
import {
  DEFAULT_CONFIG_PATH,
  resolveCache,
  resolveHealthSchedule,
  resolveOptions,
  resolveRetention,
  type ResolvedOptions,
} from './options/resolveOptions.js';
import { requirePathText } from './value/pathText.js';

const { MESSAGING } = CONFIG_PERSISTENCE_CONSTANTS;

interface Running {
  readonly options: ResolvedOptions;
  readonly services: Services;
}

export class PersistenceRuntime {
  readonly #debugLog: DebugLog;
  readonly #host: Host;
  readonly #internals: () => Internals;
  readonly #options = new ModuleOptions();
  readonly #lifecycle = new Lifecycle();
  readonly #metrics = new OperationMetrics();
  #running: Running | undefined;
  #defaultPath: string | undefined;

  /** Where the host brings no log, the option `debug` prints to the error stream. */
  constructor(host: Partial<Host> & Pick<Host, 'id'>, internals: () => Internals) {
    this.#debugLog = new DebugLog(host.id);
    const log: Host['log'] = (...entry) => this.#debugLog.log(...entry);
    // The option `logger` is not for hosts with a log of their own; where they do not know of it, it gets its lines from here.
    const hostLog = host.log;
    const logBoth: Host['log'] = (...entry) => {
      hostLog?.(...entry);
      if (this.#options.given.logger !== undefined) log(...entry);
    };
    const isLeftToHost = hostLog !== undefined && host.takeLogging !== undefined;
    this.#host = { ...host, log: isLeftToHost ? hostLog : hostLog === undefined ? log : logBoth };
    this.#internals = internals;
  }

  /** Checks options and changes nothing. @throws PersistenceError `ERR_INVALID_OPTION` */
  checkOptions(options: object): OptionChanges {
    return this.#options.check(options, this.#lifecycle.isActive);
  }

  /** Makes what was checked count, and tells what was found. */
  applyOptions(changes: OptionChanges): void {
    this.#options.apply(changes);
    const { given } = this.#options;
    this.#debugLog.setOptions(given.debug);
    this.#logBy(given);
    const isAboutCache = 'enableCaching' in changes.shown || 'cacheTTL' in changes.shown;
    if (isAboutCache) this.#running?.services.cache.reconfigure(resolveCache(given));
    const isAboutHealth = 'enableHealthChecks' in changes.shown || 'healthCheckInterval' in changes.shown;
    if (isAboutHealth) this.#running?.services.periodicHealth.retune();
    for (const warning of changes.warnings) this.#host.log('warn', warning);
    for (const alert of this.#options.takeAlerts()) tellAlert(this.#host, given, alert);
  }

  /** As `ConfigPersistence.start` says. */
  start(startHost: (() => Promise<unknown>) | undefined): Promise<void> {
    return leadingToCaller(() => this.#lifecycle.start(() => this.#start(startHost)));
  }

  /** As `ConfigPersistence.close` says. */
  close(stopHost: (() => Promise<unknown>) | undefined): Promise<void> {
    return leadingToCaller(() => this.#lifecycle.stop(() => this.#stop(stopHost)));
  }

  /** Tells whoever listens, as the running parts do. */
  alert(told: PersistenceAlert): void {
    reportsTo(this.#host, this.#options).alert(told);
  }

  /** As `ConfigPersistence.onListenerFailure` says. */
  listenerFailed(error: unknown): void {
    reportsTo(this.#host, this.#options).onListenerFailure(error);
  }

  /** True from the end of `close()` until it is started anew. */
  get isClosed(): boolean {
    return this.#lifecycle.state === 'destroyed';
  }

  /** Option `validationTimeout`. */
  get validationTimeoutMs(): number {
    return this.#running?.options.validationTimeout ?? MESSAGING.VALIDATION_TIMEOUT_MS;
  }

  /** Whether the option `strictConnections` is in force. */
  get isStrict(): boolean {
    return this.#options.given.strictConnections === true;
  }

  /** @throws PersistenceError `ERR_NOT_INITIALIZED`, or `ERR_DESTROYED` from the beginning of `close()`. */
  get services(): Services {
    if (this.#lifecycle.state === 'initialized' && this.#running !== undefined) return this.#running.services;
    throw this.#lifecycle.notStartedError('a module starts with initialize(), anything else with open()');
  }

  /** As `IConfigPersistenceModule.getMetrics` says. */
  get metricsText(): string {
    return this.#metrics.text(this.#running?.services.operations.runningCount ?? 0);
  }

  /** The absolute form of a path that a method is given. */
  fullPathOf(filePath: string): string {
    return this.#options.fullPathOf(filePath);
  }

  get defaultPath(): string {
    return this.#defaultPath ?? this.#options.given.defaultConfigPath ?? DEFAULT_CONFIG_PATH;
  }

  set defaultPath(filePath: string) {
    this.#defaultPath = requirePathText(filePath);
    // Before the start it may be the first path that is named.
    this.fullPathOf(filePath);
    this.#running?.services.allowBeside(filePath);
  }

  #logBy(options: LoggingOptions): void {
    this.#debugLog.setLogging(options);
    this.#host.takeLogging?.(options);
  }

  async #start(startHost: (() => Promise<unknown>) | undefined): Promise<void> {
    const options = resolveOptions(this.#options.given, this.#options.workingDirectory);
    const reports = reportsTo(this.#host, this.#options);
    const retention = (): RetentionSettings => resolveRetention(this.#options.given);
    const services = await compose(
      options,
      this.#host.id,
      {
        ...reports,
        retention,
        metrics: this.#metrics,
        healthSchedule: () => resolveHealthSchedule(this.#options.given),
        defaultPath: () => this.defaultPath,
      },
      this.#internals(),
    );
    const running = { options, services };
    try {
      await services.store.open();
    } catch (error) {
      throw storageError(error, { filePath: options.metadataDirectory });
    }
    if (this.#defaultPath !== undefined) services.allowBeside(this.#defaultPath);
    await this.#recoverImport(running, reports.alert);
    try {
      await startHost?.();
    } catch (error) {
      await this.#end(running).catch((second: unknown) => {
        this.#host.log('error', 'clean-up after a failed start failed', { reason: describeError(second) });
      });
      throw error;
    }
    this.#running = running;
    services.periodicHealth.start();
  }

  /** Before anything else is asked for, so that nobody meets half of an import. */
  async #recoverImport({ services, options }: Running, alert: OperationReports['alert']): Promise<void> {
    const tell = (severity: IssueSeverity, description: string): void => {
      const filePath = options.tempDirectory;
      alert({ type: 'import-recovered', severity, filePath, description, timestamp: Date.now() });
    };
    try {
      for (const told of await services.transfer.recover()) tell(IssueSeverity.HIGH, told);
    } catch (error) {
      // A living process is at work with it.
      if (!hasErrorCode(error, 'ERR_LOCK_TIMEOUT')) tell(IssueSeverity.CRITICAL, (error as Error).message);
    }
  }

  async #stop(stopHost: (() => Promise<unknown>) | undefined): Promise<void> {
    try {
      if (this.#running !== undefined) await this.#end(this.#running);
    } finally {
      this.#running = undefined;
      this.#defaultPath = undefined;
      try {
        await stopHost?.();
      } finally {
        // The host's last line still goes by them.
        this.#options.clear();
        this.#debugLog.setOptions(undefined);
        this.#logBy({});
      }
    }
  }

  async #end({ services, options }: Running): Promise<void> {
    try {
      await endServices(services);
    } catch (error) {
      throw storageError(error, { filePath: options.lockDirectory });
    }
  }
}
