/**
 * Values that were read or written before, bounded by count, bytes and time.
 *
 * Keeps each value once and never gives it away: callers get a plain copy of a small one and a copy-on-write view of a
 * large one. Whether an entry is still true is the store's to say; the cache only holds its stamp.
 */
import { LRUCache } from 'lru-cache';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationMetadata, IntegrityIssue } from '../../interfaces/results.js';
import type { ConfigurationValue } from '../../interfaces/value.js';
import { plainCopyOf, viewOf } from '../value/copyOnWriteView.js';

const { MAX_CACHED_CONFIGS, MAX_CACHED_BYTES, VIEW_THRESHOLD_BYTES } = CONFIG_PERSISTENCE_CONSTANTS.CACHE_SETTINGS;

/** What one load found. */
export interface CachedConfiguration {
  readonly value: ConfigurationValue;
  readonly metadata: ConfigurationMetadata;
  readonly issues: readonly IntegrityIssue[];
  /** For the store's `isCurrent`. */
  readonly stamp: unknown;
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

  get(path: string): CachedConfiguration | undefined {
    return this.#entries.get(path);
  }

  set(path: string, entry: CachedConfiguration): void {
    if (this.#isEnabled) this.#entries.set(path, entry);
  }

  delete(path: string): void {
    this.#entries.delete(path);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** The value as the caller may have it: his to change, without an effect on anybody else. */
export function handOut(entry: CachedConfiguration, copy: 'view' | 'plain'): ConfigurationValue {
  const isLarge = entry.metadata.fileSize >= VIEW_THRESHOLD_BYTES;
  return isLarge && copy === 'view' ? viewOf(entry.value) : plainCopyOf(entry.value);
}

function createEntries({ timeToLiveMs }: CacheSettings): LRUCache<string, CachedConfiguration> {
  return new LRUCache({
    max: MAX_CACHED_CONFIGS,
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ metadata }) => metadata.fileSize + 1,
    ttl: timeToLiveMs,
  });
}
