/**
 * The operations as an RCC module: a mixin over any class that has the members of RCC's `BaseModule`.
 *
 * It owns what the host's base class cannot know: the order of start and end, the options with their secrets, and who is
 * served with what. The work is that of a `ConfigPersistence`. It relies on public members only, besides `transferData`
 * and `debug`, which it uses where they are there.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import { ExportFormat } from '../interfaces/enums.js';
import type { DataTransfer, Message, MessageResponse, ModuleCapabilities } from '../interfaces/framework.js';
import type { RequestReply } from '../interfaces/requests.js';
import type { FileLockOptions, HeldFileLock } from '../interfaces/locks.js';
import type { IConfigPersistenceModule } from '../interfaces/IConfigPersistenceModule.js';
import type { ConfigPersistenceOptions, Mutate, UpdateOptions } from '../interfaces/options.js';
import {
  assertOwnConnection,
  createCore,
  createLive,
  createRequests,
  type HostInternals,
  type HostModule,
  type HostModuleClass,
} from './hostedParts.js';
import { connectionOf, permitsKind, type ConnectionDescription } from './framework/connections/ConnectionTable.js';
import { completeResponse } from './framework/messages/messages.js';
import { describeError } from './framework/module/DebugLog.js';
import { capabilities } from './messaging/capabilities.js';
import { readMessage, readTransfer } from './messaging/envelopes.js';
import { requestReplyOf, withoutConflictValues, withoutValues } from './messaging/replies.js';
import { providerPathBeside } from './options/resolveOptions.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, and what a mixin's constructor takes */

const { BACKUP_NOTIFICATION, PERSISTENCE_RESULT } = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

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

  /**
   * Serves requests by transfer and answers on the output connections. Never rejects. The kind of a transfer is what its
   * metadata says (`type`), otherwise what its data says, otherwise the only one of the connection that it came over.
   *
   * @returns the reply, also where no connection takes it; undefined for what is no request.
   */
  receiveData(transfer: DataTransfer): Promise<RequestReply | undefined>;

  /** What it can be asked for, and what it tells. */
  getCapabilities(): ModuleCapabilities;

  /** Serves requests by message; anything else is the host's. @throws PersistenceError `ERR_INVALID_REQUEST` for no message. */
  handleMessage(message: Message): Promise<MessageResponse | undefined>;
}

/** The host's class with the face of the module: its static members, its constructor, a type parameter for the value. */
export type WithConfigPersistence<B extends HostModuleClass> = Pick<B, keyof B> &
  (new <T = any>(...parameters: ConstructorParameters<B>) => PersistenceFace<T> & InstanceType<B>);

type Operations = IConfigPersistenceModule;
type Given<M extends keyof Operations> = Parameters<Operations[M]>;

export function withConfigPersistence<B extends HostModuleClass>(Base: B): WithConfigPersistence<B> {
  abstract class PersistenceModule extends Base implements IConfigPersistenceModule {
    readonly #core = createCore(this);
    readonly #requests = createRequests(this, this.#core);
    readonly #live = createLive(this, this.#core);

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
      const start = async (): Promise<void> => {
        await this.#core.start(() => super.initialize());
        await this.#live.start();
      };
      return options === undefined ? start() : configureAndStart(this, options, start);
    }

    override destroy(): Promise<void> {
      this.#requests.close();
      this.#live.end();
      return this.#core.close(() => super.destroy());
    }

    override addInputConnection(connection: ConnectionDescription): void {
      if (this.#core.isStrict) assertOwnConnection(this.getInfo(), connection);
      super.addInputConnection?.(connection);
    }

    override addOutputConnection(connection: ConnectionDescription): void {
      if (this.#core.isStrict) assertOwnConnection(this.getInfo(), connection);
      super.addOutputConnection?.(connection);
      void this.#live.retune();
    }

    override removeOutputConnection(connectionId: string): void {
      super.removeOutputConnection?.(connectionId);
      void this.#live.retune();
    }

    override async handleMessage(given: Message): Promise<MessageResponse | undefined> {
      const read = readMessage(given);
      if (read === undefined) return (await super.handleMessage(given)) as MessageResponse | undefined;
      const { message, request } = read;
      const { source } = message;
      const connection = this.getInputConnections().find(
        (input) => input.sourceModuleId === source && permitsKind(input, request.kind),
      );
      const reply = await this.#requests.answer(request, connection, source);
      const { success, data } = reply;
      return completeResponse(
        message,
        reply.success ? { success, data } : { success, data, error: reply.data.message },
      );
    }

    override async receiveData(given: DataTransfer): Promise<RequestReply | undefined> {
      const read = this.#core.isClosed ? undefined : readTransfer(given, this.getInputConnections());
      if (read !== undefined && 'report' in read) {
        const { requestId, requestType } = read.report.data;
        await this.#requests.reply({ id: requestId, kind: requestType, isAwaited: false }, read.report);
        return requestReplyOf(requestId, read.report);
      }
      const recorded = this.#quietly('transfer was not recorded', () => super.receiveData(read?.transfer ?? given));
      if (read === undefined || 'verdict' in read) {
        if (read !== undefined) this.#requests.takeVerdict(read.transfer);
        await recorded;
        return undefined;
      }
      const { transfer, request } = read;
      const { metadata } = transfer;
      const source = typeof metadata?.source === 'string' ? metadata.source : undefined;
      // Begun before the host's record is waited for: requests and calls keep their order.
      const answered = this.#requests.answer(request, connectionOf(this.getInputConnections(), transfer), source);
      await recorded;
      const reply = await answered;
      const isAwaited = metadata?.awaitsReply === true;
      await this.#requests.reply({ id: transfer.id, kind: request.kind, isAwaited }, reply);
      return requestReplyOf(transfer.id, reply);
    }

    /** What this module can be asked for, and what it tells. */
    getCapabilities(): ModuleCapabilities {
      return capabilities();
    }

    saveConfiguration(...given: Given<'saveConfiguration'>) {
      return this.#requests.announce(PERSISTENCE_RESULT, this.#core.saveConfiguration(...given));
    }

    loadConfiguration(...given: Given<'loadConfiguration'>) {
      return this.#core.loadConfiguration(...given);
    }

    deleteConfiguration(...given: Given<'deleteConfiguration'>) {
      return this.#requests.announce(PERSISTENCE_RESULT, this.#core.deleteConfiguration(...given));
    }

    saveConfigurationAtomic(...given: Given<'saveConfigurationAtomic'>) {
      return this.saveConfiguration(...given);
    }

    updateConfiguration(mutate: Mutate, ...given: [filePath?: string, options?: UpdateOptions]) {
      return this.#requests.announce(PERSISTENCE_RESULT, this.#core.updateConfiguration(mutate, ...given));
    }

    migrateConfiguration(...given: Given<'migrateConfiguration'>) {
      return this.#requests.announce(PERSISTENCE_RESULT, this.#core.migrateConfiguration(...given));
    }

    verifyConfigurationIntegrity(...given: Given<'verifyConfigurationIntegrity'>) {
      return this.#core.verifyConfigurationIntegrity(...given);
    }

    createBackup(...given: Given<'createBackup'>) {
      return this.#requests.announce(BACKUP_NOTIFICATION, this.#core.createBackup(...given));
    }

    listBackups(...given: Given<'listBackups'>) {
      return this.#core.listBackups(...given);
    }

    restoreFromBackup(...given: Given<'restoreFromBackup'>) {
      return this.#requests.announce(PERSISTENCE_RESULT, this.#core.restoreFromBackup(...given));
    }

    deleteBackup(...given: Given<'deleteBackup'>) {
      return this.#core.deleteBackup(...given);
    }

    cleanupOldBackups(...given: Given<'cleanupOldBackups'>) {
      return this.#core.cleanupOldBackups(...given);
    }

    forgetHistory(...given: Given<'forgetHistory'>) {
      return this.#core.forgetHistory(...given);
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
      return this.#requests.announce(PERSISTENCE_RESULT, this.#core.rollbackToVersion(...given), withoutValues);
    }

    exportConfiguration(...given: Given<'exportConfiguration'>) {
      return this.#core.exportConfiguration(...given);
    }

    exportConfigurations(...given: Given<'exportConfigurations'>) {
      return this.#core.exportConfigurations(...given);
    }

    importConfiguration(...given: Given<'importConfiguration'>) {
      return this.#requests.announce(
        PERSISTENCE_RESULT,
        this.#core.importConfiguration(...given),
        withoutConflictValues,
      );
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

    withFileLock<R>(
      ...given: [filePath: string, work: (lock: HeldFileLock) => R | Promise<R>, options?: FileLockOptions]
    ) {
      return this.#core.withFileLock<R>(...given);
    }

    watchConfiguration(...given: unknown[]) {
      return this.#core.watchConfiguration(...(given as Given<'watchConfiguration'>));
    }

    setDefaultConfigurationPath(...given: Given<'setDefaultConfigurationPath'>) {
      this.#core.setDefaultConfigurationPath(...given);
      void this.#live.retune();
    }

    getDefaultConfigurationPath() {
      return this.#core.getDefaultConfigurationPath();
    }

    getConfigurationMetadata(...given: Given<'getConfigurationMetadata'>) {
      return this.#core.getConfigurationMetadata(...given);
    }

    setConfigurationMetadata(...given: Given<'setConfigurationMetadata'>) {
      return this.#requests.announce(PERSISTENCE_RESULT, this.#core.setConfigurationMetadata(...given));
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
