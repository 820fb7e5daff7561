/**
 * Clears away what killed processes have left among the snapshots of a configuration. For the holder of its lock.
 *
 * That is: files that were still being written, manifests without a snapshot, the second file of one that was being
 * packed, and links to the configuration's own file that were made for a change which then did not happen.
 */
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { checksumOf } from '../../../value/checksum.js';
import type { Snapshot } from '../../port/Snapshot.js';
import type { FileOperations } from '../io/FileOperations.js';
import { readSmall, removeIfPresent } from '../io/files.js';
import { TRANSIENT_NAME } from '../io/names.js';
import type { SnapshotFolder } from './SnapshotFolder.js';
import { identityInName, parseManifestFileName } from './SnapshotName.js';

const unzip = promisify(gunzip);

export interface SweepSettings {
  readonly livePath: string | undefined;
  /** Largest content. */
  readonly maxBytes: number;
  /** Throws where the lock is lost. */
  readonly assertMayRemove: () => void;
}

/**
 * Goes by the names, and looks only at files that these make suspicious: whoever takes over from a killed process waits for
 * it, and thousands may lie there.
 */
export async function sweepSnapshots(
  io: FileOperations,
  folder: SnapshotFolder,
  { livePath, maxBytes, assertMayRemove }: SweepSettings,
): Promise<void> {
  const names = await folder.names(io);
  if (names.length === 0) return;
  const { identities, repeated } = identitiesIn(folder.stem, names);
  const links = namesOfLiveFile(io, livePath, () => newestFirst(folder, names));
  const isRepeated = (name: string): boolean => repeated.has(identityInName(folder.stem, name) ?? '');
  const doubtful = repeated.size === 0 ? [] : names.filter(isRepeated);
  const twins = await surplusFiles(io, folder.filesOf(io, doubtful), maxBytes);
  const leftNames = names.filter((name) => {
    const manifestOf = parseManifestFileName(folder.stem, name);
    return TRANSIENT_NAME.test(name) || (manifestOf !== undefined && !identities.has(manifestOf));
  });
  const left = [...twins.map(({ path }) => path), ...leftNames.map((name) => join(folder.path, name))];
  for (const path of left) {
    assertMayRemove();
    if (io.lstatNow(path)?.isFile() === true) await removeIfPresent(io, path);
  }
  for (const path of links) {
    assertMayRemove();
    // A change that was committed meanwhile has made a snapshot of it.
    if (isSameFile(io, path, livePath)) await removeIfPresent(io, path);
  }
}

/**
 * Those of the snapshots that are only further names of the configuration's own file: snapshots of nothing yet. The newest
 * are looked at first, and no more than it takes to find every name that the file has.
 */
export function namesOfLiveFile(
  io: FileOperations,
  livePath: string | undefined,
  newestFirst: () => readonly string[],
): string[] {
  const live = livePath === undefined ? undefined : io.statNow(livePath);
  const otherNames = Number(live?.nlink ?? 1) - 1;
  const found: string[] = [];
  if (live === undefined || otherNames === 0) return found;
  for (const path of newestFirst()) {
    const kept = io.lstatNow(path);
    if (kept?.ino === live.ino && kept.dev === live.dev) found.push(path);
    if (found.length === otherNames) break;
  }
  return found;
}

/** Whether two names lead to one file. */
export function isSameFile(io: FileOperations, onePath: string, otherPath: string | undefined): boolean {
  const other = otherPath === undefined ? undefined : io.statNow(otherPath);
  const one = other === undefined ? undefined : io.lstatNow(onePath);
  return other !== undefined && one?.ino === other.ino && one.dev === other.dev;
}

/** Of those names that look like snapshots; and those of them that more than one name has. */
function identitiesIn(stem: string, names: readonly string[]): { identities: Set<string>; repeated: Set<string> } {
  const identities = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) {
    const identity = identityInName(stem, name);
    if (identity === undefined) continue;
    if (identities.has(identity)) repeated.add(identity);
    identities.add(identity);
  }
  return { identities, repeated };
}

/** The paths of what looks like a snapshot: after the stem, which is the same in all, comes the time. */
function newestFirst(folder: SnapshotFolder, names: readonly string[]): string[] {
  const snapshotNames = names.filter((name) => identityInName(folder.stem, name) !== undefined);
  return snapshotNames
    .sort()
    .reverse()
    .map((name) => join(folder.path, name));
}

/**
 * Of the files of one id all but one. The least packed stays while it is still the content that its name tells, because
 * the others were made from it and can be again.
 */
async function surplusFiles(
  io: FileOperations,
  leastPackedFirst: readonly Snapshot[],
  maxBytes: number,
): Promise<Snapshot[]> {
  const staying = new Map<string, Snapshot>();
  const surplus: Snapshot[] = [];
  for (const file of leastPackedFirst) {
    const twin = staying.get(file.id);
    if (twin !== undefined && (await isIntact(io, twin, maxBytes))) {
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
  { path, isCompressed, isEncrypted, checksumStart }: Snapshot,
  maxBytes: number,
): Promise<boolean> {
  // Only one of two encrypted files can be compressed beneath, and which of the two is better nobody here can tell.
  if (isEncrypted) return true;
  const bytes = await readSmall(io, path, maxBytes);
  if (bytes === undefined) return false;
  try {
    const content = isCompressed ? await unzip(bytes, { maxOutputLength: maxBytes }) : bytes;
    return checksumOf(content).startsWith(checksumStart);
  } catch {
    return false;
  }
}
