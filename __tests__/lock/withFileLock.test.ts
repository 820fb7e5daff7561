/** Work under the lock of a file, which goes back however the work ends. */
import { join } from 'node:path';
import { gate, startModule, temporaryFolder } from '../support/moduleFixture.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

describe('withFileLock', () => {
  it('keeps others out while the work runs, lets its own module work, and gives back what the work returns', async () => {
    const [module, other] = [await startModule(folder), await startModule(folder)];
    const result = await module.withFileLock(path, async ({ lockId, filePath, expiresAt, lockedAt }) => {
      expect([filePath, expiresAt > lockedAt]).toEqual([path, true]);
      expect(await module.checkFileLock(path)).toMatchObject({ isLocked: true, lockId });
      await module.saveConfiguration({ n: 1 }, path);
      await expect(other.saveConfiguration({ n: 2 }, path, { lockTimeout: 0 })).rejects.toMatchObject({
        code: 'ERR_LOCK_TIMEOUT',
      });
      return 'done';
    });
    expect(result).toBe('done');
    expect(await module.checkFileLock(path)).toMatchObject({ isLocked: false });
    await other.saveConfiguration({ n: 2 }, path);
  });

  it('gives the lock back when the work throws, and throws the same', async () => {
    const module = await startModule(folder);
    const failure = new Error('of the work');
    await expect(module.withFileLock(path, () => Promise.reject(failure))).rejects.toBe(failure);
    expect(await module.checkFileLock(path)).toMatchObject({ isLocked: false });
  });

  it.each([{ lockTimeout: 0 }, { timeout: 1 }])('waits no longer than %j says', async (options) => {
    const [module, other] = [await startModule(folder), await startModule(folder)];
    const { opened, open } = gate();
    const { opened: begun, open: begin } = gate();
    const holding = other.withFileLock(path, () => {
      begin();
      return opened;
    });
    await begun;
    await expect(module.withFileLock(path, () => 'never', options)).rejects.toMatchObject({
      code: 'ERR_LOCK_TIMEOUT',
      filePath: path,
    });
    const controller = new AbortController();
    const waiting = module.withFileLock(path, () => 'never', { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    open();
    await holding;
  });

  it('says that the lock was given back too early', async () => {
    const module = await startModule(folder);
    const early = module.withFileLock(path, ({ lockId }) => module.releaseFileLock(lockId));
    await expect(early).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
  });

  it('refuses what is no work, no path, and no option', async () => {
    const module = await startModule(folder);
    await expect(module.withFileLock(path, 'no function' as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_REQUEST',
    });
    await expect(module.withFileLock('', () => 0)).rejects.toMatchObject({ code: 'ERR_INVALID_FILE_PATH' });
    await expect(module.withFileLock(path, () => 0, { wait: 1 } as never)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
    });
    await module.destroy();
    await expect(module.withFileLock(path, () => 0)).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
  });
});
