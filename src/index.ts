/** The public exports of the package, and nothing else. */
export { CONFIG_PERSISTENCE_CONSTANTS } from '../constants/ConfigPersistenceConstants.js';
export * from '../interfaces/enums.js';
export type * from '../interfaces/framework.js';
export type * from '../interfaces/IConfigPersistenceModule.js';
export type * from '../interfaces/locks.js';
export type * from '../interfaces/messages.js';
export type * from '../interfaces/options.js';
export type * from '../interfaces/results.js';
export type * from '../interfaces/value.js';
export { ConfigPersistenceModule } from './ConfigPersistenceModule.js';
export { ERROR_CODES, type ErrorCode } from './errors/ErrorCode.js';
export { PersistenceError } from './errors/PersistenceError.js';
export { StorageError } from './errors/StorageError.js';
export { BaseModule } from './framework/BaseModule.js';
export { MessageCenter } from './framework/MessageCenter.js';
export { ModuleRegistry } from './framework/ModuleRegistry.js';
