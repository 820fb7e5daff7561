/**
 * Races, decided by the store itself.
 *
 * Writers whom no lock keeps apart have stores that do not see each other's locks, where there can be such; elsewhere they
 * share one guard. Either way each of them passes the comparison, so what decides is the revision.
 */
import type { Change, CommitReceipt, ConfigStore } from '../../../src/storage/port/ConfigStore.js';
import type { Guard } from '../../../src/storage/port/Work.js';
import { checksumOf, deleteOf, failureCodes, newWork, saveOf, until, type StoreFixture } from './storeFixture.js';

const LOST = ['ERR_CONFLICT', 'ERR_LOCK_LOST'];

export function describeRaces(fixture: StoreFixture): void {
  const revision = async () => (await fixture.store.read(fixture.location, newWork())).revision;

  /** Makes a change right away. */
  type Writer = (change: Change) => Promise<CommitReceipt>;

  function writerOf(store: ConfigStore, guard: Guard): Writer {
    return (change) => store.commit(fixture.location, change, guard, newWork());
  }

  /** Each of them holds the lock. */
  async function unlockedWriters(count: number): Promise<Writer[]> {
    const writers: Writer[] = [];
    const shared = fixture.subject.createUnlockedStore === undefined ? await fixture.acquire() : undefined;
    for (let index = 0; index < count; index++) {
      const unlocked = fixture.subject.createUnlockedStore?.();
      const store = unlocked === undefined ? fixture.store : await fixture.open(unlocked);
      writers.push(writerOf(store, (shared ?? (await fixture.tryAcquire({ store }))).guard));
    }
    return writers;
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
        const [left, right] = (await unlockedWriters(2)) as [Writer, Writer];
        await left(saveOf('start'));
        for (let round = 0; round < 20; round++) {
          const { content, revision: expectedRevision } = await fixture.store.read(fixture.location, newWork());
          const expected = { expectedRevision, expectedChecksum: content!.checksum };
          const texts = [`left ${round}`, `right ${round}`] as const;
          const changeTo = (text: string) => saveOf(text, { [expectation]: expected[expectation] });
          const outcomes = await Promise.allSettled([left(changeTo(texts[0])), right(changeTo(texts[1]))]);
          const winners = texts.filter((_text, index) => outcomes[index]?.status === 'fulfilled');
          expect(winners).toHaveLength(1);
          expect(LOST).toEqual(expect.arrayContaining(failureCodes(outcomes)));
          await expectAsSaved(winners[0]);
        }
      },
    );

    it('no acknowledged commit is lost: each is in the history, and the last is the content', async () => {
      const writers = await unlockedWriters(3);
      for (let round = 0; round < 10; round++) {
        const outcomes = await Promise.allSettled(
          writers.map((write, index) => write(saveOf(`round ${round} of ${index}`))),
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
      const [left, right] = (await unlockedWriters(2)) as [Writer, Writer];
      for (let round = 0; round < 20; round++) {
        await left(saveOf(`base ${round}`));
        const expectedChecksum = checksumOf(`base ${round}`);
        const [saved, removed] = await Promise.allSettled([
          left(saveOf('new', { expectedChecksum })),
          right(deleteOf({ expectedChecksum })),
        ]);
        expect([saved.status, removed.status].sort()).toEqual(['fulfilled', 'rejected']);
        await expectAsSaved(saved.status === 'fulfilled' ? 'new' : undefined);
      }
    });

    it('the tidying of the records is not noticed', async () => {
      const writers = await unlockedWriters(2);
      const counts = await Promise.all(
        writers.map(async (write, index) => {
          let commits = 0;
          for (let turn = 0; turn < fixture.subject.changesUntilTidy / 2; turn++) {
            const outcomes = await Promise.allSettled([write(saveOf(`${index} ${turn}`))]);
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
        const late = () => writerOf(fixture.store, old.guard)(saveOf('late', { expectedRevision }));
        const takeOver = async () => {
          const lease = await fixture.tryAcquire({ store });
          return { lease, commit: writerOf(store, lease.guard)(saveOf('new', { expectedRevision })) };
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
        await writerOf(store, lease.guard)(saveOf('after'));
        await expectAsSaved('after');
        await lease.release();
      }
    });
  });
}
