/** What the module tells of itself to those that want to work with it. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ModuleCapabilities } from '../../interfaces/framework.js';
import { REQUEST_KINDS } from './RequestHandler.js';

const { DATA_TRANSFER_TYPES: KIND, IMPORT_EXPORT } = CONFIG_PERSISTENCE_CONSTANTS;

const TOLD = [
  KIND.PERSISTENCE_RESULT,
  KIND.CONFIGURATION_DATA,
  KIND.BACKUP_NOTIFICATION,
  KIND.HEALTH_REPORT,
  KIND.ERROR_REPORT,
] as const;

/** A copy. */
export function capabilities(): ModuleCapabilities {
  return {
    requests: [...REQUEST_KINDS, KIND.VALIDATION_RESULT],
    replies: [...TOLD],
    formats: [...IMPORT_EXPORT.SUPPORTED_FORMATS],
  };
}
