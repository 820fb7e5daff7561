/** The lane of every operation: what is bounded, what is told first, how often the disk is asked. */
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { nodeFileOperations } from '../../src/storage/local/io/FileOperations.js';
import { gate, startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

describe('maxConcurrentOperations', () => {
  it('bounds the work of removing backups too', async () => {
    let working = 0;
    let most = 0;
    const module = await startModule(folder, { maxConcurrentOperations: 2, backupRetentionCount: 50 }, (real) => ({
      async unlink(path) {
        working += 1;
        most = Math.max(most, working);
        await real.unlink(path);
        working -= 1;
      },
    }));
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await module.saveConfiguration({ n: 1 }, join(folder, `${name}.json`));
      await module.createBackup(join(folder, `${name}.json`));
    }
    const backups = await module.listBackups();
    expect(backups).toHaveLength(5);
    await Promise.all(backups.map(({ id }) => module.deleteBackup(id)));
    expect(most).toBeLessThanOrEqual(2);
    expect(await module.listBackups()).toEqual([]);
  });

  it('lets others work while one waits for a lock or for mutate', async () => {
    const module = await startModule(folder, { maxConcurrentOperations: 1 });
    const other = await startModule(folder);
    const locked = join(folder, 'locked.json');
    const free = join(folder, 'free.json');
    await module.saveConfiguration({ n: 1 }, locked);
    await module.saveConfiguration({ n: 1 }, free);
    const { lockId } = await other.acquireFileLock(locked);
    const waiting = module.saveConfiguration({ n: 2 }, locked);
    await module.saveConfiguration({ n: 2 }, free);
    const { opened, open } = gate();
    const updating = module.updateConfiguration(async (draft) => {
      await opened;
      draft.n = 3;
    }, free);
    expect((await module.loadConfiguration(locked)).data).toEqual({ n: 1 });
    open();
    await updating;
    await other.releaseFileLock(lockId);
    await expect(waiting).resolves.toMatchObject({ success: true });
  });
});

describe('the order of refusals', () => {
  it('tells a path outside the allowed folders before the format and the value', async () => {
    const module = await startModule(folder);
    for (const name of ['secret', 'secret.conf', 'secret.json']) {
      const outside = join(folder, '..', '..', name);
      const code = 'ERR_INVALID_FILE_PATH';
      await expect(module.saveConfiguration(new Date(), outside)).rejects.toMatchObject({ code });
      await expect(module.loadConfiguration(outside)).rejects.toMatchObject({ code });
      await expect(module.updateConfiguration(() => ({}), outside, { initial: {} })).rejects.toMatchObject({ code });
      await expect(module.verifyConfigurationIntegrity(outside)).rejects.toMatchObject({ code });
    }
  });

  it('judges what is there by its format also where that is switched off', async () => {
    const writer = await startModule(folder);
    const file = join(folder, 'service.yaml');
    await writer.saveConfiguration({ n: 1 }, file);
    const module = await startModule(folder, { supportedFormats: ['json'] });
    await expect(module.loadConfiguration(file)).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED_FORMAT' });
    await expect(module.deleteConfiguration(file)).resolves.toMatchObject({ metadata: { backupCreated: true } });
  });
});

describe('how often the disk is asked', () => {
  it('a restore of a backup that nobody has looked at opens it once', async () => {
    const opened: string[] = [];
    const module = await startModule(folder, {}, (real) => ({
      open(path, flags, mode) {
        opened.push(path);
        return real.open(path, flags, mode);
      },
    }));
    await module.saveConfiguration({ n: 1 });
    const { metadata } = await module.saveConfiguration({ n: 2 });
    opened.length = 0;
    await module.restoreFromBackup(String(metadata?.backupId));
    expect(opened.filter((path) => path.endsWith('.auto.backup'))).toHaveLength(1);
    expect(opened.filter((path) => path.endsWith('.meta') && path.includes('backups'))).toHaveLength(1);
  });

  it('the load after a save reads nothing through the thread pool, and parses nothing', async () => {
    let asynchronous = 0;
    let isCounting = false;
    const module = await startModule(folder, {}, (real) => {
      const counted = Object.entries(real).map(([name, call]) => [
        name,
        (...parameters: unknown[]) => {
          if (isCounting && !name.endsWith('Now')) asynchronous += 1;
          return (call as (...parameters: unknown[]) => unknown)(...parameters);
        },
      ]);
      return Object.fromEntries(counted) as typeof nodeFileOperations;
    });
    await module.saveConfiguration({ n: 1 });
    await module.saveConfiguration({ n: 2 });
    isCounting = true;
    expect((await module.loadConfiguration()).data).toEqual({ n: 2 });
    isCounting = false;
    expect(asynchronous).toBe(0);
  });

  it('the load after a save tells an edit of the same size in the same instant', async () => {
    const module = await startModule(folder);
    const path = join(folder, 'app.json');
    await module.saveConfiguration({ n: 1 });
    const { atimeMs, mtimeMs } = statSync(path);
    writeFileSync(path, readFileSync(path, 'utf8').replace('1', '2'));
    utimesSync(path, atimeMs / 1000, mtimeMs / 1000);
    expect(await module.loadConfiguration()).toMatchObject({ data: { n: 2 }, isValid: false });
  });
});
