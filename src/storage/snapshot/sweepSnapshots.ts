/**
 * Clears away what killed processes have left among the snapshots of a configuration. For the holder of its lock.
 *
 * That is: files that were still being written, manifests without a snapshot, the second file of one that was being
 * packed, and links to the configuration's own file that were made for a change which then did not happen.
 */
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { checksumOf, removeIfPresent } from '../durableFile.js';
import type { FileOperations } from '../FileOperations.js';
import { TRANSIENT_NAME } from '../journal/JournalRecord.js';
import type { Snapshot } from '../SnapshotStore.js';
import type { SnapshotFolder } from './SnapshotFolder.js';
import { identityText, parseManifestFileName } from './SnapshotName.js';

const unzip = promisify(gunzip);

export interface SweepSettings {
  readonly livePath: string | undefined;
  /** Largest content. */
  readonly maxBytes: number;
  /** Throws where the lock is lost. */
  readonly assertMayRemove: () => void;
}

export async function sweepSnapshots(
  io: FileOperations,
  folder: SnapshotFolder,
  { livePath, maxBytes, assertMayRemove }: SweepSettings,
): Promise<void> {
  const names = await folder.names(io);
  if (names.length === 0) return;
  const files = await folder.files(io);
  // A file with one name has no second one here; a look at each of many would hold up whoever takes over from a killed process.
  const hasOtherNames = livePath !== undefined && Number(io.statNow(livePath)?.nlink ?? 0) > 1;
  const links = hasOtherNames ? files.filter(({ path }) => isSameFile(io, path, livePath)) : [];
  const twins = await surplusFiles(io, folder, files, maxBytes);
  const identities = new Set(files.map(identityText));
  const leftNames = names.filter((name) => {
    const manifestOf = parseManifestFileName(folder.stem, name);
    return TRANSIENT_NAME.test(name) || (manifestOf !== undefined && !identities.has(manifestOf));
  });
  const left = [...twins.map(({ path }) => path), ...leftNames.map((name) => join(folder.path, name))];
  for (const path of left) {
    assertMayRemove();
    if (io.lstatNow(path)?.isFile() === true) await removeIfPresent(io, path);
  }
  for (const { path } of links) {
    assertMayRemove();
    // A change that was committed meanwhile has made a snapshot of it.
    if (isSameFile(io, path, livePath)) await removeIfPresent(io, path);
  }
}

/** Whether two names lead to one file; a snapshot that does so with its configuration is one of nothing yet. */
export function isSameFile(io: FileOperations, snapshotPath: string, livePath: string | undefined): boolean {
  const live = livePath === undefined ? undefined : io.statNow(livePath);
  const kept = live === undefined ? undefined : io.lstatNow(snapshotPath);
  return live !== undefined && kept?.ino === live.ino && kept.dev === live.dev;
}

/**
 * Of the files of one id all but one. The least packed stays while it is still the content that its name tells, because
 * the others were made from it and can be again.
 */
async function surplusFiles(
  io: FileOperations,
  folder: SnapshotFolder,
  leastPackedFirst: readonly Snapshot[],
  maxBytes: number,
): Promise<Snapshot[]> {
  const staying = new Map<string, Snapshot>();
  const surplus: Snapshot[] = [];
  for (const file of leastPackedFirst) {
    const twin = staying.get(file.id);
    if (twin !== undefined && (await isIntact(io, folder, twin, maxBytes))) {
      surplus.push(file);
    } else {
      if (twin !== undefined) surplus.push(twin);
      staying.set(file.id, file);
    }
  }
  return surplus;
}

async function isIntact(
  io: FileOperations,
  folder: SnapshotFolder,
  { path, isCompressed, isEncrypted, checksumStart }: Snapshot,
  maxBytes: number,
): Promise<boolean> {
  // Only one of two encrypted files can be compressed beneath, and which of the two is better nobody here can tell.
  if (isEncrypted) return true;
  const bytes = await folder.read(io, path, maxBytes);
  if (bytes === undefined) return false;
  try {
    const content = isCompressed ? await unzip(bytes, { maxOutputLength: maxBytes }) : bytes;
    return checksumOf(content).startsWith(checksumStart);
  } catch {
    return false;
  }
}
