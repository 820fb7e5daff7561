/**
 * Races, decided by the store itself.
 *
 * Writers that hold one guard together stand for those whom no lock keeps apart: each of them passes its comparison, so what
 * decides is the revision, whether the store compares the guard in the commit or before it.
 */
import type { Change, CommitReceipt } from '../../../src/storage/port/ConfigStore.js';
import type { Guard } from '../../../src/storage/port/Work.js';
import { checksumOf, deleteOf, failureCodes, newWork, saveOf, until, type StoreFixture } from './storeFixture.js';

const LOST = ['ERR_CONFLICT', 'ERR_LOCK_LOST'];

export function describeRaces(fixture: StoreFixture): void {
  const revision = async () => (await fixture.store.read(fixture.location, newWork())).revision;

  function under(guard: Guard, store = fixture.store): (change: Change) => Promise<CommitReceipt> {
    return (change) => store.commit(fixture.location, change, guard, newWork());
  }

  async function expectAsSaved(text: string | undefined): Promise<void> {
    expect(await fixture.text()).toBe(text);
    const state = text === undefined ? 'absent' : 'as-saved';
    for (const store of [fixture.store, await fixture.open()]) {
      expect(await store.read(fixture.location, newWork())).toMatchObject({ state });
    }
  }

  describe('racing without a lock that keeps them apart', () => {
    it.each(['expectedRevision', 'expectedChecksum'] as const)(
      'exactly one of two writers commits that saw the same state, told by %s',
      async (expectation) => {
        const store = await fixture.open();
        const { guard } = await fixture.acquire();
        await under(guard)(saveOf('start'));
        for (let round = 0; round < 20; round++) {
          const { content, revision: expectedRevision } = await fixture.store.read(fixture.location, newWork());
          const expected = { expectedRevision, expectedChecksum: content!.checksum };
          const texts = [`left ${round}`, `right ${round}`] as const;
          const changeTo = (text: string) => saveOf(text, { [expectation]: expected[expectation] });
          const outcomes = await Promise.allSettled([
            under(guard)(changeTo(texts[0])),
            under(guard, store)(changeTo(texts[1])),
          ]);
          const winners = texts.filter((_text, index) => outcomes[index]?.status === 'fulfilled');
          expect(winners).toHaveLength(1);
          expect(LOST).toEqual(expect.arrayContaining(failureCodes(outcomes)));
          await expectAsSaved(winners[0]);
        }
      },
    );

    it('no acknowledged commit is lost: each is in the history, and the last is the content', async () => {
      const stores = [fixture.store, await fixture.open(), await fixture.open()];
      const { guard } = await fixture.acquire();
      for (let round = 0; round < 10; round++) {
        const outcomes = await Promise.allSettled(
          stores.map((store, index) => under(guard, store)(saveOf(`round ${round} of ${index}`))),
        );
        const receipts = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
        expect(LOST).toEqual(expect.arrayContaining(failureCodes(outcomes)));
        expect(receipts.length).toBeGreaterThan(0);
        const revisions = receipts.map((receipt) => receipt.revision);
        expect(new Set(revisions).size).toBe(receipts.length);
        const { changes } = await fixture.store.history(fixture.location, newWork());
        expect(changes).toEqual(expect.arrayContaining(receipts.map(({ saved }) => saved)));
        expect(await fixture.store.read(fixture.location, newWork())).toMatchObject({
          state: 'as-saved',
          revision: Math.max(...revisions),
        });
      }
    });

    it('a save and a removal never both succeed on one state', async () => {
      const store = await fixture.open();
      const { guard } = await fixture.acquire();
      for (let round = 0; round < 20; round++) {
        await under(guard)(saveOf(`base ${round}`));
        const expectedChecksum = checksumOf(`base ${round}`);
        const [saved, removed] = await Promise.allSettled([
          under(guard)(saveOf('new', { expectedChecksum })),
          under(guard, store)(deleteOf({ expectedChecksum })),
        ]);
        expect([saved.status, removed.status].sort()).toEqual(['fulfilled', 'rejected']);
        await expectAsSaved(saved.status === 'fulfilled' ? 'new' : undefined);
      }
    });

    it('the tidying of the records is not noticed', async () => {
      const stores = [fixture.store, await fixture.open()];
      const { guard } = await fixture.acquire();
      const counts = await Promise.all(
        stores.map(async (store, index) => {
          let commits = 0;
          for (let turn = 0; turn < fixture.subject.changesUntilTidy / 2; turn++) {
            const outcomes = await Promise.allSettled([under(guard, store)(saveOf(`${index} ${turn}`))]);
            expect(LOST).toEqual(expect.arrayContaining(failureCodes(outcomes)));
            if (outcomes[0].status === 'fulfilled') commits += 1;
          }
          return commits;
        }),
      );
      expect(Math.max(...counts)).toBeGreaterThan(0);
      await expectAsSaved(await fixture.text());
    });
  });

  describe('racing with a holder whose lease is over', () => {
    it.each(['the late holder first', 'the new holder first'])('never lets both commit (%s)', async (order) => {
      for (let round = 0; round < 4; round++) {
        await fixture.save('base');
        const expectedRevision = await revision();
        const store = await fixture.open();
        const old = await fixture.acquire({ leaseMs: fixture.subject.shortestLeaseMs });
        await until(async () => (await fixture.store.locks.status(fixture.location, newWork())).canBeTaken);
        const late = () => under(old.guard)(saveOf('late', { expectedRevision }));
        const takeOver = async () => {
          const lease = await fixture.tryAcquire({ store });
          return { lease, commit: under(lease.guard, store)(saveOf('new', { expectedRevision })) };
        };
        const isLateFirst = order.startsWith('the late');
        const begun = isLateFirst ? late() : undefined;
        const taking = takeOver();
        const [lateOutcome, newOutcome] = await Promise.allSettled([
          begun ?? late(),
          taking.then(({ commit }) => commit),
        ]);
        const outcomes = [lateOutcome, newOutcome];
        expect(LOST).toEqual(expect.arrayContaining(failureCodes(outcomes)));
        const winners = ['late', 'new'].filter((_text, index) => outcomes[index]?.status === 'fulfilled');
        if (fixture.capabilities.guard === 'in-commit') expect(winners).toHaveLength(1);
        else expect(winners.length).toBeLessThanOrEqual(1);
        await expectAsSaved(winners[0] ?? 'base');
        // Whatever became of the race, the lock's new holder can go on.
        const { lease } = await taking;
        await under(lease.guard, store)(saveOf('after'));
        await expectAsSaved('after');
        await lease.release();
      }
    });
  });
}
