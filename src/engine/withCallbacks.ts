/** Work that calls functions of the caller: schemas, and the steps of migrations. */
import type { RunCallback } from '../schema/SchemaCheck.js';
import type { Location } from '../storage/port/Work.js';
import type { Operation } from './Operation.js';

/**
 * They run in no slot, within the time of the operation, and cannot wait for changes of the same file.
 *
 * @throws what `work` throws; where the operation has ended meanwhile, that it has.
 */
export async function withCallbacks<T>(
  operation: Operation,
  location: Location,
  work: (run: RunCallback) => Promise<T>,
): Promise<T> {
  try {
    return await work((call) => operation.callback(location, call));
  } catch (error) {
    operation.checkpoint();
    throw error;
  }
}
