/**
 * Clears away what killed processes have left among the snapshots of a configuration. For the holder of its lock.
 *
 * That is: files that were still being written, manifests without a snapshot, the unpacked file of one that was packed, and
 * links to the configuration's own file that were made for a change which then did not happen.
 */
import { basename, join } from 'node:path';
import { removeIfPresent } from '../durableFile.js';
import type { FileOperations } from '../FileOperations.js';
import { TRANSIENT_NAME } from '../journal/JournalRecord.js';
import type { SnapshotFolder } from './SnapshotFolder.js';
import { identityText, parseManifestFileName, parseSnapshotFileName } from './SnapshotName.js';

export async function sweepSnapshots(io: FileOperations, folder: SnapshotFolder, livePath?: string): Promise<void> {
  const names = await folder.names(io);
  if (names.length === 0) return;
  const snapshots = await folder.list(io);
  const identities = new Set(snapshots.map(identityText));
  const counted = new Set(snapshots.map(({ path }) => basename(path)));
  for (const name of names) {
    const path = join(folder.path, name);
    const manifestOf = parseManifestFileName(folder.stem, name);
    const facts = parseSnapshotFileName(folder.stem, name);
    const isLeft =
      TRANSIENT_NAME.test(name) ||
      (manifestOf !== undefined && !identities.has(manifestOf)) ||
      (facts !== undefined && identities.has(identityText(facts)) && !counted.has(name)) ||
      (counted.has(name) && isSameFile(io, path, livePath));
    if (isLeft && io.lstatNow(path)?.isFile() === true) await removeIfPresent(io, path);
  }
}

/** Whether two names lead to one file; a snapshot that does so with its configuration is one of nothing yet. */
export function isSameFile(io: FileOperations, snapshotPath: string, livePath: string | undefined): boolean {
  const live = livePath === undefined ? undefined : io.statNow(livePath);
  const kept = live === undefined ? undefined : io.lstatNow(snapshotPath);
  return live !== undefined && kept?.ino === live.ino && kept.dev === live.dev;
}
