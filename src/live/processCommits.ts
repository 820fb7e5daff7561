/**
 * What the modules and handles of one process commit, told to all others of the process at once: they need not wait for the
 * system to notice it, nor read it.
 */
import type { CachedConfiguration } from '../cache/ConfigurationCache.js';

export interface ProcessCommit {
  /** Of the location. */
  readonly id: string;
  /** Who has made it: an object that stands for the module or handle. */
  readonly source: object;
  /** What was saved; absent for a removal. */
  readonly entry?: CachedConfiguration;
  /** Number of the change. */
  readonly sequence: number;
  readonly user?: string;
}

/** Called before the operation of the commit ends. Must not throw. */
export type ProcessCommitListener = (commit: ProcessCommit) => void;

/** By the scope of the store, because the same id may be something else in another one; then by the id. */
const listeners = new Map<unknown, Map<string, Set<ProcessCommitListener>>>();

/** @returns ends it. */
export function onProcessCommit(scope: unknown, id: string, listener: ProcessCommitListener): () => void {
  const ofScope = listeners.get(scope) ?? new Map<string, Set<ProcessCommitListener>>();
  const ofFile = ofScope.get(id) ?? new Set();
  listeners.set(scope, ofScope.set(id, ofFile.add(listener)));
  return () => {
    ofFile.delete(listener);
    if (ofFile.size === 0 && ofScope.get(id) === ofFile) ofScope.delete(id);
    if (ofScope.size === 0) listeners.delete(scope);
  };
}

export function tellProcess(scope: unknown, commit: ProcessCommit): void {
  for (const tell of [...(listeners.get(scope)?.get(commit.id) ?? [])]) tell(commit);
}
