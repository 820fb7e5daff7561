/**
 * Native watchers, one for each folder however many of its files are watched.
 *
 * A watcher follows the folder itself and not its name, so whoever uses one lets it be compared now and then with what
 * stands under the name.
 */
import type { BigIntStats } from 'node:fs';
import type { FolderListener, WatchFolder } from './watchFolder.js';

interface SharedFolder {
  readonly listeners: Set<FolderListener>;
  readonly identity: string;
  readonly end: () => void;
}

export class SharedFolders {
  readonly #watch: WatchFolder;
  readonly #folders = new Map<string, SharedFolder>();

  constructor(watch: WatchFolder) {
    this.#watch = watch;
  }

  /**
   * @param folder full path.
   * @param look at what stands there now, links followed; undefined for nothing.
   * @returns ends it for this listener; undefined where there is no folder.
   * @throws what the system reports, such as ENOSPC where it has no watchers left.
   */
  add(
    folder: string,
    look: (path: string) => BigIntStats | undefined,
    listener: FolderListener,
  ): (() => void) | undefined {
    const identity = identityOf(look(folder));
    if (identity === undefined) return undefined;
    const known = this.#folders.get(folder);
    if (known !== undefined && known.identity !== identity) this.#fail(folder, known, new Error('replaced'));
    const shared = this.#folders.get(folder) ?? this.#begin(folder, identity);
    shared.listeners.add(listener);
    return () => {
      shared.listeners.delete(listener);
      if (shared.listeners.size === 0) this.#end(folder, shared);
    };
  }

  /** Whether the watcher of a folder is one of what stands under its name now. */
  isCurrent(folder: string, look: (path: string) => BigIntStats | undefined): boolean {
    const known = this.#folders.get(folder);
    return known !== undefined && known.identity === identityOf(look(folder));
  }

  /** How many native watchers there are. */
  get size(): number {
    return this.#folders.size;
  }

  #begin(folder: string, identity: string): SharedFolder {
    const listeners = new Set<FolderListener>();
    const end = this.#watch(folder, {
      onEvent: (name) => {
        for (const { onEvent } of [...listeners]) onEvent(name);
      },
      onError: (error) => {
        this.#fail(folder, shared, error);
      },
    });
    const shared: SharedFolder = { listeners, identity, end };
    this.#folders.set(folder, shared);
    return shared;
  }

  #fail(folder: string, shared: SharedFolder, error: unknown): void {
    this.#end(folder, shared);
    const listeners = [...shared.listeners];
    shared.listeners.clear();
    for (const { onError } of listeners) onError(error);
  }

  #end(folder: string, shared: SharedFolder): void {
    if (this.#folders.get(folder) === shared) this.#folders.delete(folder);
    shared.end();
  }
}

function identityOf(stats: BigIntStats | undefined): string | undefined {
  return stats?.isDirectory() === true ? `${stats.dev}:${stats.ino}` : undefined;
}
