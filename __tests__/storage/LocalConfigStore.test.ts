import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigStore, Location } from '../../src/storage/port/ConfigStore.js';
import { nodeFileOperations, type FileOperations } from '../../src/storage/local/io/FileOperations.js';
import { LocalConfigStore } from '../../src/storage/local/LocalConfigStore.js';
import { destroyAfterTest, gate, temporaryFolder } from '../support/moduleFixture.js';
import { brokenLease, contentOf, describeConfigStore, newWork, type StoreSubject } from './configStoreConformance.js';

const KEPT_VERSIONS = 40;

function openStore(folder: string, io: FileOperations = nodeFileOperations): Promise<ConfigStore> {
  const store = new LocalConfigStore(io, {
    metadataDirectory: join(folder, 'metadata'),
    lockDirectory: join(folder, 'locks'),
    backupDirectory: join(folder, 'backups'),
    archiveDirectory: join(folder, 'archive'),
    allowedDirectories: [folder],
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
    process: { pid: process.pid, host: 'test-host', module: randomUUID() },
  });
  destroyAfterTest({ destroy: () => store.close() });
  return store.open().then(() => store);
}

function localSubject(): StoreSubject {
  const folder = temporaryFolder();
  return {
    open: () => openStore(folder),
    pathOf: (name) => join(folder, name),
    writeOutside: (name, text) => writeFile(join(folder, name), text),
    removeOutside: (name) => rm(join(folder, name)),
  };
}

describeConfigStore('LocalConfigStore', localSubject, {
  outsideChanges: true,
  keptVersions: KEPT_VERSIONS,
  shortestLeaseMs: 50,
  // A record has about 600 bytes and a journal is compacted above 64 KiB.
  changesUntilTidy: 140,
});

describe('a writer that was overtaken and wakes up just when its temporary file is to be cleared away', () => {
  /** The sleeper's rename happens between the other writer's look at the file and its clearing away. */
  async function race(second: (store: ConfigStore, location: Location) => Promise<unknown>) {
    const folder = temporaryFolder();
    const path = join(folder, 'app.json');
    const asleep = gate();
    const wake = gate();
    let sleeps = false;
    let slept: Promise<unknown> = Promise.resolve();
    const sleeper = await openStore(folder, {
      ...nodeFileOperations,
      async rename(from, to) {
        if (sleeps && to === path) {
          asleep.open();
          await wake.opened;
        }
        return nodeFileOperations.rename(from, to);
      },
    });
    const awake = await openStore(folder, {
      ...nodeFileOperations,
      async unlink(removed) {
        wake.open();
        await Promise.allSettled([slept]);
        return nodeFileOperations.unlink(removed);
      },
    });
    const location = await sleeper.locate(path, newWork());
    await sleeper.commit(location, contentOf('base'), brokenLease(), newWork());
    sleeps = true;
    slept = sleeper.commit(location, contentOf('sleeper'), brokenLease(), newWork());
    await asleep.opened;
    const [later] = await Promise.allSettled([second(awake, location)]);
    wake.open();
    const [earlier] = await Promise.allSettled([slept]);
    const observer = await openStore(folder);
    const stored = await observer.read(location, newWork());
    const history = await observer.history(location, newWork());
    const checksums = history.map((record) => (record.record === 'save' ? record.checksum : record.record));
    return { earlier, later, stored, checksums };
  }

  it('is not made an outside change by new metadata', async () => {
    const { earlier, stored } = await race((store, location) =>
      store.annotate(location, { time: Date.now(), fields: { schema: 's' } }, brokenLease(), newWork()),
    );
    expect(stored.state).toBe('as-saved');
    expect(stored.content?.checksum).toBe(contentOf(earlier.status === 'fulfilled' ? 'sleeper' : 'base').checksum);
  });

  it('does not drop out of the history by another save', async () => {
    const { earlier, stored, checksums } = await race((store, location) =>
      store.commit(location, contentOf('later'), brokenLease(), newWork()),
    );
    expect(stored.state).toBe('as-saved');
    if (earlier.status === 'fulfilled') expect(checksums).toContain(contentOf('sleeper').checksum);
    else expect(checksums).not.toContain(contentOf('sleeper').checksum);
  });
});
