/** Changes past the store, where there can be any. */
import { checksumOf, newWork, type StoreFixture } from './storeFixture.js';

export function describeOutsideChanges(fixture: StoreFixture): void {
  const changeOutside = (text?: string) => fixture.subject.changeOutside!('app.json', text);
  const read = () => fixture.store.read(fixture.location, newWork());

  describe('changes past the store', () => {
    it('are told from saved content, and never-saved content is neither', async () => {
      await changeOutside('by hand');
      expect(await read()).toMatchObject({ state: 'untracked', revision: 0 });
      const { revision } = await fixture.save('1');
      await changeOutside('by hand');
      expect(await read()).toMatchObject({ state: 'changed-outside', revision });
      expect(await fixture.text()).toBe('by hand');
    });

    it('count as saved again when they bring the saved bytes back', async () => {
      await fixture.save('1');
      await changeOutside('2');
      await changeOutside('1');
      expect(await read()).toMatchObject({ state: 'as-saved' });
    });

    it('are warned about by the save that replaces them, and guarded by the expected checksum', async () => {
      await fixture.save('1');
      await changeOutside('by hand');
      const refused = fixture.save('2', { expectedChecksum: checksumOf('1') });
      await expect(refused).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
      expect(await fixture.text()).toBe('by hand');
      const receipt = await fixture.save('2');
      expect(receipt.warnings).toHaveLength(1);
      expect(receipt.before).toBe(checksumOf('by hand'));
      expect((await fixture.save('3')).warnings).toEqual([]);
    });

    it('end the currency of what was read', async () => {
      await fixture.save('1');
      const { etag } = await read();
      await changeOutside('by hand');
      expect(await fixture.store.isCurrent(fixture.location, etag)).toBe(false);
    });

    it('are kept where they cannot be read, whatever the change asks for, and only as what they are where they can', async () => {
      const { snapshots } = fixture.store;
      await fixture.save('1');
      await changeOutside('{broken');
      expect((await fixture.save('2')).kept?.role).toBe('quarantine');
      await changeOutside('3');
      expect((await fixture.save('4')).kept).toBeUndefined();
      await changeOutside('5');
      const { kept } = await fixture.save('6', { keep: 'backup' });
      const [newest] = await snapshots.list(snapshots.setOf(fixture.location), newWork());
      expect(newest).toMatchObject({ id: kept!.id, role: 'backup', sequence: 0 });
    });

    it('may take the content away: it is absent then, and can be saved again', async () => {
      await fixture.save('1');
      await fixture.save('2');
      await changeOutside();
      expect(await read()).toMatchObject({ state: 'absent' });
      expect(await fixture.store.has(fixture.location, newWork())).toBe(false);
      await fixture.save('3');
      expect(await fixture.text()).toBe('3');
    });

    it('do not end the history when they take the content away', async () => {
      const { saved } = await fixture.save('1');
      await changeOutside();
      expect((await fixture.store.history(fixture.location, newWork())).changes).toEqual([saved]);
    });
  });
}
