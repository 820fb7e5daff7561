/**
 * From a content to the bytes of its backup's file, and back: compressed first, then encrypted.
 *
 * Compressed only, the file is an ordinary gzip file; with neither, it is the content itself. Where the bytes lie and how
 * the file is named is not known here.
 */
import { persistenceError } from '../errors/PersistenceError.js';
import type { SnapshotPacking } from '../storage/port/Snapshot.js';
import { compress, decompress, tooLarge } from './compression.js';
import { startsLikeHeader } from './encryptedHeader.js';
import { decrypt, encrypt } from './encryption.js';
import type { KeyRing } from './KeyRing.js';

export { isUnderCurrentKey } from './encryption.js';

/**
 * The bytes of the file; `content` itself where nothing is to be done.
 *
 * @param identity the backup's id. It is authenticated: the file opens for no other.
 * @throws PersistenceError `ERR_KEY_REQUIRED` where it is to be encrypted and no key is configured; `ERR_BACKUP_FAILED`
 * where there is not enough memory or the id is too long.
 */
export async function pack(
  content: Uint8Array,
  { isCompressed, isEncrypted }: SnapshotPacking,
  keys: KeyRing,
  identity: string,
): Promise<Uint8Array> {
  const compressed = isCompressed ? await compress(content) : content;
  return isEncrypted ? encrypt(compressed, { id: identity, isCompressed }, keys) : compressed;
}

/**
 * The content; `bytes` itself where nothing is to be done. Never resolves to a part of it or to anything that was altered
 * in an encrypted file; whether the content of another file is the one that was kept, its checksum has to tell.
 *
 * @throws PersistenceError
 * - `ERR_BACKUP_DAMAGED`: damaged, cut short, or made by a newer release.
 * - `ERR_BACKUP_MISMATCH`: the encrypted file of another id or of another packing.
 * - `ERR_NOT_ENCRYPTED`: it should be encrypted, and is not.
 * - `ERR_KEY_REQUIRED`, `ERR_WRONG_KEY`: no key is configured, or none of them fits.
 * - `ERR_FILE_TOO_LARGE`: the content has more than `maxBytes`; not much more than that is held to find it out.
 * - `ERR_BACKUP_FAILED`: there is not enough memory.
 */
export async function unpack(
  bytes: Uint8Array,
  { isCompressed, isEncrypted }: SnapshotPacking,
  keys: KeyRing,
  identity: string,
  maxBytes: number,
): Promise<Uint8Array> {
  if (!isEncrypted && startsLikeHeader(bytes)) {
    throw persistenceError('ERR_BACKUP_MISMATCH', 'it is encrypted; give it its own name back');
  }
  // How much comes out of compressed bytes is known only when it comes out.
  const limit = isCompressed ? Infinity : maxBytes;
  if (!isEncrypted && bytes.length > limit) throw tooLarge(limit);
  const compressed = isEncrypted ? await decrypt(bytes, { id: identity, isCompressed, maxBytes: limit }, keys) : bytes;
  return isCompressed ? decompress(compressed, maxBytes) : compressed;
}
