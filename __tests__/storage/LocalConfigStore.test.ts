import { join } from 'node:path';
import type { Change, ConfigStore } from '../../src/storage/port/ConfigStore.js';
import { nodeFileOperations } from '../../src/storage/local/io/FileOperations.js';
import { destroyAfterTest, gate, temporaryFolder } from '../support/moduleFixture.js';
import { describeConfigStore } from './configStoreConformance.js';
import { checksumOf, metadataOf, newWork, saveOf } from './conformance/storeFixture.js';
import { createLocalStore, localSubject, type Variation } from './localStores.js';
import { describeSnapshotStore } from './snapshotStoreConformance.js';

const LONG_MS = 60_000;

describeConfigStore('LocalConfigStore', () => localSubject());
describeSnapshotStore('LocalConfigStore', () => localSubject());

describe('a writer that was overtaken and wakes up just when its temporary file is to be cleared away', () => {
  async function open(folder: string, variation?: Variation): Promise<ConfigStore> {
    const store = createLocalStore(folder, variation);
    destroyAfterTest({ destroy: () => store.close() });
    await store.open();
    return store;
  }

  async function commit(store: ConfigStore, path: string, change: Change) {
    const location = await store.resolve(path, newWork());
    const { signal } = new AbortController();
    const lease = await store.locks.acquire(location, { leaseMs: LONG_MS, deadline: performance.now(), signal });
    try {
      return await store.commit(location, change, lease.guard, newWork());
    } finally {
      await lease.release();
    }
  }

  /** The sleeper's rename happens between the other writer's look at the file and its clearing away. */
  async function race(second: Change) {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    const asleep = gate();
    const wake = gate();
    let sleeps = false;
    let slept: Promise<unknown> = Promise.resolve();
    const sleeper = await open(folder, {
      io: {
        ...nodeFileOperations,
        async rename(from, to) {
          if (sleeps && to === path) {
            asleep.open();
            await wake.opened;
          }
          return nodeFileOperations.rename(from, to);
        },
      },
    });
    // It does not see the sleeper's lock, as if that had been taken over without anything being swept.
    const awake = await open(folder, {
      lockDirectory: 'other locks',
      io: {
        ...nodeFileOperations,
        async unlink(removed) {
          wake.open();
          await Promise.allSettled([slept]);
          return nodeFileOperations.unlink(removed);
        },
      },
    });
    await commit(sleeper, path, saveOf('base'));
    sleeps = true;
    slept = commit(sleeper, path, saveOf('sleeper'));
    await asleep.opened;
    const [later] = await Promise.allSettled([commit(awake, path, second)]);
    wake.open();
    const [earlier] = await Promise.allSettled([slept]);
    const observer = await open(folder);
    const location = await observer.resolve(path, newWork());
    const stored = await observer.read(location, newWork());
    const { changes } = await observer.history(location, newWork());
    const checksums = changes.map((change) => (change.kind === 'save' ? change.checksum : change.kind));
    return { earlier, later, stored, checksums };
  }

  it('is not made an outside change by new metadata', async () => {
    const { earlier, stored } = await race(metadataOf({ schema: 's' }));
    expect(stored.state).toBe('as-saved');
    expect(stored.content?.checksum).toBe(checksumOf(earlier.status === 'fulfilled' ? 'sleeper' : 'base'));
  });

  it('does not drop out of the history by another save', async () => {
    const { earlier, stored, checksums } = await race(saveOf('later'));
    expect(stored.state).toBe('as-saved');
    if (earlier.status === 'fulfilled') expect(checksums).toContain(checksumOf('sleeper'));
    else expect(checksums).not.toContain(checksumOf('sleeper'));
  });
});
