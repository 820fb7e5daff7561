/** What the name of a file to be imported tells of its format. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ExportFormat } from '../../interfaces/enums.js';
import { formatOfExtension } from '../codec/codecs.js';
import { foreignFormatOfExtension } from '../codec/foreign/foreignFormats.js';
import { exportFormatOf, extensionOf } from './exportNames.js';
import { FOREIGN_MEANS } from './importContent.js';

const { FILE_SYSTEM, EXCHANGE } = CONFIG_PERSISTENCE_CONSTANTS;
const ARCHIVES = [ExportFormat.ZIP, ExportFormat.TAR_GZ, ExportFormat.BACKUP];

/** Undefined where it tells none. What stands behind it for compression and encryption does not matter. */
export function importFormatFromName(path: string): ExportFormat | undefined {
  const name = withoutEnding(path.toLowerCase(), EXCHANGE.ENCRYPTED_EXTENSION);
  const archive = ARCHIVES.find(
    (format) => name.endsWith(extensionOf(format)) || (format === ExportFormat.TAR_GZ && name.endsWith('.tgz')),
  );
  if (archive !== undefined) return archive;
  const plain = withoutEnding(name, FILE_SYSTEM.COMPRESSED_EXTENSION);
  const format = foreignFormatOfExtension(plain) === undefined ? formatOfExtension(plain) : FOREIGN_MEANS;
  return format === undefined ? undefined : exportFormatOf(format);
}

/** The name that a file has without what stands behind it for compression and encryption. */
export function withoutPacking(name: string): string {
  const plain = withoutEnding(name, EXCHANGE.ENCRYPTED_EXTENSION);
  return /\.(?:tar\.gz|tgz)$/iu.test(plain) ? plain : withoutEnding(plain, FILE_SYSTEM.COMPRESSED_EXTENSION);
}

function withoutEnding(name: string, ending: string): string {
  return name.toLowerCase().endsWith(ending) ? name.slice(0, -ending.length) : name;
}
