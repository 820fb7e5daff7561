/** How many operations run at once, for how long, and who may stop them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_PERSISTENCE_CONSTANTS } from '../../constants/ConfigPersistenceConstants.js';
import { moveClock } from '../support/clock.js';
import { gate, newModule, startModule, temporaryFolder } from '../support/moduleFixture.js';
import { moduleScript, startProcess } from '../support/otherProcess.js';

const TEMPORARY = /\.[0-9a-f]{16}\.tmp$/u;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

describe('maxConcurrentOperations', () => {
  it('bounds how many saves run at once, and all of them end', async () => {
    let running = 0;
    let highest = 0;
    const module = await startModule(folder, { maxConcurrentOperations: 3 }, (real) => ({
      async open(opened, flags, mode) {
        if (TEMPORARY.test(opened) && opened.includes('/.file-')) {
          running += 1;
          highest = Math.max(highest, running);
        }
        return real.open(opened, flags, mode);
      },
      async rename(from, to) {
        await real.rename(from, to);
        if (/file-\d+\.json$/u.test(to)) running -= 1;
      },
    }));
    const names = Array.from({ length: 20 }, (_, index) => join(folder, `file-${index}.json`));
    await Promise.all(names.map((name, index) => module.saveConfiguration({ index }, name)));
    expect(highest).toBeGreaterThan(1);
    expect(highest).toBeLessThanOrEqual(3);
    for (const [index, name] of names.entries()) {
      expect((await module.loadConfiguration(name)).data).toEqual({ index });
    }
  });

  it('of 1 lets 20 parallel saves of one file all end', async () => {
    const module = await startModule(folder, { maxConcurrentOperations: 1 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => module.saveConfiguration({ index })));
    expect(await module.loadConfiguration()).toMatchObject({ isValid: true, metadata: { version: '20' } });
  });

  it('of 1 lets metadata be set, which needs the present metadata', async () => {
    const module = await startModule(folder, { maxConcurrentOperations: 1, enableCaching: false });
    await module.saveConfiguration({ a: 1 });
    await module.setConfigurationMetadata({ description: 'd' }, undefined, { timeout: 2000 });
    expect((await module.getConfigurationMetadata()).description).toBe('d');
  });

  it('lets the metadata of many files be set at once', async () => {
    const module = await startModule(folder, { maxConcurrentOperations: 2, enableCaching: false });
    const names = ['a', 'b', 'c', 'd'].map((name) => join(folder, `${name}.json`));
    for (const name of names) await module.saveConfiguration({ name }, name);
    await Promise.all(
      names.map((name) => module.setConfigurationMetadata({ description: name }, name, { timeout: 2000 })),
    );
    for (const name of names) expect((await module.getConfigurationMetadata(name)).description).toBe(name);
  });

  it('is not used up by those who wait for a lock: the lock can be released, and other files be loaded', async () => {
    const module = await startModule(folder, { maxConcurrentOperations: 1 });
    const other = join(folder, 'other.json');
    await module.saveConfiguration({ a: 1 }, other);
    const { lockId } = await module.acquireFileLock(path);
    const second = module.acquireFileLock(path, 4000);
    await module.loadConfiguration(other, { format: 'json', timeout: 2000 });
    expect(await module.releaseFileLock(lockId)).toMatchObject({ success: true });
    const acquired = await second;
    expect(acquired.success).toBe(true);
    await module.releaseFileLock(acquired.lockId);
  });
});

describe('changes of one file by one instance', () => {
  it('are made in the order of the calls: what was saved last stays, also where nobody waited in between', async () => {
    const module = await startModule(folder);
    for (let round = 0; round < 5; round++) {
      const ended: number[] = [];
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          await module.saveConfiguration({ round, index });
          ended.push(index);
        }),
      );
      expect((await module.loadConfiguration()).data).toEqual({ round, index: 19 });
      expect(ended).toEqual([...ended].sort((left, right) => left - right));
    }
  });

  it('keep that order over saves, updates and deletes', async () => {
    const module = await startModule(folder);
    await Promise.all([
      module.saveConfiguration({ steps: ['saved'] }),
      module.updateConfiguration((value: { steps: string[] }) => void value.steps.push('updated')),
      module.setConfigurationMetadata({ description: 'annotated' }),
      module.deleteConfiguration(path),
      module.saveConfiguration({ steps: ['saved again'] }),
    ]);
    expect((await module.loadConfiguration()).data).toEqual({ steps: ['saved again'] });
  });
});

describe('an AbortSignal', () => {
  it('that is aborted already ends every operation with ERR_ABORTED and changes nothing', async () => {
    const module = await startModule(folder);
    const signal = AbortSignal.abort();
    const aborted = { code: 'ERR_ABORTED', filePath: path };
    await expect(module.saveConfiguration({ a: 1 }, undefined, { signal })).rejects.toMatchObject(aborted);
    expect(existsSync(path)).toBe(false);
    await module.saveConfiguration({ a: 1 });
    await module.loadConfiguration();
    await expect(module.loadConfiguration(undefined, { signal })).rejects.toMatchObject(aborted);
    await expect(module.deleteConfiguration(path, { signal })).rejects.toMatchObject(aborted);
    await expect(module.updateConfiguration(() => ({}), undefined, { signal })).rejects.toMatchObject(aborted);
    await expect(module.verifyConfigurationIntegrity(path, { signal })).rejects.toMatchObject(aborted);
    await expect(module.getConfigurationMetadata(undefined, { signal })).rejects.toMatchObject(aborted);
    await expect(module.setConfigurationMetadata({}, undefined, { signal })).rejects.toMatchObject(aborted);
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });

  it('ends the waiting for a lock, with its reason as the cause', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    await holder.acquireFileLock(path);
    const controller = new AbortController();
    const save = module.saveConfiguration({ a: 1 }, undefined, { signal: controller.signal });
    const reason = new Error('the user went away');
    controller.abort(reason);
    await expect(save).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: reason });
    expect(existsSync(path)).toBe(false);
  });

  it('ends the waiting behind other operations, and those behind it still get their turn', async () => {
    const entered = gate();
    const finish = gate();
    const module = await startModule(folder, { maxConcurrentOperations: 1 });
    await module.saveConfiguration({ a: 1 });
    const slow = module.updateConfiguration(async () => {
      entered.open();
      await finish.opened;
    });
    await entered.opened;
    const controller = new AbortController();
    const waiting = module.saveConfiguration({ a: 2 }, undefined, { signal: controller.signal });
    const behind = module.saveConfiguration({ a: 3 });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    finish.open();
    await slow;
    await behind;
    expect((await module.loadConfiguration()).data).toEqual({ a: 3 });
  });

  it('has no effect after the commit point', async () => {
    const controller = new AbortController();
    const module = await startModule(folder, {}, (real) => ({
      async rename(from, to) {
        await real.rename(from, to);
        if (to === path) controller.abort();
      },
    }));
    const { signal } = controller;
    await expect(module.saveConfiguration({ a: 1 }, undefined, { signal })).resolves.toMatchObject({ success: true });
  });
});

describe('the time limit of an operation', () => {
  it('ends the waiting for a lock with ERR_TIMEOUT where it is shorter than the lock timeout', async () => {
    const holder = await startModule(folder);
    await holder.acquireFileLock(path);
    const module = await startModule(folder, { operationTimeout: 60 });
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    const other = await startModule(folder);
    await expect(other.saveConfiguration({ a: 1 }, undefined, { lockTimeout: 20 })).rejects.toMatchObject({
      code: 'ERR_LOCK_TIMEOUT',
    });
    expect(existsSync(path)).toBe(false);
  });

  it('ends the waiting behind another change of the file with ERR_TIMEOUT, too', async () => {
    const entered = gate();
    const finish = gate();
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    const slow = module.updateConfiguration(async () => {
      entered.open();
      await finish.opened;
    });
    await entered.opened;
    await expect(module.saveConfiguration({ a: 2 }, undefined, { timeout: 20 })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    finish.open();
    await slow;
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('is over before the commit point where a step took too long: nothing is changed', async () => {
    const timeout = 60_000;
    const module = await startModule(folder, {}, (real) => ({
      async fsync(descriptor) {
        await real.fsync(descriptor);
        moveClock(timeout);
      },
    }));
    await expect(module.saveConfiguration({ a: 1 }, undefined, { timeout })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    expect(existsSync(path)).toBe(false);
  });

  it('need not be over where the caller gives up while a step takes long: nothing is changed either', async () => {
    const entered = gate();
    const finish = gate();
    const module = await startModule(folder, {}, (real) => ({
      async fsync(descriptor) {
        entered.open();
        await finish.opened;
        return real.fsync(descriptor);
      },
    }));
    const controller = new AbortController();
    const save = module.saveConfiguration({ a: 1 }, undefined, { signal: controller.signal });
    await entered.opened;
    controller.abort();
    finish.open();
    await expect(save).rejects.toMatchObject({ code: 'ERR_ABORTED' });
    expect(existsSync(path)).toBe(false);
  });

  it('keeps the process alive until it is over, so that the caller gets its error', async () => {
    const script = `${moduleScript(folder)}
      await module.saveConfiguration({ a: 1 });
      try {
        await module.updateConfiguration(() => new Promise(() => {}), undefined, { timeout: 100 });
      } catch (error) {
        console.log(error.code);
      }
      await module.destroy();`;
    const other = startProcess(script);
    expect(await other.nextLine()).toBe('ERR_TIMEOUT');
    await other.ended();
  });
});

describe('sizes', () => {
  it('above the limit are refused, and nothing is written', async () => {
    const module = await startModule(folder);
    const text = 'x'.repeat(CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS.MAX_FILE_SIZE_BYTES);
    await expect(module.saveConfiguration({ text })).rejects.toMatchObject({
      code: 'ERR_FILE_TOO_LARGE',
      filePath: path,
    });
    expect(existsSync(path)).toBe(false);
  });

  it('above the recommended one are saved with a warning', async () => {
    const module = await startModule(folder);
    const text = 'x'.repeat(CONFIG_PERSISTENCE_CONSTANTS.PERFORMANCE_LIMITS.WARNING_FILE_SIZE_BYTES);
    const result = await module.saveConfiguration({ text });
    expect(result.warnings).toHaveLength(1);
    expect((await module.loadConfiguration()).data).toEqual({ text });
  });
});

describe('the life cycle', () => {
  const calls: [string, (module: ReturnType<typeof newModule>) => Promise<unknown>][] = [
    ['saveConfiguration', (module) => module.saveConfiguration({})],
    ['loadConfiguration', (module) => module.loadConfiguration()],
    ['deleteConfiguration', (module) => module.deleteConfiguration('app.json')],
    ['saveConfigurationAtomic', (module) => module.saveConfigurationAtomic({})],
    ['updateConfiguration', (module) => module.updateConfiguration(() => ({}))],
    ['verifyConfigurationIntegrity', (module) => module.verifyConfigurationIntegrity('app.json')],
    ['acquireFileLock', (module) => module.acquireFileLock('app.json')],
    ['releaseFileLock', (module) => module.releaseFileLock('x')],
    ['checkFileLock', (module) => module.checkFileLock('app.json')],
    ['getConfigurationMetadata', (module) => module.getConfigurationMetadata()],
    ['setConfigurationMetadata', (module) => module.setConfigurationMetadata({})],
    ['saveProviderConfiguration', (module) => module.saveProviderConfiguration({})],
    ['loadProviderConfiguration', (module) => module.loadProviderConfiguration()],
  ];

  it.each(calls)(
    '%s says ERR_NOT_INITIALIZED before initialize() and ERR_DESTROYED after destroy()',
    async (_, call) => {
      const module = newModule(folder);
      await expect(call(module)).rejects.toMatchObject({ name: 'PersistenceError', code: 'ERR_NOT_INITIALIZED' });
      await module.initialize();
      await module.destroy();
      await expect(call(module)).rejects.toMatchObject({ name: 'PersistenceError', code: 'ERR_DESTROYED' });
    },
  );

  it('makes no file before the first save but its own folders', async () => {
    const module = await startModule(folder);
    await expect(module.loadConfiguration()).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
    expect(existsSync(path)).toBe(false);
  });

  it('waits in destroy() for the saves that run, and refuses those that come later', async () => {
    const module = await startModule(folder);
    const saves = ['a', 'b', 'c'].map((name) => module.saveConfiguration({ name }, join(folder, `${name}.json`)));
    const destroyed = module.destroy();
    await expect(module.saveConfiguration({})).rejects.toMatchObject({ code: 'ERR_DESTROYED' });
    await destroyed;
    for (const save of saves) await expect(save).resolves.toMatchObject({ success: true });
    const other = await startModule(folder);
    expect((await other.loadConfiguration(join(folder, 'c.json'))).data).toEqual({ name: 'c' });
  });

  it('gives every named lock back in destroy()', async () => {
    const module = await startModule(folder);
    const other = await startModule(folder);
    await module.acquireFileLock(path);
    await module.destroy();
    expect(await other.checkFileLock(path)).toMatchObject({ isLocked: false });
    await expect(other.saveConfiguration({ a: 1 }, undefined, { lockTimeout: 0 })).resolves.toMatchObject({
      success: true,
    });
  });

  it('lets the process end by itself after destroy()', async () => {
    const other = startProcess(`${moduleScript(folder)}
      await module.saveConfiguration({ a: 1 });
      await module.loadConfiguration();
      await module.acquireFileLock(${JSON.stringify(path)});
      await module.destroy();
      console.log('destroyed');`);
    expect(await other.nextLine()).toBe('destroyed');
    const { child } = other;
    const code = await new Promise((resolve) => {
      if (child.exitCode === null) child.once('exit', resolve);
      else resolve(child.exitCode);
    });
    expect(code).toBe(0);
  });

  it('starts anew after destroy() and finds what was saved', async () => {
    const module = newModule(folder);
    await module.initialize();
    await module.saveConfiguration({ a: 1 });
    await module.destroy();
    module.configure({ defaultConfigPath: path });
    await module.initialize();
    expect(await module.loadConfiguration()).toMatchObject({ data: { a: 1 }, isValid: true });
  });
});
