/** Finds the journals of configurations: `<metadata>/<key>/`. */
import { join, resolve } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { ConfigurationKeys, relativeName, stemOf } from '../paths/ConfigurationKeys.js';
import { listNames } from '../io/durableFolder.js';
import type { FileOperations } from '../io/FileOperations.js';
import { Journal } from './Journal.js';

const { MAX_CACHED_METADATA } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;

export interface ConfigurationRecordsSettings {
  readonly metadataDirectory: string;
  readonly fileMode: number;
  readonly folderMode: number;
}

export class ConfigurationRecords {
  readonly #settings: ConfigurationRecordsSettings;
  readonly #keys: ConfigurationKeys;
  readonly #journals = new LRUCache<string, Journal>({ max: MAX_CACHED_METADATA });

  constructor(settings: ConfigurationRecordsSettings, io?: FileOperations) {
    this.#settings = settings;
    this.#keys = new ConfigurationKeys(settings.metadataDirectory, io);
  }

  /** @param realPath of the configuration, links followed. */
  keyOf(realPath: string): string {
    return this.#keys.of(realPath);
  }

  journalOf(realPath: string): Journal {
    const key = this.keyOf(realPath);
    const known = this.#journals.get(key);
    if (known !== undefined) return known;
    const { metadataDirectory, fileMode, folderMode } = this.#settings;
    const folder = join(metadataDirectory, key);
    const journal = new Journal({ folder, configuration: relativeName(folder, realPath), fileMode, folderMode });
    this.#journals.set(key, journal);
    return journal;
  }

  /** The configuration of a key that was asked for before. */
  knownPathOf(key: string): string | undefined {
    return this.#keys.pathOf(key);
  }

  /** The configuration of a key, as its journal tells it; undefined where it does not tell, or tells another's. */
  async pathOf(key: string, io: FileOperations): Promise<string | undefined> {
    const known = this.#keys.pathOf(key);
    if (known !== undefined) return known;
    const { metadataDirectory, fileMode, folderMode } = this.#settings;
    const folder = join(metadataDirectory, key);
    const content = await new Journal({ folder, configuration: '', fileMode, folderMode }).read(io);
    if (typeof content?.configuration !== 'string') return undefined;
    // From where the folder really is, as the journal was made to tell it.
    const path = resolve(join(this.#keys.folder, key), content.configuration);
    return this.keyOf(path) === key ? path : undefined;
  }

  /** The configurations of this name that have journals, in any folder. */
  async pathsOfName(stem: string, io: FileOperations): Promise<string[]> {
    const paths: string[] = [];
    for (const key of await listNames(io, this.#settings.metadataDirectory)) {
      const path = stemOf(key) === stem ? await this.pathOf(key, io) : undefined;
      if (path !== undefined) paths.push(path);
    }
    return paths;
  }

  /** Forgets what was read. */
  clear(): void {
    this.#journals.clear();
  }
}
