/**
 * Names and finds what is kept about configurations: their keys and their journals.
 *
 * A key names the folders of one configuration. It is readable, unique, and the same after configuration and records have
 * been moved together, because it is made from the path between the two.
 */
import { join, relative, resolve, sep } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { checksumOf, readableStem } from './durableFile.js';
import type { FileOperations } from './FileOperations.js';
import { Journal } from './journal/Journal.js';

const { FILE_SYSTEM, CACHE_SETTINGS } = CONFIG_PERSISTENCE_CONSTANTS;

export interface ConfigurationRecordsSettings {
  readonly metadataDirectory: string;
  readonly fileMode: number;
  readonly folderMode: number;
}

export class ConfigurationRecords {
  readonly #settings: ConfigurationRecordsSettings;
  readonly #keys = new LRUCache<string, string>({ max: CACHE_SETTINGS.MAX_CACHED_KEYS });
  readonly #journals = new LRUCache<string, Journal>({ max: CACHE_SETTINGS.MAX_CACHED_METADATA });

  constructor(settings: ConfigurationRecordsSettings) {
    this.#settings = settings;
  }

  /** @param realPath of the configuration, links followed. */
  keyOf(realPath: string): string {
    const known = this.#keys.get(realPath);
    if (known !== undefined) return known;
    const name = relativeName(this.#settings.metadataDirectory, realPath);
    const hash = checksumOf(Buffer.from(name)).slice(0, FILE_SYSTEM.KEY_HASH_DIGITS);
    const key = `${readableStem(realPath.slice(realPath.lastIndexOf(sep) + 1))}-${hash}`;
    this.#keys.set(realPath, key);
    return key;
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

  /** The configuration that the journal of a key is about; undefined where it does not tell, or tells another's. */
  async recordedPath(key: string, io: FileOperations): Promise<string | undefined> {
    const { metadataDirectory, fileMode, folderMode } = this.#settings;
    const folder = join(metadataDirectory, key);
    const content = await new Journal({ folder, configuration: '', fileMode, folderMode }).read(io);
    if (typeof content?.configuration !== 'string') return undefined;
    const path = resolve(folder, content.configuration);
    return this.keyOf(path) === key ? path : undefined;
  }

  /** Forgets what was read. */
  clear(): void {
    this.#journals.clear();
  }
}

function relativeName(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
