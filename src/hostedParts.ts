/**
 * What the mixin works with, made over the members of a host: the operations, the service of requests, the live changes.
 *
 * The only place that looks at members which a host may have or not.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
import type { ConnectionInfo, ModuleInfo } from '../interfaces/framework.js';
import type { HealthCheckResult } from '../interfaces/health.js';
import type { IConfigPersistenceModule } from '../interfaces/IConfigPersistenceModule.js';
import type { LoggingOptions } from '../interfaces/logging.js';
import type { PersistenceAlert } from '../interfaces/messages.js';
import type { Internals } from './compose.js';
import { ConfigPersistence } from './ConfigPersistence.js';
import { persistenceError } from './errors/PersistenceError.js';
import type { ConnectionDescription } from './framework/connections/ConnectionTable.js';
import { describeError } from './framework/module/DebugLog.js';
import { LiveTransfers } from './messaging/LiveTransfers.js';
import { RequestService } from './messaging/RequestService.js';
import { connectionsFor, reportOfAlert, type UnaskedKind } from './messaging/unasked.js';
import type { Log } from './operationReports.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- what a mixin's constructor and a host's methods take */

const { ERROR_REPORT, HEALTH_REPORT } = CONFIG_PERSISTENCE_CONSTANTS.DATA_TRANSFER_TYPES;

/** What the mixin needs of a host's base class. */
export interface HostModule {
  getInfo(): ModuleInfo;
  configure(config: any): void;
  initialize(): Promise<unknown>;
  destroy(): Promise<unknown>;
  getInputConnections(): ConnectionInfo[];
  addInputConnection?(connection: any): void;
  addOutputConnection?(connection: any): void;
  removeOutputConnection?(connectionId: string): void;
  receiveData(transfer: any): Promise<unknown>;
  handleMessage(message: any): Promise<unknown>;
}

export type HostModuleClass = abstract new (...parameters: any[]) => HostModule;

/** Protected members of hosts and of this package's own module; TypeScript has no word for "where it has one". */
export interface HostInternals extends Internals {
  debug?: Log;
  takeLogging?: (options: LoggingOptions) => void;
  getOutputConnections?: () => ConnectionInfo[];
  transferData?: (data: unknown, connectionId?: string, metadata?: Record<string, unknown>) => Promise<unknown>;
}

/* eslint-enable @typescript-eslint/no-explicit-any */

/** @throws PersistenceError `ERR_INVALID_REQUEST` for a connection between two other modules. */
export function assertOwnConnection({ id, type, name }: ModuleInfo, connection: ConnectionDescription): void {
  const given = connection as Partial<ConnectionDescription> | null | undefined;
  const ends = [given?.sourceModuleId, given?.targetModuleId];
  // What is no connection at all the host refuses in its own words.
  if (ends.some((end) => typeof end !== 'string' || end === '' || [id, type, name].includes(end))) return;
  throw persistenceError('ERR_INVALID_REQUEST', `the connection is between two other modules; this one is ${id}`);
}

export function createRequests(module: HostModule & IConfigPersistenceModule, core: ConfigPersistence): RequestService {
  const internals = module as unknown as HostModule & HostInternals;
  return new RequestService({
    operations: module,
    inputs: () => module.getInputConnections(),
    outputs: () => internals.getOutputConnections?.() ?? [],
    send: async (data, connectionId, metadata) => internals.transferData?.(data, connectionId, metadata) ?? [],
    isStrict: () => core.isStrict,
    defaultPath: () => module.getDefaultConfigurationPath(),
    fullPathOf: (filePath) => core.fullPathOf(filePath),
    validationTimeoutMs: () => core.validationTimeoutMs,
    alert: (alert) => core.alert(alert),
    log: (level, message, details) => internals.debug?.(level, message, details),
  });
}

export function createLive(module: HostModule & IConfigPersistenceModule, core: ConfigPersistence): LiveTransfers {
  const internals = module as unknown as HostModule & HostInternals;
  return new LiveTransfers({
    outputs: () => internals.getOutputConnections?.() ?? [],
    defaultPath: () => module.getDefaultConfigurationPath(),
    watch: (filePath, listener) => core.watchConfiguration(filePath, listener),
    send: (data, connectionId, metadata) => {
      // Whoever is not there to be told has not asked.
      void internals.transferData?.(data, connectionId, metadata).catch(() => undefined);
    },
    onFailure: (filePath, error) =>
      internals.debug?.('error', 'not watched', { filePath, reason: describeError(error) }),
  });
}

/** With the host's log where it has one, and the system calls and the clock that a test has put there. */
export function createCore(module: HostModule): ConfigPersistence {
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
