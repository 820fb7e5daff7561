/**
 * What tells one state of a file from another without reading it.
 *
 * Inside a process all of device, inode, size, modification and change time are compared, in nanoseconds. In records
 * that outlive a process only inode and modification time are kept: a rename and a new hard link move the change time.
 */
import type { BigIntStats } from 'node:fs';

const NANOSECONDS_PER_MS = 1_000_000n;

/** A file as one `stat` saw it. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

/** The part of an identity that survives a rename, as text for records. */
export interface RecordedIdentity {
  readonly inode: string;
  readonly modifiedNs: string;
}

export function identityOf(stats: BigIntStats): FileIdentity {
  return {
    device: stats.dev,
    inode: stats.ino,
    size: stats.size,
    modifiedNs: stats.mtimeNs,
    changedNs: stats.ctimeNs,
  };
}

/** True where nothing can have changed between the two looks, given a clock finer than the time between them. */
export function isSameState(left: FileIdentity, right: FileIdentity): boolean {
  return (
    left.inode === right.inode &&
    left.size === right.size &&
    left.modifiedNs === right.modifiedNs &&
    left.changedNs === right.changedNs &&
    left.device === right.device
  );
}

/** As `isSameState`, whatever names the file has got or lost meanwhile. */
export function isSameContent(left: FileIdentity, right: FileIdentity): boolean {
  return isSameState(left, { ...right, changedNs: left.changedNs });
}

export function recordedIdentity(identity: FileIdentity): RecordedIdentity {
  return { inode: identity.inode.toString(), modifiedNs: identity.modifiedNs.toString() };
}

/** True where the file is the very one that was recorded, as far as its inode and modification time tell. */
export function isRecordedFile(identity: FileIdentity, recorded: RecordedIdentity): boolean {
  return identity.inode.toString() === recorded.inode && identity.modifiedNs.toString() === recorded.modifiedNs;
}

/** Epoch milliseconds of the last change of content or status. */
export function lastChangeMs(identity: FileIdentity): number {
  const latest = identity.changedNs > identity.modifiedNs ? identity.changedNs : identity.modifiedNs;
  return Number(latest / NANOSECONDS_PER_MS);
}

/** Epoch milliseconds of the last change of content. */
export function lastModifiedMs(identity: FileIdentity): number {
  return Number(identity.modifiedNs / NANOSECONDS_PER_MS);
}
