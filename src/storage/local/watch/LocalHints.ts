/**
 * Hints about one file: native notices from its folder, and from that of the file that its links lead to, above a look at
 * intervals, which finds what the system does not tell of (network file systems, a folder that came later or was exchanged)
 * and stands in where it tells nothing.
 */
import type { BigIntStats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../../constants/ConfigPersistenceConstants.js';
import { hasSystemCode } from '../../../errors/StorageError.js';
import type { EndHints, HintRequest } from '../../port/ChangeHints.js';
import type { FileOperations } from '../io/FileOperations.js';
import { Poller } from './Poller.js';
import { SharedFolders } from './SharedFolders.js';
import { watchFolder } from './watchFolder.js';

const { WARNING_MESSAGES } = CONFIG_PERSISTENCE_CONSTANTS;

/** One native watcher for a folder, and one timer for an interval, in the whole process. */
export const processFolders = new SharedFolders(watchFolder);
export const processPoller = new Poller();

export interface LocalHintsParts {
  readonly io: Pick<FileOperations, 'stat' | 'statNow' | 'lstatNow' | 'realpathNow'>;
  readonly folders: SharedFolders;
  readonly poller: Poller;
}

/** Begins at once. @returns ends it. */
export function hintsOf(parts: LocalHintsParts, request: HintRequest): EndHints {
  const hints = new LocalHints(parts, request);
  return () => {
    hints.end();
  };
}

class LocalHints {
  readonly #parts: LocalHintsParts;
  readonly #request: HintRequest;
  readonly #path: string;
  /** Folder to what ends its notices. */
  readonly #watched = new Map<string, () => void>();
  readonly #endPolling: () => void;
  #hasFallenBack = false;
  #isEnded = false;
  #seen: string;
  /** The names whose notices are about the file; every notice may be where a link leads to it. */
  #names: ReadonlySet<string> = new Set();
  #isLink = false;

  constructor(parts: LocalHintsParts, request: HintRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#path = request.location.name;
    this.#seen = this.#lookNow();
    this.#followLinks();
    this.#endPolling = parts.poller.add(request.intervalMs, () => this.#poll());
  }

  end(): void {
    this.#isEnded = true;
    this.#endPolling();
    this.#watchNone();
  }

  /** Watches the folders in which a change of the file shows. */
  #followLinks(): void {
    if (this.#isEnded) return;
    const real = this.#realPath();
    this.#isLink = this.#lstat()?.isSymbolicLink() === true;
    this.#names = new Set([foldCase(basename(this.#path)), foldCase(basename(real))]);
    if (this.#request.isPolling) return;
    const folders = new Set([dirname(this.#path), dirname(real)]);
    for (const [folder, end] of this.#watched) {
      if (folders.has(folder) && this.#parts.folders.isCurrent(folder, this.#stat)) continue;
      this.#watched.delete(folder);
      end();
    }
    for (const folder of folders) {
      if (!this.#watched.has(folder)) this.#watch(folder);
    }
  }

  #watch(folder: string): void {
    try {
      const end = this.#parts.folders.add(folder, this.#stat, {
        onEvent: (name) => {
          if (!this.#concerns(name, folder)) return;
          // Its links may lead elsewhere from now on.
          if (this.#isLink) this.#followLinks();
          this.#hint();
        },
        onError: (error) => {
          this.#watched.delete(folder);
          this.#fallBack(error);
        },
      });
      if (end !== undefined) this.#watched.set(folder, end);
    } catch (error) {
      this.#fallBack(error);
    }
  }

  #concerns(name: string | null, folder: string): boolean {
    if (name === null || this.#isLink) return true;
    const folded = foldCase(name);
    return this.#names.has(folded) || folded === foldCase(basename(folder));
  }

  #fallBack(error: unknown): void {
    // A folder that is gone is looked for at intervals, as one that has never been there.
    if (this.#hasFallenBack || this.#isEnded || hasSystemCode(error, 'ENOENT') || !(error as { code?: unknown }).code) {
      return;
    }
    this.#hasFallenBack = true;
    this.#request.onFallback(`${WARNING_MESSAGES.WATCHING_BY_POLLING}: ${String((error as { code?: unknown }).code)}`);
  }

  async #poll(): Promise<void> {
    if (this.#isEnded) return;
    const now = await this.#look();
    // The notices have told of it already, mostly; then the look that follows finds nothing new.
    if (now !== this.#seen) {
      this.#seen = now;
      this.#hint();
    }
    this.#followLinks();
  }

  #hint(): void {
    if (!this.#isEnded) this.#request.onHint();
  }

  #watchNone(): void {
    for (const end of this.#watched.values()) end();
    this.#watched.clear();
  }

  async #look(): Promise<string> {
    try {
      return stateOf(await this.#parts.io.stat(this.#path));
    } catch (error) {
      return stateOfError(error);
    }
  }

  #lookNow(): string {
    try {
      return stateOf(this.#parts.io.statNow(this.#path));
    } catch (error) {
      return stateOfError(error);
    }
  }

  #realPath(): string {
    try {
      return this.#parts.io.realpathNow(this.#path);
    } catch {
      return this.#path;
    }
  }

  #lstat(): BigIntStats | undefined {
    try {
      return this.#parts.io.lstatNow(this.#path);
    } catch {
      return undefined;
    }
  }

  readonly #stat = (path: string): BigIntStats | undefined => {
    try {
      return this.#parts.io.statNow(path);
    } catch {
      return undefined;
    }
  };
}

/** Names that differ by case only are one file on some systems; a hint too many costs a look. */
function foldCase(name: string): string {
  return name.toLowerCase();
}

function stateOf(stats: BigIntStats | undefined): string {
  return stats === undefined ? 'absent' : [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
}

function stateOfError(error: unknown): string {
  return hasSystemCode(error, 'ENOENT') ? 'absent' : `unreadable ${String((error as { code?: unknown }).code)}`;
}
