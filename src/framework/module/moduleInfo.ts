/** The check of a `ModuleInfo`, the same for `new` and for the registry. */
import type { ModuleInfo } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { copyPlain } from './plainCopy.js';

const REQUIRED_FIELDS = ['id', 'name', 'version', 'description', 'type'] as const;

/**
 * A copy of the info, its metadata included.
 *
 * @throws ERR_INVALID_OPTION where a field is missing, empty or not a string, or `metadata` is not an object.
 */
export function checkModuleInfo(info: ModuleInfo): ModuleInfo {
  const given: unknown = info;
  if (typeof given !== 'object' || given === null) {
    throw persistenceError('ERR_INVALID_OPTION', 'the module info must be an object');
  }
  for (const field of REQUIRED_FIELDS) {
    const value: unknown = info[field];
    if (typeof value !== 'string' || value.trim() === '') {
      throw persistenceError('ERR_INVALID_OPTION', `the module info's ${field} must be a non-empty string`);
    }
  }
  const metadata: unknown = info.metadata;
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))) {
    throw persistenceError('ERR_INVALID_OPTION', "the module info's metadata must be an object");
  }
  return copyPlain(info);
}
