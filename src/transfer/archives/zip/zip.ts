/** ZIP files: written by `archiver`, their directory read by `yauzl`, everything that neither checks checked here. */
import type { ArchiveEntry, ArchiveFormat, ArchiveLimits, ByteSource } from '../ArchiveFormat.js';
import { EntryContent } from '../EntryContent.js';
import { EntryJudge } from '../EntryJudge.js';
import { SourceWindow } from './SourceWindow.js';
import { writeZip } from './writeZip.js';
import { readDirectory } from './zipDirectory.js';
import { findContent, readContent } from './zipEntries.js';

export const zip: ArchiveFormat = { name: 'zip', write: writeZip, read: readZip };

/** The names and sizes of all entries are judged before the first comes; they come as they stand in the file. */
async function* readZip(
  source: ByteSource,
  limits: ArchiveLimits,
  signal: AbortSignal,
): AsyncGenerator<ArchiveEntry, void> {
  signal.throwIfAborted();
  const judge = new EntryJudge(limits);
  judge.acceptArchive(source.sizeBytes);
  const window = new SourceWindow(source, signal);
  for (const record of await readDirectory(window, judge, limits.maxEntries)) {
    signal.throwIfAborted();
    const content = new EntryContent(readContent(window, record, await findContent(window, record)));
    const { name, sizeBytes, modifiedAt } = record;
    try {
      if (!record.isFolder) yield { name, sizeBytes, modifiedAt, read: () => content.take() };
      await content.finish();
    } finally {
      await content.cancel();
    }
  }
}
