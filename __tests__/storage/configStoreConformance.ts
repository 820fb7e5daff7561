/**
 * What every `ConfigStore` must do, whatever keeps its data.
 *
 * Call `describeConfigStore` with a factory for fresh data and with what this implementation can be asked for.
 */
import { createHash, randomUUID } from 'node:crypto';
import { ConfigurationFormat } from '../../interfaces/enums.js';
import type {
  ConfigStore,
  ContentChange,
  Location,
  LockLease,
  LockSighting,
  Work,
} from '../../src/storage/port/ConfigStore.js';

/** The data of one test. */
export interface StoreSubject {
  /** Another handle on the same data, as another process would have it. Closed by the subject after the test. */
  open(): Promise<ConfigStore>;
  /** A path that the store accepts. */
  pathOf(name: string): string;
  /** Writes content past the store; only where the capabilities say that it can be done. */
  writeOutside(name: string, text: string): Promise<void>;
  removeOutside(name: string): Promise<void>;
}

export interface SubjectCapabilities {
  /** Content can change without the store. */
  readonly outsideChanges: boolean;
  /** Changes that a history keeps at least; the subject is set up so that its bound can be reached. */
  readonly keptVersions: number;
  /** Shortest lease in milliseconds that the locks keep to. */
  readonly shortestLeaseMs: number;
  /** A number of changes after which the store has tidied up its records at least once. */
  readonly changesUntilTidy: number;
}

const LONG_LEASE_MS = 60_000;

export function newWork(): Work {
  return {
    diskIO: { bytesRead: 0, bytesWritten: 0, readOperations: 0, writeOperations: 0, fsyncOperations: 0 },
    checkpoint: () => undefined,
  };
}

export function contentOf(text: string, fields: Partial<ContentChange> = {}): ContentChange {
  const bytes = Buffer.from(text);
  return {
    bytes,
    checksum: createHash('sha256').update(bytes).digest('hex'),
    format: ConfigurationFormat.JSON,
    operation: 'save',
    time: Date.now(),
    ...fields,
  };
}

/** A holder that believes in its lock whatever happens to it. */
export function brokenLease(): LockLease {
  return {
    lockId: randomUUID(),
    acquiredAt: Date.now(),
    expiresAt: Date.now() + LONG_LEASE_MS,
    needsSweep: () => false,
    setNeedsSweep: () => undefined,
    isHeld: () => true,
    release: () => Promise.resolve(true),
    releaseNow: () => undefined,
  };
}

export async function lockNow(store: ConfigStore, location: Location, leaseMs = LONG_LEASE_MS): Promise<LockLease> {
  const attempt = await store.tryLock(location, leaseMs);
  if (!isLease(attempt)) throw new Error('the lock is not free');
  return attempt;
}

export function isLease(attempt: LockLease | LockSighting): attempt is LockLease {
  return 'release' in attempt;
}

async function commitUnderLock(store: ConfigStore, location: Location, text: string, fields?: Partial<ContentChange>) {
  const lease = await lockNow(store, location);
  try {
    return await store.commit(location, contentOf(text, fields), lease, newWork());
  } finally {
    await lease.release();
  }
}

async function textOf(store: ConfigStore, location: Location): Promise<string | undefined> {
  const { content } = await store.read(location, newWork());
  return content === undefined ? undefined : Buffer.from(content.bytes).toString();
}

function codeOf(reason: unknown): string {
  return (reason as { code: string }).code;
}

export function describeConfigStore(
  name: string,
  createSubject: () => StoreSubject,
  capabilities: SubjectCapabilities,
): void {
  describe(`${name} as a ConfigStore`, () => {
    let subject: StoreSubject;
    let store: ConfigStore;
    let location: Location;

    beforeEach(async () => {
      subject = createSubject();
      store = await subject.open();
      location = await store.locate(subject.pathOf('app.json'), newWork());
    });

    const commit = (text: string, fields?: Partial<ContentChange>) => commitUnderLock(store, location, text, fields);

    describe('reading', () => {
      it('tells that a configuration which nobody has saved is absent, and that it has no history', async () => {
        expect(await store.read(location, newWork())).toMatchObject({ state: 'absent', revision: 0 });
        expect(await store.history(location, newWork())).toEqual([]);
      });

      it('gives back the bytes, the checksum and the revision that were committed', async () => {
        const receipt = await commit('{"a":1}', { user: 'ann' });
        const stored = await store.read(location, newWork());
        expect(stored).toMatchObject({
          state: 'as-saved',
          revision: receipt.revision,
          saved: { revision: receipt.revision, user: 'ann', size: 7, operation: 'save' },
        });
        expect(stored.content?.checksum).toBe(contentOf('{"a":1}').checksum);
        expect(await textOf(store, location)).toBe('{"a":1}');
      });

      it('shows a commit to another handle at once', async () => {
        const other = await subject.open();
        const there = await other.locate(location.given, newWork());
        await commit('1');
        expect(await textOf(other, there)).toBe('1');
        await commit('2');
        expect(await textOf(other, there)).toBe('2');
      });

      it('keeps configurations apart', async () => {
        const second = await store.locate(subject.pathOf('second.json'), newWork());
        await commit('1');
        await commitUnderLock(store, second, '2');
        expect(await textOf(store, location)).toBe('1');
        expect(await textOf(store, second)).toBe('2');
        expect(await store.history(second, newWork())).toHaveLength(1);
      });

      it('holds an empty content apart from no content', async () => {
        await commit('');
        expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved' });
        expect(await textOf(store, location)).toBe('');
      });
    });

    describe('committing', () => {
      it('counts the revisions up and never down', async () => {
        const revisions = [];
        for (const text of ['1', '2', '2', '3']) revisions.push((await commit(text)).revision);
        expect(revisions).toEqual([...revisions].sort((left, right) => left - right));
        expect(new Set(revisions).size).toBe(4);
      });

      it('keeps the time of the first save and its author over later saves', async () => {
        const first = await commit('1', { time: 1000, user: 'ann' });
        const second = await commit('2', { time: 2000, user: 'bob' });
        expect(first.saved).toMatchObject({ createdAt: 1000, createdBy: 'ann', time: 1000 });
        expect(second.saved).toMatchObject({ createdAt: 1000, createdBy: 'ann', time: 2000, user: 'bob' });
      });

      it('commits where the expected checksum is the present one', async () => {
        await commit('1');
        await commit('2', { expectedChecksum: contentOf('1').checksum });
        expect(await textOf(store, location)).toBe('2');
      });

      it.each([
        ['another checksum', contentOf('0').checksum],
        ['no content', null],
      ])('changes nothing and gives ERR_CONFLICT where %s is expected', async (_name, expectedChecksum) => {
        await commit('1');
        await expect(commit('2', { expectedChecksum })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
        expect(await textOf(store, location)).toBe('1');
        expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved', revision: 1 });
      });

      it('takes null as the expectation that there is no content', async () => {
        await commit('1', { expectedChecksum: null });
        expect(await textOf(store, location)).toBe('1');
      });

      it('refuses an expected checksum where there is no content', async () => {
        const { checksum } = contentOf('1');
        await expect(commit('1', { expectedChecksum: checksum })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
        expect(await store.read(location, newWork())).toMatchObject({ state: 'absent' });
      });

      it('changes nothing for a holder that has lost its lock, and says ERR_LOCK_LOST', async () => {
        await commit('1');
        const lost: LockLease = { ...brokenLease(), isHeld: () => false };
        await expect(store.commit(location, contentOf('2'), lost, newWork())).rejects.toMatchObject({
          code: 'ERR_LOCK_LOST',
        });
        expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved', revision: 1 });
        expect(await textOf(store, location)).toBe('1');
        await commit('3');
        expect(await textOf(store, location)).toBe('3');
      });

      it('changes nothing where the work is called off before its commit point', async () => {
        await commit('1');
        const reason = new Error('called off');
        const work: Work = {
          ...newWork(),
          checkpoint: () => {
            throw reason;
          },
        };
        await expect(store.commit(location, contentOf('2'), brokenLease(), work)).rejects.toBe(reason);
        expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved' });
        expect(await textOf(store, location)).toBe('1');
      });
    });

    describe('racing without a working lock', () => {
      it('lets exactly one of two writers commit that saw the same state', async () => {
        const other = await subject.open();
        const there = await other.locate(location.given, newWork());
        await commit('start');
        for (let round = 0; round < 40; round++) {
          const expectedChecksum = (await store.read(location, newWork())).content!.checksum;
          const texts = [`left ${round}`, `right ${round}`] as const;
          const outcomes = await Promise.allSettled([
            store.commit(location, contentOf(texts[0], { expectedChecksum }), brokenLease(), newWork()),
            other.commit(there, contentOf(texts[1], { expectedChecksum }), brokenLease(), newWork()),
          ]);
          const winners = outcomes.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [texts[index]] : []));
          const losers = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [codeOf(outcome.reason)] : []));
          expect(winners).toHaveLength(1);
          expect(['ERR_CONFLICT', 'ERR_LOCK_LOST']).toContain(losers[0]);
          expect(await textOf(store, location)).toBe(winners[0]);
          expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved' });
        }
      });

      it('loses no acknowledged commit: each is in the history, and the last is the content', async () => {
        const handles = [store, await subject.open(), await subject.open()];
        for (let round = 0; round < 10; round++) {
          const acknowledged: number[] = [];
          const outcomes = await Promise.allSettled(
            handles.map(async (handle, index) => {
              const place = await handle.locate(location.given, newWork());
              const change = contentOf(`round ${round} of ${index}`);
              acknowledged.push((await handle.commit(place, change, brokenLease(), newWork())).revision);
            }),
          );
          const failures = outcomes.flatMap((outcome) =>
            outcome.status === 'rejected' ? [codeOf(outcome.reason)] : [],
          );
          expect(failures.filter((code) => !['ERR_CONFLICT', 'ERR_LOCK_LOST'].includes(code))).toEqual([]);
          expect(acknowledged.length).toBeGreaterThan(0);
          const history = await store.history(location, newWork());
          expect(history.map(({ revision }) => revision)).toEqual(expect.arrayContaining(acknowledged));
          expect(await store.read(location, newWork())).toMatchObject({
            state: 'as-saved',
            revision: Math.max(...acknowledged),
          });
        }
      });

      it('never lets a commit and a removal both succeed on one state', async () => {
        const other = await subject.open();
        const there = await other.locate(location.given, newWork());
        for (let round = 0; round < 20; round++) {
          const { checksum } = contentOf(`base ${round}`);
          await commit(`base ${round}`);
          const [saved, removed] = await Promise.allSettled([
            store.commit(location, contentOf('new', { expectedChecksum: checksum }), brokenLease(), newWork()),
            other.remove(there, { time: Date.now(), expectedChecksum: checksum }, brokenLease(), newWork()),
          ]);
          const statuses = [saved.status, removed.status].sort();
          expect(statuses).toEqual(['fulfilled', 'rejected']);
          expect(await textOf(store, location)).toBe(saved.status === 'fulfilled' ? 'new' : undefined);
        }
      });
    });

    describe('removing', () => {
      it('removes the content and keeps the history', async () => {
        await commit('1');
        await store.remove(location, { time: Date.now(), user: 'ann' }, brokenLease(), newWork());
        expect(await store.read(location, newWork())).toMatchObject({ state: 'absent', revision: 2 });
        const history = await store.history(location, newWork());
        expect(history.map(({ record }) => record)).toEqual(['delete', 'save']);
        expect(history[0]).toMatchObject({ user: 'ann' });
      });

      it('says ERR_FILE_NOT_FOUND where there is nothing, and ERR_CONFLICT where something else was expected', async () => {
        const now = { time: Date.now() };
        await expect(store.remove(location, now, brokenLease(), newWork())).rejects.toMatchObject({
          code: 'ERR_FILE_NOT_FOUND',
        });
        await commit('1');
        const { checksum } = contentOf('0');
        await expect(
          store.remove(location, { ...now, expectedChecksum: checksum }, brokenLease(), newWork()),
        ).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
        expect(await textOf(store, location)).toBe('1');
      });

      it('starts anew with the next save: creation time and metadata of before are over', async () => {
        await commit('1', { time: 1000 });
        await store.annotate(location, { time: 1500, fields: { description: 'old' } }, brokenLease(), newWork());
        await store.remove(location, { time: 2000 }, brokenLease(), newWork());
        const receipt = await commit('2', { time: 3000 });
        expect(receipt.saved?.createdAt).toBe(3000);
        expect((await store.read(location, newWork())).userMetadata).toBeUndefined();
      });
    });

    describe('annotating', () => {
      const fields = { description: 'd', tags: ['t'], customFields: { deep: { list: [1, null] } } };

      it('keeps the metadata with the content, over later saves, and replaces what an earlier one set', async () => {
        await commit('1');
        await store.annotate(location, { time: Date.now(), fields: { version: '1.0.0' } }, brokenLease(), newWork());
        const receipt = await store.annotate(location, { time: Date.now(), fields }, brokenLease(), newWork());
        expect(receipt.userMetadata).toEqual(fields);
        expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved', userMetadata: fields });
        const saved = await commit('2');
        expect(saved.userMetadata).toEqual(fields);
        const { userMetadata } = await (await subject.open()).read(location, newWork());
        expect(userMetadata).toEqual(fields);
      });

      it('leaves the content as it is', async () => {
        await commit('1');
        const before = await store.read(location, newWork());
        await store.annotate(location, { time: Date.now(), fields }, brokenLease(), newWork());
        const after = await store.read(location, newWork());
        expect(after.content).toEqual(before.content);
        expect(after.saved).toEqual(before.saved);
      });

      it('says ERR_FILE_NOT_FOUND without content and ERR_CONFLICT for another content than expected', async () => {
        const change = { time: Date.now(), fields };
        await expect(store.annotate(location, change, brokenLease(), newWork())).rejects.toMatchObject({
          code: 'ERR_FILE_NOT_FOUND',
        });
        await commit('1');
        await expect(
          store.annotate(location, { ...change, expectedChecksum: null }, brokenLease(), newWork()),
        ).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
        expect((await store.read(location, newWork())).userMetadata).toBeUndefined();
      });
    });

    describe('history', () => {
      it('lists committed changes newest first, each with its parent', async () => {
        for (const text of ['1', '2', '3']) await commit(text, { description: `state ${text}`, tags: [text] });
        const history = await store.history(location, newWork());
        expect(history.map((record) => (record.record === 'save' ? record.description : record.record))).toEqual([
          'state 3',
          'state 2',
          'state 1',
        ]);
        expect(history.map(({ parent }) => parent)).toEqual([history[1]?.revision, history[2]?.revision, 0]);
      });

      it('does not list what was refused or abandoned', async () => {
        await commit('1');
        const lost: LockLease = { ...brokenLease(), isHeld: () => false };
        await expect(store.commit(location, contentOf('2'), lost, newWork())).rejects.toBeDefined();
        await commit('3');
        const history = await store.history(location, newWork());
        const checksums = history.map((record) => (record.record === 'save' ? record.checksum : ''));
        expect(checksums).toEqual([contentOf('3').checksum, contentOf('1').checksum]);
      });

      it('is bounded, and the newest stay', async () => {
        let newest = 0;
        const count = capabilities.keptVersions + 5;
        for (let index = 0; index < count; index++) newest = (await commit(`content ${index}`)).revision;
        const history = await store.history(location, newWork());
        expect(history).toHaveLength(capabilities.keptVersions);
        expect(history[0]?.revision).toBe(newest);
      });
    });

    describe('tidying up', () => {
      it('keeps content, creation time, metadata and the newest history over many changes', async () => {
        await commit('first', { time: 1000, user: 'ann' });
        await store.annotate(location, { time: 1001, fields: { schema: 's' } }, brokenLease(), newWork());
        for (let index = 0; index < capabilities.changesUntilTidy; index++) {
          await store.commit(location, contentOf(`content ${index}`), brokenLease(), newWork());
        }
        const stored = await (await subject.open()).read(location, newWork());
        expect(stored).toMatchObject({
          state: 'as-saved',
          saved: { createdAt: 1000, createdBy: 'ann' },
          userMetadata: { schema: 's' },
        });
        expect(await store.history(location, newWork())).toHaveLength(capabilities.keptVersions);
      });

      it('lets a handle that looked before it commit afterwards, or conflict, but lose nothing', async () => {
        const stale = await subject.open();
        await commit('base');
        await stale.read(location, newWork());
        for (let index = 0; index < capabilities.changesUntilTidy; index++) {
          await store.commit(location, contentOf(`content ${index}`), brokenLease(), newWork());
        }
        const before = await store.read(location, newWork());
        const receipt = await stale.commit(location, contentOf('from the stale handle'), brokenLease(), newWork());
        expect(receipt.revision).toBeGreaterThan(before.revision);
        expect(await textOf(store, location)).toBe('from the stale handle');
        const history = await store.history(location, newWork());
        expect(history.slice(0, 2).map(({ revision }) => revision)).toEqual([receipt.revision, before.revision]);
      });

      it('is invisible to writers that race with it', async () => {
        const handles = [store, await subject.open()];
        const counts = await Promise.all(
          handles.map(async (handle, index) => {
            let commits = 0;
            for (let turn = 0; turn < capabilities.changesUntilTidy / 2; turn++) {
              const change = contentOf(`${index} ${turn}`);
              const outcome = await Promise.allSettled([handle.commit(location, change, brokenLease(), newWork())]);
              const failure = outcome[0].status === 'rejected' ? codeOf(outcome[0].reason) : '';
              expect(['', 'ERR_CONFLICT', 'ERR_LOCK_LOST']).toContain(failure);
              if (failure === '') commits += 1;
            }
            return commits;
          }),
        );
        expect(Math.max(...counts)).toBeGreaterThan(0);
        expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved' });
        expect(await (await subject.open()).read(location, newWork())).toMatchObject({ state: 'as-saved' });
      });
    });

    describe('stamps', () => {
      it('stay current while nothing changes, and end with a save, a removal and new metadata of anybody', async () => {
        const other = await subject.open();
        const settled = async () => {
          // A stamp that is too young to be trusted counts as not current, so the read is repeated until it is old enough.
          for (;;) {
            const { stamp } = await store.read(location, newWork());
            if (store.isCurrent(location.absolute, stamp)) return stamp;
            await new Promise((resolve) => setTimeout(resolve, 2));
          }
        };
        await commit('1');
        const first = await settled();
        await commitUnderLock(other, location, '2');
        expect(store.isCurrent(location.absolute, first)).toBe(false);
        const second = await settled();
        await other.annotate(location, { time: Date.now(), fields: { schema: 's' } }, brokenLease(), newWork());
        expect(store.isCurrent(location.absolute, second)).toBe(false);
        const third = await settled();
        await other.remove(location, { time: Date.now() }, brokenLease(), newWork());
        expect(store.isCurrent(location.absolute, third)).toBe(false);
      });
    });

    describe('locks', () => {
      it('have one holder at a time, and tell the others who it is', async () => {
        const other = await subject.open();
        const lease = await lockNow(store, location);
        const attempt = await other.tryLock(location, LONG_LEASE_MS);
        expect(isLease(attempt)).toBe(false);
        expect(attempt).toMatchObject({ isLocked: true, lockId: lease.lockId, canBeTaken: false });
        expect(await other.lockStatus(location)).toMatchObject({ isLocked: true, expiresAt: lease.expiresAt });
        expect(await lease.release()).toBe(true);
        expect(await other.lockStatus(location)).toMatchObject({ isLocked: false, canBeTaken: true });
        const next = await lockNow(other, location);
        expect(next.needsSweep()).toBe(false);
        await next.release();
      });

      it('are given to exactly one of many who ask at once', async () => {
        const handles = [store, await subject.open(), await subject.open(), await subject.open()];
        for (let round = 0; round < 20; round++) {
          const attempts = await Promise.all(handles.map((handle) => handle.tryLock(location, LONG_LEASE_MS)));
          const leases = attempts.filter(isLease);
          expect(leases).toHaveLength(1);
          expect(await leases[0]!.release()).toBe(true);
        }
      });

      it('do not keep configurations from each other', async () => {
        const second = await store.locate(subject.pathOf('second.json'), newWork());
        const leases = [await lockNow(store, location), await lockNow(store, second)];
        for (const lease of leases) await lease.release();
      });

      it('are released once, and nobody else is freed by a second release', async () => {
        const lease = await lockNow(store, location);
        expect(await lease.release()).toBe(true);
        const next = await lockNow(store, location);
        expect(await lease.release()).toBe(false);
        expect(next.isHeld()).toBe(true);
        await next.release();
      });

      it('are taken over by exactly one when their lease is over, and the old holder knows', async () => {
        const handles = [await subject.open(), await subject.open(), await subject.open()];
        const old = await lockNow(store, location, capabilities.shortestLeaseMs);
        expect(old.isHeld()).toBe(true);
        while (!(await handles[0]!.lockStatus(location)).canBeTaken)
          await new Promise((resolve) => setTimeout(resolve, 2));
        const attempts = await Promise.all(handles.map((handle) => handle.tryLock(location, LONG_LEASE_MS)));
        const leases = attempts.filter(isLease);
        expect(leases).toHaveLength(1);
        expect(leases[0]!.needsSweep()).toBe(true);
        expect(old.isHeld()).toBe(false);
        expect(await old.release()).toBe(false);
        expect(leases[0]!.isHeld()).toBe(true);
        await expect(store.commit(location, contentOf('late'), old, newWork())).rejects.toMatchObject({
          code: 'ERR_LOCK_LOST',
        });
        expect(await textOf(store, location)).toBeUndefined();
        await leases[0]!.release();
      });
    });

    if (capabilities.outsideChanges) describeOutsideChanges();

    function describeOutsideChanges(): void {
      describe('changes past the store', () => {
        it('are told from saved content, and never-saved content is neither', async () => {
          await subject.writeOutside('app.json', 'by hand');
          expect(await store.read(location, newWork())).toMatchObject({ state: 'untracked', revision: 0 });
          await commit('1');
          await subject.writeOutside('app.json', 'by hand');
          expect(await store.read(location, newWork())).toMatchObject({ state: 'changed-outside', revision: 1 });
          expect(await textOf(store, location)).toBe('by hand');
        });

        it('count as saved again when they bring the saved bytes back', async () => {
          await commit('1');
          await subject.writeOutside('app.json', '2');
          await subject.writeOutside('app.json', '1');
          expect(await store.read(location, newWork())).toMatchObject({ state: 'as-saved' });
        });

        it('are warned about by the save that replaces them, and guarded by the expected checksum', async () => {
          await commit('1');
          await subject.writeOutside('app.json', 'by hand');
          const { checksum } = contentOf('1');
          await expect(commit('2', { expectedChecksum: checksum })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
          expect(await textOf(store, location)).toBe('by hand');
          expect((await commit('2')).warnings).toHaveLength(1);
          expect((await commit('3')).warnings).toEqual([]);
        });

        it('may take the content away: it is absent then, and can be saved again', async () => {
          await commit('1');
          await commit('2');
          await subject.removeOutside('app.json');
          expect(await store.read(location, newWork())).toMatchObject({ state: 'absent' });
          await commit('3');
          expect(await textOf(store, location)).toBe('3');
        });

        it('do not end the history when they take the content away', async () => {
          await commit('1');
          await subject.removeOutside('app.json');
          expect(await store.history(location, newWork())).toMatchObject([{ record: 'save', revision: 1 }]);
        });
      });
    }
  });
}
