/**
 * The first line of an encrypted backup: what is needed, besides the key, to open it.
 *
 * `rcc-encrypted-backup <check value> <JSON>`, in ASCII and ended by a line feed. The check value, the first digits of the
 * JSON's SHA-256, tells a damaged line from a wrong key; what protects the line is that all of it is authenticated data
 * of the encryption. Behind it come the encrypted bytes and the tag.
 */
import { hash } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError, type PersistenceError } from '../errors/PersistenceError.js';
import { parseKeyDerivation, type KeyDerivation } from './keyDerivation.js';

const { BACKUP_ENCRYPTION } = CONFIG_PERSISTENCE_CONSTANTS;
const { CIPHER, FORMAT_VERSION, KEY_CHECK_BYTES, MAGIC, MAX_HEADER_BYTES, NONCE_BYTES } = BACKUP_ENCRYPTION;

const LINE = new RegExp(String.raw`^${MAGIC} ([0-9a-f]{${BACKUP_ENCRYPTION.HEADER_CHECK_DIGITS}}) (\{".*\})\n`, 'u');
const START = new RegExp(String.raw`^${MAGIC} [0-9a-f]{${BACKUP_ENCRYPTION.HEADER_CHECK_DIGITS}} \{"`, 'u');
const OUTSIDE_ASCII = /[^ -~]/g;
const HEXADECIMAL_RADIX = 16;
const ESCAPE_DIGITS = 4;

/** What the line tells. */
export interface EncryptedHeader {
  /** Of the backup. */
  readonly id: string;
  /** Whether what was encrypted is compressed. */
  readonly isCompressed: boolean;
  readonly nonce: Uint8Array;
  readonly keyCheck: Uint8Array;
  /** Absent where the key was given as such. */
  readonly derivation: KeyDerivation | undefined;
}

/**
 * The line, with its line feed.
 *
 * @throws PersistenceError `ERR_BACKUP_FAILED` where the id is too long for it.
 */
export function formatHeader({ id, isCompressed, nonce, keyCheck, derivation }: EncryptedHeader): Buffer {
  const text = JSON.stringify({
    format: FORMAT_VERSION,
    id,
    cipher: CIPHER,
    nonce: Buffer.from(nonce).toString('hex'),
    derivation,
    keyCheck: Buffer.from(keyCheck).toString('hex'),
    isCompressed,
  }).replaceAll(OUTSIDE_ASCII, escapeCharacter);
  const line = Buffer.from(`${MAGIC} ${checkValue(text)} ${text}\n`, 'latin1');
  if (line.length <= MAX_HEADER_BYTES) return line;
  throw persistenceError('ERR_BACKUP_FAILED', `its id is too long for a header of ${MAX_HEADER_BYTES} bytes`);
}

/** Whether bytes start with the magic word, so that they are meant to be encrypted. */
export function hasMagic(bytes: Uint8Array): boolean {
  return decodeStart(bytes).startsWith(MAGIC);
}

/** Whether bytes start as only an encrypted backup does; a configuration may well start with the magic word alone. */
export function startsLikeHeader(bytes: Uint8Array): boolean {
  return START.test(decodeStart(bytes));
}

/**
 * The header that bytes start with, and the bytes of its line with the line feed: authenticated as it stands, not as it
 * would be written again. What comes behind it does not matter.
 *
 * @throws PersistenceError `ERR_NOT_ENCRYPTED` without the magic word; `ERR_BACKUP_DAMAGED` where the line is damaged, cut
 * short, of a newer release, or asks for a derivation that costs too much.
 */
export function parseHeader(bytes: Uint8Array): { header: EncryptedHeader; line: Uint8Array } {
  const start = decodeStart(bytes);
  if (MAGIC.startsWith(start)) throw damaged('it ends within its first word');
  if (!start.startsWith(MAGIC)) {
    throw persistenceError('ERR_NOT_ENCRYPTED', 'its name says so, but it was replaced by something else');
  }
  const [line = '', digits, text = ''] = LINE.exec(start) ?? [];
  if (line === '' || digits !== checkValue(text)) throw damaged('its header is damaged or cut short');
  return { header: parseFields(text), line: bytes.subarray(0, line.length) };
}

function parseFields(text: string): EncryptedHeader {
  const fields = parseJson(text);
  const { format, id, cipher, nonce, keyCheck, isCompressed } = fields;
  if (typeof format === 'number' && format > FORMAT_VERSION) {
    throw damaged('it was made by a newer release; update this module to read it');
  }
  const derivation = fields.derivation === undefined ? undefined : parseKeyDerivation(fields.derivation);
  if (derivation === undefined && fields.derivation !== undefined) {
    throw damaged('its header asks for a way to derive the key that is unknown or costs too much');
  }
  const isRight =
    format === FORMAT_VERSION &&
    typeof id === 'string' &&
    cipher === CIPHER &&
    isHexadecimal(nonce, NONCE_BYTES) &&
    isHexadecimal(keyCheck, KEY_CHECK_BYTES) &&
    typeof isCompressed === 'boolean';
  if (!isRight) throw damaged('its header lacks what it must tell');
  return { id, isCompressed, nonce: Buffer.from(nonce, 'hex'), keyCheck: Buffer.from(keyCheck, 'hex'), derivation };
}

/** The check value tells damage; this tells a line that a person has written with a right check value. */
function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Without a cause: the words of the parser quote the file.
    throw damaged('its header is not JSON');
  }
}

/** One character for each byte, so that places in the text are places in the bytes. */
function decodeStart(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, MAX_HEADER_BYTES)).toString('latin1');
}

function checkValue(text: string): string {
  return hash(BACKUP_ENCRYPTION.HASH, text).slice(0, BACKUP_ENCRYPTION.HEADER_CHECK_DIGITS);
}

function isHexadecimal(value: unknown, byteCount: number): value is string {
  return typeof value === 'string' && value.length === byteCount * 2 && /^[0-9a-f]*$/u.test(value);
}

function escapeCharacter(unit: string): string {
  return String.raw`\u${unit.charCodeAt(0).toString(HEXADECIMAL_RADIX).padStart(ESCAPE_DIGITS, '0')}`;
}

function damaged(reason: string): PersistenceError {
  return persistenceError('ERR_BACKUP_DAMAGED', reason);
}
