/**
 * What the modules and handles of one process commit, told to all others of the process at once: they need not wait for the
 * system to notice it, nor read it. Whoever looks at a file while it is being committed waits for that to be told.
 */
import type { CachedConfiguration } from '../cache/ConfigurationCache.js';

export interface ProcessCommit {
  /** Who has made it: an object that stands for the module or handle. */
  readonly source: object;
  /** What was saved; absent for a removal. */
  readonly entry?: CachedConfiguration;
  /** Number of the change. */
  readonly sequence: number;
  readonly user?: string;
}

export interface ProcessCommitListener {
  /** Called before the operation of the commit ends. Must not throw. */
  readonly onCommit: (commit: ProcessCommit) => void;
  /** Called when nobody of this process commits the file any more, whether or not it was changed. Must not throw. */
  readonly onQuiet: () => void;
}

interface SharedFile {
  readonly listeners: Set<ProcessCommitListener>;
  committing: number;
}

export class ProcessCommits {
  readonly #files = new Map<string, SharedFile>();

  /** @param id of the location. @returns ends it. */
  follow(id: string, listener: ProcessCommitListener): () => void {
    const file = this.#at(id);
    file.listeners.add(listener);
    return () => {
      file.listeners.delete(listener);
      this.#forgetUnused(id, file);
    };
  }

  /** Whether a commit has begun and not ended. */
  isCommitting(id: string): boolean {
    return (this.#files.get(id)?.committing ?? 0) > 0;
  }

  /** @returns ends it. */
  begin(id: string): () => void {
    const file = this.#at(id);
    file.committing += 1;
    return () => {
      file.committing -= 1;
      if (file.committing === 0) for (const { onQuiet } of [...file.listeners]) onQuiet();
      this.#forgetUnused(id, file);
    };
  }

  tell(id: string, commit: ProcessCommit): void {
    for (const { onCommit } of [...(this.#files.get(id)?.listeners ?? [])]) onCommit(commit);
  }

  #at(id: string): SharedFile {
    const file = this.#files.get(id) ?? { listeners: new Set(), committing: 0 };
    this.#files.set(id, file);
    return file;
  }

  #forgetUnused(id: string, file: SharedFile): void {
    const isUsed = file.listeners.size > 0 || file.committing > 0;
    if (!isUsed && this.#files.get(id) === file) this.#files.delete(id);
  }
}

/** By the scope of the store, because the same id may be something else in another one. */
const ofObjects = new WeakMap<object, ProcessCommits>();
const ofNames = new Map<string, ProcessCommits>();

export function commitsIn(scope: object | string): ProcessCommits {
  const known = typeof scope === 'string' ? ofNames.get(scope) : ofObjects.get(scope);
  if (known !== undefined) return known;
  const commits = new ProcessCommits();
  if (typeof scope === 'string') ofNames.set(scope, commits);
  else ofObjects.set(scope, commits);
  return commits;
}
