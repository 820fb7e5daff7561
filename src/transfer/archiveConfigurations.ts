/** The configurations in an archive, one after the other as they are found, whatever wrote the archive. */
import type { Codec } from '../codec/Codec.js';
import { codecFor } from '../codec/codecs.js';
import type { Formats } from '../codec/Formats.js';
import { foreignFormatOfExtension } from '../codec/foreign/foreignFormats.js';
import type { ArchiveEntry } from './archives/ArchiveFormat.js';
import { metadataNameOf } from './exportNames.js';
import { parseMetadata, type ImportedMetadata } from './metadataFile.js';
import type { BackupRecord } from './backupArchive/BackupRecord.js';
import { FOREIGN_MEANS } from './importContent.js';
import type { StagedRange } from './importSet/ImportPlan.js';

/** One configuration of an archive. */
export interface FoundConfiguration {
  /** Relative, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly metadata?: ImportedMetadata;
  /** In an archive of the kind `backup`. */
  readonly backup?: { readonly record: BackupRecord; readonly contents: readonly StagedRange[] };
}

/**
 * The configurations of an archive of ordinary files: those whose extension tells a format.
 *
 * @param onPassedOver told of the others.
 */
export async function* plainConfigurations(
  entries: AsyncIterable<ArchiveEntry>,
  formats: Formats,
  onPassedOver: (name: string) => void,
): AsyncGenerator<FoundConfiguration, void> {
  let found: FoundConfiguration | undefined;
  for await (const entry of entries) {
    const { name } = entry;
    const bytes = await bytesOf(entry);
    // What tells about a configuration stands right behind it.
    const metadata = found !== undefined && name === metadataNameOf(found.name) ? parseMetadata(bytes) : undefined;
    if (metadata !== undefined && found !== undefined) {
      yield { ...found, metadata };
      found = undefined;
      continue;
    }
    if (found !== undefined) yield found;
    found = undefined;
    if (importCodecOf(name, formats) === undefined) onPassedOver(name);
    else found = { name, bytes };
  }
  if (found !== undefined) yield found;
}

/** All of an entry, which the limits of the reader bound. */
export async function bytesOf(entry: ArchiveEntry): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of entry.read()) pieces.push(piece);
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}

/** The codec that the name of a file tells, of one that is only imported too; undefined where it tells none. */
export function importCodecOf(name: string, formats: Formats): Codec | undefined {
  return foreignFormatOfExtension(name) === undefined ? formats.recognise(name) : codecFor(FOREIGN_MEANS);
}
