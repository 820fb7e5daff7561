/**
 * The operations as an RCC module: a mixin over any class that has the members of RCC's `BaseModule`.
 *
 * It owns what the host's base class cannot know: the order of start and end, the options with their secrets, and who is
 * served with what. The work is that of a `ConfigPersistence`. It relies on public members only, besides `transferData`
 * and `debug`, which it uses where they are there.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { ExportFormat } from '../interfaces/enums.js';
import type { ConnectionInfo, DataTransfer, Message, MessageResponse, ModuleInfo } from '../interfaces/framework.js';
import type { LoggingOptions } from '../interfaces/logging.js';
import type { IConfigPersistenceModule } from '../interfaces/IConfigPersistenceModule.js';
import type { ConfigPersistenceOptions, Mutate, UpdateOptions } from '../interfaces/options.js';
import type { HealthCheckResult } from '../interfaces/health.js';
import type { PersistenceAlert } from '../interfaces/messages.js';
import type { Internals } from './compose.js';
import { ConfigPersistence } from './ConfigPersistence.js';
import { connectionOf, permitsKind } from './framework/connections/ConnectionTable.js';
import { completeResponse } from './framework/messages/messages.js';
import { describeError } from './framework/module/DebugLog.js';
import { readMessage, readTransfer } from './messaging/envelopes.js';
import { answerRequest, refuseUnconnected, type ConfigurationRequest, type Reply } from './messaging/RequestHandler.js';
import { alertOfUntold, connectionsFor, isDelivered, reportOfAlert, type UnaskedKind } from './messaging/unasked.js';
import type { Log } from './operationReports.js';
import { providerPathBeside } from './options/resolveOptions.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, and what a mixin's constructor takes */

const { HEALTH_REPORT, ERROR_REPORT } = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

/** What the mixin needs of a host's base class. */
export interface HostModule {
  getInfo(): ModuleInfo;
  configure(config: any): void;
  initialize(): Promise<unknown>;
  destroy(): Promise<unknown>;
  getInputConnections(): ConnectionInfo[];
  receiveData(transfer: any): Promise<unknown>;
  handleMessage(message: any): Promise<unknown>;
}

export type HostModuleClass = abstract new (...parameters: any[]) => HostModule;

/** What the mixin adds to an instance. */
export interface PersistenceFace<T = any> extends IConfigPersistenceModule<T> {
  /**
   * Options before `initialize()`; afterwards only those that may change while it runs (`debug`, cache, health,
   * retention). Calls merge, however they spell a key. Unknown keys are a warning in the debug log and, when the module
   * starts at the latest, an alert; with `strictOptions` they are refused. A refused call changes nothing.
   *
   * @throws PersistenceError `ERR_INVALID_OPTION` that names the key; also for two spellings in one call that differ.
   */
  configure(options: ConfigPersistenceOptions<T>): void;

  /**
   * Starts the module; calls while it starts wait for the same start, calls afterwards do nothing.
   *
   * @param options as for a call of `configure` before; what that refuses is a rejection.
   */
  initialize(options?: ConfigPersistenceOptions<T>): Promise<void>;

  /** Waits for what runs, gives locks and timers back, and forgets the options. Further calls do nothing. */
  destroy(): Promise<void>;

  /** Serves requests by transfer and answers on the output connections. Never rejects. */
  receiveData(transfer: DataTransfer): Promise<void>;

  /** Serves requests by message; anything else is the host's. @throws PersistenceError `ERR_INVALID_REQUEST` for no message. */
  handleMessage(message: Message): Promise<MessageResponse | undefined>;
}

/** The host's class with the face of the module: its static members, its constructor, a type parameter for the value. */
export type WithConfigPersistence<B extends HostModuleClass> = Pick<B, keyof B> &
  (new <T = any>(...parameters: ConstructorParameters<B>) => PersistenceFace<T> & InstanceType<B>);

/** Protected members of hosts and of this package's own module; TypeScript has no word for "where it has one". */
interface HostInternals extends Internals {
  debug?: Log;
  takeLogging?: (options: LoggingOptions) => void;
  getOutputConnections?: () => ConnectionInfo[];
  transferData?: (data: unknown, connectionId?: string, metadata?: Record<string, unknown>) => Promise<unknown>;
}

type Operations = IConfigPersistenceModule;
type Given<M extends keyof Operations> = Parameters<Operations[M]>;

export function withConfigPersistence<B extends HostModuleClass>(Base: B): WithConfigPersistence<B> {
  abstract class PersistenceModule extends Base implements IConfigPersistenceModule {
    readonly #core = createCore(this);

    override configure(options: object): void {
      const changes = this.#core.checkOptions(options);
      // What the host says about them in its log already goes by them.
      (this as unknown as HostInternals).takeLogging?.(changes.merged);
      try {
        // It may refuse, and is never given a secret: it may show its options to anybody.
        super.configure(changes.shown);
      } catch (error) {
        (this as unknown as HostInternals).takeLogging?.(changes.before);
        throw error;
      }
      this.#core.applyOptions(changes);
    }

    override initialize(options?: object): Promise<void> {
      const start = (): Promise<void> => this.#core.start(() => super.initialize());
      return options === undefined ? start() : configureAndStart(this, options, start);
    }

    override destroy(): Promise<void> {
      return this.#core.close(() => super.destroy());
    }

    override async handleMessage(given: Message): Promise<MessageResponse | undefined> {
      const read = readMessage(given);
      if (read === undefined) return (await super.handleMessage(given)) as MessageResponse | undefined;
      const { message, request } = read;
      const connection = this.getInputConnections().find(
        (input) => input.sourceModuleId === message.source && permitsKind(input, request.kind),
      );
      const reply = await this.#answer(request, connection);
      const { success, data } = reply;
      return completeResponse(
        message,
        reply.success ? { success, data } : { success, data, error: reply.data.message },
      );
    }

    override async receiveData(given: DataTransfer): Promise<void> {
      const read = this.#core.isClosed ? undefined : readTransfer(given);
      if (read !== undefined && 'report' in read) return this.#sendReply(read.report.data.requestId, read.report);
      const recorded = this.#quietly('transfer was not recorded', () => super.receiveData(read?.transfer ?? given));
      if (read === undefined) {
        await recorded;
        return;
      }
      const { transfer, request } = read;
      // Begun before the host's record is waited for: requests and calls keep their order.
      const answered = this.#answer(request, connectionOf(this.getInputConnections(), transfer));
      await recorded;
      await this.#sendReply(transfer.id, await answered);
    }

    saveConfiguration(...given: Given<'saveConfiguration'>) {
      return this.#core.saveConfiguration(...given);
    }

    loadConfiguration(...given: Given<'loadConfiguration'>) {
      return this.#core.loadConfiguration(...given);
    }

    deleteConfiguration(...given: Given<'deleteConfiguration'>) {
      return this.#core.deleteConfiguration(...given);
    }

    saveConfigurationAtomic(...given: Given<'saveConfigurationAtomic'>) {
      return this.saveConfiguration(...given);
    }

    updateConfiguration(mutate: Mutate, ...given: [filePath?: string, options?: UpdateOptions]) {
      return this.#core.updateConfiguration(mutate, ...given);
    }

    migrateConfiguration(...given: Given<'migrateConfiguration'>) {
      return this.#core.migrateConfiguration(...given);
    }

    verifyConfigurationIntegrity(...given: Given<'verifyConfigurationIntegrity'>) {
      return this.#core.verifyConfigurationIntegrity(...given);
    }

    createBackup(...given: Given<'createBackup'>) {
      return this.#core.createBackup(...given);
    }

    listBackups(...given: Given<'listBackups'>) {
      return this.#core.listBackups(...given);
    }

    restoreFromBackup(...given: Given<'restoreFromBackup'>) {
      return this.#core.restoreFromBackup(...given);
    }

    deleteBackup(...given: Given<'deleteBackup'>) {
      return this.#core.deleteBackup(...given);
    }

    cleanupOldBackups(...given: Given<'cleanupOldBackups'>) {
      return this.#core.cleanupOldBackups(...given);
    }

    rotateBackupEncryption(...given: Given<'rotateBackupEncryption'>) {
      return this.#core.rotateBackupEncryption(...given);
    }

    getVersionHistory(...given: Given<'getVersionHistory'>) {
      return this.#core.getVersionHistory(...given);
    }

    compareVersions(...given: Given<'compareVersions'>) {
      return this.#core.compareVersions(...given);
    }

    rollbackToVersion(...given: Given<'rollbackToVersion'>) {
      return this.#core.rollbackToVersion(...given);
    }

    exportConfiguration(...given: Given<'exportConfiguration'>) {
      return this.#core.exportConfiguration(...given);
    }

    exportConfigurations(...given: Given<'exportConfigurations'>) {
      return this.#core.exportConfigurations(...given);
    }

    importConfiguration(...given: Given<'importConfiguration'>) {
      return this.#core.importConfiguration(...given);
    }

    importConfigurations(...given: Given<'importConfigurations'>) {
      return this.#core.importConfigurations(...given);
    }

    convertConfiguration(...given: Given<'convertConfiguration'>) {
      return this.#core.convertConfiguration(...given);
    }

    validateImportData(...given: Given<'validateImportData'>) {
      return this.#core.validateImportData(...given);
    }

    getOperationHistory(...given: Given<'getOperationHistory'>) {
      return this.#core.getOperationHistory(...given);
    }

    verifyOperationHistory(...given: Given<'verifyOperationHistory'>) {
      return this.#core.verifyOperationHistory(...given);
    }

    getStorageStatistics(...given: Given<'getStorageStatistics'>) {
      return this.#core.getStorageStatistics(...given);
    }

    validateStorageHealth(...given: Given<'validateStorageHealth'>) {
      return this.#core.validateStorageHealth(...given);
    }

    repairStorage(...given: Given<'repairStorage'>) {
      return this.#core.repairStorage(...given);
    }

    acquireFileLock(...given: Given<'acquireFileLock'>) {
      return this.#core.acquireFileLock(...given);
    }

    releaseFileLock(...given: Given<'releaseFileLock'>) {
      return this.#core.releaseFileLock(...given);
    }

    checkFileLock(...given: Given<'checkFileLock'>) {
      return this.#core.checkFileLock(...given);
    }

    setDefaultConfigurationPath(...given: Given<'setDefaultConfigurationPath'>) {
      this.#core.setDefaultConfigurationPath(...given);
    }

    getDefaultConfigurationPath() {
      return this.#core.getDefaultConfigurationPath();
    }

    getConfigurationMetadata(...given: Given<'getConfigurationMetadata'>) {
      return this.#core.getConfigurationMetadata(...given);
    }

    setConfigurationMetadata(...given: Given<'setConfigurationMetadata'>) {
      return this.#core.setConfigurationMetadata(...given);
    }

    saveProviderConfiguration(...[config, options]: Given<'saveProviderConfiguration'>) {
      return this.saveConfiguration(config, this.#providerPath(), options);
    }

    loadProviderConfiguration(...[options]: Given<'loadProviderConfiguration'>) {
      return this.loadConfiguration(this.#providerPath(), options);
    }

    exportProviderConfiguration(...given: Given<'exportProviderConfiguration'>) {
      const [exportPath, format = ExportFormat.JSON, options] = given;
      return this.exportConfiguration(format, this.#providerPath(), { ...options, exportPath });
    }

    getMetrics() {
      return this.#core.getMetrics();
    }

    #providerPath(): string {
      return providerPathBeside(this.getDefaultConfigurationPath());
    }

    /** The public methods do the work, those that a subclass has overridden included. */
    #answer(request: ConfigurationRequest, connection: ConnectionInfo | undefined): Reply | Promise<Reply> {
      const isServed = !this.#core.isStrict || connection !== undefined;
      return isServed ? answerRequest(this, request) : refuseUnconnected(request);
    }

    async #sendReply(requestId: string, reply: Reply): Promise<void> {
      const metadata = { type: reply.kind, requestId, correlationId: requestId };
      const isTold = await this.#quietly('reply was not sent', async () => {
        const host = this as unknown as HostInternals;
        return host.transferData !== undefined && isDelivered(await host.transferData(reply.data, undefined, metadata));
      });
      if (!reply.success && isTold !== true) this.#core.alert(alertOfUntold(reply, this.getDefaultConfigurationPath()));
    }

    /** Undefined where it failed. */
    async #quietly<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
      try {
        return await work();
      } catch (error) {
        (this as unknown as HostInternals).debug?.('error', what, { reason: describeError(error) });
        return undefined;
      }
    }
  }
  return PersistenceModule as unknown as WithConfigPersistence<B>;
}

/** What the options are refused for is a rejection too. */
async function configureAndStart(module: HostModule, options: object, start: () => Promise<void>): Promise<void> {
  module.configure(options);
  await start();
}

/** With the host's log where it has one, and the system calls and the clock that a test has put there. */
function createCore(module: HostModule): ConfigPersistence {
  const internals = module as HostModule & HostInternals;
  const send = (kind: UnaskedKind, data: object): void => {
    for (const id of connectionsFor(kind, internals.getOutputConnections?.() ?? [])) {
      // Whoever is not there to be told has not asked.
      void internals.transferData?.(data, id, { type: kind }).catch(() => undefined);
    }
  };
  const host = {
    get id() {
      return module.getInfo().id;
    },
    health: (result: HealthCheckResult) => {
      send(HEALTH_REPORT, result);
    },
    alert: (alert: PersistenceAlert) => {
      const report = reportOfAlert(alert);
      if (report !== undefined) send(ERROR_REPORT, report);
    },
    ...(typeof internals.debug === 'function'
      ? { log: ((...entry) => internals.debug?.(...entry)) satisfies Log }
      : {}),
    ...(typeof internals.takeLogging === 'function'
      ? { takeLogging: (options: LoggingOptions) => internals.takeLogging?.(options) }
      : {}),
  };
  return new ConfigPersistence(host, () => internals);
}
