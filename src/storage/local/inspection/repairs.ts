/** Single repairs of what an inspection has found. Each looks again first; none touches a content. */
import { constants as flags } from 'node:fs';
import { basename } from 'node:path';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { Repairable } from '../../port/StoreInspection.js';
import { identityOf, lastModifiedMs } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';
import { PERMISSION_BITS, READ_EXISTING, removeIfPresent } from '../io/files.js';
import { ownerIdOf } from '../lock/ownerNames.js';

type RepairOf<K extends Repairable['kind']> = Extract<Repairable, { kind: K }>;

/** Through a descriptor of that very file; by its name only where its mode does not let it be opened. */
export async function setMode(io: FileOperations, { path, isFolder, mode }: RepairOf<'mode'>): Promise<boolean> {
  const stats = io.lstatNow(path);
  const isRightKind = isFolder ? stats?.isDirectory() === true : stats?.isFile() === true;
  if (stats === undefined || !isRightKind || Number(stats.mode & PERMISSION_BITS) === mode) return false;
  try {
    const descriptor = await io.open(path, isFolder ? flags.O_RDONLY : READ_EXISTING);
    try {
      await io.fchmod(descriptor, mode);
    } finally {
      await io.close(descriptor);
    }
  } catch (error) {
    if (!hasSystemCode(error, 'EACCES')) throw error;
    await io.chmod(path, mode);
  }
  return true;
}

/** A file that nobody has written to for so long; false where it is younger, or gone. */
export async function removeLeftover(
  io: FileOperations,
  { path, olderThanMs }: RepairOf<'leftover'>,
): Promise<boolean> {
  const stats = io.lstatNow(path);
  const isOld = stats?.isFile() === true && Date.now() - lastModifiedMs(identityOf(stats)) > olderThanMs;
  return isOld && removeIfPresent(io, path);
}

/** @param heldNames names of the locks that are held, which name their holders. */
export async function removeDeadOwner(
  io: FileOperations,
  path: string,
  heldNames: readonly string[],
): Promise<boolean> {
  const id = ownerIdOf(basename(path));
  return id !== undefined && !heldNames.some((name) => name.includes(`.${id}.`)) && removeIfPresent(io, path);
}
