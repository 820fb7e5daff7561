/** Locks with leases: one holder at a time, waiting in the store, taking over. */
import { newWork, saveOf, failureCodes, until, type StoreFixture } from './storeFixture.js';

const SHORT_WAIT_MS = 30;
const ROUNDS = 20;

export function describeLocks(fixture: StoreFixture): void {
  const status = (store = fixture.store) => store.locks.status(fixture.location, newWork());

  describe('a lock', () => {
    it('has one holder at a time, and tells the others who it is', async () => {
      const store = await fixture.open();
      expect(await status(store)).toMatchObject({ isLocked: false, canBeTaken: true });
      const lease = await fixture.acquire();
      const seen = await status(store);
      expect(seen).toMatchObject({
        isLocked: true,
        lockId: lease.guard.lockId,
        acquiredAt: lease.acquiredAt,
        expiresAt: lease.expiresAt,
        canBeTaken: false,
      });
      expect(seen.holder).toContain(String(process.pid));
      const refused = fixture.tryAcquire({ store });
      await expect(refused).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' });
      await expect(refused).rejects.toThrow(seen.holder);
      expect(lease.isHeld()).toBe(true);
      expect(await lease.release()).toBe(true);
      expect(await status(store)).toMatchObject({ isLocked: false, canBeTaken: true });
      expect((await fixture.tryAcquire({ store })).isHeld()).toBe(true);
    });

    it('has an id of its own and a higher token with each holder', async () => {
      const guards = [];
      for (const store of [fixture.store, await fixture.open(), fixture.store]) {
        const lease = await fixture.acquire({}, { store });
        guards.push(lease.guard);
        await lease.release();
      }
      expect(new Set(guards.map(({ lockId }) => lockId)).size).toBe(3);
      expect(guards[0]!.lockId).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
      const tokens = guards.map(({ token }) => token);
      expect(tokens).toEqual([...new Set(tokens)].sort((left, right) => left - right));
    });

    it('is given to exactly one of many who ask at once', async () => {
      const stores = [fixture.store, await fixture.open(), await fixture.open(), await fixture.open()];
      for (let round = 0; round < ROUNDS; round++) {
        const attempts = await Promise.allSettled(stores.map((store) => fixture.tryAcquire({ store })));
        const leases = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
        expect(leases).toHaveLength(1);
        expect(new Set(failureCodes(attempts))).toEqual(new Set(['ERR_LOCK_TIMEOUT']));
        expect(await leases[0]!.release()).toBe(true);
      }
    });

    it('keeps nobody from another configuration', async () => {
      await fixture.acquire();
      const second = await fixture.tryAcquire({ location: await fixture.locate('second.json') });
      expect(second.isHeld()).toBe(true);
    });

    it('is released once, and nobody else is freed by a second release', async () => {
      const lease = await fixture.acquire();
      expect(await lease.release()).toBe(true);
      expect(lease.isHeld()).toBe(false);
      const next = await fixture.acquire();
      expect(await lease.release()).toBe(false);
      expect(next.isHeld()).toBe(true);
      await expect(fixture.tryAcquire()).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' });
    });

    it('needs no content, and makes none', async () => {
      await fixture.acquire();
      expect(await fixture.store.read(fixture.location, newWork())).toMatchObject({ state: 'absent', revision: 0 });
    });
  });

  describe('waiting for a lock', () => {
    it('ends with the release', async () => {
      const lease = await fixture.acquire();
      const waiting = fixture.acquire({}, { store: await fixture.open() });
      await lease.release();
      expect((await waiting).isHeld()).toBe(true);
    });

    it('serves everybody in the end, one after the other', async () => {
      const stores = [fixture.store, await fixture.open(), await fixture.open()];
      let holders = 0;
      const turns = Array.from({ length: 12 }, async (_item, index) => {
        const lease = await fixture.acquire({}, { store: stores[index % stores.length]! });
        holders += 1;
        expect(holders).toBe(1);
        await Promise.resolve();
        holders -= 1;
        return lease.release();
      });
      expect(await Promise.all(turns)).toEqual(turns.map(() => true));
    });

    it('ends with ERR_LOCK_TIMEOUT at its deadline and not before, and the holder keeps the lock', async () => {
      const lease = await fixture.acquire();
      const deadline = performance.now() + SHORT_WAIT_MS;
      await expect(fixture.acquire({ deadline })).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' });
      expect(performance.now()).toBeGreaterThanOrEqual(deadline);
      expect(lease.isHeld()).toBe(true);
    });

    it('tries once where the deadline has passed already', async () => {
      expect((await fixture.acquire({ deadline: 0 })).isHeld()).toBe(true);
    });

    it('ends with the reason of its signal, and does not take the lock later', async () => {
      const lease = await fixture.acquire();
      const calling = new AbortController();
      const reason = new Error('called off');
      const waiting = fixture.acquire({ signal: calling.signal }, { store: await fixture.open() });
      const refused = expect(waiting).rejects.toBe(reason);
      calling.abort(reason);
      await refused;
      await lease.release();
      expect((await fixture.tryAcquire()).isHeld()).toBe(true);
    });

    it('does not even begin where the signal is aborted already', async () => {
      const reason = new Error('called off');
      await expect(fixture.acquire({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      expect(await status()).toMatchObject({ isLocked: false });
    });
  });

  describe('a lease', () => {
    it('protects its holder until it is over', async () => {
      const { shortestLeaseMs } = fixture.subject;
      const store = await fixture.open();
      const startedAt = performance.now();
      const lease = await fixture.acquire({ leaseMs: shortestLeaseMs });
      expect(lease.expiresAt - lease.acquiredAt).toBe(shortestLeaseMs);
      await fixture.acquire({}, { store });
      // One for the rounding of clocks that count in whole milliseconds.
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(shortestLeaseMs - 1);
      expect(lease.isHeld()).toBe(false);
    });

    it('that is over can be seen to be, by looks that change nothing', async () => {
      await fixture.acquire({ leaseMs: fixture.subject.shortestLeaseMs });
      await until(async () => (await status()).canBeTaken);
      expect((await fixture.tryAcquire({ store: await fixture.open() })).isHeld()).toBe(true);
    });

    it('that is over goes to exactly one of those who wait for it, and the old holder knows', async () => {
      const stores = [await fixture.open(), await fixture.open(), await fixture.open()];
      const old = await fixture.acquire({ leaseMs: fixture.subject.shortestLeaseMs });
      const deadline = performance.now() + fixture.subject.shortestLeaseMs + SHORT_WAIT_MS * stores.length;
      const attempts = await Promise.allSettled(stores.map((store) => fixture.acquire({ deadline }, { store })));
      const leases = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
      expect(leases).toHaveLength(1);
      expect(leases[0]!.guard.token).toBeGreaterThan(old.guard.token);
      expect([old.isHeld(), leases[0]!.isHeld()]).toEqual([false, true]);
    });

    it('that was taken over cannot be released, nor saved under, by the old holder', async () => {
      const { old, present } = await fixture.takenOver();
      expect(await old.release()).toBe(false);
      const late = fixture.store.commit(fixture.location, saveOf('late'), old.guard, newWork());
      await expect(late).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
      expect(await fixture.text()).toBeUndefined();
      expect(present.isHeld()).toBe(true);
      expect(await present.release()).toBe(true);
    });
  });
}
