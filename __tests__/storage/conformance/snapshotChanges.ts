/** Snapshots that change their packing, role or place, or go. */
import type { Snapshot, SnapshotPacking } from '../../../src/storage/port/Snapshot.js';
import { NOW, type SnapshotFixture } from './snapshotFixture.js';
import { checksumOf, newWork } from './storeFixture.js';

const COMPRESSED: SnapshotPacking = { isCompressed: true, isEncrypted: false };

export function describeSnapshotChanges(fixture: SnapshotFixture): void {
  const repack = (snapshot: Snapshot, text: string, packing = COMPRESSED) =>
    fixture.under((guard) =>
      fixture.snapshots.repack(snapshot, { bytes: Buffer.from(text), packing }, guard, newWork()),
    );
  const remove = (...removed: Snapshot[]) =>
    fixture.under((guard) => fixture.snapshots.remove(removed, guard, newWork()));
  const archive = (snapshot: Snapshot) =>
    fixture.under((guard) => fixture.snapshots.archive(snapshot, guard, newWork()));
  const refind = (snapshot: Snapshot) => fixture.snapshots.refind(snapshot, newWork());
  const manifest = (snapshot: Snapshot) => fixture.snapshots.manifest(snapshot, newWork());

  describe('repacking', () => {
    it('replaces the bytes under the same id, and the manifest stays', async () => {
      const added = await fixture.add('content', { label: 'x' });
      const before = await manifest(added);
      const repacked = await repack(added, 'packed bytes');
      expect(repacked).toMatchObject({ id: added.id, ...COMPRESSED, storedBytes: 12, label: 'x', role: 'backup' });
      expect(await fixture.list()).toEqual([repacked]);
      expect(await refind(added)).toEqual(repacked);
      expect(await fixture.textOf(repacked!)).toBe('packed bytes');
      expect(await manifest(repacked!)).toEqual(before);
    });

    it('may change the bytes and keep the packing, as with a new key', async () => {
      const encrypted = { isCompressed: true, isEncrypted: true };
      const repacked = await repack(await fixture.add('old', encrypted), 'other', encrypted);
      expect(await fixture.list()).toEqual([repacked]);
      expect(await fixture.textOf(repacked!)).toBe('other');
    });

    it('does not bring back what was removed meanwhile', async () => {
      const added = await fixture.add('content');
      await remove(added);
      expect(await repack(added, 'packed')).toBeUndefined();
      expect(await fixture.list()).toEqual([]);
    });

    it('works in the archive, and only there', async () => {
      const added = await fixture.add('content');
      await archive(added);
      const [archived] = await fixture.listArchived();
      expect(await repack(archived!, 'packed')).toMatchObject({ id: added.id, ...COMPRESSED });
      expect(await fixture.listArchived()).toMatchObject([{ id: added.id, ...COMPRESSED }]);
      expect(await fixture.list()).toEqual([added]);
    });
  });

  describe('another role', () => {
    it('is given to several at once and changes nothing else', async () => {
      const added = [await fixture.add('1'), await fixture.add('2', { createdAt: NOW - 1 })];
      const other = await fixture.add('3', { createdAt: NOW - 2 });
      await fixture.under((guard) => fixture.snapshots.changeRole(added, 'version', guard, newWork()));
      const changed = await fixture.list();
      expect(changed).toMatchObject([{ role: 'version' }, { role: 'version' }, { role: 'backup' }]);
      expect(changed.map(({ id }) => id)).toEqual([...added, other].map(({ id }) => id));
      expect(await refind(added[0]!)).toEqual(changed[0]);
      expect(await fixture.textOf(changed[0]!)).toBe('1');
      expect(await manifest(changed[0]!)).toMatchObject({ id: added[0]!.id, checksum: checksumOf('1') });
    });

    it('is not given to what is gone, and does not bring it back', async () => {
      const added = [await fixture.add('1'), await fixture.add('2', { createdAt: NOW - 1 })];
      await remove(added[0]!);
      await fixture.under((guard) => fixture.snapshots.changeRole(added, 'version', guard, newWork()));
      expect(await fixture.list()).toMatchObject([{ id: added[1]!.id, role: 'version' }]);
    });
  });

  describe('removing', () => {
    it('takes bytes and manifest, and leaves the others', async () => {
      const added = [await fixture.add('1'), await fixture.add('2', { createdAt: NOW - 1 })];
      const left = await fixture.add('3', { createdAt: NOW - 2 });
      await remove(...added);
      expect(await fixture.list()).toEqual([left]);
      for (const { snapshots } of [fixture.store, await fixture.open()]) {
        await expect(snapshots.read(added[0]!, newWork())).rejects.toMatchObject({ code: 'ERR_BACKUP_NOT_FOUND' });
        expect(await snapshots.manifest(added[0]!, newWork())).toBeUndefined();
        expect(await snapshots.refind(added[0]!, newWork())).toBeUndefined();
      }
      expect(await fixture.snapshots.describedIds(fixture.setOf(), newWork())).toEqual(new Set([left.id]));
    });

    it('is no failure where it is gone already, or nothing is to go', async () => {
      const added = await fixture.add('1');
      await remove(added);
      await remove(added);
      await remove();
      expect(await fixture.list()).toEqual([]);
    });

    it('lets the same snapshot be added once more', async () => {
      const added = await fixture.add('1');
      await remove(added);
      expect(await fixture.add('1')).toEqual(added);
      expect(await fixture.list()).toEqual([added]);
    });

    it('does not touch the configuration or its history', async () => {
      await remove(await fixture.addKept());
      expect(await fixture.text()).toBe('after kept');
      expect((await fixture.store.history(fixture.location, newWork())).changes).toHaveLength(2);
    });
  });

  describe('the archive', () => {
    it('has a copy of the snapshot and its manifest, which stays when that goes', async () => {
      const added = await fixture.add('content', { label: 'x' });
      const told = await manifest(added);
      await archive(added);
      expect(await fixture.list()).toEqual([added]);
      await remove(added);
      expect(await fixture.list()).toEqual([]);
      const [archived] = await fixture.listArchived();
      expect(archived).toMatchObject({ id: added.id, label: 'x', storedBytes: 7 });
      expect(await fixture.textOf(archived!)).toBe('content');
      expect(await manifest(archived!)).toEqual(told);
      expect(await refind(archived!)).toEqual(archived);
    });

    it('may lose it again, and the one that was copied stays', async () => {
      const added = await fixture.add('content');
      await archive(added);
      const [archived] = await fixture.listArchived();
      await remove(archived!);
      expect(await fixture.listArchived()).toEqual([]);
      expect(await refind(archived!)).toBeUndefined();
      expect(await fixture.list()).toEqual([added]);
      expect(await fixture.textOf(added)).toBe('content');
    });

    it('has one copy, however often it is made', async () => {
      const added = await fixture.add('content');
      await archive(added);
      await archive(added);
      expect(await fixture.listArchived()).toHaveLength(1);
    });
  });

  describe('sweeping', () => {
    it('leaves alone what is whole', async () => {
      await fixture.addKept();
      await archive(await fixture.add('content'));
      const before = await fixture.everything();
      await fixture.under((guard) => fixture.snapshots.sweep(fixture.setOf(), guard, newWork()));
      expect(await fixture.everything()).toEqual(before);
    });
  });
}
