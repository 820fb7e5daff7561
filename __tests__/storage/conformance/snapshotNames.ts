/** Ids, keys, names and labels. */
import type { SnapshotFixture } from './snapshotFixture.js';
import { checksumOf, newWork } from './storeFixture.js';

export function describeSnapshotNames(fixture: SnapshotFixture): void {
  describe('the id of a snapshot', () => {
    it('tells the key of its configuration', async () => {
      const { snapshots } = fixture;
      const { key, location } = fixture.setOf();
      expect(location).toEqual(fixture.location);
      expect(snapshots.keyOf((await fixture.add('1')).id)).toBe(key);
      expect(snapshots.keyOf((await fixture.addKept()).id)).toBe(key);
      expect(fixture.setOf(await fixture.locate('second.json')).key).not.toBe(key);
    });

    it('is no foreign text, none with more to it, and no id of a version', async () => {
      const { snapshots, store, location } = fixture;
      const { id } = await fixture.add('1');
      const version = store.versionIds.of(location, { sequence: 1, checksum: checksumOf('1') });
      expect(store.versionIds.parse(id)).toBeUndefined();
      for (const foreign of ['', 'app.json', '../../etc/passwd', `../${id}`, `${id}/x`, `${id}\0`, `${id}x`, version]) {
        expect([foreign, snapshots.keyOf(foreign)]).toEqual([foreign, undefined]);
      }
      for (const foreign of [42, null, undefined, {}, [id]]) expect(snapshots.keyOf(foreign)).toBeUndefined();
    });
  });

  describe('keys', () => {
    it('are those of the configurations that have snapshots', async () => {
      const { snapshots } = fixture;
      const second = await fixture.locate('second.json');
      await fixture.save('1');
      expect(await snapshots.keys(newWork())).toEqual([]);
      await fixture.add('1');
      await fixture.add('1', {}, second);
      const keys = [fixture.setOf().key, fixture.setOf(second).key];
      for (const store of [fixture.store, await fixture.open()]) {
        expect([...(await store.snapshots.keys(newWork()))].sort()).toEqual(keys.sort());
      }
    });

    it('lead to the name of the configuration by its records, or by a manifest alone, in every store', async () => {
      const second = await fixture.locate('second.json');
      await fixture.addKept();
      await fixture.add('1', {}, second);
      for (const location of [fixture.location, second]) {
        const { key } = fixture.setOf(location);
        expect(fixture.snapshots.knownNameOf(key)).toBe(location.name);
        for (const store of [fixture.store, await fixture.open()]) {
          expect(await store.snapshots.nameOf(key, newWork())).toBe(location.name);
        }
      }
    });

    it('lead to no name where there is nothing', async () => {
      const { key } = fixture.setOf();
      expect(await (await fixture.open()).snapshots.nameOf(key, newWork())).toBeUndefined();
    });
  });

  describe('a label', () => {
    it.each(['x', 'before the upgrade', 'v1.2.3', 'ü_+@-'])('may be %j', (label) => {
      expect(() => fixture.snapshots.checkLabel(label)).not.toThrow();
    });

    it.each([
      ['the empty text', ''],
      ['a control character', 'a\nb'],
      ['a very long text', 'x'.repeat(5000)],
      ['a number', 42],
      ['null', null],
      ['nothing', undefined],
    ])('is refused with ERR_INVALID_BACKUP_NAME where it is %s', (_what, label) => {
      const code = 'ERR_INVALID_BACKUP_NAME';
      expect(() => fixture.snapshots.checkLabel(label)).toThrow(expect.objectContaining({ code }));
    });
  });
}
