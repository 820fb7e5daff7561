/**
 * Values that were read or written before, bounded by count, bytes and time.
 *
 * Keeps each value once and never gives it away: callers get a plain copy of a small one and a copy-on-write view of a
 * large one. Whether an entry is still true is the store's to say; the cache only holds its etag.
 */
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationMetadata, IntegrityIssue } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import type { Etag } from '../storage/port/ConfigStore.js';
import type { Location } from '../storage/port/Work.js';
import { plainCopyOf, viewOf } from '../value/copyOnWriteView.js';
import { frozenCopyOf } from '../value/frozenCopy.js';

const { MAX_CACHED_CONFIGS, MAX_CACHED_BYTES, VIEW_THRESHOLD_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;

/** What became of a value that was held against what is expected of its file. */
export interface CheckedValue {
  /** What loads hand out: with the defaults under it, and in the newest version. */
  readonly value: ConfigurationValue;
  /** Why it is not valid. */
  readonly issues: readonly IntegrityIssue[];
  /** What is to be told of one that is valid all the same. */
  readonly notes: readonly IntegrityIssue[];
}

/** What one load found. */
export interface CachedConfiguration {
  /** As it stands in the file. */
  readonly value: ConfigurationValue;
  /** Absent where nothing is expected of the file, or it was not compared with that yet. */
  readonly judged?: CheckedValue;
  readonly metadata: ConfigurationMetadata;
  readonly issues: readonly IntegrityIssue[];
  readonly location: Location;
  /** The save that the content comes from; absent for one that was not saved through the module. */
  readonly save?: { readonly sequence: number; readonly user?: string };
  /** For the store's `isCurrent`. */
  readonly etag: Etag;
}

export interface CacheSettings {
  readonly isEnabled: boolean;
  readonly timeToLiveMs: number;
}

export class ConfigurationCache {
  #entries: LRUCache<string, CachedConfiguration>;
  #isEnabled: boolean;

  constructor(settings: CacheSettings) {
    this.#isEnabled = settings.isEnabled;
    this.#entries = createEntries(settings);
  }

  /** New settings; what was kept is forgotten. */
  reconfigure(settings: CacheSettings): void {
    this.#isEnabled = settings.isEnabled;
    this.#entries = createEntries(settings);
  }

  get(name: string): CachedConfiguration | undefined {
    return this.#entries.get(name);
  }

  set(name: string, entry: CachedConfiguration): void {
    if (this.#isEnabled) this.#entries.set(name, entry);
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** The value as the caller may have it: his to change, without an effect on anybody else. */
export function handOut(entry: CachedConfiguration, copy: 'view' | 'plain' | 'frozen'): ConfigurationValue {
  const { value } = entry.judged ?? entry;
  if (copy === 'frozen') return frozenCopyOf(value);
  const isLarge = entry.metadata.fileSize >= VIEW_THRESHOLD_BYTES;
  return isLarge && copy === 'view' ? viewOf(value) : plainCopyOf(value);
}

function createEntries({ timeToLiveMs }: CacheSettings): LRUCache<string, CachedConfiguration> {
  return new LRUCache({
    max: MAX_CACHED_CONFIGS,
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ metadata }) => metadata.fileSize + 1,
    ttl: timeToLiveMs,
  });
}
