/** What the failures of the system look like to callers. */
import { join } from 'node:path';
import { startModule, systemError, temporaryFolder } from '../support/moduleFixture.js';

/** Fails the creation of the temporary file with this error. */
async function saveThatFailsWith(error: NodeJS.ErrnoException): Promise<unknown> {
  const folder = temporaryFolder();
  const module = await startModule(folder, {}, (real) => ({
    open: (path, flags, mode) => (path.includes('.app.json.') ? Promise.reject(error) : real.open(path, flags, mode)),
  }));
  return module.saveConfiguration({ a: 1 }).catch((thrown: unknown) => thrown);
}

describe('A failure of the system', () => {
  it('is an exceeded quota where Linux says so with a number that Node has no name for', async () => {
    const error = Object.assign(new Error('Unknown system error -122'), {
      code: 'Unknown system error -122',
      errno: -122,
      syscall: 'open',
    });

    expect(await saveThatFailsWith(error)).toMatchObject({ name: 'StorageError', code: 'EDQUOT', cause: error });
  });

  it('keeps its code, its call and its cause where there is no special advice for it', async () => {
    const error = systemError('ENXIO');

    expect(await saveThatFailsWith(error)).toMatchObject({
      name: 'StorageError',
      code: 'ENXIO',
      syscall: 'open',
      operationType: 'save',
      cause: error,
    });
  });

  it('is told without the call where the system names none', async () => {
    const error = Object.assign(new Error('failed'), { code: 'EIO', errno: -5 });

    const thrown = await saveThatFailsWith(error);
    expect(thrown).toMatchObject({ name: 'StorageError', code: 'EIO' });
    expect(thrown).not.toHaveProperty('syscall');
  });
});

describe('Waiting for a place among the operations', () => {
  it('ends when the caller gives up, and the place goes to the next', async () => {
    const folder = temporaryFolder();
    let goOn = (): void => undefined;
    let reached = (): void => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const isAtWork = new Promise<void>((resolve) => (reached = resolve));
    const module = await startModule(folder, { maxConcurrentOperations: 1 }, (real) => ({
      open: async (path, flags, mode) => {
        if (path.includes('.first.json.')) {
          reached();
          await held;
        }
        return real.open(path, flags, mode);
      },
    }));
    const controller = new AbortController();
    const first = module.saveConfiguration({ a: 1 }, join(folder, 'first.json'));
    await isAtWork;
    const second = module
      .saveConfiguration({ a: 2 }, join(folder, 'second.json'), { signal: controller.signal })
      .catch((error: unknown) => error);
    const third = module.saveConfiguration({ a: 3 }, join(folder, 'third.json'));

    controller.abort();

    expect(await second).toMatchObject({ code: 'ERR_ABORTED' });
    goOn();
    expect(await first).toMatchObject({ success: true });
    expect(await third).toMatchObject({ success: true });
  });
});
