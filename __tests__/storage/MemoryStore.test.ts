import { memoryStore, type MemoryStoreOptions } from '../../src/memory.js';
import type { ConfigStore, StoreEvent } from '../../src/storage/port/ConfigStore.js';
import type { AcquireRequest } from '../../src/storage/port/LockStore.js';
import type { StoreContext } from '../../src/storage/port/StoreProvider.js';
import { moveClock } from '../support/clock.js';
import { describeConfigStore, type StoreSubject } from './configStoreConformance.js';
import { collect, deleteOf, metadataOf, newWork, saveOf } from './conformance/storeFixture.js';
import { describeSnapshotStore } from './snapshotStoreConformance.js';

const VARIANTS: readonly (readonly [string, MemoryStoreOptions])[] = [
  ['a revision for each configuration', { revisions: 'per-configuration', guard: 'before-commit' }],
  ['store-wide revisions with gaps', { revisions: 'store-wide', guard: 'before-commit' }],
  ['a guard compared in the commit', { guard: 'in-commit' }],
];
const CONTEXT: StoreContext = { moduleId: 'tests', maxBytes: 1024, keptVersions: 40, probe: () => true };
const LEASE_MS = 60_000;

for (const [name, options] of VARIANTS) {
  const createSubject = (): StoreSubject => {
    const provider = memoryStore(options);
    return {
      createStore: () => provider.createStore(CONTEXT),
      nameOf: (short) => short,
      keptVersions: CONTEXT.keptVersions,
      changesUntilTidy: 2 * CONTEXT.keptVersions,
      shortestLeaseMs: 5,
    };
  };
  describeConfigStore(`MemoryStore with ${name}`, createSubject);
  describeSnapshotStore(`MemoryStore with ${name}`, createSubject);
}

function requestOf(fields: Partial<AcquireRequest> = {}): AcquireRequest {
  const { signal } = new AbortController();
  return { leaseMs: LEASE_MS, deadline: performance.now() + LEASE_MS, signal, ...fields };
}

const locate = (store: ConfigStore, name = 'app.json') => store.resolve(name, newWork());

async function save(store: ConfigStore, text: string, name?: string) {
  const location = await locate(store, name);
  const lease = await store.locks.acquire(location, requestOf());
  try {
    return await store.commit(location, saveOf(text), lease.guard, newWork());
  } finally {
    await lease.release();
  }
}

describe('memoryStore', () => {
  it('gives stores that count for each configuration and compare the guard in the commit, by default', () => {
    expect(memoryStore().createStore(CONTEXT).capabilities).toEqual({
      maxBytes: 1024,
      durability: 'none',
      outsideChanges: false,
      guard: 'in-commit',
      revisions: 'per-configuration',
      watches: true,
    });
  });

  it.each([{ revisions: 'global' }, { guard: 'never' }, { guard: null }])('refuses %j', (options) => {
    const code = 'ERR_INVALID_OPTION';
    expect(() => memoryStore(options as MemoryStoreOptions)).toThrow(expect.objectContaining({ code }));
  });

  it('shares nothing between two providers', async () => {
    const [one, other] = [memoryStore().createStore(CONTEXT), memoryStore().createStore(CONTEXT)];
    await save(one, '1');
    expect(await other.read(await locate(other), newWork())).toMatchObject({ state: 'absent' });
    expect(await collect(other.list(newWork()))).toEqual([]);
  });

  it('keeps what was saved when a store is closed', async () => {
    const provider = memoryStore();
    const store = provider.createStore(CONTEXT);
    await save(store, '1');
    await store.close();
    const next = provider.createStore(CONTEXT);
    expect(await next.has(await locate(next), newWork())).toBe(true);
  });
});

describe('a store-wide revision', () => {
  it('has gaps, and an order over all configurations', async () => {
    const store = memoryStore({ revisions: 'store-wide' }).createStore(CONTEXT);
    const revisions = [];
    for (const name of ['a.json', 'b.json', 'a.json']) revisions.push((await save(store, '1', name)).revision);
    expect(revisions).toEqual([...revisions].sort((left, right) => left - right));
    expect(revisions[1]! - revisions[0]!).toBeGreaterThan(1);
    const { changes } = await store.history(await locate(store, 'a.json'), newWork());
    expect(changes.map(({ sequence }) => sequence)).toEqual([2, 1]);
  });
});

describe('names in memory', () => {
  const store = memoryStore().createStore(CONTEXT);

  it('are normalised as paths are', async () => {
    const names = ['a/b.json', './a/b.json', 'a//b.json', 'a/x/../b.json'];
    const ids = await Promise.all(names.map(async (name) => (await locate(store, name)).id));
    expect(new Set(ids).size).toBe(1);
    expect(store.nameOf('./a/b.json')).toBe('a/b.json');
    expect((await locate(store, '/a/b.json')).id).not.toBe(ids[0]);
  });

  it.each(['.', '..', '/', 'a/', 'a/..', 'a\nb', '\ud800.json', 'x'.repeat(5000)])('are not %j', async (name) => {
    await expect(locate(store, name)).rejects.toMatchObject({ code: 'ERR_INVALID_FILE_PATH' });
  });

  it('may have any other character, and lead to ids that can be read again', async () => {
    for (const name of ['ü ñ.json', 'a@1-b.json', '%41.json', 'a%2Fb.json', '../x.json', 'C:\\x.json', '...']) {
      const { saved } = await save(store, '1', name);
      const id = store.versionIds.of(await locate(store, name), saved!);
      expect(id).not.toMatch(/[/\\]/u);
      expect(await store.versionIds.nameOf(store.versionIds.parse(id)!.key, newWork())).toBe(name);
    }
  });

  it('are known to the instances that have met them', async () => {
    const provider = memoryStore();
    const [one, other] = [provider.createStore(CONTEXT), provider.createStore(CONTEXT)];
    const { id } = await locate(one);
    expect([one.snapshots.knownNameOf(id), other.snapshots.knownNameOf(id)]).toEqual(['app.json', undefined]);
  });
});

describe('contents in memory', () => {
  it('are refused with ERR_FILE_TOO_LARGE above the limit of the store that saves or reads them', async () => {
    const provider = memoryStore();
    const [store, narrow] = [provider.createStore(CONTEXT), provider.createStore({ ...CONTEXT, maxBytes: 3 })];
    await expect(save(narrow, '1234')).rejects.toMatchObject({ code: 'ERR_FILE_TOO_LARGE' });
    expect(await store.has(await locate(store), newWork())).toBe(false);
    await save(store, '1234');
    await expect(narrow.read(await locate(narrow), newWork())).rejects.toMatchObject({ code: 'ERR_FILE_TOO_LARGE' });
  });

  it('share no record, metadata or history with those who read them', async () => {
    const store = memoryStore().createStore(CONTEXT);
    const location = await locate(store);
    const { guard } = await store.locks.acquire(location, requestOf());
    await store.commit(location, saveOf('1', { tags: ['a'] }), guard, newWork());
    const receipt = await store.commit(location, metadataOf({ customFields: { list: [] } }), guard, newWork());
    const before = structuredClone(await store.read(location, newWork()));
    const { saved, userMetadata } = await store.read(location, newWork());
    const { changes } = await store.history(location, newWork());
    for (const tags of [
      saved!.tags,
      receipt.saved!.tags,
      ...changes.map((change) => 'tags' in change && change.tags),
    ]) {
      if (Array.isArray(tags)) tags.push('b');
    }
    for (const { customFields } of [userMetadata!, receipt.userMetadata!]) (customFields!.list as unknown[]).push(1);
    expect(await store.read(location, newWork())).toEqual(before);
    expect((await store.history(location, newWork())).changes.at(-1)).toEqual(before.saved);
  });

  it('are counted as they come and go', async () => {
    const store = memoryStore().createStore(CONTEXT);
    const location = await locate(store);
    const { guard } = await store.locks.acquire(location, requestOf());
    const work = newWork();
    await store.commit(location, saveOf('12345'), guard, work);
    await store.read(location, work);
    await store.commit(location, deleteOf(), guard, work);
    await store.read(location, work);
    expect(work.diskIO).toEqual({
      bytesRead: 5,
      bytesWritten: 5,
      readOperations: 1,
      writeOperations: 1,
      fsyncOperations: 0,
    });
  });

  it('are told of by each instance as far as it is set to', async () => {
    const provider = memoryStore();
    const [store, brief] = [provider.createStore(CONTEXT), provider.createStore({ ...CONTEXT, keptVersions: 1 })];
    for (const text of ['1', '2', '3']) await save(store, text);
    expect((await brief.history(await locate(brief), newWork())).changes).toHaveLength(1);
    expect((await store.history(await locate(store), newWork())).changes).toHaveLength(3);
  });
});

describe('a guard that is compared before the commit', () => {
  it('lets the revision decide between an old and a new holder who come through together', async () => {
    const provider = memoryStore({ guard: 'before-commit' });
    const [store, other] = [provider.createStore(CONTEXT), provider.createStore(CONTEXT)];
    const location = await locate(store);
    const old = await store.locks.acquire(location, requestOf());
    moveClock(LEASE_MS);
    const late = store.commit(location, saveOf('late'), old.guard, newWork());
    const present = await other.locks.acquire(location, requestOf());
    const early = other.commit(location, saveOf('new'), present.guard, newWork());
    const outcomes = await Promise.allSettled([late, early]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    await expect(early).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
    expect((await store.history(location, newWork())).changes).toHaveLength(1);
  });
});

describe('locks in memory', () => {
  it('are handed over in the order in which they were asked for', async () => {
    const provider = memoryStore();
    const stores = [provider.createStore(CONTEXT), provider.createStore(CONTEXT)];
    const location = await locate(stores[0]!);
    const order: number[] = [];
    const turns = Array.from({ length: 6 }, async (_item, index) => {
      const lease = await stores[index % 2]!.locks.acquire(location, requestOf());
      order.push(index);
      await lease.release();
    });
    await Promise.all(turns);
    expect(order).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('that can be taken over go to who has waited, not to who comes in that moment', async () => {
    const store = memoryStore().createStore(CONTEXT);
    const location = await locate(store);
    await store.locks.acquire(location, requestOf());
    const waiting = store.locks.acquire(location, requestOf({ deadline: performance.now() + 2 * LEASE_MS }));
    moveClock(LEASE_MS);
    const coming = store.locks.acquire(location, requestOf({ deadline: 0 }));
    await expect(coming).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' });
    const lease = await waiting;
    expect(lease.isHeld()).toBe(true);
    await lease.release();
  });

  it('stay those of a holder whose lease is over until somebody takes them', async () => {
    const store = memoryStore().createStore(CONTEXT);
    const location = await locate(store);
    const lease = await store.locks.acquire(location, requestOf());
    moveClock(LEASE_MS);
    expect(await store.locks.status(location, newWork())).toMatchObject({ isLocked: true, canBeTaken: true });
    await store.commit(location, saveOf('1'), lease.guard, newWork());
    expect(await lease.release()).toBe(true);
  });

  it('may be waited for without an end', async () => {
    const store = memoryStore().createStore(CONTEXT);
    const location = await locate(store);
    const lease = await store.locks.acquire(location, requestOf({ leaseMs: Infinity }));
    const waiting = store.locks.acquire(location, requestOf({ deadline: Infinity }));
    await lease.release();
    expect((await waiting).isHeld()).toBe(true);
  });

  it('of a store that is closed are free, and what it waits for fails with ERR_DESTROYED', async () => {
    const provider = memoryStore();
    const [store, other] = [provider.createStore(CONTEXT), provider.createStore(CONTEXT)];
    const [location, second] = [await locate(store), await locate(store, 'second.json')];
    const lease = await store.locks.acquire(location, requestOf());
    await other.locks.acquire(second, requestOf());
    const refused = expect(store.locks.acquire(second, requestOf())).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    const waiting = other.locks.acquire(location, requestOf());
    await store.close();
    await refused;
    expect(lease.isHeld()).toBe(false);
    expect((await waiting).isHeld()).toBe(true);
    await other.close();
  });
});

describe('events in memory', () => {
  const MANY = 20_001;

  async function saveMany(store: ConfigStore, count: number): Promise<number> {
    const location = await locate(store);
    const { guard } = await store.locks.acquire(location, requestOf());
    const change = saveOf('1');
    let newest = 0;
    for (let index = 0; index < count; index++) {
      newest = (await store.commit(location, change, guard, newWork())).revision;
    }
    return newest;
  }

  it('end for the watchers of a store that is closed', async () => {
    const store = memoryStore().createStore(CONTEXT);
    const watching = collect(store.watch!({ signal: new AbortController().signal }));
    await save(store, '1');
    await store.close();
    expect(await watching).toHaveLength(1);
  });

  it('that are not kept any more end a watch with ERR_INVALID_REQUEST instead of being left out', async () => {
    const store = memoryStore().createStore({ ...CONTEXT, keptVersions: 1 });
    const { signal } = new AbortController();
    const slow = store.watch!({ signal })[Symbol.asyncIterator]();
    const newest = await saveMany(store, MANY);
    const late = store.watch!({ after: 1, signal })[Symbol.asyncIterator]();
    for (const events of [slow, late]) {
      await expect(events.next()).rejects.toMatchObject({ code: 'ERR_INVALID_REQUEST' });
    }
    const { value } = await store.watch!({ after: newest - 1, signal })
      [Symbol.asyncIterator]()
      .next();
    expect((value as StoreEvent).revision).toBe(newest);
  });
});
