/** What the conformance suites of the stores share: the subject under test, and short words for what they do with it. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationFormat } from '../../../interfaces/enums.js';
import type { StoreCapabilities } from '../../../src/storage/port/capabilities.js';
import type {
  Change,
  CommitReceipt,
  ConfigStore,
  DeleteChange,
  MetadataChange,
  SaveChange,
} from '../../../src/storage/port/ConfigStore.js';
import type { AcquireRequest, Lease } from '../../../src/storage/port/LockStore.js';
import type { UserMetadata } from '../../../src/storage/port/RecordedChange.js';
import type { Location, Work } from '../../../src/storage/port/Work.js';

/** The data of one test, and how it is worked on. */
export interface StoreSubject {
  /** Another store on the same data, as another process would have it. The suite opens it, and closes it after the test. */
  createStore(): ConfigStore;
  /**
   * The same, but its locks are nobody else's: each of two such holds the lock of a configuration while the other does. Only
   * where that can be, which is where the lock and the content lie apart.
   */
  createUnlockedStore?(): ConfigStore;
  /** A name that the stores accept, for a short one such as `app.json`. */
  nameOf(short: string): string;
  /** Committed contents that the stores are set up to tell of. */
  readonly keptVersions: number;
  /** A number of changes after which a store has tidied up its records at least once. */
  readonly changesUntilTidy: number;
  /** Shortest lease in milliseconds that its locks keep to. */
  readonly shortestLeaseMs: number;
  /** Changes the content past the store, or removes it; only where the capabilities say that it can be done. */
  changeOutside?(short: string, text: string | undefined): Promise<void>;
  /** After the stores have been closed. */
  cleanup?(): Promise<void>;
}

const LONG_LEASE_MS = 60_000;
const LONG_WAIT_MS = 30_000;
const POLL_MS = 2;

export function newWork(fields: Partial<Work> = {}): Work {
  return {
    signal: new AbortController().signal,
    deadline: performance.now() + LONG_WAIT_MS,
    diskIO: { bytesRead: 0, bytesWritten: 0, readOperations: 0, writeOperations: 0, fsyncOperations: 0 },
    ...fields,
  };
}

export function checksumOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

export function saveOf(content: string | Uint8Array, fields: Partial<SaveChange> = {}): SaveChange {
  return {
    kind: 'save',
    bytes: Buffer.from(content),
    checksum: checksumOf(content),
    format: ConfigurationFormat.JSON,
    operation: 'save',
    time: Date.now(),
    ...fields,
  };
}

export function deleteOf(fields: Partial<DeleteChange> = {}): DeleteChange {
  return { kind: 'delete', time: Date.now(), ...fields };
}

export function metadataOf(fields: UserMetadata, others: Partial<MetadataChange> = {}): MetadataChange {
  return { kind: 'metadata', time: Date.now(), fields, ...others };
}

export function codeOf(reason: unknown): unknown {
  return (reason as { code?: unknown }).code;
}

/** The codes of what failed among these. */
export function failureCodes(outcomes: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [codeOf(outcome.reason)] : []));
}

/** Resolves when `check` is true; for what a store finds out by its clock alone. */
export async function until(check: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await check())) await delay(POLL_MS);
}

/** Everything of an iterable. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A fresh subject for each test of the block that makes it, and what was begun there ended. */
export class StoreFixture {
  readonly capabilities: StoreCapabilities;
  subject!: StoreSubject;
  store!: ConfigStore;
  location!: Location;
  #stores: ConfigStore[] = [];
  #leases: Lease[] = [];

  constructor(createSubject: () => StoreSubject) {
    // Which blocks there are has to be known before the first test runs.
    this.capabilities = createSubject().createStore().capabilities;
    beforeEach(async () => {
      this.subject = createSubject();
      this.store = await this.open();
      this.location = await this.locate('app.json');
    });
    afterEach(async () => {
      const leases = this.#leases;
      const stores = this.#stores;
      this.#leases = [];
      this.#stores = [];
      await Promise.all(leases.map((lease) => lease.release()));
      await Promise.all(stores.map((store) => store.close()));
      await this.subject.cleanup?.();
    });
  }

  async open(store = this.subject.createStore()): Promise<ConfigStore> {
    this.#stores.push(store);
    await store.open();
    return store;
  }

  locate(short: string, store: ConfigStore = this.store): Promise<Location> {
    return store.resolve(this.subject.nameOf(short), newWork());
  }

  /** Released after the test at the latest. */
  async acquire(
    request: Partial<AcquireRequest> = {},
    { store = this.store, location = this.location } = {},
  ): Promise<Lease> {
    const lease = await store.locks.acquire(location, {
      leaseMs: LONG_LEASE_MS,
      deadline: performance.now() + LONG_WAIT_MS,
      signal: new AbortController().signal,
      ...request,
    });
    this.#leases.push(lease);
    return lease;
  }

  /** Only where it is free at once. */
  tryAcquire(place: { store?: ConfigStore; location?: Location } = {}): Promise<Lease> {
    return this.acquire({ deadline: performance.now() }, place);
  }

  /** Under a lock of its own. */
  async commit(
    change: Change,
    { store = this.store, location = this.location, work = newWork() } = {},
  ): Promise<CommitReceipt> {
    const lease = await this.acquire({}, { store, location });
    try {
      return await store.commit(location, change, lease.guard, work);
    } finally {
      await lease.release();
    }
  }

  save(text: string, fields: Partial<SaveChange> = {}): Promise<CommitReceipt> {
    return this.commit(saveOf(text, fields));
  }

  async text({ store = this.store, location = this.location } = {}): Promise<string | undefined> {
    const { content } = await store.read(location, newWork());
    return content === undefined ? undefined : Buffer.from(content.bytes).toString();
  }

  /** A lease that another store has taken over since. */
  async takenOver(): Promise<{ old: Lease; present: Lease; store: ConfigStore }> {
    const old = await this.acquire({ leaseMs: this.subject.shortestLeaseMs });
    const store = await this.open();
    return { old, present: await this.acquire({}, { store }), store };
  }
}
