/** How long callers wait for locks, and what they get in the end. */
import { join } from 'node:path';
import { startModule, systemError, temporaryFolder, until } from '../support/moduleFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

describe('acquireFileLock', () => {
  it('resolves with success false at its own timeout, also where that is longer than operationTimeout', async () => {
    const holder = await startModule(folder);
    await holder.acquireFileLock(path);
    const module = await startModule(folder, { operationTimeout: 100, lockTimeout: 150 });
    expect(await module.acquireFileLock(path, 200)).toMatchObject({ success: false, timeout: 200 });
    expect(await module.acquireFileLock(path)).toMatchObject({ success: false, timeout: 150 });
  });

  it('succeeds where the only one in the way is the own lock of before, whose release had failed', async () => {
    let failures = 0;
    const module = await startModule(folder, {}, (real) => ({
      rename(from, to) {
        if (failures === 0 || !to.endsWith('.free')) return real.rename(from, to);
        failures -= 1;
        return Promise.reject(systemError('EIO', 'rename'));
      },
    }));
    // Once for the save, and then also for the try to give it back first.
    for (const count of [1, 2]) {
      failures = count;
      await module.saveConfiguration({ count });
      const { success, lockId } = await module.acquireFileLock(path, 0);
      expect({ success, failures }).toEqual({ success: true, failures: 0 });
      expect(await module.releaseFileLock(lockId)).toMatchObject({ success: true });
    }
    expect(await module.checkFileLock(path)).toMatchObject({ isLocked: false });
  });
});

describe('releaseFileLock', () => {
  it('succeeds once where it is called twice at once', async () => {
    const module = await startModule(folder);
    const { lockId } = await module.acquireFileLock(path);
    const released = await Promise.all([module.releaseFileLock(lockId), module.releaseFileLock(lockId)]);
    expect(released.map(({ success }) => success)).toEqual([true, false]);
  });
});

describe('lockTimeout', () => {
  it('is for the turn in the module and for the lock together', async () => {
    const holder = await startModule(folder);
    const { lockId } = await holder.acquireFileLock(path);
    const module = await startModule(folder);
    const first = module.saveConfiguration({ a: 1 }, path, { lockTimeout: 400 });
    const second = module.saveConfiguration({ a: 2 }, path, { lockTimeout: 500 });
    await expect(first).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' });
    const error: unknown = await second.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'ERR_LOCK_TIMEOUT' });
    // The message tells how long it waited for the lock alone: what the turn had left, not all of its time.
    const [, waitedMs] = /waited (\d+) ms/u.exec((error as Error).message) ?? [];
    expect(Number(waitedMs)).toBeLessThan(400);
    await holder.releaseFileLock(lockId);
  });

  it('that was used up by waiting for the turn still allows one try', async () => {
    const holder = await startModule(folder);
    const { lockId } = await holder.acquireFileLock(path);
    const module = await startModule(folder);
    const first = module.saveConfiguration({ a: 1 });
    const second = module.saveConfiguration({ a: 2 }, path, { lockTimeout: 0 });
    await expect(second).rejects.toMatchObject({ code: 'ERR_LOCK_TIMEOUT' });
    await holder.releaseFileLock(lockId);
    await expect(first).resolves.toMatchObject({ success: true });
  });
});

describe('a lock that was acquired by name and lost', () => {
  it('lets nothing be done under it, also what commits no content', async () => {
    const holder = await startModule(folder, { staleLockThreshold: 100 });
    await holder.saveConfiguration({ a: 1 });
    const { lockId } = await holder.acquireFileLock(path);
    const other = await startModule(folder);
    await until(async () => (await other.checkFileLock(path)).canBreakLock);
    await other.acquireFileLock(path);
    const lost = { code: 'ERR_LOCK_LOST' };
    await expect(holder.createBackup()).rejects.toMatchObject(lost);
    await expect(holder.setConfigurationMetadata({ description: 'd' })).rejects.toMatchObject(lost);
    let wasCalled = false;
    const update = holder.updateConfiguration(() => {
      wasCalled = true;
    });
    await expect(update).rejects.toMatchObject(lost);
    expect(wasCalled).toBe(false);
    expect(await other.listBackups()).toEqual([]);
    expect(await holder.releaseFileLock(lockId)).toMatchObject({ success: false });
  });
});
