/**
 * Authenticated encryption of bytes: AES-256-GCM with a fresh nonce for every file.
 *
 * The whole header is authenticated with the bytes, so that a file that was given another one's id does not open. Nothing
 * that was decrypted leaves here before its tag was found right.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  randomBytes,
  timingSafeEqual,
  type CipherGCM,
  type DecipherGCM,
  type KeyObject,
} from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { tooLarge } from './compression.js';
import { formatHeader, hasMagic, parseHeader, type EncryptedHeader } from './encryptedHeader.js';
import type { KeyRing, KeyTest } from './KeyRing.js';

const { ATOMIC_OPERATIONS, BACKUP_ENCRYPTION } = CONFIG_PERSISTENCE_CONSTANTS;
const { CIPHER, HASH, KEY_CHECK_BYTES, KEY_CHECK_LABEL, NONCE_BYTES, TAG_BYTES } = BACKUP_ENCRYPTION;

/** What the header of a file tells, and must tell again when it is read. */
export type Sealing = Pick<EncryptedHeader, 'id' | 'isCompressed'>;

/**
 * The bytes of the file: header, encrypted bytes, tag.
 *
 * @throws PersistenceError `ERR_KEY_REQUIRED` where no key is configured; `ERR_BACKUP_FAILED` where it cannot be derived
 * or the id is too long.
 */
export async function encrypt(plain: Uint8Array, { id, isCompressed }: Sealing, keys: KeyRing): Promise<Uint8Array> {
  const { key, derivation } = await keys.requireWritingKey();
  const nonce = randomBytes(NONCE_BYTES);
  const line = formatHeader({ id, isCompressed, nonce, keyCheck: keyCheckOf(key, nonce), derivation });
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(line);
  const file = Buffer.allocUnsafe(line.length + plain.length + TAG_BYTES);
  file.set(line);
  await convert(cipher, plain, file.subarray(line.length));
  cipher.final();
  file.set(cipher.getAuthTag(), line.length + plain.length);
  return file;
}

/**
 * What was encrypted, of at most `maxBytes`.
 *
 * @throws PersistenceError `ERR_NOT_ENCRYPTED`; `ERR_BACKUP_DAMAGED` where the file is damaged or cut short;
 * `ERR_BACKUP_MISMATCH` where it is the file of something else; `ERR_FILE_TOO_LARGE`; `ERR_KEY_REQUIRED` and
 * `ERR_WRONG_KEY`; `ERR_BACKUP_FAILED` where a key cannot be derived.
 */
export async function decrypt(
  file: Uint8Array,
  expected: Sealing & { maxBytes: number },
  keys: KeyRing,
): Promise<Uint8Array> {
  const { header, line } = parseHeader(file);
  requireExpected(header, expected);
  const end = file.length - TAG_BYTES;
  if (end < line.length) throw persistenceError('ERR_BACKUP_DAMAGED', 'it is cut short');
  // Before there is a second copy of it: encryption keeps the length.
  if (end - line.length > expected.maxBytes) throw tooLarge(expected.maxBytes);
  const key = await keys.requireKey(header.derivation, testOf(header));
  const decipher = createDecipheriv(CIPHER, key, header.nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(line);
  decipher.setAuthTag(file.subarray(end));
  const plain = Buffer.allocUnsafe(end - line.length);
  await convert(decipher, file.subarray(line.length, end), plain);
  try {
    decipher.final();
  } catch (cause) {
    plain.fill(0);
    throw persistenceError('ERR_BACKUP_DAMAGED', 'its bytes are not those that were encrypted', { cause });
  }
  return plain;
}

/**
 * Whether a file, of which the start is enough, is under the current key; false for one that is not encrypted.
 *
 * @throws PersistenceError `ERR_BACKUP_DAMAGED` where the header is damaged; `ERR_KEY_REQUIRED` where no key is configured;
 * `ERR_BACKUP_FAILED` where it cannot be derived.
 */
export async function isUnderCurrentKey(bytes: Uint8Array, keys: KeyRing): Promise<boolean> {
  if (!hasMagic(bytes)) return false;
  const { header } = parseHeader(bytes);
  return keys.isCurrentKey(header.derivation, testOf(header));
}

function requireExpected(header: EncryptedHeader, expected: Sealing): void {
  if (header.id !== expected.id) {
    // Without the id that it names: it was not authenticated, and may be anything.
    const reason = 'its first line names another backup, so it was renamed or put in the place of the right one';
    throw persistenceError('ERR_BACKUP_MISMATCH', reason);
  }
  if (header.isCompressed !== expected.isCompressed) {
    const kind = header.isCompressed ? 'compressed' : 'not compressed';
    throw persistenceError('ERR_BACKUP_MISMATCH', `its header says that it is ${kind}; give it its own name back`);
  }
}

/** In pieces, with a turn of the event loop between two: a cipher works in the thread that calls it. */
async function convert(cipher: CipherGCM | DecipherGCM, from: Uint8Array, to: Uint8Array): Promise<void> {
  for (let start = 0; start < from.length; start += ATOMIC_OPERATIONS.CHUNK_BYTES) {
    if (start > 0) await nextTurn();
    to.set(cipher.update(from.subarray(start, start + ATOMIC_OPERATIONS.CHUNK_BYTES)), start);
  }
}

/** The test whether a key is the one that a header was made with. */
function testOf({ nonce, keyCheck }: EncryptedHeader): KeyTest {
  return (key) => timingSafeEqual(keyCheckOf(key, nonce), keyCheck);
}

export function keyCheckOf(key: KeyObject, nonce: Uint8Array): Uint8Array {
  const code = createHmac(HASH, key).update(KEY_CHECK_LABEL).update(nonce).digest();
  return code.subarray(0, KEY_CHECK_BYTES);
}
