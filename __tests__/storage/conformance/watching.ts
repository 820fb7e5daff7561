/** Events of committed changes, where the store has them. */
import type { StoreEvent, WatchRequest } from '../../../src/storage/port/ConfigStore.js';
import { collect, deleteOf, metadataOf, saveOf, type StoreFixture } from './storeFixture.js';

export function describeWatching(fixture: StoreFixture): void {
  let ending: AbortController;

  beforeEach(() => {
    ending = new AbortController();
  });

  afterEach(() => {
    ending.abort();
  });

  const watch = (request: Partial<WatchRequest> = {}, store = fixture.store) =>
    store.watch!({ signal: ending.signal, ...request })[Symbol.asyncIterator]();

  async function next(events: AsyncIterator<StoreEvent>, count: number): Promise<StoreEvent[]> {
    const told: StoreEvent[] = [];
    while (told.length < count) {
      const { done, value } = await events.next();
      if (done === true) break;
      told.push(value);
    }
    return told;
  }

  describe('watching', () => {
    it('tells every change from now on, by whomever, in the order of the revisions', async () => {
      const store = await fixture.open();
      await fixture.save('before');
      const events = watch();
      const receipts = [await fixture.save('1'), await fixture.commit(saveOf('2'), { store })];
      receipts.push(await fixture.commit(metadataOf({ schema: 's' }), { store }), await fixture.commit(deleteOf()));
      const { id, name } = fixture.location;
      const kinds = ['changed', 'changed', 'changed', 'deleted'];
      expect(await next(events, 4)).toMatchObject(
        receipts.map(({ revision }, index) => ({ location: { id, name }, kind: kinds[index], revision })),
      );
    });

    it('tells a change that comes while somebody waits for it', async () => {
      const waiting = next(watch(), 1);
      const { revision } = await fixture.save('1');
      expect(await waiting).toMatchObject([{ kind: 'changed', revision }]);
    });

    it('goes on after a revision, and leaves nothing out and tells nothing twice', async () => {
      const receipts = [];
      for (const text of ['1', '2', '3']) receipts.push(await fixture.save(text));
      for (const [index, { revision }] of receipts.entries()) {
        const events = watch({ after: revision }, await fixture.open());
        const later = receipts.slice(index + 1);
        expect(await next(events, later.length)).toMatchObject(
          later.map((receipt) => ({ revision: receipt.revision })),
        );
      }
      const { revision } = receipts.at(-1)!;
      const waiting = next(watch({ after: revision }), 1);
      const newest = await fixture.save('4');
      expect(await waiting).toMatchObject([{ revision: newest.revision }]);
    });

    it('tells everything after 0', async () => {
      const { revision } = await fixture.save('1');
      expect(await next(watch({ after: 0 }), 1)).toMatchObject([{ kind: 'changed', revision }]);
    });

    it('tells the changes of all configurations', async () => {
      const second = await fixture.locate('second.json');
      const events = watch();
      await fixture.save('1');
      await fixture.commit(saveOf('1'), { location: second });
      const told = await next(events, 2);
      expect(told.map(({ location }) => location.id)).toEqual([fixture.location.id, second.id]);
      if (fixture.capabilities.revisions === 'store-wide')
        expect(told[1]!.revision).toBeGreaterThan(told[0]!.revision!);
    });

    it('tells each of several watchers everything', async () => {
      const watchers = [watch(), watch({}, await fixture.open())];
      await fixture.save('1');
      await fixture.save('2');
      const [left, right] = await Promise.all(watchers.map((events) => next(events, 2)));
      expect(left).toEqual(right);
    });

    it('does not tell what was refused', async () => {
      const events = watch();
      await expect(fixture.save('1', { expectedRevision: 5 })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
      const { revision } = await fixture.save('2');
      expect(await next(events, 1)).toMatchObject([{ revision }]);
    });

    it('ends with its signal, without an error', async () => {
      const waiting = watch().next();
      ending.abort();
      expect(await waiting).toMatchObject({ done: true });
      expect(await collect(fixture.store.watch!({ signal: AbortSignal.abort() }))).toEqual([]);
    });
  });
}
