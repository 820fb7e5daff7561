/**
 * Keys from passphrases: scrypt (RFC 7914), with what it takes besides the passphrase kept in the header of each file.
 */
import { createSecretKey, randomBytes, scrypt, type KeyObject, type ScryptOptions } from 'node:crypto';
import { promisify } from 'node:util';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../errors/PersistenceError.js';

const { KEY_BYTES, MAX_SCRYPT_COST, SALT_BYTES, SCRYPT_BLOCK_SIZE, SCRYPT_COST, SCRYPT_PARALLELIZATION } =
  CONFIG_PERSISTENCE_CONSTANTS.BACKUP_ENCRYPTION;

const SALT = new RegExp(`^(?:[0-9a-f]{2}){${SALT_BYTES}}$`, 'u');
/** Bytes of one block for each unit of the block size: RFC 7914, section 2. */
const BLOCK_UNIT_BYTES = 128;
const deriveBytes = promisify<Buffer, Buffer, number, ScryptOptions, Buffer>(scrypt);

/** How a key came from its passphrase; in this form it is in the header of an encrypted backup. */
export interface KeyDerivation {
  readonly function: 'scrypt';
  /** In hexadecimal. */
  readonly salt: string;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

/** A derivation for new files, with a random salt. */
export function newKeyDerivation(): KeyDerivation {
  return {
    function: 'scrypt',
    salt: randomBytes(SALT_BYTES).toString('hex'),
    cost: SCRYPT_COST,
    blockSize: SCRYPT_BLOCK_SIZE,
    parallelization: SCRYPT_PARALLELIZATION,
  };
}

/**
 * A derivation that a file asks for; undefined for one that is wrong or that would cost more than `MAX_SCRYPT_COST`,
 * so that a planted file cannot make this process spend its memory.
 */
export function parseKeyDerivation(value: unknown): KeyDerivation | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { function: name, salt, cost, blockSize, parallelization } = value as Record<string, unknown>;
  const isRight =
    name === 'scrypt' &&
    typeof salt === 'string' &&
    SALT.test(salt) &&
    isAffordable(cost) &&
    blockSize === SCRYPT_BLOCK_SIZE &&
    parallelization === SCRYPT_PARALLELIZATION;
  return isRight ? { function: name, salt, cost, blockSize, parallelization } : undefined;
}

/**
 * The key of a passphrase. Takes about a tenth of a second and, at most, 128 MiB, in a thread of the pool.
 *
 * @throws PersistenceError `ERR_BACKUP_FAILED` where there is not enough memory.
 */
export async function deriveKey(passphrase: KeyObject, derivation: KeyDerivation): Promise<KeyObject> {
  const { salt, cost, blockSize, parallelization } = derivation;
  // Exactly what OpenSSL asks for; the default of Node is too low for the cost.
  const maxmem = BLOCK_UNIT_BYTES * blockSize * (cost + parallelization + 2);
  const secret = passphrase.export();
  let bytes: Buffer | undefined;
  try {
    const options = { cost, blockSize, parallelization, maxmem };
    bytes = await deriveBytes(secret, Buffer.from(salt, 'hex'), KEY_BYTES, options);
    return createSecretKey(bytes);
  } catch (cause) {
    const reason = 'the key could not be derived from the passphrase; see whether there is enough memory';
    throw persistenceError('ERR_BACKUP_FAILED', reason, { cause });
  } finally {
    secret.fill(0);
    bytes?.fill(0);
  }
}

function isAffordable(cost: unknown): cost is number {
  // scrypt takes powers of two only.
  return typeof cost === 'number' && cost >= 2 && cost <= MAX_SCRYPT_COST && Number.isInteger(Math.log2(cost));
}
