/** What a change keeps of the content that it replaces or removes. */
import { hasContent, type SnapshotRole } from '../../../src/storage/port/Snapshot.js';
import { checksumOf, deleteOf, metadataOf, newWork, saveOf, type StoreFixture } from './storeFixture.js';

const ROLES: readonly SnapshotRole[] = ['backup', 'version', 'quarantine'];

export function describeKept(fixture: StoreFixture): void {
  const list = () => {
    const { snapshots } = fixture.store;
    return snapshots.list(snapshots.setOf(fixture.location), newWork());
  };

  describe('the content before a change', () => {
    it.each(ROLES)('is kept as the %s that the change asks for, with the version that it was', async (role) => {
      const { sequence } = await fixture.save('before');
      const { kept } = await fixture.save('after', { keep: role, time: 5000 });
      const snapshots = await list();
      expect(snapshots).toMatchObject([
        {
          ...kept,
          role,
          createdAt: 5000,
          sequence: role === 'quarantine' ? 0 : sequence,
          isAutomatic: true,
          isCompressed: false,
          isEncrypted: false,
          storedBytes: 6,
        },
      ]);
      expect(snapshots[0]!.label).toBeUndefined();
      expect(hasContent(snapshots[0]!, checksumOf('before'))).toBe(true);
      expect(Buffer.from(await fixture.store.snapshots.read(snapshots[0]!, newWork())).toString()).toBe('before');
      expect(kept?.role).toBe(role);
    });

    it('is kept by a removal too', async () => {
      await fixture.save('before');
      const { kept } = await fixture.commit(deleteOf({ keep: 'backup' }));
      expect(await list()).toMatchObject([{ id: kept!.id, role: 'backup' }]);
    });

    it('is not kept where the change does not ask for it, where there is none, and by new metadata', async () => {
      const receipts = [await fixture.save('1', { keep: 'backup' }), await fixture.save('2')];
      receipts.push(await fixture.commit(metadataOf({ schema: 's' })));
      expect(receipts.map(({ kept }) => kept)).toEqual([undefined, undefined, undefined]);
      expect(await list()).toEqual([]);
    });

    it('is not kept by a change that was refused', async () => {
      await fixture.save('1');
      const { guard } = await fixture.acquire();
      const changes = [
        [saveOf('2', { keep: 'backup', expectedChecksum: null }), guard, 'ERR_CONFLICT'],
        [deleteOf({ keep: 'backup', expectedRevision: 0 }), guard, 'ERR_CONFLICT'],
        [saveOf('2', { keep: 'quarantine' }), { ...guard, lockId: crypto.randomUUID() }, 'ERR_LOCK_LOST'],
      ] as const;
      for (const [change, under, code] of changes) {
        await expect(fixture.store.commit(fixture.location, change, under, newWork())).rejects.toMatchObject({ code });
      }
      expect(await list()).toEqual([]);
    });

    it('is kept once where it is known to be damaged', async () => {
      await fixture.save('damaged');
      const first = await fixture.save('damaged', { keep: 'quarantine' });
      const second = await fixture.save('good', { keep: 'quarantine' });
      expect(first.kept).toMatchObject({ role: 'quarantine' });
      expect(second.kept).toBeUndefined();
      expect(await list()).toHaveLength(1);
    });

    it('has an id of its own, also where another snapshot of it has the same time', async () => {
      const { saved, sequence } = await fixture.save('1');
      const { snapshots } = fixture.store;
      const set = snapshots.setOf(fixture.location);
      const draft = {
        createdAt: 5000,
        sequence,
        checksum: saved!.checksum,
        isAutomatic: false,
        role: 'backup' as const,
        isCompressed: false,
        isEncrypted: false,
      };
      const { checksum } = draft;
      const id = snapshots.draftId(set, draft);
      const manifest = { id, checksum, size: 1, isReadable: true, verifiedAt: 5000 };
      const lease = await fixture.acquire();
      await snapshots.add(set, { draft, bytes: Buffer.from('1'), manifest }, lease.guard, newWork());
      await lease.release();
      const { kept } = await fixture.save('2', { keep: 'backup', time: 5000 });
      expect(kept!.id).not.toBe(id);
      expect(await list()).toHaveLength(2);
      const [own] = (await list()).filter((snapshot) => snapshot.id === id);
      expect(await snapshots.manifest(own!, newWork())).toMatchObject(manifest);
    });

    it('is seen by every store', async () => {
      await fixture.save('1');
      const { kept } = await fixture.save('2', { keep: 'version' });
      const { snapshots } = await fixture.open();
      expect(await snapshots.list(snapshots.setOf(fixture.location), newWork())).toMatchObject([{ id: kept!.id }]);
    });
  });
}
