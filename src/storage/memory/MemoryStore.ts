/**
 * A store that keeps everything in memory: complete but for durability.
 *
 * It shows what the port asks for where no file system is, and serves tests. All stores of one provider share their data;
 * what goes in and what comes out is copied. A commit is one step in which the guard is compared, or, as in stores whose
 * locks and contents lie apart, it compares the guard first, comes back a turn of the event loop later, and takes place
 * only where the revision is still the one that it had found.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../../constants/ConfigPersistenceConstants.js';
import { persistenceError } from '../../errors/PersistenceError.js';
import type { StoreCapabilities } from '../port/capabilities.js';
import type { EndHints, HintRequest } from '../port/ChangeHints.js';
import type {
  Change,
  CommitReceipt,
  ConfigStore,
  Etag,
  StoredConfiguration,
  StoreEvent,
  VersionIds,
  WatchRequest,
} from '../port/ConfigStore.js';
import type { History, Revision } from '../port/RecordedChange.js';
import type { StoreContext } from '../port/StoreProvider.js';
import { assertOngoing, type Guard, type Location, type Work } from '../port/Work.js';
import { assertApplicable, changesOver, NOTHING_COMMITTED, stateAfter, type CommittedState } from './CommittedState.js';
import { countRead, countWrite } from './countBytes.js';
import type { MemoryConfiguration, MemoryData } from './MemoryData.js';
import { parseVersionId, versionIdOf } from './memoryIds.js';
import { MemoryLocks } from './MemoryLocks.js';
import { MemoryLogSegments } from './MemoryLogSegments.js';
import { fullName, keyOfName, nameOfKey, requireName } from './memoryNames.js';
import { MemorySnapshots } from './MemorySnapshots.js';
import { keepReplaced } from './StoredSnapshot.js';

const { EARLIER_CHANGES } = CONFIG_PERSISTENCE_CONSTANTS.OPERATION_LOG;

/** What differs between the variants. */
export type MemoryStoreVariant = Pick<StoreCapabilities, 'guard' | 'revisions'>;

interface MemoryEtag {
  readonly id: string;
  readonly revision: Revision;
}

/* The methods are async, so that whatever they throw is a rejected promise. */
/* eslint-disable @typescript-eslint/require-await */
export class MemoryStore implements ConfigStore {
  readonly capabilities: StoreCapabilities;
  readonly scope: object;
  readonly locks: MemoryLocks;
  readonly snapshots: MemorySnapshots;
  readonly versionIds: VersionIds;
  readonly log: MemoryLogSegments;
  readonly #data: MemoryData;
  readonly #keptVersions: number;
  /** Keys that this instance has met. */
  readonly #met = new Set<string>();
  readonly #closing = new AbortController();

  constructor(data: MemoryData, variant: MemoryStoreVariant, { moduleId, maxBytes, keptVersions }: StoreContext) {
    this.#data = data;
    this.scope = data;
    this.#keptVersions = keptVersions;
    this.capabilities = { ...variant, maxBytes, durability: 'none', outsideChanges: false, watches: true };
    const knownNameOf = (key: string): string | undefined => (this.#met.has(key) ? nameOfKey(key) : undefined);
    this.log = new MemoryLogSegments(data.log);
    this.locks = new MemoryLocks(data, moduleId);
    this.snapshots = new MemorySnapshots(data, knownNameOf);
    this.versionIds = {
      of: ({ id }, version) => versionIdOf(id, version),
      parse: parseVersionId,
      knownNameOf,
      nameOf: (key, work) => this.snapshots.nameOf(key, work),
    };
  }

  async open(): Promise<void> {
    // Everything is there already.
  }

  /** Gives back the locks of this instance and ends its watchers. What was committed stays for the others. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.locks.close();
  }

  nameOf(given: string): string {
    return fullName(given);
  }

  async resolve(given: unknown, work: Work): Promise<Location> {
    assertOngoing(work);
    const name = requireName(given);
    const id = keyOfName(name);
    this.#met.add(id);
    return { given: String(given), name, id };
  }

  async *list(work: Work): AsyncIterable<string> {
    for (const { key, state } of this.#data.all()) {
      assertOngoing(work);
      const name = state.revision === 0 ? undefined : nameOfKey(key);
      if (name !== undefined) yield name;
    }
  }

  async has(location: Location, work: Work): Promise<boolean> {
    assertOngoing(work);
    return this.#stateOf(location).content !== undefined;
  }

  async read(location: Location, work: Work): Promise<StoredConfiguration> {
    assertOngoing(work);
    const { revision, content, saved, userMetadata } = this.#stateOf(location);
    if (content !== undefined) {
      this.#assertFits(content.bytes, 'read');
      countRead(work, content.bytes);
    }
    return {
      state: content === undefined ? 'absent' : 'as-saved',
      revision,
      ...(content === undefined ? {} : { content: { ...content, bytes: new Uint8Array(content.bytes) } }),
      ...structuredClone({
        ...(saved === undefined ? {} : { saved }),
        ...(userMetadata === undefined ? {} : { userMetadata }),
      }),
      etag: etagOf(location, revision),
    };
  }

  isCurrent(location: Location, etag: Etag): boolean {
    if (etag === undefined) return false;
    const { id, revision } = etag as MemoryEtag;
    return id === location.id && revision === this.#stateOf(location).revision;
  }

  /** @throws PersistenceError as the port says, and `ERR_FILE_TOO_LARGE`. */
  async commit(location: Location, given: Change, guard: Guard, work: Work): Promise<CommitReceipt> {
    assertOngoing(work);
    const change = ownCopyOf(given);
    if (change.kind === 'save') this.#assertFits(change.bytes, 'saved');
    const configuration = this.#data.at(location.id);
    configuration.lock.assertHeldUnder(guard);
    assertApplicable(configuration.state, change);
    const { revision } = configuration.state;
    if (this.capabilities.guard === 'before-commit') {
      await nextTurn();
      assertOngoing(work);
      if (configuration.state.revision !== revision) {
        throw persistenceError('ERR_CONFLICT', 'another writer came first; load it again and repeat the change');
      }
    }
    return this.#publish(location, configuration, change, work);
  }

  async history(location: Location, work: Work, maxVersions = this.#keptVersions): Promise<History> {
    assertOngoing(work);
    const changes = changesOver(this.#stateOf(location).changes, maxVersions);
    return { changes: structuredClone(changes), isComplete: true };
  }

  watch({ signal, ...request }: WatchRequest): AsyncIterable<StoreEvent> {
    return this.#data.events.watch({ ...request, signal: AbortSignal.any([signal, this.#closing.signal]) });
  }

  hints({ location, onHint }: HintRequest): EndHints {
    const ended = new AbortController();
    const follow = (): void => {
      this.#hint(location.id, onHint, ended.signal).catch(() => {
        // Some events were not kept until they could be told: what they were about is worth a look.
        onHint();
        follow();
      });
    };
    follow();
    return () => {
      ended.abort();
    };
  }

  async #hint(id: string, onHint: () => void, signal: AbortSignal): Promise<void> {
    for await (const { location } of this.watch({ signal })) {
      if (location.id === id && !signal.aborted) onHint();
    }
  }

  /** The commit point: one step, in which nothing can fail. */
  #publish(location: Location, configuration: MemoryConfiguration, change: Change, work: Work): CommitReceipt {
    const kept = keepReplaced(configuration, change);
    const earlier = configuration.state.changes.slice(0, EARLIER_CHANGES);
    const before = configuration.state.content?.checksum ?? null;
    const revision = this.#data.nextRevision(configuration);
    const state = stateAfter(configuration.state, change, revision, this.#keptVersions);
    configuration.state = state;
    const kind = change.kind === 'delete' ? 'deleted' : 'changed';
    this.#data.events.append({ location: { ...location, given: location.name }, kind, revision });
    if (change.kind === 'save') countWrite(work, change.bytes);
    const { sequence, saved, userMetadata } = state;
    return {
      revision,
      sequence,
      ...structuredClone({
        ...(saved === undefined ? {} : { saved }),
        ...(userMetadata === undefined ? {} : { userMetadata }),
        earlier,
      }),
      before,
      etag: etagOf(location, revision),
      ...(kept === undefined ? {} : { kept }),
      warnings: [],
    };
  }

  #stateOf({ id }: Location): CommittedState {
    return this.#data.find(id)?.state ?? NOTHING_COMMITTED;
  }

  /** Stores of one provider may have different limits. */
  #assertFits({ length }: Uint8Array, verb: string): void {
    const { maxBytes } = this.capabilities;
    if (length <= maxBytes) return;
    const reason = `${length} bytes, at most ${maxBytes} are ${verb}; split the configuration into several files`;
    throw persistenceError('ERR_FILE_TOO_LARGE', reason);
  }
}

/** Before anything is awaited: the caller may go on with its bytes. */
function ownCopyOf(change: Change): Change {
  // Only the store that made it understands the one, and a clone of the other could carry the pool that it is a part of.
  if (change.kind !== 'save') return structuredClone({ ...change, seen: undefined });
  return { ...structuredClone({ ...change, seen: undefined, bytes: undefined }), bytes: new Uint8Array(change.bytes) };
}

function etagOf({ id }: Location, revision: Revision): MemoryEtag {
  return { id, revision };
}
