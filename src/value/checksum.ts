/** The checksum by which contents are told from each other everywhere. */
import { hash } from 'node:crypto';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { CHECKSUM_ALGORITHM } = CONFIG_PERSISTENCE_CONSTANTS.INTEGRITY_CHECKING;

/** Lower-case SHA-256 in hexadecimal. */
export function checksumOf(bytes: Uint8Array): string {
  return hash(CHECKSUM_ALGORITHM, bytes);
}
