/**
 * One configuration as an object: its newest value at hand, typed, and told about.
 *
 * It stands on the operations of one `ConfigPersistence` and holds no rule about files itself. Its value follows what a
 * watch of the file tells, its own changes included.
 */
import { isDeepStrictEqual } from 'node:util';
import type { BackupInfo } from '../../interfaces/backups.js';
import type { ConfigurationChange, ConfigurationWatch } from '../../interfaces/live.js';
import type { Mutate, QueryOptions, RollbackOptions, SaveOptions } from '../../interfaces/options.js';
import type { DeepReadonly, KeyPath, PathIn, Settable, ValueAt } from '../../interfaces/paths.js';
import type { PersistenceResult } from '../../interfaces/results.js';
import type { ConfigurationValue, NotInferred } from '../../interfaces/value.js';
import type { RollbackResult, VersionInfo } from '../../interfaces/versions.js';
import type { ConfigPersistence } from '../ConfigPersistence.js';
import { leadingToCaller } from '../errors/callerStack.js';
import { hasErrorCode, persistenceError } from '../errors/PersistenceError.js';
import { copyIntoDomain } from '../value/valueDomain.js';
import { keysOf, removeAt, setAt, valueAt } from './keyPaths.js';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/** Told of a new value, and what it was before. What it throws or rejects with only goes to the debug log. */
export type ValueListener<V = any> = (value: V, previous: V, change: ConfigurationChange) => unknown;

export interface ConfigurationParts<T> {
  readonly persistence: ConfigPersistence<T>;
  readonly filePath: string;
  /** What counts while there is no file: frozen. */
  readonly absent: ConfigurationValue;
  /** Calls a function of the caller that is only told something. */
  readonly call: (work: () => unknown) => void;
}

/** @typeParam T the shape of the configuration. */
export class Configuration<T = any> implements AsyncDisposable {
  readonly #parts: ConfigurationParts<T>;
  readonly #listeners = new Set<ValueListener>();
  #value: ConfigurationValue;
  #checksum: string | null = null;
  #error: Error | undefined;
  #watch: ConfigurationWatch | undefined;
  #isClosed = false;

  /** Use `openConfiguration`. @internal */
  constructor(parts: ConfigurationParts<T>) {
    this.#parts = parts;
    this.#value = parts.absent;
  }

  /** Reads the file and begins to follow it. @internal */
  async begin(watchOptions: { polling?: boolean; interval?: number; persistent?: boolean }): Promise<this> {
    await this.#load();
    const told = (change: ConfigurationChange): void => {
      this.#meet(change);
    };
    const options = { ...watchOptions, since: this.#checksum };
    this.#watch = await this.#parts.persistence.watchConfiguration(this.filePath, told, options);
    return this;
  }

  /** Full path of the file. */
  get filePath(): string {
    return this.#parts.filePath;
  }

  /**
   * The newest known value, with the defaults under it: deeply frozen, and the same object until something changes. What
   * this process saves is known at once, what others save within milliseconds.
   */
  get value(): DeepReadonly<T> {
    return this.#value as DeepReadonly<T>;
  }

  /** Why the file cannot be read now; `value` is what was known before. Undefined while all is well. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether the file exists, as far as is known. */
  get exists(): boolean {
    return this.#checksum !== null;
  }

  /**
   * What stands at a place of the value: `server.port`, `servers.0.name`, or a list of keys.
   *
   * @returns undefined where nothing stands there.
   * @throws PersistenceError `ERR_INVALID_REQUEST` for an empty key, and for `__proto__`.
   */
  get<P extends PathIn<T>>(path: P): DeepReadonly<ValueAt<T, P>>;
  get<const K extends KeyPath>(keys: K): DeepReadonly<ValueAt<T, K>>;
  get(path: unknown): unknown {
    return valueAt(this.#value, keysOf(path));
  }

  /** Whether something stands at a place, a default included. @throws as `get`. */
  has(path: PathIn<T> | KeyPath): boolean {
    return valueAt(this.#value, keysOf(path)) !== undefined;
  }

  /**
   * Changes one place of the file under its lock; objects that are missing on the way are made, and so is a missing file.
   *
   * @throws PersistenceError as `updateConfiguration`; `ERR_INVALID_REQUEST` where a scalar stands in the way, or an index
   *   is beyond the end of its list.
   */
  set<P extends PathIn<T>>(path: P, value: Settable<T, P>, options?: SaveOptions): Promise<PersistenceResult>;
  set<const K extends KeyPath>(keys: K, value: Settable<T, K>, options?: SaveOptions): Promise<PersistenceResult>;
  set(path: unknown, value: unknown, options?: SaveOptions): Promise<PersistenceResult> {
    return leadingToCaller(() => {
      const keys = keysOf(path);
      if (value === undefined) throw persistenceError('ERR_INVALID_REQUEST', 'undefined is no value; use delete()');
      // One copy now, whatever the caller does with its own until the lock is there.
      const copy = value === null ? null : copyIntoDomain(value, { nonFiniteNumbers: true });
      return this.#change((draft: ConfigurationValue) => {
        setAt(draft, keys, copy);
      }, options);
    });
  }

  /**
   * Removes one place from the file; a default shows there again. Of a list, the items behind it follow.
   *
   * @throws as `set`; nothing is wrong with a place where nothing stands.
   */
  delete(path: PathIn<T> | KeyPath, options?: SaveOptions): Promise<PersistenceResult> {
    return leadingToCaller(() => {
      const keys = keysOf(path);
      return this.#change((draft: ConfigurationValue) => void removeAt(draft, keys), options);
    });
  }

  /** Takes one place back to its default, or everything. @throws as `set`. */
  reset(path?: PathIn<T> | KeyPath, options?: SaveOptions): Promise<PersistenceResult> {
    if (path !== undefined) return this.delete(path, options);
    const empty = Array.isArray(this.#value) ? [] : {};
    return leadingToCaller(() =>
      this.#parts.persistence.updateConfiguration<any>(() => empty, this.filePath, { ...options, initial: empty }),
    );
  }

  /**
   * Reads, changes and writes as one step under the lock, as `updateConfiguration` does; the draft of a missing file is the
   * defaults alone.
   *
   * @throws PersistenceError as `updateConfiguration`.
   */
  update(mutate: Mutate<NotInferred<T>>, options?: SaveOptions): Promise<PersistenceResult> {
    return leadingToCaller(() => this.#change(mutate as Mutate, options));
  }

  /** Replaces the whole configuration. @throws PersistenceError as `saveConfiguration`. */
  save(value: NotInferred<T>, options?: SaveOptions): Promise<PersistenceResult> {
    return this.#parts.persistence.saveConfiguration<any>(value, this.filePath, options);
  }

  /** Reads the file now, brings a damaged one back where `autoRecover` allows it. @throws PersistenceError as `loadConfiguration`. */
  async reload(): Promise<DeepReadonly<T>> {
    await leadingToCaller(() => this.#load());
    return this.value;
  }

  /**
   * Calls the listener with each new value, whoever made it; with a path, where what stands there has changed.
   *
   * @returns ends it.
   * @throws PersistenceError `ERR_DESTROYED` after `close()`, `ERR_INVALID_REQUEST` for what is no listener or no path.
   */
  onChange(listener: ValueListener<DeepReadonly<T>>): () => void;
  onChange<P extends PathIn<T>>(path: P, listener: ValueListener<DeepReadonly<ValueAt<T, P>>>): () => void;
  onChange<const K extends KeyPath>(keys: K, listener: ValueListener<DeepReadonly<ValueAt<T, K>>>): () => void;
  onChange(...given: [unknown, unknown?]): () => void {
    if (this.#isClosed) throw persistenceError('ERR_DESTROYED', 'the configuration was closed; open it again');
    const [path, listener] = typeof given[0] === 'function' ? [undefined, given[0]] : given;
    if (typeof listener !== 'function') {
      throw persistenceError('ERR_INVALID_REQUEST', 'the listener must be a function');
    }
    const tell = listener as ValueListener;
    const own = path === undefined ? (...told: Parameters<ValueListener>) => tell(...told) : atPath(keysOf(path), tell);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** Newest first. @throws PersistenceError as `listBackups`. */
  backups(options?: QueryOptions): Promise<BackupInfo[]> {
    return this.#parts.persistence.listBackups(this.filePath, options);
  }

  /** The versions, newest first. @throws PersistenceError as `getVersionHistory`. */
  history(options?: QueryOptions): Promise<VersionInfo[]> {
    return this.#parts.persistence.getVersionHistory(this.filePath, options);
  }

  /** @throws PersistenceError as `rollbackToVersion`. */
  rollback(versionId: string, options?: RollbackOptions): Promise<RollbackResult> {
    return this.#parts.persistence.rollbackToVersion(versionId, options);
  }

  /** Ends what it holds; its last value stays. Idempotent. Changes are refused with `ERR_DESTROYED` from now on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    await this.#watch?.close();
    await this.#parts.persistence.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #change(mutate: Mutate, options: SaveOptions | undefined): Promise<PersistenceResult> {
    return this.#parts.persistence.updateConfiguration<any>(mutate, this.filePath, { ...options, initial: {} });
  }

  async #load(): Promise<void> {
    const { persistence, absent } = this.#parts;
    try {
      const loaded = await persistence.loadConfiguration<ConfigurationValue>(this.filePath, { copy: 'frozen' });
      const { data, checksum, isValid, validationResults } = loaded;
      this.#error = undefined;
      const told = { data, checksum, isValid, ...(validationResults ? { validationResults } : {}) };
      this.#become(data, checksum, told);
    } catch (error) {
      if (!hasErrorCode(error, 'ERR_FILE_NOT_FOUND')) throw error;
      this.#error = undefined;
      this.#become(absent, null, { isValid: true });
    }
  }

  #meet(change: ConfigurationChange): void {
    this.#error = change.error;
    if (change.type === 'unreadable') return;
    const value = change.type === 'deleted' ? this.#parts.absent : (change.data as ConfigurationValue);
    this.#become(value, change.checksum ?? null, change);
  }

  #become(value: ConfigurationValue, checksum: string | null, told: Partial<ConfigurationChange>): void {
    const previous = this.#value;
    const [before, wasThere] = [this.#checksum, this.exists];
    this.#value = value;
    this.#checksum = checksum;
    // The first load is no change, and what a reload has found comes once.
    if (before === checksum || this.#watch === undefined) return;
    const change: ConfigurationChange = {
      type: checksum === null ? 'deleted' : wasThere ? 'changed' : 'created',
      filePath: this.filePath,
      isOwn: false,
      isValid: true,
      timestamp: Date.now(),
      ...told,
    };
    for (const tell of [...this.#listeners]) this.#parts.call(() => tell(value, previous, change));
  }
}

/** Told only where what stands at a place has changed. */
function atPath(keys: readonly string[], tell: ValueListener): ValueListener {
  return (value: ConfigurationValue, previous: ConfigurationValue, change) => {
    const [now, before] = [valueAt(value, keys), valueAt(previous, keys)];
    return isDeepStrictEqual(now, before) ? undefined : tell(now, before, change);
  };
}
