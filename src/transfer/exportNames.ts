/** What exports are called, and what their entries are called in an archive. */
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ExportFormat } from '../../interfaces/enums.js';
import { codecFor, type FormatOption } from '../codec/codecs.js';

const { FILE_SYSTEM, TRANSFER } = CONFIG_PERSISTENCE_CONSTANTS;

/** Of an export that nobody gave a name: the configuration's, and when it was made, such as `app-20261128T093000123Z.yaml`. */
export function exportName(configurationPath: string, format: ExportFormat, time: number, attempt: number): string {
  const stamp = new Date(time).toISOString().replaceAll(/[-:.]/gu, '');
  const again = attempt === 0 ? '' : `-${attempt + 1}`;
  return `${stemOf(configurationPath)}-${stamp}${again}${extensionOf(format)}`;
}

/** With its dot. */
export function extensionOf(format: ExportFormat): string {
  if (format === ExportFormat.BACKUP) return TRANSFER.BACKUP_ARCHIVE_EXTENSION;
  if (isArchive(format)) return `.${format}`;
  return codecFor(format as FormatOption).capabilities.extensions[0] ?? `.${format}`;
}

/** Whether a format holds several files. */
export function isArchive(format: ExportFormat): format is ExportFormat.ZIP | ExportFormat.TAR_GZ | ExportFormat.BACKUP {
  return format === ExportFormat.ZIP || format === ExportFormat.TAR_GZ || format === ExportFormat.BACKUP;
}

/** What is beside an export, or in its archive, to tell of its metadata. */
export function metadataNameOf(name: string): string {
  return `${name}${FILE_SYSTEM.METADATA_EXTENSION}`;
}

/** The deepest folder that all files are in. */
export function commonFolder(paths: readonly string[]): string {
  const [first = sep, ...others] = paths;
  let folder = dirname(first);
  for (const path of others) {
    while (!path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)) folder = dirname(folder);
  }
  return folder;
}

/** The way from a folder to a file in it, with `/`. Undefined where it is not in it. */
export function nameBelow(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  return way === '' || way === '..' || way.startsWith(`..${sep}`) ? undefined : way.split(sep).join('/');
}

/** A name with another extension. */
export function withExtension(name: string, extension: string): string {
  return join(dirname(name), `${stemOf(name)}${extension}`);
}

function stemOf(path: string): string {
  return basename(path, extname(path));
}
