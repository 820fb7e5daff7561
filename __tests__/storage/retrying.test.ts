/** Which failures of the system are tried again, and which are not. */
import { nodeFileOperations, type FileOperations } from '../../src/storage/local/io/FileOperations.js';
import { retryingFileOperations } from '../../src/storage/local/io/retrying.js';
import { startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';

/** A rename that fails the first times. */
function failingRename(code: string, times: number): { operations: FileOperations; calls: () => number } {
  let calls = 0;
  const rename = (): Promise<void> => {
    calls += 1;
    return calls <= times ? Promise.reject(systemError(code, 'rename')) : Promise.resolve();
  };
  return { operations: { ...nodeFileOperations, rename }, calls: () => calls };
}

describe('Failures that pass', () => {
  it.each(['EAGAIN', 'EMFILE', 'ENFILE', 'EINTR'])('tries again after %s', async (code) => {
    const { operations, calls } = failingRename(code, 2);

    await retryingFileOperations(operations).rename('from', 'to');

    expect(calls()).toBe(3);
  });

  it('gives up after a bounded number of tries', async () => {
    const { operations, calls } = failingRename('EMFILE', 100);

    await expect(retryingFileOperations(operations).rename('from', 'to')).rejects.toMatchObject({ code: 'EMFILE' });

    expect(calls()).toBe(4);
  });

  it.each(['EPERM', 'EACCES', 'EBUSY'])('tries a rename again after %s on Windows only', async (code) => {
    const onWindows = failingRename(code, 1);
    const onLinux = failingRename(code, 1);

    await retryingFileOperations(onWindows.operations, 'win32').rename('from', 'to');

    expect(onWindows.calls()).toBe(2);
    const refused = retryingFileOperations(onLinux.operations, 'linux').rename('from', 'to');
    await expect(refused).rejects.toMatchObject({ code });
    expect(onLinux.calls()).toBe(1);
  });

  it('lists folders in another way where the quick one fails', async () => {
    let failures = 0;
    const module = await startModule(temporaryFolder(), {}, () => ({
      readdirNow: () => {
        failures += 1;
        throw systemError('EMFILE', 'scandir');
      },
    }));

    await module.saveConfiguration({ a: 1 });
    await module.updateConfiguration((config) => ({ ...config, a: 2 }));

    expect((await module.loadConfiguration()).data).toEqual({ a: 2 });
    expect(failures).toBeGreaterThan(0);
  });

  it('never flushes a file again whose flush failed', async () => {
    const folder = temporaryFolder();
    const flushed: number[] = [];
    const module = await startModule(folder, {}, (real) => ({
      open: async (path, flags, mode) => {
        const descriptor = await real.open(path, flags, mode);
        if (path.includes('.app.json.')) flushed.push(descriptor);
        return descriptor;
      },
      fsync: (descriptor) =>
        flushed.includes(descriptor) ? Promise.reject(systemError('EAGAIN', 'fsync')) : real.fsync(descriptor),
    }));

    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ name: 'StorageError', code: 'EAGAIN' });

    expect(flushed).toHaveLength(1);
  });

  it('saves although opening fails for a moment', async () => {
    const folder = temporaryFolder();
    let failures = 2;
    const module = await startModule(folder, {}, (real) => ({
      open: (path, flags, mode) => {
        const isFailing = path.endsWith('.tmp') && failures > 0;
        if (isFailing) failures -= 1;
        return isFailing ? Promise.reject(systemError('EMFILE')) : real.open(path, flags, mode);
      },
    }));

    await module.saveConfiguration({ a: 1 });

    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });
});
