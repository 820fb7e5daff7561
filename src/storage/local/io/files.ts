/**
 * The durable primitives for a file: complete writes, complete reads, proof of both.
 *
 * Order is what makes them safe: bytes are flushed before a name points to them. An `fsync` that failed is never repeated
 * on the same file: the kernel may have dropped the pages and would report success (PostgreSQL's "fsyncgate", 2018).
 */
import { constants as flags } from 'node:fs';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../../errors/PersistenceError.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import { checksumOf } from '../../../value/checksum.js';
import { identityOf, isSameState, type FileIdentity } from './FileIdentity.js';
import type { FileOperations } from './FileOperations.js';

const { ATOMIC_OPERATIONS, ERROR_HANDLING } = CONFIG_PERSISTENCE_CONSTANTS;

// Windows has neither: it never follows a link on exclusive creation, and it opens pipes at once.
const NO_FOLLOW = (flags.O_NOFOLLOW as number | undefined) ?? 0;
const NON_BLOCKING = (flags.O_NONBLOCK as number | undefined) ?? 0;

/** What chmod sets. */
export const PERMISSION_BITS = 0o7777n;

/** A new file that must not exist; a link at that name is refused, not followed. */
export const CREATE_EXCLUSIVE = flags.O_RDWR | flags.O_CREAT | flags.O_EXCL | NO_FOLLOW;
/** An existing file for reading. Not blocking, because a named pipe would otherwise hang the opener. */
export const READ_EXISTING = flags.O_RDONLY | NO_FOLLOW | NON_BLOCKING;
/** An existing file whose bytes are replaced. */
export const OVERWRITE_EXISTING = flags.O_RDWR | NO_FOLLOW | NON_BLOCKING;
/** An existing file whose writes go to its end, wherever that is by then. */
export const APPEND_EXISTING = flags.O_RDWR | flags.O_APPEND | NO_FOLLOW | NON_BLOCKING;

/** The content of a file and the state that it was read in. */
export interface FileContent {
  readonly bytes: Uint8Array;
  readonly checksum: string;
  readonly identity: FileIdentity;
}

/** A file as it stands in its folder, with what a replacement takes over from it. */
export interface FileStatus extends FileIdentity {
  readonly mode: number;
  readonly userId: number;
  readonly groupId: number;
  /** Names that the file has. */
  readonly links: number;
}

/**
 * Writes every byte, however many calls it takes.
 *
 * The returned count matters: on a full disk the system writes a part, reports that, and only the next call fails.
 */
export async function writeCompletely(
  io: FileOperations,
  descriptor: number,
  bytes: Uint8Array,
  position: 'append' | 'start',
): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const at = position === 'append' ? null : done;
    const written = await io.write(descriptor, bytes, done, bytes.length - done, at);
    if (written <= 0) throw persistenceError('ERR_WRITE_VERIFICATION', 'the system wrote no byte and gave no error');
    done += written;
  }
}

/** Bytes from a position to the end of the file, refused above `maxBytes`. */
export async function readToEnd(
  io: FileOperations,
  descriptor: number,
  range: { readonly start: number; readonly expectedEnd: number; readonly maxBytes: number },
): Promise<Uint8Array> {
  // One byte more than expected, so that the end of an unchanged file shows in the same call.
  let buffer = Buffer.allocUnsafe(Math.max(range.expectedEnd - range.start, 0) + 1);
  let filled = 0;
  for (;;) {
    const count = await io.read(descriptor, buffer, filled, buffer.length - filled, range.start + filled);
    filled += count;
    if (filled > range.maxBytes) throw tooLarge(filled, range.maxBytes);
    // The expected end needs no further call to prove it: the callers notice when the file has grown.
    if (count === 0 || range.start + filled === range.expectedEnd) return buffer.subarray(0, filled);
    if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
  }
}

/**
 * A regular file's content, or undefined where there is none.
 *
 * The path is looked at before and after: where both looks show one state, that state was there all the time, because a
 * file that was renamed away and back has another change time. Otherwise it reads again.
 *
 * @throws PersistenceError `ERR_NOT_A_FILE`, `ERR_FILE_TOO_LARGE` (checked before reading), `ERR_CONFLICT` where the file
 *   never stood still.
 */
export async function readFileContent(
  io: FileOperations,
  path: string,
  maxBytes: number,
): Promise<FileContent | undefined> {
  for (let attempt = 0; attempt < ERROR_HANDLING.MAX_READ_RACES; attempt++) {
    const stats = io.statNow(path);
    if (stats === undefined) return undefined;
    if (!stats.isFile()) throw persistenceError('ERR_NOT_A_FILE', 'a folder or a device stands at this path');
    if (stats.size > BigInt(maxBytes)) throw tooLarge(Number(stats.size), maxBytes);
    const bytes = await readBytes(io, path, Number(stats.size), maxBytes);
    const after = io.statNow(path);
    const identity = identityOf(stats);
    const isWhole = bytes !== undefined && BigInt(bytes.length) === stats.size;
    if (isWhole && after !== undefined && isSameState(identity, identityOf(after))) {
      return { bytes, checksum: checksumOf(bytes), identity };
    }
  }
  throw persistenceError('ERR_CONFLICT', 'another program keeps writing to the file; try again when it has finished');
}

/**
 * The bytes of a small file of the store's own; undefined where there is none. Links are not followed.
 *
 * @throws PersistenceError `ERR_NOT_A_FILE`, `ERR_FILE_TOO_LARGE`
 */
export async function readSmall(io: FileOperations, path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  const descriptor = await openExisting(io, path, READ_EXISTING);
  if (descriptor === undefined) return undefined;
  try {
    const stats = await io.fstat(descriptor);
    if (!stats.isFile()) throw persistenceError('ERR_NOT_A_FILE', 'no regular file stands here', { filePath: path });
    return await readToEnd(io, descriptor, { start: 0, expectedEnd: Number(stats.size), maxBytes });
  } finally {
    await io.close(descriptor);
  }
}

async function readBytes(
  io: FileOperations,
  path: string,
  expectedEnd: number,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  const descriptor = await openExisting(io, path, READ_EXISTING);
  if (descriptor === undefined) return undefined;
  try {
    return await readToEnd(io, descriptor, { start: 0, expectedEnd, maxBytes });
  } finally {
    closeInBackground(io, descriptor);
  }
}

const closing = new Set<Promise<void>>();

/** Closes what was only read from, which nobody has to wait for; how it ends means nothing. */
export function closeInBackground(io: FileOperations, descriptor: number): void {
  const closed = io.close(descriptor).catch(() => undefined);
  closing.add(closed);
  void closed.then(() => closing.delete(closed));
}

/** Resolves when everything that was being closed in the background is closed. */
export async function settleClosing(): Promise<void> {
  await Promise.all(closing);
}

/** A descriptor, or undefined where no file stands at the path. */
export async function openExisting(io: FileOperations, path: string, openFlags: number): Promise<number | undefined> {
  try {
    return await io.open(path, openFlags);
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return undefined;
    if (hasSystemCode(error, 'EISDIR')) {
      throw persistenceError('ERR_NOT_A_FILE', 'a folder stands at this path', { cause: error });
    }
    throw error;
  }
}

/**
 * Proves that a file holds exactly these bytes, reading it back piece by piece.
 *
 * @throws PersistenceError `ERR_WRITE_VERIFICATION` at the first difference.
 */
export async function verifyWritten(io: FileOperations, descriptor: number, expected: Uint8Array): Promise<void> {
  const piece = Buffer.allocUnsafe(Math.min(ATOMIC_OPERATIONS.CHUNK_BYTES, expected.length + 1));
  let position = 0;
  while (position < expected.length) {
    const count = await io.read(descriptor, piece, 0, piece.length, position);
    const isSame = piece.subarray(0, count).equals(expected.subarray(position, position + count));
    if (!isSame || count === 0) {
      throw persistenceError('ERR_WRITE_VERIFICATION', 'the disk returned other bytes than were written; check it');
    }
    position += count;
  }
}

/** Gives an unfinished file of this writer its name. @throws PersistenceError `ERR_LOCK_LOST` where it is gone. */
export async function renameOwn(io: FileOperations, from: string, to: string): Promise<void> {
  try {
    await io.rename(from, to);
  } catch (error) {
    throw hasSystemCode(error, 'ENOENT') ? overtaken(error) : error;
  }
}

/** The error of a writer whose unfinished file is gone: the next holder of the lock sweeps what it finds. */
export function overtaken(cause?: unknown): Error {
  const reason = 'another holder took over and cleared this change; nothing was changed. Load it again and repeat';
  return persistenceError('ERR_LOCK_LOST', reason, { cause });
}

/** Removes a file; true where there was one. */
export async function removeIfPresent(io: FileOperations, path: string): Promise<boolean> {
  try {
    await io.unlink(path);
    return true;
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** `removeIfPresent` as a clean-up after a failure, which must not hide the first error. */
export async function removeQuietly(io: FileOperations, path: string): Promise<void> {
  try {
    await removeIfPresent(io, path);
  } catch {
    // Reported by the error that is being thrown; the next holder of the lock sweeps.
  }
}

/** A regular file at a path, links not followed, or undefined where nothing stands there. */
export async function statusOf(io: FileOperations, path: string): Promise<FileStatus | undefined> {
  let stats;
  try {
    stats = await io.lstat(path);
  } catch (error) {
    if (hasSystemCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  if (!stats.isFile()) throw persistenceError('ERR_NOT_A_FILE', 'a folder, link or device stands at this path');
  return {
    ...identityOf(stats),
    mode: Number(stats.mode & PERMISSION_BITS),
    userId: Number(stats.uid),
    groupId: Number(stats.gid),
    links: Number(stats.nlink),
  };
}

function tooLarge(size: number, maxBytes: number): Error {
  return persistenceError(
    'ERR_FILE_TOO_LARGE',
    `${size} bytes, at most ${maxBytes} are read; split the configuration into several files`,
  );
}
