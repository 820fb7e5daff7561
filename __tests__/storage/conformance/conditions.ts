/** On what condition a change is made, and that nothing has happened where it is not. */
import { randomUUID } from 'node:crypto';
import type { Change, ChangeFields } from '../../../src/storage/port/ConfigStore.js';
import type { Guard, Work } from '../../../src/storage/port/Work.js';
import { checksumOf, deleteOf, metadataOf, newWork, saveOf, type StoreFixture } from './storeFixture.js';

type Condition = Pick<ChangeFields, 'expectedChecksum' | 'expectedRevision'>;

const CHANGES: readonly (readonly [string, (condition?: Condition) => Change])[] = [
  ['a save', (condition) => saveOf('2', condition)],
  ['a removal', (condition) => deleteOf(condition)],
  ['new metadata', (condition) => metadataOf({ schema: 's' }, condition)],
];

export function describeConditions(fixture: StoreFixture): void {
  /** Everything that a change could have altered. */
  async function present(): Promise<unknown> {
    const { store, location } = fixture;
    // Two reads of one state may be told apart.
    const stored = { ...(await store.read(location, newWork())), etag: undefined };
    const snapshots = await store.snapshots.list(store.snapshots.setOf(location), newWork());
    return { stored, history: await store.history(location, newWork()), snapshots };
  }

  async function expectRefused(commit: () => Promise<unknown>, error: Error | { code: string }): Promise<void> {
    const before = await present();
    if (error instanceof Error) await expect(commit()).rejects.toBe(error);
    else await expect(commit()).rejects.toMatchObject(error);
    expect(await present()).toEqual(before);
  }

  describe.each(CHANGES)('the expectation of %s', (_name, change) => {
    it('may be the present checksum, the present revision or both', async () => {
      const conditions = [
        ({ revision }: { revision: number }) => ({ expectedRevision: revision }),
        () => ({ expectedChecksum: checksumOf('1') }),
        ({ revision }: { revision: number }) => ({ expectedRevision: revision, expectedChecksum: checksumOf('1') }),
      ];
      for (const condition of conditions) {
        const receipt = await fixture.save('1');
        expect((await fixture.commit(change(condition(receipt)))).revision).toBeGreaterThan(receipt.revision);
      }
    });

    it('ends it with ERR_CONFLICT where the content is another, and nothing has changed', async () => {
      await fixture.save('1');
      for (const expectedChecksum of [checksumOf('0'), null]) {
        await expectRefused(() => fixture.commit(change({ expectedChecksum })), { code: 'ERR_CONFLICT' });
      }
    });

    it('ends it with ERR_CONFLICT where the newest change is another, and nothing has changed', async () => {
      const { revision } = await fixture.save('1');
      await fixture.save('1');
      for (const expectedRevision of [0, revision]) {
        await expectRefused(() => fixture.commit(change({ expectedRevision })), { code: 'ERR_CONFLICT' });
        const both = { expectedRevision, expectedChecksum: checksumOf('1') };
        await expectRefused(() => fixture.commit(change(both)), { code: 'ERR_CONFLICT' });
      }
    });

    it('ends it with ERR_CONFLICT where there is no content', async () => {
      await expectRefused(() => fixture.commit(change({ expectedChecksum: checksumOf('1') })), {
        code: 'ERR_CONFLICT',
      });
    });

    it('sees that metadata were changed only where it is a revision', async () => {
      const { revision } = await fixture.save('1');
      await fixture.commit(metadataOf({ environment: 'test' }));
      await expectRefused(() => fixture.commit(change({ expectedRevision: revision })), { code: 'ERR_CONFLICT' });
      await fixture.commit(change({ expectedChecksum: checksumOf('1') }));
    });
  });

  describe('the expectation that there is nothing', () => {
    it('is met before the first save', async () => {
      await fixture.save('1', { expectedChecksum: null, expectedRevision: 0 });
      expect(await fixture.text()).toBe('1');
    });

    it('is met by a removed content, but a removal is a change', async () => {
      await fixture.save('1');
      await fixture.commit(deleteOf());
      await expectRefused(() => fixture.save('2', { expectedRevision: 0 }), { code: 'ERR_CONFLICT' });
      await fixture.save('2', { expectedChecksum: null });
      expect(await fixture.text()).toBe('2');
    });

    it.each(CHANGES.slice(1))('is no help to %s, which ends with ERR_FILE_NOT_FOUND', async (_name, change) => {
      await expectRefused(() => fixture.commit(change({ expectedChecksum: null })), { code: 'ERR_FILE_NOT_FOUND' });
      await fixture.save('1');
      await fixture.commit(deleteOf());
      await expectRefused(() => fixture.commit(change({ expectedChecksum: null })), { code: 'ERR_FILE_NOT_FOUND' });
    });
  });

  describe.each(CHANGES)('the guard of %s', (_name, change) => {
    const under = (guard: Guard, work?: Work) =>
      fixture.store.commit(fixture.location, { ...change(), keep: 'backup' }, guard, work ?? newWork());

    it('is plain data: a copy of it counts', async () => {
      await fixture.save('1');
      const { guard } = await fixture.acquire();
      const receipt = await under(JSON.parse(JSON.stringify(guard)) as Guard);
      expect((await fixture.store.read(fixture.location, newWork())).revision).toBe(receipt.revision);
    });

    it('is refused with ERR_LOCK_LOST where nobody holds it, made up or not, and nothing has changed', async () => {
      await fixture.save('1');
      const released = await fixture.acquire();
      await released.release();
      for (const guard of [released.guard, { lockId: randomUUID(), token: released.guard.token }]) {
        await expectRefused(() => under(guard), { code: 'ERR_LOCK_LOST' });
      }
    });

    it('is refused with ERR_LOCK_LOST where another holds the lock', async () => {
      await fixture.save('1');
      const before = await fixture.acquire();
      await before.release();
      const { guard } = await fixture.acquire();
      for (const stale of [before.guard, { lockId: randomUUID(), token: guard.token }]) {
        await expectRefused(() => under(stale), { code: 'ERR_LOCK_LOST' });
      }
      await under(guard);
    });

    it('is refused with ERR_LOCK_LOST where it is that of another configuration', async () => {
      await fixture.save('1');
      const { guard } = await fixture.acquire({}, { location: await fixture.locate('second.json') });
      await expectRefused(() => under(guard), { code: 'ERR_LOCK_LOST' });
    });

    it('is refused with ERR_LOCK_LOST once the lock is taken over, and that of the new holder counts', async () => {
      await fixture.save('1');
      const { old, present: taken, store } = await fixture.takenOver();
      await expectRefused(() => under(old.guard), { code: 'ERR_LOCK_LOST' });
      await store.commit(fixture.location, change(), taken.guard, newWork());
    });

    it('does not help an operation that was called off or whose time is over: nothing has changed', async () => {
      await fixture.save('1');
      const { guard } = await fixture.acquire();
      const reason = new Error('called off');
      await expectRefused(() => under(guard, newWork({ signal: AbortSignal.abort(reason) })), reason);
      await expectRefused(() => under(guard, newWork({ deadline: performance.now() })), { code: 'ERR_TIMEOUT' });
    });

    it('lets an operation that is called off at any moment either happen or not, as its answer tells', async () => {
      const { guard } = await fixture.acquire();
      for (let turns = 0; turns < 6; turns++) {
        await fixture.store.commit(fixture.location, saveOf('1'), guard, newWork());
        const before = await fixture.store.read(fixture.location, newWork());
        const calling = new AbortController();
        const reason = new Error('called off');
        const committing = under(guard, newWork({ signal: calling.signal }));
        const settled = Promise.allSettled([committing]);
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        calling.abort(reason);
        const [outcome] = await settled;
        if (outcome.status === 'rejected') expect(outcome.reason).toBe(reason);
        const { revision } = await fixture.store.read(fixture.location, newWork());
        expect(revision).toBe(outcome.status === 'rejected' ? before.revision : outcome.value.revision);
      }
    });
  });
}
