/** The formats of archives: one line of registration each. */
import { persistenceError } from '../../errors/PersistenceError.js';
import type { ArchiveFormat } from './ArchiveFormat.js';
import { tarGz } from './tar/tarGz.js';
import { zip } from './zip/zip.js';

const ARCHIVE_FORMATS: readonly ArchiveFormat[] = [zip, tarGz];

/** @throws PersistenceError `ERR_UNSUPPORTED_FORMAT` for a name that is none of them. */
export function archiveFormatFor(name: string): ArchiveFormat {
  const format = ARCHIVE_FORMATS.find((known) => known.name === name);
  if (format !== undefined) return format;
  const names = ARCHIVE_FORMATS.map((known) => known.name).join(', ');
  throw persistenceError('ERR_UNSUPPORTED_FORMAT', `archives can be ${names}`);
}

/** True for the name of one of them. */
export function isArchiveFormat(name: string): boolean {
  return ARCHIVE_FORMATS.some((known) => known.name === name);
}
