import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Change, ConfigStore } from '../../src/storage/port/ConfigStore.js';
import { nodeFileOperations, type FileOperations } from '../../src/storage/local/io/FileOperations.js';
import { LocalConfigStore } from '../../src/storage/local/LocalConfigStore.js';
import { PathGuard } from '../../src/storage/local/paths/PathGuard.js';
import { destroyAfterTest, gate, temporaryFolder } from '../support/moduleFixture.js';
import { describeConfigStore, type StoreSubject } from './configStoreConformance.js';
import { checksumOf, metadataOf, newWork, saveOf } from './conformance/storeFixture.js';
import { describeSnapshotStore } from './snapshotStoreConformance.js';

const KEPT_VERSIONS = 40;
const LONG_MS = 60_000;
let lastNumber = 0;

interface Variation {
  readonly io?: FileOperations;
  readonly lockDirectory?: string;
}

function createStore(folder: string, { io = nodeFileOperations, lockDirectory = 'locks' }: Variation = {}) {
  lastNumber += 1;
  return new LocalConfigStore(io, {
    metadataDirectory: join(folder, 'metadata'),
    lockDirectory: join(folder, lockDirectory),
    backupDirectory: join(folder, 'backups'),
    archiveDirectory: join(folder, 'archive'),
    pathGuard: new PathGuard([folder]),
    modes: {
      configFile: 0o600,
      configDirectory: 0o700,
      metadataFile: 0o600,
      metadataDirectory: 0o700,
      lockFile: 0o600,
      lockDirectory: 0o700,
      backupFile: 0o600,
      backupDirectory: 0o700,
    },
    maxBytes: 1024,
    keptVersions: KEPT_VERSIONS,
    mayWriteInPlace: false,
    probe: isJson,
    process: { pid: process.pid, host: 'test-host', module: `store-${lastNumber}` },
  });
}

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(Buffer.from(bytes).toString());
    return true;
  } catch {
    return false;
  }
}

function localSubject(): StoreSubject {
  const folder = temporaryFolder();
  let unlocked = 0;
  return {
    createStore: () => createStore(folder),
    createUnlockedStore: () => {
      unlocked += 1;
      return createStore(folder, { lockDirectory: `locks of ${unlocked}` });
    },
    nameOf: (short) => join(folder, short),
    changeOutside: (short, text) =>
      text === undefined ? rm(join(folder, short)) : writeFile(join(folder, short), text),
    keptVersions: KEPT_VERSIONS,
    shortestLeaseMs: 50,
    // A record has about 600 bytes and a journal is compacted above 64 KiB.
    changesUntilTidy: 140,
  };
}

describeConfigStore('LocalConfigStore', localSubject);
describeSnapshotStore('LocalConfigStore', localSubject);

describe('a writer that was overtaken and wakes up just when its temporary file is to be cleared away', () => {
  async function open(folder: string, variation?: Variation): Promise<ConfigStore> {
    const store = createStore(folder, variation);
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
