/** The names that the store gives to files which are there for moments only, and the readable part of lasting ones. */
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { checksumOf } from '../../../value/checksum.js';

const { FILE_SYSTEM } = CONFIG_PERSISTENCE_CONSTANTS;

/** What follows `transientPrefix` in the names of temporary files and of files that are being deleted. */
export const TRANSIENT_ENDING = /^[0-9a-f]{16}\.(?:tmp|deleted)$/u;
/** Those base names as a whole. */
export const TRANSIENT_NAME = /^\.[^\\/]+\.[0-9a-f]{16}\.(?:tmp|deleted)$/u;

/** A name in the same folder that nobody can guess: `.app.json.<16 hex digits>.tmp`. */
export function transientSibling(path: string, extension: string): string {
  return join(dirname(path), `${transientPrefix(path)}${newToken()}${extension}`);
}

/** How the names of a file's transient siblings start. */
export function transientPrefix(path: string): string {
  return `.${readableStem(basename(path))}.`;
}

/** A name, or where it is long its start and a hash of it, so that names which only differ at the end stay apart. */
export function readableStem(name: string): string {
  const bytes = Buffer.from(name);
  if (bytes.length <= FILE_SYSTEM.READABLE_STEM_BYTES) return name;
  const start = bytes
    .subarray(0, FILE_SYSTEM.READABLE_STEM_BYTES)
    .toString()
    .replace(/\uFFFD+$/u, '');
  return `${start}~${checksumOf(bytes).slice(0, FILE_SYSTEM.KEY_HASH_DIGITS)}`;
}

/** Random text by which its maker finds something again. */
export function newToken(): string {
  return randomBytes(FILE_SYSTEM.RANDOM_NAME_BYTES).toString('hex');
}
