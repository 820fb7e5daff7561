/**
 * The keys under which a folder keeps something about configurations.
 *
 * A key is readable, unique within the folder, and the same after the folder and the configurations have been moved
 * together, because it is made from the path between the two. It is also the same for every name of the folder: its links
 * are followed, as far as it exists, each time that a key is asked for, so that a link which is turned to another folder
 * does not give that folder the keys of the first one.
 */
import { basename, dirname, join, relative, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import { checksumOf } from '../../../value/checksum.js';
import { nodeFileOperations, type FileOperations } from '../io/FileOperations.js';
import { readableStem } from '../io/names.js';

const { FILE_SYSTEM, CACHE_SETTINGS } = CONFIG_PERSISTENCE_CONSTANTS;

const KEY = new RegExp(String.raw`^[^/\\]+-[0-9a-f]{${FILE_SYSTEM.KEY_HASH_DIGITS}}$`, 'u');

type LinkFollower = Pick<FileOperations, 'realpathNow'>;

export class ConfigurationKeys {
  readonly #folder: string;
  readonly #io: LinkFollower;
  readonly #keys = new LRUCache<string, string>({ max: CACHE_SETTINGS.MAX_CACHED_KEYS });
  readonly #paths = new LRUCache<string, string>({ max: CACHE_SETTINGS.MAX_CACHED_KEYS });
  #known: string | undefined;

  /** @param folder that holds one entry for each key; it need not exist yet. */
  constructor(folder: string, io: LinkFollower = nodeFileOperations) {
    this.#folder = folder;
    this.#io = io;
  }

  /** The folder with its links followed. @throws the system's error where that cannot be told now. */
  get folder(): string {
    const folder = followFolder(this.#folder, this.#io);
    if (folder !== this.#known) {
      this.#keys.clear();
      this.#paths.clear();
    }
    this.#known = folder;
    return folder;
  }

  /** @param realPath of the configuration, links followed. */
  of(realPath: string): string {
    const { folder } = this;
    const known = this.#keys.get(realPath);
    if (known !== undefined) return known;
    const hash = checksumOf(Buffer.from(pathBetween(folder, realPath))).slice(0, FILE_SYSTEM.KEY_HASH_DIGITS);
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

/** Whether a name is a key, as far as its form tells; a folder may hold other things, too. */
export function isKey(name: string): boolean {
  return KEY.test(name);
}

/** The readable name that a key starts with. */
export function stemOf(key: string): string {
  return key.slice(0, -(FILE_SYSTEM.KEY_HASH_DIGITS + 1));
}

/**
 * The way from a folder, its links followed, to a configuration. With `/` on every system, so that what is derived from it
 * or recorded means the same on all of them.
 */
export function relativeName(folder: string, realPath: string, io: LinkFollower = nodeFileOperations): string {
  return pathBetween(followFolder(folder, io), realPath);
}

/** As far as the folder exists. What cannot be followed for want of rights or because of a circle cannot be used either. */
export function followFolder(folder: string, io: LinkFollower = nodeFileOperations): string {
  try {
    return io.realpathNow(folder);
  } catch (error) {
    const isMissing = hasSystemCode(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG');
    if (!isMissing || dirname(folder) === folder) throw error;
    return join(followFolder(dirname(folder), io), basename(folder));
  }
}

function pathBetween(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
