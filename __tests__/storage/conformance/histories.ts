/** What the records tell: histories, ids of versions, the list of configurations, and whether a state is still current. */
import {
  checksumOf,
  collect,
  deleteOf,
  metadataOf,
  newWork,
  saveOf,
  until,
  type StoreFixture,
} from './storeFixture.js';

export function describeHistories(fixture: StoreFixture): void {
  const history = async (maxVersions?: number) =>
    (await fixture.store.history(fixture.location, newWork(), maxVersions)).changes;

  /** Under one lock, as a writer that saves again and again. */
  async function saveMany(count: number): Promise<void> {
    const lease = await fixture.acquire();
    for (let index = 0; index < count; index++) {
      await fixture.store.commit(fixture.location, saveOf(`content ${index}`), lease.guard, newWork());
    }
    await lease.release();
  }

  describe('a history', () => {
    it('is empty and complete before the first change', async () => {
      expect(await fixture.store.history(fixture.location, newWork())).toEqual({ changes: [], isComplete: true });
    });

    it('lists what was committed, newest first', async () => {
      const saved = await fixture.save('1', { description: 'first' });
      const metadata = await fixture.commit(metadataOf({ schema: 's' }, { user: 'ann' }));
      const removed = await fixture.commit(deleteOf({ user: 'bob' }));
      const { changes, isComplete } = await fixture.store.history(fixture.location, newWork());
      expect(isComplete).toBe(true);
      expect(changes).toMatchObject([
        { kind: 'delete', user: 'bob', revision: removed.revision, sequence: removed.sequence },
        { kind: 'metadata', user: 'ann', fields: { schema: 's' }, sequence: metadata.sequence },
        saved.saved,
      ]);
      expect(changes).toHaveLength(3);
    });

    it('does not list what was refused', async () => {
      await fixture.save('1');
      await expect(fixture.save('2', { expectedChecksum: null })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
      await fixture.save('3');
      expect(await history()).toMatchObject([{ checksum: checksumOf('3') }, { checksum: checksumOf('1') }]);
    });

    it('leads back over as many versions as are asked for, and over what came after the oldest of them', async () => {
      for (const text of ['1', '2', '3']) await fixture.save(text);
      await fixture.commit(metadataOf({ schema: 's' }));
      expect(await history(0)).toMatchObject([{ kind: 'metadata' }]);
      expect(await history(2)).toMatchObject([
        { kind: 'metadata' },
        { checksum: checksumOf('3') },
        { checksum: checksumOf('2') },
      ]);
      expect(await history(100)).toHaveLength(4);
    });

    it('is bounded by itself: the newest versions stay, and what is cleared away is not lost', async () => {
      const { keptVersions } = fixture.subject;
      await saveMany(keptVersions + 5);
      const { revision, saved } = await fixture.save('newest');
      const { changes, isComplete, completeSince } = await fixture.store.history(fixture.location, newWork());
      expect(changes).toHaveLength(keptVersions);
      expect(changes[0]).toEqual(saved);
      expect(saved?.revision).toBe(revision);
      expect([isComplete, completeSince]).toEqual([true, undefined]);
    });

    it('is the same in every store', async () => {
      await fixture.save('1');
      await fixture.commit(metadataOf({ schema: 's' }));
      const other = await fixture.open();
      expect((await other.history(fixture.location, newWork())).changes).toEqual(await history());
    });
  });

  describe('tidying up', () => {
    it('keeps content, creation time, metadata and the newest history over many changes', async () => {
      await fixture.save('first', { time: 1000, user: 'ann' });
      await fixture.commit(metadataOf({ schema: 's' }, { time: 1001 }));
      await saveMany(fixture.subject.changesUntilTidy);
      const stored = await (await fixture.open()).read(fixture.location, newWork());
      expect(stored).toMatchObject({
        state: 'as-saved',
        saved: { createdAt: 1000, createdBy: 'ann' },
        userMetadata: { schema: 's' },
      });
      expect(await history()).toHaveLength(fixture.subject.keptVersions);
    });

    it('lets a store that looked before it commit afterwards', async () => {
      const stale = await fixture.open();
      await fixture.save('base');
      await stale.read(fixture.location, newWork());
      await saveMany(fixture.subject.changesUntilTidy);
      const before = await fixture.store.read(fixture.location, newWork());
      const receipt = await fixture.commit(saveOf('from the stale store'), { store: stale });
      expect(receipt.revision).toBeGreaterThan(before.revision);
      expect(await fixture.text()).toBe('from the stale store');
      expect((await history()).slice(0, 2)).toEqual([receipt.saved, before.saved]);
    });
  });

  describe('a state', () => {
    it('is current while nothing changes, and no more after any change by anybody', async () => {
      const store = await fixture.open();
      const settled = async () => {
        // A state that is too young to be trusted counts as not current, so it is read again until it is old enough.
        let { etag } = await fixture.store.read(fixture.location, newWork());
        await until(async () => {
          ({ etag } = await fixture.store.read(fixture.location, newWork()));
          return fixture.store.isCurrent(fixture.location, etag);
        });
        return etag;
      };
      await fixture.save('1');
      for (const change of [saveOf('2'), saveOf('2'), metadataOf({ schema: 's' }), deleteOf()]) {
        const etag = await settled();
        const receipt = await fixture.commit(change, { store });
        expect(await fixture.store.isCurrent(fixture.location, etag)).toBe(false);
        expect(await fixture.store.isCurrent(fixture.location, undefined)).toBe(false);
        if (change.kind === 'delete') return;
        await fixture.save('3');
        expect(await store.isCurrent(fixture.location, receipt.etag)).toBe(false);
      }
    });
  });

  describe('the list of configurations', () => {
    it('names each that there are records of once, in every store', async () => {
      expect(await collect(fixture.store.list(newWork()))).toEqual([]);
      const second = await fixture.locate('second.json');
      await fixture.save('1');
      await fixture.save('2');
      await fixture.commit(saveOf('1'), { location: second });
      for (const store of [fixture.store, await fixture.open()]) {
        const names = await collect(store.list(newWork()));
        expect(names.sort()).toEqual([fixture.location.name, second.name].sort());
      }
    });

    it('names one that was removed, whose history is still there, and none that was only looked at or locked', async () => {
      await fixture.save('1');
      await fixture.commit(deleteOf());
      const second = await fixture.locate('second.json');
      await fixture.store.read(second, newWork());
      await (await fixture.acquire({}, { location: second })).release();
      expect(await collect(fixture.store.list(newWork()))).toEqual([fixture.location.name]);
    });
  });

  describe('the id of a version', () => {
    const version = async () => (await fixture.save('1')).saved!;

    it('tells the configuration, the sequence and the start of the checksum', async () => {
      const { store, location } = fixture;
      const saved = await version();
      const reference = store.versionIds.parse(store.versionIds.of(location, saved));
      expect(reference?.sequence).toBe(saved.sequence);
      expect(reference?.checksumStart).toMatch(/^[0-9a-f]{8,}$/u);
      expect(saved.checksum.startsWith(reference!.checksumStart)).toBe(true);
      expect(store.versionIds.knownNameOf(reference!.key)).toBe(location.name);
      for (const asked of [store, await fixture.open()]) {
        expect(await asked.versionIds.nameOf(reference!.key, newWork())).toBe(location.name);
      }
    });

    it('differs by configuration, sequence and content', async () => {
      const { store, location } = fixture;
      const saved = await version();
      const ids = [
        store.versionIds.of(location, saved),
        store.versionIds.of(await fixture.locate('second.json'), saved),
        store.versionIds.of(location, { ...saved, sequence: saved.sequence + 1 }),
        store.versionIds.of(location, { ...saved, checksum: checksumOf('2') }),
      ];
      expect(new Set(ids).size).toBe(ids.length);
    });

    it('is no foreign text, and none with more to it', async () => {
      const { store, location } = fixture;
      const id = store.versionIds.of(location, await version());
      for (const foreign of ['', 'app.json', '../../etc/passwd', `../${id}`, `${id}/x`, `${id}\0`, `${id}g`]) {
        expect([foreign, store.versionIds.parse(foreign)]).toEqual([foreign, undefined]);
      }
      for (const foreign of [42, null, undefined, {}, [id]]) expect(store.versionIds.parse(foreign)).toBeUndefined();
    });

    it('leads to no name where there is nothing recorded', async () => {
      const { store } = fixture;
      const id = store.versionIds.of(await fixture.locate('second.json'), { sequence: 1, checksum: checksumOf('1') });
      const { key } = store.versionIds.parse(id)!;
      expect(await (await fixture.open()).versionIds.nameOf(key, newWork())).toBeUndefined();
    });
  });
}
