import { memoryStore, type MemoryStoreOptions } from '../../src/memory.js';
import type { ConfigStore } from '../../src/storage/port/ConfigStore.js';
import type { StoreContext } from '../../src/storage/port/StoreProvider.js';
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

function requestOf() {
  const { signal } = new AbortController();
  return { leaseMs: LEASE_MS, deadline: performance.now() + LEASE_MS, signal };
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
