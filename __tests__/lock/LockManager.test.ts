/** Locks as callers of the module see them: contract 8.6. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ConfigPersistenceModule } from '../../src/ConfigPersistenceModule.js';
import { gate, startModule, systemError, temporaryFolder, until, walk } from '../support/moduleFixture.js';
import { moduleScript, PACKAGE_URL, startProcess } from '../support/otherProcess.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/u;

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'app.json');
});

/** The folder with the state of the lock of `app.json`. */
function lockFolder(): string {
  const name = readdirSync(join(folder, 'locks')).find((entry) => entry.startsWith('app.json-'));
  if (name === undefined) throw new Error('there is no lock folder');
  return join(folder, 'locks', name);
}

describe('acquireFileLock', () => {
  it('answers with every field of the contract', async () => {
    const module = await startModule(folder, { staleLockThreshold: 5000 });
    const before = Date.now();
    const lock = await module.acquireFileLock(path, 1234);
    expect(Object.keys(lock).sort()).toEqual(
      ['expiresAt', 'filePath', 'lockId', 'lockedAt', 'owner', 'success', 'timeout'].sort(),
    );
    expect(lock).toMatchObject({ success: true, filePath: path, owner: module.getInfo().id, timeout: 1234 });
    expect(lock.lockId).toMatch(UUID);
    expect(lock.lockedAt).toBeGreaterThanOrEqual(before);
    expect(lock.expiresAt).toBe(lock.lockedAt + 5000);
  });

  it('does not need the file to exist, and makes none', async () => {
    const module = await startModule(folder);
    expect(await module.acquireFileLock(path)).toMatchObject({ success: true });
    expect(existsSync(path)).toBe(false);
  });

  it('resolves with success false and the words of LOCK_TIMEOUT where another instance holds it', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    await holder.acquireFileLock(path);
    const lock = await module.acquireFileLock(path, 30);
    expect(lock).toMatchObject({ success: false, lockId: '', filePath: path, timeout: 30 });
    expect(lock.errors).toHaveLength(1);
    expect(lock.errors?.[0]).toMatch(/^File lock acquisition timed out/u);
    expect(lock.errors?.[0]).toContain(holder.getInfo().id);
  });

  it('is not reentrant: the holder itself waits for a second one', async () => {
    const module = await startModule(folder);
    const { lockId } = await module.acquireFileLock(path);
    expect(await module.acquireFileLock(path, 20)).toMatchObject({ success: false });
    expect(await module.releaseFileLock(lockId)).toMatchObject({ success: true });
  });

  it('tries once where the timeout is 0', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    expect((await module.acquireFileLock(path, 0)).success).toBe(true);
    expect((await holder.acquireFileLock(path, 0)).success).toBe(false);
  });

  it.each([-1, Number.NaN, Infinity, -Infinity, 1e12, '100', null, {}, true])(
    'refuses the timeout %p with ERR_INVALID_OPTION, and takes no lock',
    async (wrong) => {
      const module = await startModule(folder);
      await expect(module.acquireFileLock(path, wrong as never)).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
      expect(await module.checkFileLock(path)).toMatchObject({ isLocked: false });
    },
  );

  it.each(['', null, 'a\0b.json', '/outside/app.json'])('refuses the path %p', async (wrong) => {
    const module = await startModule(folder);
    const refused = { code: 'ERR_INVALID_FILE_PATH' };
    await expect(module.acquireFileLock(wrong as never)).rejects.toMatchObject(refused);
    await expect(module.checkFileLock(wrong as never)).rejects.toMatchObject(refused);
  });

  it('is one lock for every spelling of a path and for links to it', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    symlinkSync(path, join(folder, 'link.json'));
    await holder.acquireFileLock(path);
    for (const spelling of [`${folder}/./app.json`, `${folder}/x/../app.json`, join(folder, 'link.json')]) {
      expect((await module.acquireFileLock(spelling, 0)).success).toBe(false);
    }
  });

  it('serves the waiting of one process in the order in which they came', async () => {
    const modules: ConfigPersistenceModule[] = [];
    for (let index = 0; index < 3; index++) modules.push(await startModule(folder));
    const { lockId } = await modules[0]!.acquireFileLock(path);
    const order: number[] = [];
    const waiting: Promise<void>[] = [];
    for (const [place, owner] of [1, 2, 0, 2, 1].entries()) {
      const wait = async (): Promise<void> => {
        const lock = await modules[owner]!.acquireFileLock(path, 20_000);
        order.push(place);
        await modules[owner]!.releaseFileLock(lock.lockId);
      };
      waiting.push(wait());
      // Whatever has to be found out about the path first, the same instance has found it out by then.
      for (let turn = 0; turn < 3; turn++) await modules[owner]!.checkFileLock(path);
    }
    await modules[0]!.releaseFileLock(lockId);
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2, 3, 4]);
  });

  it('does not lose a turn to somebody who gave up before', async () => {
    const modules = [await startModule(folder), await startModule(folder), await startModule(folder)];
    const { lockId } = await modules[0]!.acquireFileLock(path);
    const waiting = modules[1]!.acquireFileLock(path, 20_000);
    const hasty = await modules[2]!.acquireFileLock(path, 20);
    expect(hasty.success).toBe(false);
    await modules[0]!.releaseFileLock(lockId);
    expect((await waiting).success).toBe(true);
  });
});

describe('a held lock', () => {
  it('lets the holder save, load, update and delete, and lets everybody load', async () => {
    const holder = await startModule(folder);
    const other = await startModule(folder);
    await holder.acquireFileLock(path);
    await holder.saveConfiguration({ a: 1 });
    await holder.updateConfiguration((value: { a: number }) => ({ a: value.a + 1 }));
    await holder.setConfigurationMetadata({ version: 'x' });
    expect((await other.loadConfiguration()).data).toEqual({ a: 2 });
    expect(await other.verifyConfigurationIntegrity(path)).toMatchObject({ isValid: true });
    await holder.deleteConfiguration(path);
    expect(existsSync(path)).toBe(false);
  });

  it('makes every other instance wait and then fail with ERR_LOCK_TIMEOUT', async () => {
    const holder = await startModule(folder);
    const other = await startModule(folder);
    await holder.saveConfiguration({ a: 1 });
    await holder.acquireFileLock(path);
    const options = { lockTimeout: 20 };
    const timedOut = { name: 'PersistenceError', code: 'ERR_LOCK_TIMEOUT', filePath: path };
    await expect(other.saveConfiguration({ a: 2 }, path, options)).rejects.toMatchObject(timedOut);
    await expect(other.updateConfiguration(() => ({}), path, options)).rejects.toMatchObject(timedOut);
    await expect(other.deleteConfiguration(path, options)).rejects.toMatchObject(timedOut);
    await expect(other.setConfigurationMetadata({}, path, options)).rejects.toMatchObject(timedOut);
    expect((await other.loadConfiguration()).data).toEqual({ a: 1 });
  });

  it('lets a waiting save through when it is released', async () => {
    const holder = await startModule(folder);
    const other = await startModule(folder);
    const { lockId } = await holder.acquireFileLock(path);
    const save = other.saveConfiguration({ by: 'other' });
    await holder.saveConfiguration({ by: 'holder' });
    await holder.releaseFileLock(lockId);
    await save;
    expect((await holder.loadConfiguration()).data).toEqual({ by: 'other' });
  });

  it('keeps no other file from anybody', async () => {
    const holder = await startModule(folder);
    const other = await startModule(folder);
    await holder.acquireFileLock(path);
    await other.saveConfiguration({ a: 1 }, join(folder, 'other.json'), { lockTimeout: 0 });
  });
});

describe('releaseFileLock', () => {
  it('answers with a result of the type unlock', async () => {
    const module = await startModule(folder);
    const { lockId } = await module.acquireFileLock(path);
    const result = await module.releaseFileLock(lockId);
    expect(result).toMatchObject({ success: true, filePath: path, operationType: 'unlock' });
    expect(typeof result.timestamp).toBe('number');
  });

  it('gives success false for a second release, an unknown id and no id at all', async () => {
    const module = await startModule(folder);
    const { lockId } = await module.acquireFileLock(path);
    await module.releaseFileLock(lockId);
    for (const id of [lockId, 'unknown', '', undefined, 7]) {
      const result = await module.releaseFileLock(id as string);
      expect(result.success).toBe(false);
      expect(result.errors).toHaveLength(1);
    }
  });

  it('does not free the lock of another instance, even with its id', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    const { lockId } = await holder.acquireFileLock(path);
    expect(await module.releaseFileLock(lockId)).toMatchObject({ success: false });
    expect(await module.checkFileLock(path)).toMatchObject({ isLocked: true, lockId });
    expect(await holder.releaseFileLock(lockId)).toMatchObject({ success: true });
  });

  it('does not free the next holder by a second release', async () => {
    const module = await startModule(folder);
    const first = await module.acquireFileLock(path);
    await module.releaseFileLock(first.lockId);
    const second = await module.acquireFileLock(path);
    await module.releaseFileLock(first.lockId);
    expect(await module.checkFileLock(path)).toMatchObject({ isLocked: true, lockId: second.lockId });
  });

  it('waits for the save that runs under the lock', async () => {
    const module = await startModule(folder);
    const { lockId } = await module.acquireFileLock(path);
    const save = module.saveConfiguration({ a: 1 });
    const [saved, released] = await Promise.all([save, module.releaseFileLock(lockId)]);
    expect(saved.success).toBe(true);
    expect(released.success).toBe(true);
  });
});

describe('checkFileLock', () => {
  it('tells every instance who holds the lock, and changes nothing', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    const before = walk(folder);
    expect(await module.checkFileLock(path)).toEqual({ isLocked: false, filePath: path, canBreakLock: true });
    expect(walk(folder)).toEqual(before);
    const { lockId, lockedAt, expiresAt } = await holder.acquireFileLock(path);
    for (const observer of [holder, module]) {
      const status = await observer.checkFileLock(path);
      expect(status).toMatchObject({
        isLocked: true,
        lockId,
        filePath: path,
        lockedAt,
        expiresAt,
        canBreakLock: false,
        lockType: 'exclusive',
      });
      expect(status.lockedBy).toContain(String(process.pid));
      expect(status.lockedBy).toContain(holder.getInfo().id);
    }
  });
});

describe('a lease', () => {
  const options = { staleLockThreshold: 100 };

  const expire = async (module: Awaited<ReturnType<typeof startModule>>): Promise<void> => {
    await until(async () => (await module.checkFileLock(path)).canBreakLock);
  };

  it('protects a living holder until it ends, and then gives way', async () => {
    const holder = await startModule(folder, options);
    const module = await startModule(folder, options);
    const first = await holder.acquireFileLock(path);
    const second = await module.acquireFileLock(path, 10_000);
    expect(second.success).toBe(true);
    expect(second.lockedAt).toBeGreaterThanOrEqual(first.expiresAt! - 1);
    expect(await holder.releaseFileLock(first.lockId)).toMatchObject({ success: false });
    expect(await module.checkFileLock(path)).toMatchObject({ lockId: second.lockId });
  });

  it('that was lost makes the save of its holder fail with ERR_LOCK_LOST, and the file is untouched', async () => {
    const holder = await startModule(folder, options);
    const module = await startModule(folder, { staleLockThreshold: 60_000 });
    await holder.saveConfiguration({ by: 'nobody' });
    await holder.acquireFileLock(path);
    await expire(module);
    await module.acquireFileLock(path);
    const bytes = readFileSync(path);
    await expect(holder.saveConfiguration({ by: 'holder' })).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
    await expect(holder.deleteConfiguration(path)).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
    await expect(holder.updateConfiguration(() => ({}))).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
    expect(readFileSync(path)).toEqual(bytes);
    await module.saveConfiguration({ by: 'module' });
    expect((await holder.loadConfiguration()).data).toEqual({ by: 'module' });
  });

  it('that was lost gives its holder no power over the save of the new one', async () => {
    const atRename = gate();
    const goOn = gate();
    const holder = await startModule(folder, options);
    let waits = false;
    const module = await startModule(folder, { staleLockThreshold: 60_000 }, (real) => ({
      async rename(from, to) {
        if (waits && to === path) {
          atRename.open();
          await goOn.opened;
        }
        return real.rename(from, to);
      },
    }));
    await holder.saveConfiguration({ by: 'nobody' });
    await holder.acquireFileLock(path);
    await expire(module);
    await module.acquireFileLock(path);
    waits = true;
    const save = module.saveConfiguration({ by: 'module' });
    await atRename.opened;
    const [late] = await Promise.allSettled([holder.saveConfiguration({ by: 'holder' })]);
    goOn.open();
    const [saved] = await Promise.allSettled([save]);
    expect(saved).toMatchObject({ status: 'fulfilled' });
    expect(late).toMatchObject({ status: 'rejected', reason: { code: 'ERR_LOCK_LOST' } });
    expect(await holder.loadConfiguration()).toMatchObject({ data: { by: 'module' }, isValid: true });
  });

  it('that is over but not lost still lets its holder save', async () => {
    const holder = await startModule(folder, options);
    await holder.acquireFileLock(path);
    await expire(holder);
    await expect(holder.saveConfiguration({ a: 1 })).resolves.toMatchObject({ success: true });
  });

  it('that its own holder took again lets it save: the new lock counts', async () => {
    const holder = await startModule(folder, options);
    await holder.acquireFileLock(path);
    await expire(holder);
    const again = await holder.acquireFileLock(path);
    expect(again.success).toBe(true);
    await expect(holder.saveConfiguration({ a: 1 })).resolves.toMatchObject({ success: true });
    expect(await holder.releaseFileLock(again.lockId)).toMatchObject({ success: true });
  });

  it('goes to exactly one of many who wait for its end', async () => {
    const holder = await startModule(folder, options);
    const modules = [];
    for (let index = 0; index < 5; index++) modules.push(await startModule(folder, { staleLockThreshold: 60_000 }));
    await holder.acquireFileLock(path);
    await expire(holder);
    const locks = await Promise.all(modules.map((module) => module.acquireFileLock(path, 0)));
    expect(locks.filter(({ success }) => success)).toHaveLength(1);
  });
});

describe('what lies in the lock folder', () => {
  it.each([
    ['nothing', () => undefined],
    ['an empty file of another name', () => writeFileSync(join(lockFolder(), 'app.lock'), '')],
    ['garbage', () => writeFileSync(join(lockFolder(), '12.garbage.lock'), 'x'.repeat(5000))],
    ['a folder', () => mkdirSync(join(lockFolder(), '99.lock'))],
    ['a link to nowhere', () => symlinkSync('/nowhere', join(lockFolder(), 'x.free'))],
    ['a name with a huge number', () => writeFileSync(join(lockFolder(), `${'9'.repeat(40)}.free`), '')],
  ])('may be %s beside the lock: it still has one holder at a time', async (_name, plant) => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    await holder.releaseFileLock((await holder.acquireFileLock(path)).lockId);
    plant();
    expect((await holder.acquireFileLock(path, 0)).success).toBe(true);
    expect((await module.acquireFileLock(path, 0)).success).toBe(false);
    await holder.saveConfiguration({ a: 1 });
  });

  it('may be no state at all: a new lock is made beside what lies there', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    await holder.releaseFileLock((await holder.acquireFileLock(path)).lockId);
    const states = readdirSync(lockFolder());
    for (const name of states) rmSync(join(lockFolder(), name));
    writeFileSync(join(lockFolder(), 'note.txt'), 'kept');
    expect((await holder.acquireFileLock(path, 0)).success).toBe(true);
    expect((await module.acquireFileLock(path, 0)).success).toBe(false);
    expect(readdirSync(lockFolder())).toContain('note.txt');
  });

  it('may be the largest number that a state can have: there is still one holder at a time', async () => {
    const holder = await startModule(folder);
    const module = await startModule(folder);
    await holder.releaseFileLock((await holder.acquireFileLock(path)).lockId);
    const [state] = readdirSync(lockFolder());
    renameSync(join(lockFolder(), state!), join(lockFolder(), `${'9'.repeat(15)}.free`));
    const locks = [await holder.acquireFileLock(path, 0), await module.acquireFileLock(path, 0)];
    expect(locks.filter(({ success }) => success).length).toBeLessThanOrEqual(1);
  });

  it('may be a lock from the future: it is given up only after it has stood still for its whole lease', async () => {
    const module = await startModule(folder);
    await module.releaseFileLock((await module.acquireFileLock(path)).lockId);
    const [state] = readdirSync(lockFolder());
    const future = [
      '7',
      '123e4567-e89b-42d3-a456-426614174000',
      '0'.repeat(16),
      '99999999999999',
      '99999999999999',
      '150',
    ];
    renameSync(join(lockFolder(), state!), join(lockFolder(), `${future.join('.')}.lock`));
    expect(await module.checkFileLock(path)).toMatchObject({ isLocked: true, canBreakLock: false });
    expect((await module.acquireFileLock(path, 0)).success).toBe(false);
    expect((await module.acquireFileLock(path, 10_000)).success).toBe(true);
  });

  it.each([
    ['empty', (owner: string) => writeFileSync(owner, '')],
    ['garbage', (owner: string) => writeFileSync(owner, '\0\xff{{{')],
    ['huge', (owner: string) => writeFileSync(owner, 'x'.repeat(100_000))],
    ['valid JSON of another kind', (owner: string) => writeFileSync(owner, '[1]')],
    ['half a record', (owner: string) => writeFileSync(owner, '{"id":"x","pid":-5}')],
    ['gone', () => undefined],
    ['a folder', (owner: string) => mkdirSync(owner)],
    ['a link', (owner: string) => symlinkSync('/etc/passwd', owner)],
  ])(
    'names an owner whose record is %s: the lock holds, and gives way when its lease is over',
    async (_name, plant) => {
      const holder = await startModule(folder, { staleLockThreshold: 150 });
      const module = await startModule(folder);
      await holder.acquireFileLock(path);
      const [owner] = readdirSync(join(folder, 'locks', 'owners')).map((name) => join(folder, 'locks', 'owners', name));
      const record = readFileSync(owner!);
      rmSync(owner!);
      plant(owner!);
      expect(await module.checkFileLock(path)).toMatchObject({ isLocked: true, canBreakLock: false });
      expect((await module.acquireFileLock(path, 0)).success).toBe(false);
      expect((await module.acquireFileLock(path, 10_000)).success).toBe(true);
      rmSync(owner!, { recursive: true, force: true });
      writeFileSync(owner!, record);
    },
  );

  it('may vanish while the lock is held: the holder finds out before it commits', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.acquireFileLock(path);
    rmSync(join(folder, 'locks'), { recursive: true });
    await expect(module.saveConfiguration({ a: 2 })).rejects.toMatchObject({ code: 'ERR_LOCK_LOST' });
    expect((await module.loadConfiguration()).data).toEqual({ a: 1 });
    const other = await startModule(folder);
    await other.saveConfiguration({ a: 3 });
  });
});

describe('the owner records', () => {
  it('of instances that are long gone are cleared away at the start, young ones and living ones stay', async () => {
    const owners = join(folder, 'locks', 'owners');
    const seen = await startModule(folder);
    await seen.acquireFileLock(path);
    const [living] = readdirSync(owners);
    const template = JSON.parse(readFileSync(join(owners, living!), 'utf8')) as object;
    for (const id of ['a'.repeat(16), 'b'.repeat(16)]) {
      writeFileSync(
        join(owners, `${id}.json`),
        JSON.stringify({ ...template, pid: 2 ** 22 - 3, processStart: '1', id }),
      );
    }
    utimesSync(join(owners, `${'a'.repeat(16)}.json`), 1, 1);
    await startModule(folder);
    expect(readdirSync(owners).sort()).toEqual([living, `${'b'.repeat(16)}.json`].sort());
    rmSync(join(owners, `${'b'.repeat(16)}.json`));
  });

  it('have the extension of no format and no source code, and those of older releases are known too', async () => {
    const owners = join(folder, 'locks', 'owners');
    const holder = await startModule(folder);
    await holder.acquireFileLock(path);
    const [living] = readdirSync(owners);
    expect(living).toMatch(/^[0-9a-f]+\.owner$/u);
    const former = living!.replace('.owner', '.json');
    renameSync(join(owners, living!), join(owners, former));
    // Judged by that record: the holder lives, so nobody takes its lock over.
    const other = await startModule(folder);
    expect(await other.checkFileLock(path)).toMatchObject({ isLocked: true, canBreakLock: false });
    rmSync(join(owners, former));
  });

  it('may be cleared away by two instances at once', async () => {
    const owners = join(folder, 'locks', 'owners');
    const seen = await startModule(folder);
    await seen.acquireFileLock(path);
    const [living] = readdirSync(owners);
    const template = JSON.parse(readFileSync(join(owners, living!), 'utf8')) as object;
    const gone = join(owners, `${'a'.repeat(16)}.json`);
    writeFileSync(gone, JSON.stringify({ ...template, pid: 2 ** 22 - 3, processStart: '1' }));
    const starting = startModule(folder, {}, (real) => ({
      async readdir(listed) {
        const names = await real.readdir(listed);
        if (listed === owners) rmSync(gone, { force: true });
        return names;
      },
    }));
    const module = await starting;
    expect(readdirSync(owners)).toEqual([living]);
    await expect(module.acquireFileLock(path, 0)).resolves.toMatchObject({ success: false });
  });

  it('that could not be written once are written with the next lock', async () => {
    let fails = true;
    const module = await startModule(folder, {}, (real) => ({
      open: (opened, flags, mode) =>
        fails && opened.includes('owners') ? Promise.reject(systemError('ENOSPC')) : real.open(opened, flags, mode),
    }));
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ name: 'StorageError', code: 'ENOSPC' });
    fails = false;
    await expect(module.saveConfiguration({ a: 1 })).resolves.toMatchObject({ success: true });
  });
});

describe('a lock that cannot be taken', () => {
  it('because the system refuses is an error with its code, and not a timeout', async () => {
    let fails = true;
    const module = await startModule(folder, {}, (real) => ({
      mkdir: (made, mode) =>
        fails && made.includes('locks') ? Promise.reject(systemError('EACCES', 'mkdir')) : real.mkdir(made, mode),
    }));
    await expect(module.acquireFileLock(path)).rejects.toMatchObject({
      name: 'StorageError',
      code: 'EACCES',
      operationType: 'lock',
      filePath: path,
    });
    fails = false;
    expect(await module.acquireFileLock(path)).toMatchObject({ success: true });
  });

  it('because a file stands in its place is an error too, and the file stays', async () => {
    const module = await startModule(folder);
    await module.releaseFileLock((await module.acquireFileLock(path)).lockId);
    const place = lockFolder();
    rmSync(place, { recursive: true });
    writeFileSync(place, 'in the way');
    await expect(module.acquireFileLock(path, 0)).rejects.toMatchObject({ name: 'StorageError' });
    await expect(module.saveConfiguration({ a: 1 })).rejects.toMatchObject({ name: 'StorageError' });
    expect(readFileSync(place, 'utf8')).toBe('in the way');
    expect(existsSync(path)).toBe(false);
  });

  it('in the first try of two that make it at once goes to one of them', async () => {
    const modules = [];
    for (let index = 0; index < 4; index++) modules.push(await startModule(folder));
    for (let round = 0; round < 10; round++) {
      const fresh = join(folder, `fresh-${round}.json`);
      const locks = await Promise.all(modules.map((module) => module.acquireFileLock(fresh, 0)));
      expect(locks.filter(({ success }) => success).length).toBeLessThanOrEqual(1);
      const waiting = modules.map(async (module, index) => {
        const lock = locks[index]!.success ? locks[index]! : await module.acquireFileLock(fresh, 20_000);
        return module.releaseFileLock(lock.lockId);
      });
      for (const released of await Promise.all(waiting)) expect(released.success).toBe(true);
    }
  });
});

describe('a lock that cannot be released', () => {
  it('does not make the save a failure, and the next save of the instance works', async () => {
    let fails = false;
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) =>
        fails && to.endsWith('.free') ? Promise.reject(systemError('EIO', 'rename')) : real.rename(from, to),
    }));
    await module.saveConfiguration({ a: 1 });
    fails = true;
    await expect(module.saveConfiguration({ a: 2 })).resolves.toMatchObject({ success: true });
    fails = false;
    await expect(module.saveConfiguration({ a: 3 }, undefined, { lockTimeout: 0 })).resolves.toMatchObject({
      success: true,
    });
    const other = await startModule(folder);
    await expect(other.saveConfiguration({ a: 4 }, undefined, { lockTimeout: 0 })).resolves.toMatchObject({
      success: true,
    });
  });

  it('is released by destroy() at the latest', async () => {
    let fails = false;
    const module = await startModule(folder, {}, (real) => ({
      rename: (from, to) =>
        fails && to.endsWith('.free') ? Promise.reject(systemError('EIO', 'rename')) : real.rename(from, to),
    }));
    fails = true;
    await module.saveConfiguration({ a: 1 });
    fails = false;
    await module.destroy();
    const other = await startModule(folder);
    await expect(other.saveConfiguration({ a: 2 }, undefined, { lockTimeout: 0 })).resolves.toMatchObject({
      success: true,
    });
  });
});

describe('other processes and threads', () => {
  it('wait for a lock that this process holds, and see who holds it', async () => {
    const holder = await startModule(folder);
    const { lockId } = await holder.acquireFileLock(path);
    const other = startProcess(`${moduleScript(folder)}
      const lock = await module.acquireFileLock(${JSON.stringify(path)}, 50);
      const status = await module.checkFileLock(${JSON.stringify(path)});
      console.log(JSON.stringify({ success: lock.success, status }));
      const later = await module.acquireFileLock(${JSON.stringify(path)}, 20000);
      console.log(later.success);
      await module.destroy();
      console.log('end');`);
    const { success, status } = JSON.parse(await other.nextLine()) as { success: boolean; status: object };
    expect(success).toBe(false);
    expect(status).toMatchObject({ isLocked: true, lockId, canBreakLock: false });
    await holder.releaseFileLock(lockId);
    expect(await other.nextLine()).toBe('true');
    expect(await other.nextLine()).toBe('end');
  });

  it('give their lock up at once when they die, whatever its lease', async () => {
    const quiet = temporaryFolder({ mayKeepTraces: true });
    const other = startProcess(`${moduleScript(quiet)}
      const lock = await module.acquireFileLock(${JSON.stringify(join(quiet, 'app.json'))});
      console.log(lock.success);
      setInterval(() => {}, 1000);`);
    expect(await other.nextLine()).toBe('true');
    const module = await startModule(quiet);
    const target = join(quiet, 'app.json');
    expect(await module.checkFileLock(target)).toMatchObject({ isLocked: true, canBreakLock: false });
    await other.kill();
    expect(await module.checkFileLock(target)).toMatchObject({ isLocked: true, canBreakLock: true });
    await expect(module.saveConfiguration({ a: 1 }, undefined, { lockTimeout: 0 })).resolves.toMatchObject({
      success: true,
    });
  });

  it('leave no signal listeners behind once the last module is destroyed', async () => {
    const before = process.listenerCount('SIGTERM');
    const module = await startModule(folder);
    await module.saveConfiguration({ a: 1 });
    await module.destroy();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('count 4 x 25 updates exactly', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 0 });
    const script = `${moduleScript(folder)}
      for (let turn = 0; turn < 25; turn++) await module.updateConfiguration((value) => { value.count += 1; });
      await module.destroy();
      console.log('done');`;
    const others = Array.from({ length: 4 }, () => startProcess(script));
    for (const other of others) expect(await other.nextLine()).toBe('done');
    expect(await module.loadConfiguration()).toMatchObject({ data: { count: 100 }, isValid: true });
  });

  it('are kept apart as worker threads too', async () => {
    const module = await startModule(folder);
    await module.saveConfiguration({ count: 0 });
    const { lockId } = await module.acquireFileLock(path);
    const source = `
      import { parentPort } from 'node:worker_threads';
      import { ConfigPersistenceModule } from ${JSON.stringify(PACKAGE_URL)};
      const module = new ConfigPersistenceModule({
        id: 'in-worker', name: 'worker', version: '1.0.0', description: 'in a thread', type: 'config-persistence',
      });
      module.configure({ defaultConfigPath: ${JSON.stringify(path)} });
      await module.initialize();
      const lock = await module.acquireFileLock(${JSON.stringify(path)}, 20);
      parentPort.postMessage(lock.success);
      await module.updateConfiguration((value) => { value.count += 1; });
      await module.destroy();
      parentPort.postMessage('done');`;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { execArgv: [] });
    const messages: unknown[] = [];
    worker.on('message', (message) => messages.push(message));
    await until(() => messages.length === 1);
    expect(messages).toEqual([false]);
    await module.saveConfiguration({ count: 10 });
    await module.releaseFileLock(lockId);
    await until(() => messages.length === 2);
    await worker.terminate();
    expect((await module.loadConfiguration()).data).toEqual({ count: 11 });
  });
});
