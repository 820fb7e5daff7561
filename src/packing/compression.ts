/** Bytes as an ordinary gzip file and back, in the threads of the pool, within a limit. */
import { createGunzip, createGzip, type Gunzip, type Gzip } from 'node:zlib';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError, PersistenceError } from '../errors/PersistenceError.js';

const { ATOMIC_OPERATIONS, BACKUP_SETTINGS } = CONFIG_PERSISTENCE_CONSTANTS;

/** What zlib says of bytes that are no whole gzip file; it says others where it lacks memory. */
const DAMAGE_CODES: readonly unknown[] = ['Z_DATA_ERROR', 'Z_BUF_ERROR', 'Z_NEED_DICT'];

/**
 * A gzip file that any `gunzip` opens. The same content gives the same bytes, for no time and no name is in it.
 *
 * @throws PersistenceError `ERR_BACKUP_FAILED` where there is not enough memory.
 */
export async function compress(content: Uint8Array): Promise<Uint8Array> {
  const gzip = createGzip({ level: BACKUP_SETTINGS.COMPRESSION_LEVEL, chunkSize: ATOMIC_OPERATIONS.CHUNK_BYTES });
  try {
    return await convert(gzip, content, Infinity);
  } catch (cause) {
    throw persistenceError('ERR_BACKUP_FAILED', 'it could not be compressed', { cause });
  }
}

/**
 * The content of a gzip file.
 *
 * Holds at most one piece more than `maxBytes` before it refuses, whatever the file would become.
 *
 * @throws PersistenceError `ERR_BACKUP_DAMAGED` where the file is damaged, ends early or goes on behind its end;
 * `ERR_FILE_TOO_LARGE` above `maxBytes`; `ERR_BACKUP_FAILED` where there is not enough memory.
 */
export async function decompress(compressed: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: ATOMIC_OPERATIONS.CHUNK_BYTES });
  let content: Uint8Array;
  try {
    content = await convert(gunzip, compressed, maxBytes);
  } catch (cause) {
    if (cause instanceof PersistenceError) throw cause;
    if (isDamage(cause)) throw persistenceError('ERR_BACKUP_DAMAGED', 'it is no whole gzip file', { cause });
    throw persistenceError('ERR_BACKUP_FAILED', 'it could not be decompressed', { cause });
  }
  // zlib passes over what follows the end of a file where it starts with a zero.
  if (gunzip.bytesWritten === compressed.length) return content;
  throw persistenceError('ERR_BACKUP_DAMAGED', 'something follows the end of its gzip file');
}

/** The refusal of a content above the limit. */
export function tooLarge(maxBytes: number): PersistenceError {
  return persistenceError('ERR_FILE_TOO_LARGE', `the content of the backup has more than ${maxBytes} bytes`);
}

/** Everything that comes out. Refuses more than `maxBytes` without waiting for the rest. */
async function convert(stream: Gzip | Gunzip, bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  stream.end(bytes);
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    length += piece.length;
    // Leaving the loop destroys the stream.
    if (length > maxBytes) throw tooLarge(maxBytes);
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}

function isDamage(error: unknown): boolean {
  // Not instanceof: the errors of Node's own modules may come from another realm (`vm` context).
  return typeof error === 'object' && error !== null && 'code' in error && DAMAGE_CODES.includes(error.code);
}
