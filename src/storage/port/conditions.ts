/** The conditions that a change may be made under, and the errors of those that do not hold. The same in every store. */
import { persistenceError, type PersistenceError } from '../../errors/PersistenceError.js';

/** @param actual checksum of the content that is there; null where there is none. @throws PersistenceError `ERR_CONFLICT` */
export function assertExpectedChecksum(expected: string | null | undefined, actual: string | null): void {
  if (expected === undefined || expected === actual) return;
  const found = actual === null ? 'there is no file' : 'the file has another checksum';
  throw persistenceError('ERR_CONFLICT', `${found} than expected; load it again and repeat the change`);
}

/** @param actual revision of the newest committed change; 0 where there is none. @throws PersistenceError `ERR_CONFLICT` */
export function assertExpectedRevision(expected: number | undefined, actual: number): void {
  if (expected === undefined || expected === actual) return;
  throw persistenceError('ERR_CONFLICT', 'another change was committed meanwhile; load it again and repeat');
}

/** The error for a configuration that is not there. */
export function notFound(): PersistenceError {
  return persistenceError('ERR_FILE_NOT_FOUND', 'no file stands at this path; save one first');
}

/** The error for a past that comes to a configuration with records of its own. */
export function hasRecords(): PersistenceError {
  return persistenceError('ERR_CONFLICT', 'there are records of it here already; import its content alone');
}

/** The error for a name that is taken. */
export function fileExists(path: string): PersistenceError {
  const reason = 'a file stands at this path; choose another one, or replace it with overwrite: true';
  return persistenceError('ERR_FILE_EXISTS', reason, { filePath: path });
}
