/** Which configuration the snapshots of a folder are of: from a configuration to the key of its folder, and back. */
import { join, resolve } from 'node:path';
import { hasSystemCode, storageError } from '../../../errors/StorageError.js';
import type { FileOperations } from '../io/FileOperations.js';
import { listNames } from '../io/folders.js';
import type { Journals } from '../journal/Journals.js';
import { ConfigurationKeys, isKey } from '../paths/ConfigurationKeys.js';
import { notAFolder, type SnapshotFolder } from './SnapshotFolder.js';
import { parseManifest } from './SnapshotManifest.js';
import { parseManifestFileName } from './SnapshotName.js';

export class SnapshotKeys {
  readonly #folder: string;
  readonly #keys: ConfigurationKeys;
  readonly #journals: Journals;

  constructor(folder: string, journals: Journals) {
    this.#folder = folder;
    this.#keys = new ConfigurationKeys(folder);
    this.#journals = journals;
  }

  of(path: string): string {
    return this.#keys.of(path);
  }

  /** The keys of all configurations that have a folder. */
  async all(io: FileOperations): Promise<readonly string[]> {
    const folder = this.#folder;
    try {
      const names = await listNames(io, folder);
      return names.filter((name) => isKey(name) && io.lstatNow(join(folder, name))?.isDirectory() === true).sort();
    } catch (error) {
      throw hasSystemCode(error, 'ENOTDIR') ? notAFolder(folder) : storageError(error, { filePath: folder });
    }
  }

  /** Of a key that was asked for before. */
  knownPathOf(key: string): string | undefined {
    return this.#keys.pathOf(key);
  }

  /**
   * As it was asked for before; as the journal of the same key tells, where records and backups lie beside each other; as a
   * manifest among the snapshots tells; or of the same name as the journal of another key tells.
   */
  async pathOf(key: string, folder: SnapshotFolder, io: FileOperations): Promise<string | undefined> {
    const isItsKey = (path: string | undefined): path is string => path !== undefined && this.#keys.of(path) === key;
    const known = this.#keys.pathOf(key) ?? (await this.#journals.pathOf(key, io));
    if (isItsKey(known)) return known;
    for (const name of await folder.names(io)) {
      if (parseManifestFileName(folder.stem, name) === undefined) continue;
      const manifest = parseManifest(await folder.manifestText(io, join(folder.path, name)));
      const path = manifest === undefined ? undefined : resolve(this.#keys.folder, key, manifest.configuration);
      if (isItsKey(path)) return path;
    }
    for await (const path of this.#journals.paths(io, folder)) if (isItsKey(path)) return path;
    return undefined;
  }
}
