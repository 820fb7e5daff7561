/** What is added is what is listed, read and told. */
import { hasContent, type SnapshotDraft, type SnapshotRole } from '../../../src/storage/port/Snapshot.js';
import { draftOf, NOW, type SnapshotFixture } from './snapshotFixture.js';
import { checksumOf, newWork } from './storeFixture.js';

const ROLES: readonly SnapshotRole[] = ['backup', 'version', 'quarantine'];
const PACKINGS = [0, 1, 2, 3].map((bits) => ({ isCompressed: (bits & 1) === 1, isEncrypted: (bits & 2) === 2 }));

export function describeSnapshotContents(fixture: SnapshotFixture): void {
  describe('a new snapshot', () => {
    it('is listed and read as it was added, with its manifest, in every store', async () => {
      const added = await fixture.add('content');
      const { checksum, ...facts } = draftOf('content');
      expect(added).toMatchObject({ ...facts, storedBytes: 7 });
      expect(hasContent(added, checksum)).toBe(true);
      expect(hasContent(added, checksumOf('other'))).toBe(false);
      for (const { snapshots } of [fixture.store, await fixture.open()]) {
        expect(await snapshots.list(snapshots.setOf(fixture.location), newWork())).toEqual([added]);
        expect(Buffer.from(await snapshots.read(added, newWork())).toString()).toBe('content');
        expect(await snapshots.manifest(added, newWork())).toMatchObject(fixture.manifestOf(draftOf('content')));
        expect(await snapshots.refind(added, newWork())).toEqual(added);
      }
    });

    it('has the id that its draft tells, whatever its packing will be', async () => {
      const packed = { isCompressed: true, isEncrypted: true };
      const id = fixture.snapshots.draftId(fixture.setOf(), draftOf('content'));
      expect(fixture.snapshots.draftId(fixture.setOf(), draftOf('content', packed))).toBe(id);
      expect((await fixture.add('content', packed)).id).toBe(id);
    });

    it('has another id by another time, sequence, content or configuration', async () => {
      const drafts: SnapshotDraft[] = [
        draftOf('content'),
        draftOf('content', { createdAt: NOW + 1 }),
        draftOf('content', { sequence: 2 }),
        draftOf('other'),
      ];
      const ids = drafts.map((draft) => fixture.snapshots.draftId(fixture.setOf(), draft));
      const second = fixture.setOf(await fixture.locate('second.json'));
      ids.push(fixture.snapshots.draftId(second, draftOf('content')));
      expect(new Set(ids).size).toBe(5);
    });

    it('tells every role, label and packing again', async () => {
      const labels = [undefined, 'before the upgrade', 'a.b'];
      let createdAt = NOW;
      const added = [];
      for (const role of ROLES) {
        for (const packing of PACKINGS) {
          const label = labels[createdAt % labels.length];
          createdAt += 1;
          const facts = { createdAt, role, ...packing, isAutomatic: label === undefined };
          added.push(await fixture.add('content', label === undefined ? facts : { ...facts, label }));
        }
      }
      expect(await fixture.list()).toEqual(added.reverse());
    });

    it('shares no bytes with those who add and read it, and follows no manifest that was given', async () => {
      const draft = draftOf('content');
      const bytes = Buffer.from('content');
      const manifest = fixture.manifestOf(draft, { tags: ['a'] });
      const snapshot = await fixture.under((guard) =>
        fixture.snapshots.add(fixture.setOf(), { draft, bytes, manifest }, guard, newWork()),
      );
      bytes.fill(0);
      (manifest.tags as string[]).push('b');
      (await fixture.snapshots.read(snapshot, newWork())).fill(0);
      expect(await fixture.textOf(snapshot)).toBe('content');
      expect((await fixture.snapshots.manifest(snapshot, newWork()))!.tags).toEqual(['a']);
    });

    it('may be empty', async () => {
      expect(await fixture.textOf(await fixture.add(''))).toBe('');
    });
  });

  describe('the list', () => {
    it('is empty where nothing is kept', async () => {
      expect([await fixture.list(), await fixture.listArchived()]).toEqual([[], []]);
      expect(await fixture.snapshots.describedIds(fixture.setOf(), newWork())).toEqual(new Set());
    });

    it('goes by the time, newest first, and by the sequence where the time is the same', async () => {
      const older = await fixture.add('1', { createdAt: NOW - 1, sequence: 9 });
      const second = await fixture.add('2', { sequence: 10 });
      const first = await fixture.add('3', { sequence: 9 });
      const newer = await fixture.add('4', { createdAt: NOW + 1, sequence: 1 });
      expect(await fixture.list()).toEqual([newer, second, first, older]);
    });

    it('is one for each configuration, and found by its key alone', async () => {
      const second = await fixture.locate('second.json');
      const added = [await fixture.add('1'), await fixture.add('1', {}, second)];
      expect(await fixture.list()).toEqual([added[0]]);
      expect(await fixture.list(second)).toEqual([added[1]]);
      const { key } = fixture.setOf(second);
      expect(await fixture.snapshots.list({ key }, newWork())).toEqual([added[1]]);
    });
  });

  describe('a manifest', () => {
    it('is missing where a change has kept the content, until the snapshot is described', async () => {
      const kept = await fixture.addKept();
      const added = await fixture.add('content');
      const { snapshots } = fixture;
      expect(await snapshots.manifest(kept, newWork())).toBeUndefined();
      expect(await snapshots.describedIds(fixture.setOf(), newWork())).toEqual(new Set([added.id]));
      const manifest = { ...fixture.manifestOf(draftOf('kept')), id: kept.id, description: 'd', user: 'ann' };
      await fixture.under((guard) =>
        snapshots.describe(fixture.setOf(), [{ snapshot: kept, manifest }], guard, newWork()),
      );
      expect(await snapshots.manifest(kept, newWork())).toMatchObject(manifest);
      expect(await snapshots.describedIds(fixture.setOf(), newWork())).toEqual(new Set([added.id, kept.id]));
    });

    it('is replaced by a newer description, for many at once', async () => {
      const added = [];
      for (let index = 0; index < 20; index++) added.push(await fixture.add(`${index}`, { createdAt: NOW + index }));
      const described = added.map((snapshot, index) => ({
        snapshot,
        manifest: {
          ...fixture.manifestOf(draftOf(`${index}`)),
          id: snapshot.id,
          isReadable: false,
          verifiedAt: NOW + 5,
        },
      }));
      await fixture.under((guard) => fixture.snapshots.describe(fixture.setOf(), described, guard, newWork()));
      for (const { snapshot, manifest } of described) {
        expect(await fixture.snapshots.manifest(snapshot, newWork())).toMatchObject(manifest);
      }
    });

    it('is none where it tells of another content', async () => {
      const added = await fixture.add('content');
      const manifest = { ...fixture.manifestOf(draftOf('other')), id: added.id };
      await fixture.under((guard) =>
        fixture.snapshots.describe(fixture.setOf(), [{ snapshot: added, manifest }], guard, newWork()),
      );
      expect(await fixture.snapshots.manifest(added, newWork())).toBeUndefined();
    });
  });
}
