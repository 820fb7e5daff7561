/**
 * The store in memory, for tests: `rcc-config-persistence/memory`.
 *
 * A module that gets it as its option `store` works as with files, and leaves nothing behind.
 */
import { persistenceError } from './errors/PersistenceError.js';
import { MemoryData } from './storage/memory/MemoryData.js';
import { MemoryStore } from './storage/memory/MemoryStore.js';
import type { StoreProvider } from './storage/port/StoreProvider.js';

/** What the store in memory can be made to resemble. */
export interface MemoryStoreOptions {
  /**
   * `per-configuration` (default) counts the changes of each configuration by itself, as the files do; `store-wide` counts
   * all of them together with gaps, as a database does.
   */
  readonly revisions?: 'per-configuration' | 'store-wide';
  /**
   * `in-commit` (default) compares the lock in one step with the change; `before-commit` compares it a turn of the event
   * loop earlier, so that of two writers who come through together the revisions decide, as with the files.
   */
  readonly guard?: 'in-commit' | 'before-commit';
}

const REVISIONS = ['per-configuration', 'store-wide'] as const;
const GUARDS = ['in-commit', 'before-commit'] as const;

/**
 * Configurations that live as long as this provider does.
 *
 * All modules that are given the same provider see the same configurations, backups and locks, as processes that work on
 * one folder do; two providers have nothing in common. Names are texts such as `app.json` or `/srv/app.json`, normalised
 * but relative to nothing. Nothing is written anywhere, and nothing survives the process.
 *
 * @throws PersistenceError `ERR_INVALID_OPTION` for a value that is none of those named.
 */
export function memoryStore(options: MemoryStoreOptions = {}): StoreProvider {
  const revisions = oneOf(REVISIONS, 'revisions', options.revisions);
  const guard = oneOf(GUARDS, 'guard', options.guard);
  const data = new MemoryData(revisions);
  return { createStore: (context) => new MemoryStore(data, { revisions, guard }, context) };
}

/** The first is the default. */
function oneOf<T extends string>(allowed: readonly [T, ...T[]], name: string, given: T | undefined = allowed[0]): T {
  if (allowed.includes(given)) return given;
  throw persistenceError('ERR_INVALID_OPTION', `${name} must be one of ${allowed.join(', ')}`);
}
