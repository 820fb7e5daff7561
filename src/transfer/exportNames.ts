/** What exports are called, and what their entries are called in an archive. */
import { basename, dirname, extname, join, relative, sep } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ConfigurationFormat, ExportFormat } from '../../interfaces/enums.js';
import { codecFor } from '../codec/codecs.js';

const { FILE_SYSTEM, EXCHANGE } = CONFIG_PERSISTENCE_CONSTANTS;

/** Of an export that nobody gave a name: the configuration's, and when it was made, such as `app-20261128T093000123Z.yaml`. */
export function exportName(configurationPath: string, format: ExportFormat, time: number, attempt: number): string {
  const stamp = new Date(time).toISOString().replaceAll(/[-:.]/gu, '');
  const again = attempt === 0 ? '' : `-${attempt + 1}`;
  return `${stemOf(configurationPath)}-${stamp}${again}${extensionOf(format)}`;
}

/** Whether a name in the archive folder is one of those. */
export function isExportOf(name: string, configurationPath: string): boolean {
  const start = `${stemOf(configurationPath)}-`;
  return name.startsWith(start) && /^\d{8}T\d{9}Z[-.]/u.test(name.slice(start.length));
}

/** With its dot. */
export function extensionOf(format: ExportFormat): string {
  if (format === ExportFormat.BACKUP) return EXCHANGE.BACKUP_ARCHIVE_EXTENSION;
  if (isArchive(format)) return `.${format}`;
  return codecFor(textFormatOf(format)).capabilities.extensions[0] ?? `.${format}`;
}

/** The formats that hold several files. */
export type ArchiveFormatName = ExportFormat.ZIP | ExportFormat.TAR_GZ | ExportFormat.BACKUP;

const TEXT_FORMATS: Readonly<Record<Exclude<ExportFormat, ArchiveFormatName>, ConfigurationFormat>> = {
  [ExportFormat.JSON]: ConfigurationFormat.JSON,
  [ExportFormat.YAML]: ConfigurationFormat.YAML,
  [ExportFormat.TOML]: ConfigurationFormat.TOML,
  [ExportFormat.INI]: ConfigurationFormat.INI,
  [ExportFormat.XML]: ConfigurationFormat.XML,
  [ExportFormat.PROPERTIES]: ConfigurationFormat.PROPERTIES,
};

export function isArchive(format: ExportFormat): format is ArchiveFormatName {
  return !Object.hasOwn(TEXT_FORMATS, format);
}

/** The format of the single file that an export is. */
export function textFormatOf(format: Exclude<ExportFormat, ArchiveFormatName>): ConfigurationFormat {
  return TEXT_FORMATS[format];
}

/** How a format is called for exports and imports. */
export function exportFormatOf(format: ConfigurationFormat): ExportFormat {
  const names = [ExportFormat.JSON, ExportFormat.YAML, ExportFormat.TOML, ExportFormat.INI, ExportFormat.XML] as const;
  return names.find((name) => TEXT_FORMATS[name] === format) ?? ExportFormat.PROPERTIES;
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
