/** Writes configurations into one archive, whatever its format, one after the other. */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { ExportFormat } from '../../interfaces/enums.js';
import type { Operation } from '../engine/Operation.js';
import type { PublishedFile } from '../storage/port/ExchangeFiles.js';
import type { NewEntry } from './archives/ArchiveFormat.js';
import { archiveFormatFor } from './archives/archiveFormats.js';
import { backupEntries } from './backupArchive/backupEntries.js';
import { metadataNameOf, type ArchiveFormatName } from './exportNames.js';
import { writeOutput, type OutputSettings } from './exportOutput.js';
import type { ArchivedConfiguration } from './exportSource.js';
import { formatMetadata } from './metadataFile.js';
import type { TransferParts } from './TransferParts.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

export interface ArchiveSettings {
  readonly format: ArchiveFormatName;
  readonly isCompressed: boolean;
  readonly includeMetadata: boolean;
  readonly output: OutputSettings;
}

export async function writeArchive(
  parts: TransferParts,
  { format, isCompressed, includeMetadata, output }: ArchiveSettings,
  configurations: Iterable<ArchivedConfiguration> | AsyncIterable<ArchivedConfiguration>,
  operation: Operation,
): Promise<PublishedFile & { readonly warnings: readonly string[] }> {
  const isBackup = format === ExportFormat.BACKUP;
  const archive = archiveFormatFor(isBackup ? ExportFormat.TAR_GZ : format);
  const warnings: string[] = [];
  const onLeftOut = (id: string): void => {
    warnings.push(`${WARNING_MESSAGES.SNAPSHOT_NOT_EXPORTED}: ${id}`);
  };
  const entries = isBackup
    ? backupEntries(parts, configurations, operation, onLeftOut)
    : plainEntries(configurations, includeMetadata);
  const published = await writeOutput(parts, output, operation, (sink) =>
    archive.write(entries, sink, { isCompressed, signal: operation.signal }),
  );
  return { ...published, warnings };
}

async function* plainEntries(
  configurations: Iterable<ArchivedConfiguration> | AsyncIterable<ArchivedConfiguration>,
  includeMetadata: boolean,
): AsyncGenerator<NewEntry, void> {
  for await (const { name, source } of configurations) {
    const { content } = source.read;
    const { modifiedAt } = source.metadata;
    yield { name, bytes: content.bytes, modifiedAt };
    if (includeMetadata) {
      yield { name: metadataNameOf(name), bytes: formatMetadata(source.metadata, content.checksum), modifiedAt };
    }
  }
}
