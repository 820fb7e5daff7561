/** Finds the journals of configurations: `<metadata>/<key>/`. */
import { join, resolve } from 'node:path';
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import type { WantedNames } from '../../port/ConfigStore.js';
import type { FileOperations } from '../io/FileOperations.js';
import { listFewNames, listNames } from '../io/folders.js';
import { ConfigurationKeys, isKey, relativeName, stemOf } from '../paths/ConfigurationKeys.js';
import { Journal } from './Journal.js';

const { CACHE_SETTINGS, JOURNAL, OPERATION_LOG } = CONFIG_PERSISTENCE_CONSTANTS;

export interface JournalsSettings {
  readonly metadataDirectory: string;
  readonly fileMode: number;
  readonly folderMode: number;
}

export class Journals {
  readonly #settings: JournalsSettings;
  readonly #keys: ConfigurationKeys;
  readonly #journals = new LRUCache<string, Journal>({ max: CACHE_SETTINGS.MAX_CACHED_METADATA });

  constructor(settings: JournalsSettings, io?: FileOperations) {
    this.#settings = settings;
    this.#keys = new ConfigurationKeys(settings.metadataDirectory, io);
  }

  /** @param realPath of the configuration, links followed. */
  keyOf(realPath: string): string {
    return this.#keys.of(realPath);
  }

  of(realPath: string): Journal {
    const key = this.keyOf(realPath);
    const known = this.#journals.get(key);
    if (known !== undefined) return known;
    const journal = this.#journalAt(key, (folder) => relativeName(folder, realPath));
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
    const content = await this.#journalAt(key, () => '').read(io);
    if (typeof content?.configuration !== 'string') return undefined;
    // From where the folder really is, as the journal was made to tell it.
    const path = resolve(join(this.#keys.folder, key), content.configuration);
    return this.keyOf(path) === key ? path : undefined;
  }

  /**
   * The configurations that have journals.
   *
   * @param wanted `stem`: only those of this name, in any folder.
   */
  async *paths(
    io: FileOperations,
    { stem, changedSince, skipsUnreadable = false }: WantedNames & { readonly stem?: string } = {},
  ): AsyncGenerator<string, void> {
    for (const key of await listNames(io, this.#settings.metadataDirectory)) {
      if (!isKey(key) || (stem !== undefined && stemOf(key) !== stem)) continue;
      let path;
      try {
        if (changedSince !== undefined && !(await this.#mayHaveChanged(io, key, changedSince))) continue;
        path = await this.pathOf(key, io);
      } catch (error) {
        if (!skipsUnreadable) throw error;
      }
      if (path !== undefined) yield path;
    }
  }

  /** Forgets what was read. */
  clear(): void {
    this.#journals.clear();
  }

  /** By the time of its newest file. */
  async #mayHaveChanged(io: FileOperations, key: string, since: number): Promise<boolean> {
    if (!Number.isFinite(since)) return true;
    const folder = join(this.#settings.metadataDirectory, key);
    const newest = (await listFewNames(io, folder))
      .filter((name) => name.startsWith(JOURNAL.FILE_PREFIX))
      .sort()
      .at(-1);
    const stats = newest === undefined ? undefined : io.statNow(join(folder, newest));
    return stats !== undefined && Number(stats.mtimeMs) >= since - OPERATION_LOG.CLOCK_MARGIN_MS;
  }

  #journalAt(key: string, configurationIn: (folder: string) => string): Journal {
    const { metadataDirectory, fileMode, folderMode } = this.#settings;
    const path = join(metadataDirectory, key);
    return new Journal({ path, configuration: configurationIn(path), fileMode, folderMode });
  }
}
