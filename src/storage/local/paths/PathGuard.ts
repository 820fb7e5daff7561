/**
 * Decides which file a path means and whether the module may touch it.
 *
 * Links are followed before the decision, the file's own link included, so what is compared with the allowed folders is
 * what the system will open. A path that is refused has caused nothing but reads of folder entries.
 */
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import { invalidPath, requirePathText } from '../../../value/pathText.js';
import type { Location } from '../../port/Work.js';
import type { FileOperations } from '../io/FileOperations.js';

const { MAX_LINKS } = CONFIG_PERSISTENCE_CONSTANTS.FILE_SYSTEM;
const { MAX_CACHED_FOLDERS } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;

interface KnownFolder {
  readonly real: string;
  readonly inode: bigint;
  readonly device: bigint;
}

export class PathGuard {
  readonly #allowed: Set<string>;
  readonly #workingDirectory: string;
  readonly #folders = new LRUCache<string, KnownFolder>({ max: MAX_CACHED_FOLDERS });
  /** Allowed folders with their links followed, as far as they have been looked at. */
  readonly #allowedReal = new Map<string, string>();

  /**
   * @param allowed folders.
   * @param workingDirectory what relative paths are relative to, whatever the process changes to. Default: that of this moment.
   */
  constructor(allowed: readonly string[], workingDirectory = process.cwd()) {
    this.#workingDirectory = workingDirectory;
    this.#allowed = new Set(allowed.map((folder) => this.fullPathOf(folder)));
  }

  /** The absolute form of a path, links not followed. */
  fullPathOf(given: string): string {
    return resolve(this.#workingDirectory, given);
  }

  /** One folder more. */
  allow(folder: string): void {
    this.#allowed.add(folder);
  }

  /**
   * The file that `given` means.
   *
   * @throws PersistenceError `ERR_INVALID_FILE_PATH` where it is no acceptable path or leads outside the allowed folders.
   */
  async resolve(given: unknown, io: FileOperations): Promise<Location> {
    const text = requirePathText(given);
    const absolute = this.fullPathOf(text);
    const known = this.#inKnownFolder(absolute, io);
    if (known !== undefined) return { given: text, name: absolute, id: known };
    const real = await followLinks(absolute, io);
    if (!(await this.#isAllowed(real, io)) && !(await this.#isAllowedAnew(real, io))) {
      throw invalidPath(text, 'it leads outside the allowed folders; add its folder to allowedDirectories');
    }
    if (io.lstatNow(absolute)?.isSymbolicLink() === false) this.#rememberFolder(dirname(absolute), dirname(real), io);
    return { given: text, name: absolute, id: real };
  }

  /**
   * The same answer for a file in a folder that was allowed before, without following all links again: the path still
   * leads to that very folder, and the file itself is no link. Not where file names come in several spellings.
   */
  #inKnownFolder(absolute: string, io: FileOperations): string | undefined {
    const known = this.#folders.get(dirname(absolute));
    if (known === undefined) return undefined;
    const now = io.statNow(dirname(absolute));
    const isSameFolder = now?.ino === known.inode && now.dev === known.device;
    if (!isSameFolder || io.lstatNow(absolute)?.isSymbolicLink() === true) return undefined;
    return join(known.real, basename(absolute));
  }

  #rememberFolder(absolute: string, real: string, io: FileOperations): void {
    if (process.platform !== 'linux') return;
    const folder = io.statNow(absolute);
    if (folder !== undefined) this.#folders.set(absolute, { real, inode: folder.ino, device: folder.dev });
  }

  /** Follows the links of the allowed folders ahead of the first question; what cannot be looked at now is asked again. */
  async lookAround(io: FileOperations): Promise<void> {
    const looks = [...this.#allowed].map(async (folder) => {
      const real = await followLinks(folder, io);
      this.#allowedReal.set(folder, real);
      this.#rememberFolder(folder, real, io);
    });
    await Promise.allSettled(looks);
  }

  /** A link on the way to an allowed folder may lead elsewhere by now, as after a deployment. */
  #isAllowedAnew(real: string, io: FileOperations): Promise<boolean> {
    this.#allowedReal.clear();
    return this.#isAllowed(real, io);
  }

  async #isAllowed(real: string, io: FileOperations): Promise<boolean> {
    let failure: Error | undefined;
    for (const folder of this.#allowed) {
      try {
        const followed = this.#allowedReal.get(folder) ?? (await followLinks(folder, io));
        this.#allowedReal.set(folder, followed);
        if (isInside(real, followed)) return true;
      } catch (error) {
        failure ??= error as Error;
      }
    }
    // The folder that cannot be looked at may be the one that would allow it.
    if (failure !== undefined) throw failure;
    return false;
  }
}

/** The path with all links followed, also where the last parts do not exist yet. */
async function followLinks(path: string, io: FileOperations, links = 0): Promise<string> {
  if (links > MAX_LINKS) throw invalidPath(path, 'its symbolic links lead in a circle');
  try {
    return await io.realpath(path);
  } catch (error) {
    if (hasSystemCode(error, 'ELOOP')) throw invalidPath(path, 'its symbolic links lead in a circle');
    if (!hasSystemCode(error, 'ENOENT') || dirname(path) === path) throw error;
  }
  const candidate = join(await followLinks(dirname(path), io, links), basename(path));
  const target = await linkTarget(candidate, io);
  return target === undefined ? candidate : followLinks(resolve(dirname(candidate), target), io, links + 1);
}

async function linkTarget(path: string, io: FileOperations): Promise<string | undefined> {
  try {
    return await io.readlink(path);
  } catch (error) {
    // EINVAL: it is no link; UNKNOWN is how Windows says so.
    if (hasSystemCode(error, 'ENOENT', 'EINVAL', 'UNKNOWN')) return undefined;
    throw error;
  }
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
