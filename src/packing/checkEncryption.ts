/**
 * What the option `encryption` may be: one key or passphrase to write with, and those that older backups may be under.
 *
 * Names members and places, never a value: every value here is a secret.
 */
import { types } from 'node:util';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';

const { KEY_BYTES, MAX_PREVIOUS_KEYS } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_ENCRYPTION;

/** What is wrong with a value of the option `encryption`, in words that follow its key; undefined where it is right. */
export function encryptionProblem(value: unknown): string | undefined {
  if (!isRecord(value)) return 'must be an object';
  const { previous, ...current } = value;
  return secretProblem(current) ?? (previous === undefined ? undefined : previousProblem(previous));
}

function previousProblem(previous: unknown): string | undefined {
  if (!Array.isArray(previous) || previous.length < 1 || previous.length > MAX_PREVIOUS_KEYS) {
    return `.previous must be a list of 1 to ${MAX_PREVIOUS_KEYS} keys and passphrases`;
  }
  for (const [index, item] of (previous as unknown[]).entries()) {
    const problem = isRecord(item) ? secretProblem(item) : 'must be an object';
    if (problem !== undefined) return `.previous[${index}]${problem.startsWith('.') ? '' : ' '}${problem}`;
  }
  return undefined;
}

/** Of an object that must have exactly one of `key` and `passphrase`; a member that is undefined counts as absent. */
function secretProblem({ key, passphrase, ...others }: Record<string, unknown>): string | undefined {
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) return `has the unknown member ${unknown}`;
  if ((key === undefined) === (passphrase === undefined)) return 'must have either key or passphrase';
  return passphrase === undefined ? keyProblem(key) : passphraseProblem(passphrase);
}

function keyProblem(key: unknown): string | undefined {
  // Not instanceof: bytes from another realm (`vm` context) are as good.
  return types.isUint8Array(key) && key.length === KEY_BYTES ? undefined : `.key must be ${KEY_BYTES} bytes`;
}

function passphraseProblem(passphrase: unknown): string | undefined {
  // Half of a surrogate pair has no bytes of its own: different passphrases would give one key.
  return typeof passphrase === 'string' && passphrase !== '' && passphrase.isWellFormed()
    ? undefined
    : '.passphrase must be a non-empty string of well-formed Unicode';
}

/** Bytes are no record: their members are the secret itself. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
