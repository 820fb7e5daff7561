/** The file systems that the store's folders lie on, each once. */
import { dirname } from 'node:path';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { Volume } from '../../port/StoreInspection.js';
import type { FileOperations } from '../io/FileOperations.js';

/** @throws the system's error for the first that cannot be told. */
export async function volumesOf(io: FileOperations, folders: readonly string[]): Promise<Volume[]> {
  const byDevice = new Map<bigint, string>();
  for (const folder of folders) {
    const { path, device } = await existing(io, folder);
    if (!byDevice.has(device)) byDevice.set(device, path);
  }
  return Promise.all([...byDevice.values()].map((path) => volumeAt(io, path)));
}

/** The folder, or the nearest above it that there is. */
async function existing(io: FileOperations, folder: string): Promise<{ path: string; device: bigint }> {
  try {
    return { path: folder, device: (await io.stat(folder)).dev };
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT', 'ENOTDIR') || dirname(folder) === folder) throw error;
    return existing(io, dirname(folder));
  }
}

async function volumeAt(io: FileOperations, path: string): Promise<Volume> {
  const { bsize, blocks, bfree, bavail, files, ffree } = await io.statfs(path);
  const used = blocks - bfree;
  return {
    path,
    totalBytes: blocks * bsize,
    freeBytes: bavail * bsize,
    // As `df` counts: what is reserved for root is no use to anybody else.
    usedShare: used + bavail > 0 ? used / (used + bavail) : 0,
    totalFiles: files,
    freeFiles: ffree,
  };
}
