/** Reads the argument of `setConfigurationMetadata`, once. What its fields may be is for the engine to say. */
import { persistenceError } from '../errors/PersistenceError.js';
import { copyOnce } from '../value/readOnce.js';

/**
 * A copy of a metadata object; anything else as it is, for the engine to refuse. So it does with instances of classes in
 * the custom fields.
 *
 * @throws PersistenceError `ERR_INVALID_METADATA` for getters, symbols and hidden members.
 */
export function readMetadata<T extends object>(metadata: T): T {
  const refuse = (reason: string): ReturnType<typeof persistenceError> =>
    persistenceError('ERR_INVALID_METADATA', `it ${reason}`);
  const copy = copyOnce(metadata, refuse, true) as T;
  // Only an instance of a class is not copied.
  if (copy === metadata && typeof metadata === 'object' && (metadata as object | null) !== null)
    throw refuse('must be a plain object');
  return copy;
}
