/**
 * The names in folders that are the store's, remembered: a folder that has not changed since it was listed is not listed
 * again. Names of other programs are counted and not kept, up to a limit, so that a folder of any size does no harm.
 */
import type { BigIntStats } from 'node:fs';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { identityOf, isSameState, lastChangeMs, type FileIdentity } from '../io/FileIdentity.js';
import type { FileOperations } from '../io/FileOperations.js';

const { MAX_FOREIGN_NAMES, MAX_REMEMBERED_NAMES } = CONFIG_PERSISTENCE_CONSTANTS.HEALTH_MONITORING;
const { RACY_WINDOW_MS } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;

export interface FolderListing<T> {
  /** What was made of the store's own names. */
  readonly own: readonly T[];
  readonly foreignCount: number;
  /** True where there are too many foreign names to look at the rest. */
  readonly isCut: boolean;
}

interface Remembered<T> {
  readonly identity: FileIdentity;
  readonly listing: FolderListing<T>;
}

export class FolderNames<T> {
  readonly #folders = new Map<string, Remembered<T>>();
  #count = 0;

  /**
   * @param stats of the folder, looked at just now.
   * @param classify what a name is; undefined for one of another program. Always the same for one folder.
   * @throws the system's error where it cannot be listed.
   */
  async of(
    { path, stats }: { readonly path: string; readonly stats: BigIntStats },
    classify: (name: string) => T | undefined,
    io: FileOperations,
  ): Promise<FolderListing<T>> {
    const identity = identityOf(stats);
    const known = this.#folders.get(path);
    if (known !== undefined && isSameState(known.identity, identity)) return known.listing;
    if (known !== undefined) this.#forget(path, known);
    const listedAt = Date.now();
    const listing = await list(path, classify, io);
    // A change right before might share its tick of the clock with one right after.
    const isTrusted = listedAt - lastChangeMs(identity) >= RACY_WINDOW_MS;
    if (isTrusted && this.#count + listing.own.length <= MAX_REMEMBERED_NAMES) {
      this.#folders.set(path, { identity, listing });
      this.#count += listing.own.length;
    }
    return listing;
  }

  #forget(path: string, { listing }: Remembered<T>): void {
    this.#folders.delete(path);
    this.#count -= listing.own.length;
  }
}

async function list<T>(
  path: string,
  classify: (name: string) => T | undefined,
  io: FileOperations,
): Promise<FolderListing<T>> {
  const own: T[] = [];
  let foreignCount = 0;
  const folder = await io.opendir(path);
  try {
    for (let name = await folder.read(); name !== null; name = await folder.read()) {
      const entry = classify(name);
      if (entry !== undefined) own.push(entry);
      else if (foreignCount === MAX_FOREIGN_NAMES) return { own, foreignCount, isCut: true };
      else foreignCount += 1;
    }
  } finally {
    await folder.close();
  }
  return { own, foreignCount, isCut: false };
}
