/** What is the memory store's alone where something has to be waited for: locks, races and events. */
import { memoryStore } from '../../src/memory.js';
import type { ConfigStore, StoreEvent } from '../../src/storage/port/ConfigStore.js';
import type { AcquireRequest } from '../../src/storage/port/LockStore.js';
import { moveClock } from '../support/clock.js';
import { collect, newWork, saveOf } from './conformance/storeFixture.js';

const CONTEXT = { moduleId: 'tests', maxBytes: 1024, keptVersions: 40, probe: () => true };
const LEASE_MS = 60_000;

function requestOf(fields: Partial<AcquireRequest> = {}): AcquireRequest {
  const { signal } = new AbortController();
  return { leaseMs: LEASE_MS, deadline: performance.now() + LEASE_MS, signal, ...fields };
}

const locate = (store: ConfigStore, name = 'app.json') => store.resolve(name, newWork());

async function save(store: ConfigStore, text: string): Promise<void> {
  const location = await locate(store);
  const lease = await store.locks.acquire(location, requestOf());
  await store.commit(location, saveOf(text), lease.guard, newWork());
  await lease.release();
}

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

  it('lets an operation that is called off between the two change nothing', async () => {
    const store = memoryStore({ guard: 'before-commit' }).createStore(CONTEXT);
    const location = await locate(store);
    const { guard } = await store.locks.acquire(location, requestOf());
    const calling = new AbortController();
    const reason = new Error('called off');
    const committing = store.commit(location, saveOf('1'), guard, newWork({ signal: calling.signal }));
    const refused = expect(committing).rejects.toBe(reason);
    calling.abort(reason);
    await refused;
    expect(await store.has(location, newWork())).toBe(false);
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
