/**
 * The watched configurations of one module or handle: each file once, however many watch it.
 *
 * Owns who shares what. What a change is, `LiveFile` says.
 */
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import type { ConfigurationListener, ConfigurationWatch, WatchOptions } from '../../interfaces/live.js';
import type { CachedConfiguration } from '../cache/ConfigurationCache.js';
import type { Clock } from '../engine/Clock.js';
import type { Commit } from '../engine/ContentCommitter.js';
import type { NewValues } from '../engine/NewValues.js';
import type { Queries } from '../engine/Queries.js';
import { persistenceError } from '../errors/PersistenceError.js';
import type { ConfigStore } from '../storage/port/ConfigStore.js';
import type { Location } from '../storage/port/Work.js';
import { ChangeWatch } from './ChangeWatch.js';
import { changeSince, LiveFile, type LiveChange } from './LiveFile.js';
import { commitsIn, type ProcessCommit, type ProcessCommits } from './ProcessCommits.js';

const { POLLING_INTERVAL_MS, SAFETY_INTERVAL_MS } = CONFIG_PERSISTENCE_CONSTANTS.LIVE;

export interface LiveFilesParts {
  readonly store: ConfigStore;
  readonly queries: Queries;
  readonly values: NewValues;
  readonly clock: Clock;
  /** Calls a function of the caller that is only told something. */
  readonly call: (work: () => unknown) => void;
  /** Told why files are only looked at from time to time. */
  readonly onFallback: (filePath: string, reason: string) => void;
}

/** How a file is looked at. */
type Looking = Pick<WatchOptions, 'polling' | 'interval'>;

export class LiveFiles {
  readonly #parts: LiveFilesParts;
  /** Stands for this module among those that commit. */
  readonly #source = {};
  readonly #commits: ProcessCommits;
  readonly #files = new Map<string, Promise<LiveFile>>();
  readonly #watches = new Set<ChangeWatch>();
  #isEnded = false;

  constructor(parts: LiveFilesParts) {
    this.#parts = parts;
    this.#commits = commitsIn(parts.store.scope);
  }

  /** For whoever commits: from before a commit to after it. */
  readonly aroundCommit = ({ id }: Location): (() => void) => this.#commits.begin(id);

  /** For the list of what is called after a commit. */
  readonly afterCommit = ({ location, receipt, entry, operation }: Commit): void => {
    const { user } = operation.context.options;
    this.#commits.tell(location.id, {
      source: this.#source,
      sequence: receipt.sequence,
      ...(entry === undefined ? {} : { entry }),
      ...(user === undefined ? {} : { user }),
    });
  };

  /** @throws PersistenceError for a path that must not be touched, or that names no format. */
  async watch(
    filePath: string,
    listener: ConfigurationListener | undefined,
    options: WatchOptions,
  ): Promise<ConfigurationWatch> {
    const file = await this.open(filePath, options);
    const watch = new ChangeWatch({
      filePath,
      listener,
      isPersistent: options.persistent === true,
      signal: options.signal,
      call: this.#parts.call,
      onClose: () => {
        this.#watches.delete(watch);
        unsubscribe();
        this.#endUnused();
      },
    });
    const unsubscribe = file.subscribe((change) => {
      watch.tell({ ...change, filePath });
    });
    this.#watches.add(watch);
    if (options.signal?.aborted === true) await watch.close();
    this.#tellSince(watch, file, options.since);
    return watch;
  }

  /** The file, which stays open while somebody listens to it. */
  async open(filePath: string, { polling = false, interval }: Looking): Promise<LiveFile> {
    this.#assertOngoing();
    const intervalMs = interval ?? (polling ? POLLING_INTERVAL_MS : SAFETY_INTERVAL_MS);
    const key = `${this.#parts.store.nameOf(filePath)}\n${polling} ${intervalMs}`;
    const known = this.#files.get(key);
    if (known !== undefined) return known;
    const opening = this.#begin(filePath, { polling, intervalMs });
    this.#files.set(key, opening);
    try {
      return await opening;
    } catch (error) {
      this.#files.delete(key);
      throw error;
    }
  }

  /** Ends all watching. */
  async end(): Promise<void> {
    this.#isEnded = true;
    for (const watch of this.#watches) await watch.close();
    for (const file of await Promise.allSettled(this.#files.values())) {
      if (file.status === 'fulfilled') file.value.end();
    }
    this.#files.clear();
  }

  async #begin(filePath: string, looking: { polling: boolean; intervalMs: number }): Promise<LiveFile> {
    const { store, queries, clock, onFallback } = this.#parts;
    const look = () => queries.peek(filePath);
    const first = await look();
    this.#assertOngoing();
    const file = new LiveFile(
      {
        clock,
        source: this.#source,
        look,
        hints: ({ location, onHint }) =>
          store.hints({
            location,
            onHint,
            onFallback: (reason) => {
              onFallback(filePath, reason);
            },
            intervalMs: looking.intervalMs,
            isPolling: looking.polling,
          }),
        commits: this.#commits,
        adopt: (commit) => this.#adopt(commit),
      },
      first,
    );
    file.begin();
    return file;
  }

  /** Another module may expect something else of the file. */
  #adopt({ entry }: ProcessCommit): CachedConfiguration | undefined {
    if (entry === undefined) return undefined;
    const { judged: _judged, ...own } = entry;
    const expected = this.#parts.values.expectedOf(entry.location.name);
    if (expected === undefined) return own;
    const judged = expected.hasSchema ? undefined : this.#parts.values.checkedValueOf(entry.value, entry.location.name);
    return judged === undefined ? undefined : { ...own, judged };
  }

  #tellSince(watch: ChangeWatch, file: LiveFile, since: string | null | undefined): void {
    const change: LiveChange | undefined =
      since === undefined ? undefined : changeSince(file, since, this.#parts.clock.now());
    // Never inside the call that asked for it.
    if (change !== undefined) queueMicrotask(() => watch.tell({ ...change, filePath: watch.filePath }));
  }

  #endUnused(): void {
    for (const [key, opening] of this.#files) {
      void opening.then(
        (file) => {
          if (file.isUsed || this.#files.get(key) !== opening) return;
          this.#files.delete(key);
          file.end();
        },
        () => undefined,
      );
    }
  }

  #assertOngoing(): void {
    if (this.#isEnded) throw persistenceError('ERR_DESTROYED', 'nothing is watched any more');
  }
}
