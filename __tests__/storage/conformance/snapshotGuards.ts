/** Under whose lock the snapshots of a configuration may be changed. */
import { randomUUID } from 'node:crypto';
import type { Snapshot } from '../../../src/storage/port/Snapshot.js';
import type { Guard, Work } from '../../../src/storage/port/Work.js';
import { draftOf, NOW, type SnapshotFixture } from './snapshotFixture.js';
import { newWork } from './storeFixture.js';

/** A call that changes something, for two snapshots that are there. */
type Change = (snapshots: readonly [Snapshot, Snapshot], guard: Guard, work: Work) => Promise<unknown>;

export function describeSnapshotGuards(fixture: SnapshotFixture): void {
  const changes: readonly (readonly [string, Change])[] = [
    [
      'add',
      (_present, guard, work) => {
        const draft = draftOf('new', { createdAt: NOW + 5 });
        const content = { draft, bytes: Buffer.from('new'), manifest: fixture.manifestOf(draft) };
        return fixture.snapshots.add(fixture.setOf(), content, guard, work);
      },
    ],
    [
      'describe',
      ([snapshot], guard, work) => {
        const manifest = { ...fixture.manifestOf(draftOf('first')), id: snapshot.id, description: 'other' };
        return fixture.snapshots.describe(fixture.setOf(), [{ snapshot, manifest }], guard, work);
      },
    ],
    [
      'repack',
      ([snapshot], guard, work) => {
        const packing = { isCompressed: true, isEncrypted: false };
        return fixture.snapshots.repack(snapshot, { bytes: Buffer.from('packed'), packing }, guard, work);
      },
    ],
    ['changeRole', (present, guard, work) => fixture.snapshots.changeRole(present, 'version', guard, work)],
    ['remove', (present, guard, work) => fixture.snapshots.remove(present, guard, work)],
    ['archive', ([snapshot], guard, work) => fixture.snapshots.archive(snapshot, guard, work)],
    ['sweep', (_present, guard, work) => fixture.snapshots.sweep(fixture.setOf(), guard, work)],
  ];

  describe.each(changes)('%s', (name, change) => {
    let present: readonly [Snapshot, Snapshot];

    beforeEach(async () => {
      present = [await fixture.add('first'), await fixture.add('second', { createdAt: NOW - 1 })];
    });

    async function expectRefused(guard: Guard, work: Work, error: Error | { code: string }): Promise<void> {
      const before = await fixture.everything();
      const [outcome] = await Promise.allSettled([change(present, guard, work)]);
      expect(await fixture.everything()).toEqual(before);
      // What has nothing to clear away need not ask whether it may.
      if (name === 'sweep' && outcome.status === 'fulfilled') return;
      expect(outcome.status).toBe('rejected');
      const { reason } = outcome as PromiseRejectedResult;
      if (error instanceof Error) expect(reason).toBe(error);
      else expect(reason).toMatchObject(error);
    }

    it('changes what it is to change under the lock of the configuration', async () => {
      const before = await fixture.everything();
      const { guard } = await fixture.acquire();
      await change(present, guard, newWork());
      const isChanged = JSON.stringify(await fixture.everything()) !== JSON.stringify(before);
      expect(isChanged).toBe(name !== 'sweep');
    });

    it('is refused with ERR_LOCK_LOST under a guard that was given back or made up', async () => {
      const lease = await fixture.acquire();
      await lease.release();
      for (const wrong of [lease.guard, { lockId: randomUUID(), token: lease.guard.token + 1 }]) {
        await expectRefused(wrong, newWork(), { code: 'ERR_LOCK_LOST' });
      }
    });

    it('is refused with ERR_LOCK_LOST under the lock of another configuration', async () => {
      const { guard } = await fixture.acquire({}, { location: await fixture.locate('second.json') });
      await expectRefused(guard, newWork(), { code: 'ERR_LOCK_LOST' });
    });

    it('is refused with ERR_LOCK_LOST once the lock is taken over, and the next holder goes on', async () => {
      const { old, present: taken } = await fixture.takenOver();
      await expectRefused(old.guard, newWork(), { code: 'ERR_LOCK_LOST' });
      await taken.release();
      await change(present, (await fixture.acquire()).guard, newWork());
    });

    it('is not begun by an operation that was called off or whose time is over', async () => {
      const { guard } = await fixture.acquire();
      const reason = new Error('called off');
      await expectRefused(guard, newWork({ signal: AbortSignal.abort(reason) }), reason);
      await expectRefused(guard, newWork({ deadline: performance.now() }), { code: 'ERR_TIMEOUT' });
    });
  });
}
