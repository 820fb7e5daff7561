/** What is told of a configuration while it is watched. */
import type { IntegrityIssue } from './results.js';

/**
 * `created`: there was no file, and now there is one. `changed`: its content is another one. `deleted`: it is gone.
 * `unreadable`: nobody can read it as a configuration now; what was known of it still counts. `readable`: it can be read
 * again, and its content is what was known.
 */
export type ConfigurationChangeType = 'created' | 'changed' | 'deleted' | 'unreadable' | 'readable';

/* eslint-disable @typescript-eslint/no-explicit-any -- `any` is the configuration value, whose shape is the application's */

/** One change of a watched configuration, whoever made it. */
export interface ConfigurationChange<T = any> {
  readonly type: ConfigurationChangeType;
  /** As it was given to `watchConfiguration`. */
  readonly filePath: string;
  /** What a load would hand out: frozen, and shared with everybody else who is told. Absent where there is no file. */
  readonly data?: T;
  /** What it was before; absent where there was no file. */
  readonly previousData?: T;
  readonly checksum?: string;
  readonly previousChecksum?: string;
  /** Number of the change in the configuration's history; absent for a content that was not saved through the module. */
  readonly revision?: number;
  /** Who made it, where that is recorded. */
  readonly user?: string;
  /** Whether this module, or this handle, has saved it itself. */
  readonly isOwn: boolean;
  /** As a load tells it. */
  readonly isValid: boolean;
  readonly validationResults?: readonly IntegrityIssue[];
  /** Why it is `unreadable`. */
  readonly error?: Error & { readonly code: string };
  /** When it was noticed, as epoch milliseconds. */
  readonly timestamp: number;
}

/** Told of each change, in their order. What it throws or rejects with only goes to the debug log. */
export type ConfigurationListener<T = any> = (change: ConfigurationChange<T>) => unknown;

/** Options of `watchConfiguration`. */
export interface WatchOptions {
  /** Ends the watching. */
  signal?: AbortSignal;
  /**
   * Checksum of the content that the caller knows, as loads and saves give it; null for none. Where the present content is
   * another one, that is told as the first change, so that nothing can be missed between a load and the watching.
   */
  since?: string | null;
  /** Looks at the file at intervals only, without the system's notices. Default: false. */
  polling?: boolean;
  /** Milliseconds between two looks, at least 10. Default: 1,000 with `polling`, otherwise 5,000. */
  interval?: number;
  /** Whether the watching keeps the process alive. Default: only while an iteration waits for the next change. */
  persistent?: boolean;
}

/**
 * A configuration that is being watched. Iterating it gives the changes from then on, up to the end of the watching; whoever
 * takes them too slowly loses the oldest of them beyond 1,000.
 */
export interface ConfigurationWatch<T = any> extends AsyncIterable<ConfigurationChange<T>>, AsyncDisposable {
  readonly filePath: string;
  /** Ends the watching; no listener is called any more. */
  close(): Promise<void>;
}
