/**
 * The keys under which a folder keeps something about configurations.
 *
 * A key is readable, unique within the folder, and the same after the folder and the configurations have been moved
 * together, because it is made from the path between the two.
 */
import { relative, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { checksumOf, readableStem } from './durableFile.js';

const { FILE_SYSTEM, CACHE_SETTINGS } = CONFIG_PERSISTENCE_CONSTANTS;

export class ConfigurationKeys {
  readonly #folder: string;
  readonly #keys = new LRUCache<string, string>({ max: CACHE_SETTINGS.MAX_CACHED_KEYS });
  readonly #paths = new LRUCache<string, string>({ max: CACHE_SETTINGS.MAX_CACHED_KEYS });

  /** @param folder that holds one entry for each key. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param realPath of the configuration, links followed. */
  of(realPath: string): string {
    const known = this.#keys.get(realPath);
    if (known !== undefined) return known;
    const hash = checksumOf(Buffer.from(relativeName(this.#folder, realPath))).slice(0, FILE_SYSTEM.KEY_HASH_DIGITS);
    const key = `${readableStem(realPath.slice(realPath.lastIndexOf(sep) + 1))}-${hash}`;
    this.#keys.set(realPath, key);
    this.#paths.set(key, realPath);
    return key;
  }

  /** The path of a key that was asked for before; undefined for others, because a key cannot be turned back. */
  pathOf(key: string): string | undefined {
    return this.#paths.get(key);
  }
}

/** The readable name that a key starts with. */
export function stemOf(key: string): string {
  return key.slice(0, -(FILE_SYSTEM.KEY_HASH_DIGITS + 1));
}

/** With `/` on every system, so that what is derived from it or recorded means the same on all of them. */
export function relativeName(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
