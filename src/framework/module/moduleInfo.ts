/** The check of a `ModuleInfo`, the same for `new` and for the registry, and the info of a module that was given none. */
import { randomBytes } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import type { ModuleInfo } from '../../../interfaces/framework.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import { copyPlain } from './plainCopy.js';

const { DEFAULT_TEMPLATES, FRAMEWORK } = CONFIG_PERSISTENCE_CONSTANTS;

const REQUIRED_FIELDS = ['id', 'name', 'version', 'description', 'type'] as const;

/**
 * A copy of the info, its metadata included.
 *
 * @throws ERR_INVALID_OPTION where a field is missing, not a string or, but for `description`, empty, or `metadata` is not an
 * object.
 */
export function checkModuleInfo(info: ModuleInfo): ModuleInfo {
  const given: unknown = info;
  if (typeof given !== 'object' || given === null) {
    throw persistenceError('ERR_INVALID_OPTION', 'the module info must be an object');
  }
  for (const field of REQUIRED_FIELDS) {
    const value: unknown = info[field];
    const isEmpty = typeof value === 'string' && value.trim() === '';
    if (typeof value !== 'string' || (isEmpty && field !== 'description')) {
      const kind = field === 'description' ? 'a string' : 'a non-empty string';
      throw persistenceError('ERR_INVALID_OPTION', `the module info's ${field} must be ${kind}`);
    }
  }
  const metadata: unknown = info.metadata;
  if (metadata !== undefined && (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))) {
    throw persistenceError('ERR_INVALID_OPTION', "the module info's metadata must be an object");
  }
  return copyPlain(info);
}

/** For a persistence module without one: what the constants say, and an id that no other module has. */
export function makeModuleInfo(): ModuleInfo {
  const { MODULE_INFO } = DEFAULT_TEMPLATES;
  return { id: `${MODULE_INFO.type}-${randomBytes(FRAMEWORK.ID_BYTES).toString('hex')}`, ...MODULE_INFO };
}
