/** Names, contents and metadata: what is committed is what is read. */
import { checksumOf, deleteOf, metadataOf, newWork, saveOf, type StoreFixture } from './storeFixture.js';

export function describeContents(fixture: StoreFixture): void {
  const read = () => fixture.store.read(fixture.location, newWork());

  describe('names', () => {
    it('lead to one identity in every store, and different names to different ones', async () => {
      const { store, location } = fixture;
      expect(location.name).toBe(store.nameOf(location.given));
      expect(await fixture.locate('app.json', await fixture.open())).toEqual(location);
      expect((await fixture.locate('second.json')).id).not.toBe(location.id);
    });

    it.each([
      ['the empty text', ''],
      ['a NUL', 'a\0b.json'],
      ['a number', 42],
      ['null', null],
      ['nothing', undefined],
    ])('are refused with ERR_INVALID_FILE_PATH where %s is given for one', async (_what, given) => {
      await expect(fixture.store.resolve(given, newWork())).rejects.toMatchObject({ code: 'ERR_INVALID_FILE_PATH' });
    });
  });

  describe('reading', () => {
    it('tells that a configuration which nobody has saved is absent', async () => {
      expect(await read()).toMatchObject({ state: 'absent', revision: 0 });
      expect(await fixture.store.has(fixture.location, newWork())).toBe(false);
    });

    it('gives back the bytes, the checksum, the revision and the record that were committed', async () => {
      const receipt = await fixture.save('{"a":1}', { user: 'ann', description: 'first', tags: ['x'], source: 's' });
      const stored = await read();
      expect(stored).toMatchObject({
        state: 'as-saved',
        revision: receipt.revision,
        content: { checksum: checksumOf('{"a":1}') },
        saved: {
          kind: 'save',
          user: 'ann',
          size: 7,
          operation: 'save',
          description: 'first',
          tags: ['x'],
          source: 's',
        },
      });
      expect(stored.saved).toEqual(receipt.saved);
      expect(receipt).toMatchObject({ sequence: receipt.saved?.sequence, warnings: [] });
      expect(await fixture.text()).toBe('{"a":1}');
      expect(await fixture.store.has(fixture.location, newWork())).toBe(true);
    });

    it('gives back every byte, and as many as the store allows', async () => {
      const bytes = Uint8Array.from({ length: fixture.capabilities.maxBytes }, (_item, index) => index % 256);
      await fixture.commit(saveOf(bytes));
      expect(Buffer.from((await read()).content!.bytes).equals(bytes)).toBe(true);
    });

    it('shares no bytes with those who save and read', async () => {
      const change = saveOf('1');
      await fixture.commit(change);
      change.bytes.fill(0);
      (await read()).content!.bytes.fill(0);
      expect(await fixture.text()).toBe('1');
    });

    it('shows a commit to another store at once', async () => {
      const store = await fixture.open();
      for (const text of ['1', '2']) {
        await fixture.save(text);
        expect(await fixture.text({ store })).toBe(text);
      }
    });

    it('keeps configurations apart', async () => {
      const location = await fixture.locate('second.json');
      await fixture.save('1');
      await fixture.commit(saveOf('2'), { location });
      expect(await fixture.text()).toBe('1');
      expect(await fixture.text({ location })).toBe('2');
      expect((await fixture.store.history(location, newWork())).changes).toHaveLength(1);
    });

    it('holds an empty content apart from no content', async () => {
      await fixture.save('');
      expect(await read()).toMatchObject({ state: 'as-saved' });
      expect(await fixture.text()).toBe('');
      expect(await fixture.store.has(fixture.location, newWork())).toBe(true);
    });
  });

  describe('saving', () => {
    it('gives each change a higher revision and a higher sequence than the one before', async () => {
      const receipts = [await fixture.save('1'), await fixture.save('1')];
      receipts.push(await fixture.commit(metadataOf({ schema: 's' })), await fixture.commit(deleteOf()));
      receipts.push(await fixture.save('2'));
      for (const field of ['revision', 'sequence'] as const) {
        const numbers = receipts.map((receipt) => receipt[field]);
        expect(numbers).toEqual([...new Set(numbers)].sort((left, right) => left - right));
        expect(numbers[0]).toBeGreaterThan(0);
      }
    });

    it('tells the checksum of the content before', async () => {
      const receipts = [
        await fixture.save('1'),
        await fixture.save('2'),
        await fixture.commit(metadataOf({ schema: 's' })),
      ];
      receipts.push(await fixture.commit(deleteOf()), await fixture.save('3'));
      const [one, two] = [checksumOf('1'), checksumOf('2')];
      expect(receipts.map(({ before }) => before)).toEqual([null, one, two, two, null]);
    });

    it('keeps the time of the first save and its author over later saves', async () => {
      const first = await fixture.save('1', { time: 1000, user: 'ann' });
      const second = await fixture.save('2', { time: 2000, user: 'bob' });
      expect(first.saved).toMatchObject({ createdAt: 1000, createdBy: 'ann', time: 1000, isFirst: true });
      expect(second.saved).toMatchObject({
        createdAt: 1000,
        createdBy: 'ann',
        time: 2000,
        user: 'bob',
        isFirst: false,
      });
    });

    it('takes the state that its caller has just read', async () => {
      await fixture.save('1');
      await fixture.save('2', { seen: (await read()).etag });
      expect(await fixture.text()).toBe('2');
    });
  });

  describe('deleting', () => {
    it('removes the content and keeps the history', async () => {
      await fixture.save('1');
      const receipt = await fixture.commit(deleteOf({ user: 'ann' }));
      expect(receipt.saved).toBeUndefined();
      const stored = await read();
      expect(stored).toMatchObject({ state: 'absent', revision: receipt.revision });
      expect([stored.content, stored.saved]).toEqual([undefined, undefined]);
      expect(await fixture.store.has(fixture.location, newWork())).toBe(false);
      const { changes } = await fixture.store.history(fixture.location, newWork());
      expect(changes).toMatchObject([{ kind: 'delete', user: 'ann', revision: receipt.revision }, { kind: 'save' }]);
    });

    it('starts anew with the next save: creation time and metadata of before are over', async () => {
      await fixture.save('1', { time: 1000 });
      await fixture.commit(metadataOf({ description: 'old' }, { time: 1500 }));
      await fixture.commit(deleteOf({ time: 2000 }));
      const receipt = await fixture.save('2', { time: 3000 });
      expect(receipt.saved).toMatchObject({ createdAt: 3000, isFirst: true });
      expect((await read()).userMetadata).toBeUndefined();
    });
  });

  describe('metadata', () => {
    const fields = { description: 'd', tags: ['t'], customFields: { deep: { list: [1, null] } } };

    it('stay with the content over later saves, and replace what was set before', async () => {
      await fixture.save('1');
      await fixture.commit(metadataOf({ version: '1.0.0' }));
      const receipt = await fixture.commit(metadataOf(fields));
      expect(receipt.userMetadata).toEqual(fields);
      expect(await read()).toMatchObject({ state: 'as-saved', revision: receipt.revision, userMetadata: fields });
      expect((await fixture.save('2')).userMetadata).toEqual(fields);
      const { userMetadata } = await (await fixture.open()).read(fixture.location, newWork());
      expect(userMetadata).toEqual(fields);
    });

    it('leave the content as it is', async () => {
      const { saved } = await fixture.save('1');
      const before = await read();
      const receipt = await fixture.commit(metadataOf(fields));
      const after = await read();
      expect(after.content).toEqual(before.content);
      expect(after.saved).toEqual(saved);
      expect(receipt.saved).toEqual(saved);
    });

    it('do not follow what becomes of the object that they were given as', async () => {
      const given = structuredClone(fields);
      await fixture.save('1');
      await fixture.commit(metadataOf(given));
      given.customFields.deep.list.push(2);
      expect((await read()).userMetadata).toEqual(fields);
    });
  });
}
