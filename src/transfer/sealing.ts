/**
 * Encrypted exports: the bytes of any export in frames, so that neither writing nor reading needs all of it at once.
 *
 * A header line in ASCII, `rcc-encrypted-export <JSON>`, then frames of AES-256-GCM, each with its tag. Every file has a
 * key of its own, made from the configured one and a random salt (HKDF, RFC 5869). The nonce of a frame is its number and
 * whether it is the last (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): frames cannot be left
 * out, repeated, exchanged or cut off without a tag that fails. The header is authenticated with each frame.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { keyCheckOf } from '../packing/encryption.js';
import { parseKeyDerivation, type KeyDerivation } from '../packing/keyDerivation.js';
import type { KeyRing } from '../packing/KeyRing.js';
import type { ByteSink, ByteSource } from './archives/ArchiveFormat.js';

const { BACKUP_ENCRYPTION, EXPORT_ENCRYPTION } = CONFIG_PERSISTENCE_CONSTANTS;
const { CIPHER, HASH, KEY_BYTES, KEY_CHECK_BYTES, NONCE_BYTES, TAG_BYTES } = BACKUP_ENCRYPTION;
const { COUNTER_BYTES, FILE_KEY_LABEL, FORMAT_VERSION, FRAME_BYTES, MAGIC, MAX_HEADER_BYTES, SALT_BYTES } =
  EXPORT_ENCRYPTION;

const HEADER = new RegExp(`^${MAGIC} (\\{[ -~]*\\})\n`, 'u');

interface Header {
  readonly salt: Buffer;
  readonly keyCheck: Buffer;
  readonly derivation: KeyDerivation | undefined;
}

/** A sink in front of another that encrypts; `end` writes what is left, and must be called once. */
export interface SealingSink extends ByteSink {
  end(): Promise<void>;
}

/** @throws PersistenceError `ERR_KEY_REQUIRED` where no key is configured. */
export async function sealingSink(sink: ByteSink, keys: KeyRing): Promise<SealingSink> {
  const { key: master, derivation } = await keys.requireWritingKey();
  const salt = randomBytes(SALT_BYTES);
  const keyCheck = Buffer.from(keyCheckOf(master, salt)).toString('hex');
  const fields = { format: FORMAT_VERSION, cipher: CIPHER, salt: salt.toString('hex'), derivation, keyCheck };
  const text = JSON.stringify(fields);
  const key = fileKeyOf(master, salt);
  const line = Buffer.from(`${MAGIC} ${text}\n`, 'latin1');
  await sink.write(line);
  let pending = Buffer.alloc(0);
  let count = 0;
  const writeFrame = async (frame: Uint8Array, isLast: boolean): Promise<void> => {
    const cipher = createCipheriv(CIPHER, key, nonceOf(count, isLast), { authTagLength: TAG_BYTES });
    cipher.setAAD(line);
    count += 1;
    await sink.write(Buffer.concat([cipher.update(frame), cipher.final(), cipher.getAuthTag()]));
  };
  return {
    async write(bytes) {
      let rest = Buffer.concat([pending, bytes]);
      // The last frame is only known at the end, so one that is just full waits.
      while (rest.length > FRAME_BYTES) {
        await writeFrame(rest.subarray(0, FRAME_BYTES), false);
        rest = rest.subarray(FRAME_BYTES);
      }
      pending = rest;
    },
    end: () => writeFrame(pending, true),
  };
}

/** Whether a file is an encrypted export. */
export async function isSealed(source: ByteSource): Promise<boolean> {
  const start = await source.read(0, MAGIC.length + 1);
  return Buffer.from(start).toString('latin1') === `${MAGIC} `;
}

/**
 * What was encrypted, at any position. Nothing is given out whose tag was not found right, and the end was seen to be the
 * end.
 *
 * @throws PersistenceError `ERR_KEY_REQUIRED`, `ERR_WRONG_KEY`; `ERR_ARCHIVE_REFUSED` where it is damaged or cut off.
 */
export async function unsealedSource(source: ByteSource, keys: KeyRing): Promise<ByteSource> {
  const { header, line } = parseHeader(await source.read(0, MAX_HEADER_BYTES));
  const { salt, keyCheck, derivation } = header;
  const isRight = (candidate: KeyObject): boolean => timingSafeEqual(keyCheckOf(candidate, salt), keyCheck);
  const key = fileKeyOf(await keys.requireKey(derivation, isRight), salt);
  const bodyBytes = source.sizeBytes - line.length;
  const count = Math.ceil(bodyBytes / (FRAME_BYTES + TAG_BYTES));
  if (bodyBytes < count * TAG_BYTES || count === 0) throw damaged('it is cut off');
  const openFrame = async (index: number): Promise<Uint8Array> => {
    const position = line.length + index * (FRAME_BYTES + TAG_BYTES);
    const frame = await source.read(position, FRAME_BYTES + TAG_BYTES);
    return decryptFrame(frame, key, nonceOf(index, index === count - 1), line);
  };
  await openFrame(count - 1);
  let known: { index: number; plain: Uint8Array } | undefined;
  const plainFrame = async (index: number): Promise<Uint8Array> => {
    if (known?.index !== index) known = { index, plain: await openFrame(index) };
    return known.plain;
  };
  const sizeBytes = bodyBytes - count * TAG_BYTES;
  return {
    sizeBytes,
    async read(position, length) {
      const end = Math.min(position + length, sizeBytes);
      const pieces: Uint8Array[] = [];
      for (let at = position; at < end;) {
        const frame = await plainFrame(Math.floor(at / FRAME_BYTES));
        const offset = at % FRAME_BYTES;
        const piece = frame.subarray(offset, offset + end - at);
        pieces.push(piece);
        at += piece.length;
      }
      return Buffer.concat(pieces);
    },
  };
}

function decryptFrame(frame: Uint8Array, key: KeyObject, nonce: Uint8Array, line: Uint8Array): Uint8Array {
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(line);
  decipher.setAuthTag(frame.subarray(frame.length - TAG_BYTES));
  const plain = decipher.update(frame.subarray(0, frame.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    throw damaged('a part of it is damaged, or was exchanged', cause);
  }
  return plain;
}

function fileKeyOf(master: KeyObject, salt: Uint8Array): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync(HASH, master, salt, FILE_KEY_LABEL, KEY_BYTES)));
}

function nonceOf(index: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUIntBE(index, NONCE_BYTES - COUNTER_BYTES - 1, COUNTER_BYTES);
  nonce[NONCE_BYTES - 1] = isLast ? 1 : 0;
  return nonce;
}

function parseHeader(start: Uint8Array): { header: Header; line: Uint8Array } {
  const [line = '', text = ''] = HEADER.exec(Buffer.from(start).toString('latin1')) ?? [];
  const fields = parseFields(text);
  const derivation = fields.derivation === undefined ? undefined : parseKeyDerivation(fields.derivation);
  const isRight =
    fields.format === FORMAT_VERSION &&
    fields.cipher === CIPHER &&
    (fields.derivation === undefined || derivation !== undefined) &&
    isHexadecimal(fields.salt, SALT_BYTES) &&
    isHexadecimal(fields.keyCheck, KEY_CHECK_BYTES);
  if (!isRight) throw damaged('its header is damaged, or of a newer release');
  const salt = Buffer.from(fields.salt as string, 'hex');
  const keyCheck = Buffer.from(fields.keyCheck as string, 'hex');
  return { header: { salt, keyCheck, derivation }, line: start.subarray(0, line.length) };
}

function parseFields(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // The words of the parser would quote the file.
    return {};
  }
}

function isHexadecimal(value: unknown, byteCount: number): boolean {
  return typeof value === 'string' && value.length === byteCount * 2 && /^[0-9a-f]*$/u.test(value);
}

function damaged(reason: string, cause?: unknown): Error {
  return persistenceError('ERR_ARCHIVE_REFUSED', `the encrypted export cannot be opened: ${reason}`, { cause });
}
