/**
 * What all stores of one provider share: the configurations with their locks and snapshots, and the log of what was
 * committed.
 *
 * Counts the revisions: for each configuration by itself, or store-wide. There one counter numbers the locks and the
 * changes of snapshots too, as in a database that numbers every write, so the revisions of a configuration have gaps.
 */
import { EventLog } from './EventLog.js';
import { MemoryLock } from './MemoryLock.js';
import { nameOfKey } from './memoryNames.js';
import { NOTHING_COMMITTED, type CommittedState } from './CommittedState.js';
import type { MemorySegment } from './MemoryLogSegments.js';
import type { StoredSnapshot } from './StoredSnapshot.js';
import type { Revision } from '../port/RecordedChange.js';
import type { StoreCapabilities } from '../port/capabilities.js';

/** One configuration; `key` is the id of its location too. */
export interface MemoryConfiguration {
  readonly key: string;
  readonly lock: MemoryLock;
  /** Replaced as a whole by each change. */
  state: CommittedState;
  /** By their ids. */
  readonly snapshots: Map<string, StoredSnapshot>;
  readonly archived: Map<string, StoredSnapshot>;
}

export class MemoryData {
  readonly events = new EventLog();
  /** Of the operation log, by their ids. */
  readonly log = new Map<string, MemorySegment>();
  readonly #revisions: StoreCapabilities['revisions'];
  readonly #configurations = new Map<string, MemoryConfiguration>();
  #lastNumber = 0;

  constructor(revisions: StoreCapabilities['revisions']) {
    this.#revisions = revisions;
  }

  /** The configuration of a key, which comes to be by it. */
  at(key: string): MemoryConfiguration {
    const known = this.#configurations.get(key);
    if (known !== undefined) return known;
    const configuration = {
      key,
      lock: new MemoryLock(() => this.number()),
      state: NOTHING_COMMITTED,
      snapshots: new Map<string, StoredSnapshot>(),
      archived: new Map<string, StoredSnapshot>(),
    };
    this.#configurations.set(key, configuration);
    return configuration;
  }

  find(key: string): MemoryConfiguration | undefined {
    return this.#configurations.get(key);
  }

  /** As they are now: later ones are not among them. */
  all(): readonly MemoryConfiguration[] {
    return [...this.#configurations.values()];
  }

  /** The name of a key's configuration, where anything is recorded or kept of it. */
  nameOf(key: string): string | undefined {
    const configuration = this.#configurations.get(key);
    if (configuration === undefined) return undefined;
    const { state, snapshots, archived } = configuration;
    return state.revision > 0 || snapshots.size > 0 || archived.size > 0 ? nameOfKey(key) : undefined;
  }

  /** Of the next change of a configuration. */
  nextRevision({ state }: MemoryConfiguration): Revision {
    const number = this.number();
    return this.#revisions === 'store-wide' ? number : state.revision + 1;
  }

  /** Larger with every call. */
  number(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }
}
