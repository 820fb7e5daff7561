/**
 * The keys of one module: the current one, which new backups are encrypted with, and those that older ones may be under.
 *
 * Owns every secret and shows none: they are key objects, which neither `inspect` nor JSON opens. Which of them is right
 * for a file is for the caller to test. The strings that passphrases came in stay in memory: Node cannot erase them.
 */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { EncryptionOptions } from '../../interfaces/backups.js';
import { persistenceError } from '../errors/PersistenceError.js';
import { deriveKey, newKeyDerivation, type KeyDerivation } from './keyDerivation.js';

const { MAX_CACHED_KEYS } = CONFIG_PERSISTENCE_CONSTANTS.BACKUP_ENCRYPTION;

/** Whether a key is the one of a file. */
export type KeyTest = (key: KeyObject) => boolean;

interface Secret {
  /** The key itself, or the passphrase in UTF-8. */
  readonly material: KeyObject;
  readonly isPassphrase: boolean;
}

export class KeyRing {
  /** The current one first. */
  readonly #secrets: readonly Secret[];
  /** One salt for everything that this process writes, so that it derives once; no salt is used by two processes. */
  readonly #writingDerivation = newKeyDerivation();
  readonly #derivedKeys = new LRUCache<string, Promise<KeyObject>>({ max: MAX_CACHED_KEYS });
  #lastDerivation: Promise<unknown> = Promise.resolve();

  /** Copies the keys. `options` are such that `encryptionProblem` finds nothing wrong. Derives nothing yet. */
  constructor(options: EncryptionOptions | undefined) {
    const given = options === undefined ? [] : [options, ...(options.previous ?? [])];
    this.#secrets = given.map(toSecret);
  }

  /** Whether a current key is configured. */
  get isEncrypting(): boolean {
    return this.#secrets.length > 0;
  }

  /**
   * The current key for a new file, with the derivation for its header; that is absent for a key that was given as such.
   *
   * @throws PersistenceError `ERR_KEY_REQUIRED` where none is configured; `ERR_BACKUP_FAILED` where it cannot be derived.
   */
  async requireWritingKey(): Promise<{ key: KeyObject; derivation: KeyDerivation | undefined }> {
    const secret = this.#requireCurrent();
    const derivation = secret.isPassphrase ? this.#writingDerivation : undefined;
    return { key: await this.#keyOf(secret, derivation), derivation };
  }

  /**
   * The first key that fits, the current one asked first.
   *
   * @param derivation how the file's key came from a passphrase; undefined where it did not.
   * @throws PersistenceError `ERR_KEY_REQUIRED` where no key is configured; `ERR_WRONG_KEY` where none fits;
   * `ERR_BACKUP_FAILED` where one cannot be derived.
   */
  async requireKey(derivation: KeyDerivation | undefined, isRight: KeyTest): Promise<KeyObject> {
    this.#requireCurrent();
    for (const secret of this.#secrets) {
      if (secret.isPassphrase !== (derivation !== undefined)) continue;
      const key = await this.#keyOf(secret, derivation);
      if (isRight(key)) return key;
    }
    const kind = derivation === undefined ? 'key' : 'passphrase';
    throw persistenceError('ERR_WRONG_KEY', `no configured ${kind} fits; add the right one to encryption.previous`);
  }

  /**
   * Whether the current key fits.
   *
   * @throws PersistenceError `ERR_KEY_REQUIRED` where none is configured; `ERR_BACKUP_FAILED` where it cannot be derived.
   */
  async isCurrentKey(derivation: KeyDerivation | undefined, isRight: KeyTest): Promise<boolean> {
    const secret = this.#requireCurrent();
    if (secret.isPassphrase !== (derivation !== undefined)) return false;
    return isRight(await this.#keyOf(secret, derivation));
  }

  #requireCurrent(): Secret {
    const [current] = this.#secrets;
    if (current !== undefined) return current;
    throw persistenceError('ERR_KEY_REQUIRED', 'configure the option encryption with its key or passphrase');
  }

  async #keyOf(secret: Secret, derivation: KeyDerivation | undefined): Promise<KeyObject> {
    if (derivation === undefined) return secret.material;
    // The place stands for the passphrase, which must not be in a string once more.
    const name = JSON.stringify([this.#secrets.indexOf(secret), derivation]);
    const known = this.#derivedKeys.get(name);
    if (known !== undefined) return known;
    // One after the other: each takes much memory, and a thread of the pool that file operations need too.
    const derived = this.#lastDerivation.then(() => deriveKey(secret.material, derivation));
    this.#derivedKeys.set(name, derived);
    this.#lastDerivation = derived.catch(() => {
      // There was no memory for it; whoever asks next tries again.
      this.#derivedKeys.delete(name);
    });
    return derived;
  }
}

/** A passphrase in one normal form, as RFC 8265 asks, because systems differ in what the same keystrokes give. */
function toSecret({ key, passphrase }: Pick<EncryptionOptions, 'key' | 'passphrase'>): Secret {
  if (key !== undefined) return { material: createSecretKey(key), isPassphrase: false };
  return { material: createSecretKey((passphrase ?? '').normalize('NFC'), 'utf8'), isPassphrase: true };
}
