/** The public exports of the package, and nothing else. */
export { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
export type * from '../interfaces/backups.js';
export * from '../interfaces/enums.js';
export type * from '../interfaces/framework.js';
export type * from '../interfaces/health.js';
export type * from '../interfaces/IConfigPersistenceModule.js';
export type * from '../interfaces/live.js';
export type * from '../interfaces/locks.js';
export type * from '../interfaces/logging.js';
export type * from '../interfaces/messages.js';
export type * from '../interfaces/migrations.js';
export type * from '../interfaces/options.js';
export type * from '../interfaces/paths.js';
export type * from '../interfaces/requests.js';
export type * from '../interfaces/results.js';
export type * from '../interfaces/schemas.js';
export type * from '../interfaces/history.js';
export type * from '../interfaces/tracing.js';
export type * from '../interfaces/transfer.js';
export type * from '../interfaces/value.js';
export type * from '../interfaces/versions.js';
export { ConfigPersistence } from './ConfigPersistence.js';
export { openConfiguration, type OpenConfigurationOptions } from './openConfiguration.js';
export type { Configuration, ValueListener } from './handle/Configuration.js';
export type { ConfigurationPlace } from './handle/applicationFile.js';
export { ConfigPersistenceModule, ConfigPersistenceModule as default } from './ConfigPersistenceModule.js';
export { withConfigPersistence, type PersistenceFace, type WithConfigPersistence } from './withConfigPersistence.js';
export type { HostModule, HostModuleClass } from './hostedParts.js';
export type { Host, Log } from './operationReports.js';
export type { OptionChanges } from './options/ModuleOptions.js';
export { ERROR_CODES, type ErrorCode } from './errors/ErrorCode.js';
export { PersistenceError, type ErrorContext } from './errors/PersistenceError.js';
export { StorageError } from './errors/StorageError.js';
export {
  createBackupRequest,
  createDeleteRequest,
  createExportRequest,
  createImportRequest,
  createLoadRequest,
  createRestoreRequest,
  createRollbackRequest,
  createSaveRequest,
} from './messaging/requests.js';
export {
  connect,
  type ConnectableModule,
  type Connected,
  type ConnectOptions,
} from './framework/connections/connect.js';
export { toEnv } from './transfer/toEnv.js';
export { BaseModule } from './framework/module/BaseModule.js';
export {
  MessageCenter,
  type MessageCenterStats,
  type MessagePerformance,
  type SubscriptionOptions,
} from './framework/messages/MessageCenter.js';
export type { SubscriptionStats } from './framework/messages/TopicSubscriptions.js';
export { ModuleRegistry } from './framework/module/ModuleRegistry.js';
export type { ConnectionDescription } from './framework/connections/ConnectionTable.js';
export type { DebugLevel } from './framework/module/DebugLog.js';
export type { MessageReceiver } from './framework/messages/messages.js';
export type { ModuleLookup, TransferReceiver } from './framework/module/ModuleDirectory.js';
export type { ModuleClass, ModuleOfType, ModuleTypes } from './framework/module/ModuleRegistry.js';
export type { TransferOutcome } from './framework/connections/TransferSender.js';
